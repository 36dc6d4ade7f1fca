// A request's way from its parsed head to a known backend: monitor, captures, rules, switching.

import { Body, persists, requestBody } from '../proto/http1/framing.ts';
import { BodyState } from '../http/body.ts';
import { Counter } from '../core/shared.ts';
import { Req } from './http-stream.ts';
import { Verdict } from '../rules/rule.ts';
import { Wait } from './stream.ts';
import { assignServer } from './persistence.ts';
import { captureRequestHeaders } from '../http/captures.ts';
import { enterFarm } from './assign.ts';
import { clientGone, failExchange } from './finish.ts';
import { replyError, replyLocal } from './local-reply.ts';
import { scannerOf } from '../acl/scanner.ts';
import { runContentRules, runRules, type RuleSide } from './run-rules.ts';
import { defaultBackend, mayTake } from './eligible.ts';
import { Origin } from '../sample/origin.ts';
import type { HttpStream } from './http-stream.ts';
import type { ProxyConfig, Rule } from '../config/model.ts';

const SLASH = 47;

export function startRequest(stream: HttpStream): void {
  const { request, frontend, session } = stream;
  const { head } = request;
  request.begin();
  request.proxied = request.namesAnotherHost && frontend.options.has('http-use-proxy-header');
  const kind = requestBody(head);
  stream.requestBody.begin(kind, head.contentLength);
  stream.clientKeeps = persists(head, Body.NONE) && frontend.httpConnection !== 'close';
  stream.bytesIn = head.end - head.from;
  takeBody(stream);
  session.arm(stream.requestComplete ? 0 : frontend.timeouts.client);
  stream.capturedMethod = request.method;
  stream.capturedVersion = request.version;
  if (frontend.monitorUri !== null && isMonitored(request.target, frontend.monitorUri)) {
    monitor(stream);
    return;
  }
  captureRequestHeaders(stream);
  if (session.owner.logSteps !== 0) {
    stream.logStep(Origin.TXN_ACCEPT);
    stream.logStep(Origin.TXN_REQUEST);
  }
  stream.req = Req.RULES;
  stream.inspectionOver = true;
  resumeRequest(stream);
}

/** Notes which bytes behind the head belong to this request, and lets go of the slab where that is all of it. */
function takeBody(stream: HttpStream): void {
  const { request, requestBody: body, session } = stream;
  const { client } = session;
  const { bytes } = stream.plane.reactor.memory;
  const state = body.scan(bytes, request.head.end, client.end);
  if (state === BodyState.ERROR) {
    // Refused once rules are over; nothing of it is sent.
    stream.broken = true;
  }
  request.bodyAt = body.at;
  request.bodyEnd = body.end;
  stream.bytesIn += body.end - body.at;
  client.at = body.consumed;
  if (state === BodyState.END) bodyIsComplete(stream);
}

function bodyIsComplete(stream: HttpStream): void {
  const { client } = stream.session;
  stream.requestComplete = true;
  stream.request.bodyComplete = true;
  stream.replayable = true;
  if (client.at === client.end && !client.reading) {
    // The slab stays with the request; the client connection listens on for its end or its next request.
    stream.requestSlab = client.slab;
    stream.requestLarge = client.large;
    client.slab = client.large = -1;
    client.at = client.end = 0;
    client.receive();
  }
}

/** More body bytes arrived while rules wait for them. */
function takeMoreBody(stream: HttpStream): void {
  const { request, requestBody: body, session } = stream;
  const { client } = session;
  if (stream.requestComplete || client.at === client.end) return;
  const { bytes } = stream.plane.reactor.memory;
  const state = body.scan(bytes, client.at, client.end);
  if (state === BodyState.ERROR) stream.broken = true;
  // A reframed piece may have moved up: the buffered body stays one piece only if nothing was cut out.
  if (body.at !== request.bodyEnd) bytes.copyWithin(request.bodyEnd, body.at, body.end);
  const length = body.end - body.at;
  request.bodyEnd += length;
  stream.bytesIn += length;
  client.at = body.consumed;
  if (state === BodyState.END) bodyIsComplete(stream);
}

/** Whether a target is the monitor's: the same text, or an absolute form whose path is the monitor's path. */
function isMonitored(target: string, uri: string): boolean {
  if (target === uri) return true;
  if (uri.charCodeAt(0) !== SLASH || target.charCodeAt(0) === SLASH || !target.endsWith(uri)) return false;
  const authority = target.indexOf('://');
  return authority > 0 && target.indexOf('/', authority + 3) === target.length - uri.length;
}

function monitor(stream: HttpStream): void {
  stream.ends('L', 'R');
  stream.logLevel = -1;
  for (const condition of stream.frontend.monitorFail) {
    if (condition.test(stream)) {
      replyError(stream, 503);
      return;
    }
  }
  stream.session.owner.block.counters[Counter.INTERCEPTED]! += 1;
  replyError(stream, 200);
}

const Step = {
  FRONT_TCP: 0,
  FRONT_BUFFER: 1,
  FRONT_HTTP: 2,
  FRONT_REDIRECT: 3,
  SWITCH: 4,
  BACK_TCP: 5,
  BACK_BUFFER: 6,
  BACK_HTTP: 7,
  BACK_REDIRECT: 8,
  ASSIGN: 9,
} as const;

/** Runs from where the request stands until something waits, answers, or a server is asked for. */
export function resumeRequest(stream: HttpStream): void {
  if (stream.step >= TARPITTED) {
    if (stream.step === TARPITTED && stream.wait === Wait.NONE) tarpitOver(stream);
    return;
  }
  takeMoreBody(stream);
  stream.direction = 'request';
  for (;;) {
    const { frontend, backend } = stream;
    let rules: readonly Rule[] = NONE;
    switch (stream.step) {
      case Step.FRONT_TCP:
        if (!content(stream, frontend)) return;
        break;
      case Step.FRONT_BUFFER:
        if (!buffered(stream, frontend)) return;
        break;
      case Step.FRONT_HTTP:
        rules = frontend.httpRequest;
        break;
      case Step.FRONT_REDIRECT:
        if (frontend.headerNames !== 'preserve' && !restrictNames(stream, frontend)) return;
        rules = frontend.redirects;
        break;
      case Step.SWITCH:
        if (!chooseBackend(stream)) return;
        break;
      case Step.BACK_TCP:
        if (backend !== frontend && !content(stream, backend!)) return;
        break;
      case Step.BACK_BUFFER:
        if (backend !== frontend && !buffered(stream, backend!)) return;
        break;
      case Step.BACK_HTTP:
        if (backend !== frontend) rules = backend!.httpRequest;
        break;
      case Step.BACK_REDIRECT:
        if (backend === frontend) break;
        if (backend!.headerNames !== 'preserve' && !restrictNames(stream, backend!)) return;
        rules = backend!.redirects;
        break;
      default:
        if (stream.broken) {
          stream.ends('P', 'R');
          stream.clientKeeps = false;
          replyError(stream, 400);
          return;
        }
        if (!stream.requestComplete && stream.session.client.ended) {
          clientGone(stream);
          return;
        }
        stream.req = Req.ASSIGN;
        stream.disarm();
        assignServer(stream);
        return;
    }
    if (rules.length > 0 && !runRules(stream, rules, REQUEST)) return;
    stream.step++;
    stream.rule = 0;
  }
}

const NONE: readonly Rule[] = [];

/** option http-buffer-request: the body, or a slab full of it, before the rules of this proxy run. */
function buffered(stream: HttpStream, proxy: ProxyConfig): boolean {
  const { expect100 } = stream.request.head;
  if (stream.broken || (stream.requestComplete && !expect100)) return true;
  if (!proxy.options.has('http-buffer-request')) return true;
  if (expect100) stream.allowBody();
  if (stream.requestComplete || stream.session.client.ended) return true;
  const { timeouts } = stream.frontend;
  if (!stream.waitForBody(timeouts.httpRequest || timeouts.client, 0)) return false;
  if (stream.bodyLate) {
    tooLate(stream);
    return false;
  }
  stream.disarm();
  stream.bodyDeadline = 0;
  return true;
}

/** option http-restrict-req-hdr-names: false where the request is refused for a name of its own kind. */
function restrictNames(stream: HttpStream, proxy: ProxyConfig): boolean {
  const { request } = stream;
  for (let i = request.headerCount() - 1; i >= 0; i--) {
    if (!request.hasOddName(i)) continue;
    if (proxy.headerNames === 'delete') {
      request.removeAt(i);
      continue;
    }
    stream.session.owner.block.counters[Counter.DENIED_REQUESTS]! += 1;
    stream.session.listener.block.counters[Counter.DENIED_REQUESTS]! += 1;
    if (proxy !== stream.frontend) stream.farm!.block.counters[Counter.DENIED_REQUESTS]! += 1;
    stream.ends('P', 'R');
    replyError(stream, 403);
    return false;
  }
  return true;
}

/** Whether it waits for the body of option http-buffer-request. */
export function isBuffering(stream: HttpStream): boolean {
  return !stream.requestComplete && (stream.step === Step.FRONT_BUFFER || stream.step === Step.BACK_BUFFER);
}

/** The client did not send its body in time. */
function tooLate(stream: HttpStream): void {
  stream.ends('c', 'R');
  stream.clientKeeps = false;
  replyError(stream, 408);
}

const REQUEST: RuleSide = {
  late(stream) {
    if (!stream.bodyLate) return false;
    tooLate(stream);
    return true;
  },
  stop,
};

/** `tcp-request content` in HTTP mode. */
function content(stream: HttpStream, proxy: ProxyConfig): boolean {
  const { tcpRequestContent: rules } = proxy;
  return rules.length === 0 || runContentRules(stream, rules, proxy.tcpRequestInspectDelayMs, REQUEST);
}

function count(stream: HttpStream, counter: number): void {
  const { owner, listener } = stream.session;
  if (stream.farm === null || stream.step < Step.BACK_TCP) {
    owner.block.counters[counter]! += 1;
    listener.block.counters[counter]! += 1;
  } else {
    stream.farm.block.counters[counter]! += 1;
  }
}

function stop(stream: HttpStream, verdict: Verdict): void {
  stream.disarm();
  switch (verdict) {
    case Verdict.REPLY:
      stream.ends('L', 'R');
      count(stream, Counter.INTERCEPTED);
      if (stream.reply !== null) replyLocal(stream, stream.reply);
      else replyError(stream, stream.denyStatus);
      break;
    case Verdict.DENY:
      count(stream, Counter.DENIED_REQUESTS);
      stream.ends('P', 'R');
      if (stream.reply !== null) replyLocal(stream, stream.reply);
      else replyError(stream, stream.denyStatus || 403);
      break;
    case Verdict.TARPIT: {
      stream.ends('P', 'T');
      count(stream, Counter.DENIED_REQUESTS);
      stream.step = TARPITTED;
      stream.armFor(Wait.TARPIT, stream.timeoutOf('tarpit') || stream.timeoutOf('connect') || 1);
      break;
    }
    case Verdict.SERVICE:
      stream.ends('L', 'R');
      count(stream, Counter.INTERCEPTED);
      stream.step = SERVED;
      stream.session.arm(0);
      stream.plane.services.ask(stream);
      break;
    case Verdict.REJECT:
      count(stream, Counter.DENIED_REQUESTS);
      stream.ends('P', 'R');
      stream.clientKeeps = false;
      failExchange(stream);
      break;
    case Verdict.DROP:
      count(stream, Counter.DENIED_REQUESTS);
      stream.ends('P', 'R');
      stream.clientKeeps = false;
      stream.plane.dropSilently(stream.session.client.fd, stream.dropTtl);
      failExchange(stream);
      break;
    default:
      stream.session.owner.block.counters[Counter.INTERNAL_ERRORS]! += 1;
      stream.ends('I', 'R');
      replyError(stream, 500);
  }
}

/** A held (tarpit) request's step: past all others, so that the timer finds it. */
const TARPITTED = 100;
/** A service is asked. */
const SERVED = 101;

function tarpitOver(stream: HttpStream): void {
  if (stream.reply !== null) replyLocal(stream, stream.reply);
  else replyError(stream, stream.denyStatus || 500);
}

function chooseBackend(stream: HttpStream): boolean {
  const { frontend } = stream;
  let chosen: ProxyConfig | null = null;
  const { useBackend } = frontend;
  if (useBackend.length > 0) {
    const scan = scannerOf(useBackend);
    for (let at = scan(stream, 0); at < useBackend.length; at = scan(stream, at + 1)) {
      const { backend, format } = useBackend[at]!;
      const named = backend ?? (format === null ? null : stream.plane.backendNamed(format.render(stream)));
      // A name that no backend has falls through to default_backend (manual: use_backend).
      if (named === null) break;
      if (!mayTake(stream, named)) continue;
      chosen = named;
      break;
    }
  }
  chosen ??= defaultBackend(stream);
  if (chosen === null && frontend.kind === 'listen') chosen = frontend;
  if (chosen === null) {
    stream.ends('S', 'C');
    replyError(stream, 503);
    return false;
  }
  stream.enterBackend(chosen);
  enterFarm(stream);
  stream.farm!.block.counters[Counter.REQUESTS]! += 1;
  // The client's connection is the frontend's affair; the server's closes where either side wants it (option httpclose).
  stream.serverMustClose =
    (frontend.httpConnection !== 'keep-alive' || chosen.httpConnection !== 'keep-alive') &&
    !chosen.options.has('http-pretend-keepalive');
  return true;
}
