// The server's answer: interim responses, head, rules, edits, body.

import { Body, persists, responseBody } from '../proto/http1/framing.ts';
import { BodyState } from '../http/body.ts';
import { Counter } from '../core/shared.ts';
import { Parse } from '../proto/http1/parser.ts';
import { Res } from './http-stream.ts';
import { Verdict } from '../rules/rule.ts';
import { Wait } from './stream.ts';
import { countClientAbort, countDeniedResponse, countServerAbort, countServerStatus } from './accounting.ts';
import { captureResponseHeaders } from '../http/captures.ts';
import { dressResponse, tellPersistence } from '../http/response-headers.ts';
import { abortsOnClose, clientAborts, failExchange, finishExchange } from './finish.ts';
import { mayRetry } from './retry.ts';
import { keepTolerated } from './tolerated.ts';
import { replyError, replyLocal } from './local-reply.ts';
import { runContentRules, runRules, type RuleSide } from './run-rules.ts';
import { forwardSplicedResponse, splicedOut, spliceResponse } from './splicing.ts';
import { startTunnel } from './upgrade.ts';
import { Origin } from '../sample/origin.ts';
import type { HttpStream } from './http-stream.ts';
import type { ProxyConfig, Rule } from '../config/model.ts';

const JOIN_BYTES = 4096;

/** Bytes, the end, or an error from the server. */
export function responseReceived(stream: HttpStream, result: number): void {
  if (result > 0) stream.bytesFromServer += result;
  if (stream.res === Res.HEAD) {
    if (result > 0) {
      if (stream.upstream!.large >= 0) stream.lastFill = result;
      readHead(stream);
    } else noResponse(stream, result);
  } else if (stream.res === Res.READING) {
    forwardBody(stream, result);
  } else if (stream.res === Res.WAIT) {
    moreBody(stream, result);
  } else if (stream.res === Res.NONE && result <= 0) {
    // The connection went away before the request was sent on it.
    stream.slot.connectFailed(result === 0 ? -104 : result);
  }
}

/** The server closed, broke or stayed silent instead of answering. */
function noResponse(stream: HttpStream, result: number): void {
  const upstream = stream.upstream!;
  const started = upstream.length > 0;
  if (upstream.busySending) {
    // The request's bytes are still lent to the kernel: settle when they come back.
    stream.requestFailed = true;
    upstream.cancelSending();
    return;
  }
  const timedOut = result === -110;
  if (!timedOut && stream.session.client.ended && abortsOnClose(stream)) {
    clientAborts(stream);
    return;
  }
  if (stream.reused && !started && !timedOut && stream.replayable) {
    stream.res = Res.NONE;
    stream.slot.reconnect();
    return;
  }
  if (mayRetry(stream, timedOut ? 'response-timeout' : started ? 'junk-response' : 'empty-response')) return;
  const farm = stream.farm!.block.counters;
  const server = stream.server!.block.counters;
  farm[Counter.FAILED_RESPONSES]! += 1;
  server[Counter.FAILED_RESPONSES]! += 1;
  stream.clientKeeps = stream.clientKeeps && stream.requestComplete;
  stream.ends(timedOut ? 's' : 'S', 'H');
  replyError(stream, timedOut ? 504 : 502);
}

function readHead(stream: HttpStream): void {
  const upstream = stream.upstream!;
  const { memory } = stream.plane.reactor;
  const { response, responseParser } = stream;
  for (;;) {
    const verdict = responseParser.parse(memory.bytes, upstream.at, upstream.end, response.head);
    if (verdict === Parse.NEED_DATA) {
      if (upstream.room() === 0) upstream.compact();
      if (upstream.room() === 0 || upstream.length >= memory.slabSize) badResponse(stream);
      else upstream.receive();
      return;
    }
    if (verdict === Parse.ERROR) {
      stream.plane.captureResponseError(stream, responseParser.fault);
      badResponse(stream);
      return;
    }
    if (responseParser.relaxed) keepTolerated(stream, 'response');
    const { status } = response.head;
    if (response.head.end - upstream.at > memory.slabSize) {
      // A large slab would have room for it, a buffer (tune.bufsize) has not.
      badResponse(stream);
      return;
    }
    if (status >= 200 || status === 101) break;
    if (interim(stream, status)) return;
  }
  answered(stream);
}

function badResponse(stream: HttpStream): void {
  if (mayRetry(stream, 'junk-response')) return;
  stream.farm!.block.counters[Counter.FAILED_RESPONSES]! += 1;
  stream.server!.block.counters[Counter.FAILED_RESPONSES]! += 1;
  stream.ends('P', 'H');
  replyError(stream, 502);
}

/** 100 and 103 go on to the client as they are; others are dropped. True: wait until it is sent. */
function interim(stream: HttpStream, status: number): boolean {
  const upstream = stream.upstream!;
  const { head } = stream.response;
  const from = head.from;
  upstream.at = head.end;
  if (status === 102 || stream.request.head.version < 11) return false;
  stream.res = Res.INTERIM;
  stream.session.client.send(from, head.end, false);
  return true;
}

/** The final head is here. */
function answered(stream: HttpStream): void {
  const { response, plane } = stream;
  const upstream = stream.upstream!;
  const { head } = response;
  response.begin();
  stream.direction = 'response';
  stream.timers.response = stream.elapsed();
  stream.disarm();
  stream.status = head.status;
  stream.serverStatus = head.status;
  stream.session.challenged = head.status === 401 || head.status === 407;
  if (mayRetry(stream, head.status)) return;
  countServerStatus(stream, head.status);
  releaseRequest(stream);
  const kind = responseBody(head, stream.request.head.method);
  stream.discards = stream.capturedMethod === 'HEAD' && kind !== Body.NONE && kind !== Body.TUNNEL;
  stream.serverKeeps = persists(head, kind) && !stream.serverMustClose;
  // Chunks in HTTP/1.0 are how a faulty proxy looks: nothing more is taken from either side (RFC 9112 section 6.1).
  if (head.version < 11 && kind === Body.CHUNKED) stream.clientKeeps = false;
  stream.responseBody.begin(kind, head.contentLength);
  const state = stream.responseBody.scan(plane.reactor.memory.bytes, head.end, upstream.end);
  if (state === BodyState.ERROR) {
    badResponse(stream);
    return;
  }
  response.bodyAt = stream.responseBody.at;
  response.bodyEnd = stream.responseBody.end;
  upstream.at = stream.responseBody.consumed;
  response.bodyComplete = state === BodyState.END;
  captureResponseHeaders(stream);
  stream.step = 0;
  stream.rule = 0;
  resumeResponse(stream);
}

/** Body bytes for rules that wait for them. */
function moreBody(stream: HttpStream, result: number): void {
  const { response, responseBody: body } = stream;
  const upstream = stream.upstream!;
  if (result <= 0) {
    if (body.kind !== Body.UNTIL_CLOSE || result < 0) {
      countServerAbort(stream);
      stream.ends('S', 'D');
      replyError(stream, 502);
      return;
    }
    response.bodyComplete = true;
  } else {
    const { bytes } = stream.plane.reactor.memory;
    const state = body.scan(bytes, upstream.at, upstream.end);
    if (state === BodyState.ERROR) {
      badResponse(stream);
      return;
    }
    // What was reframed moved up: the buffered body stays one piece.
    if (body.at !== response.bodyEnd) bytes.copyWithin(response.bodyEnd, body.at, body.end);
    response.bodyEnd += body.end - body.at;
    upstream.at = body.consumed;
    if (state === BodyState.END) response.bodyComplete = true;
  }
  resumeResponse(stream);
}

/** Runs the response's rules: the backend's tcp-response and http-response, then the frontend's; then sends. */
export function resumeResponse(stream: HttpStream): void {
  if (stream.finishing || stream.res >= Res.SENDING) return;
  const backend = stream.backend!;
  const { frontend } = stream;
  while (stream.step < 3) {
    let rules: readonly Rule[] = NONE;
    if (stream.step === 0) {
      if (!content(stream, backend)) return;
    } else if (stream.step === 1) rules = backend.httpResponse;
    else if (backend !== frontend) rules = frontend.httpResponse;
    if (rules.length > 0 && !runRules(stream, rules, RESPONSE)) return;
    stream.step++;
    stream.rule = 0;
  }
  dressResponse(stream);
  if (!runAfterResponse(stream)) return;
  tellPersistence(stream);
  sendHead(stream);
}

const NONE: readonly Rule[] = [];

const RESPONSE: RuleSide = {
  late(stream) {
    if (!stream.responseLate) return false;
    stream.ends('s', 'D');
    replyError(stream, 504);
    return true;
  },
  stop: stopped,
};

/** `tcp-response content` in HTTP mode. */
function content(stream: HttpStream, backend: ProxyConfig): boolean {
  const { tcpResponseContent: rules } = backend;
  return rules.length === 0 || runContentRules(stream, rules, backend.tcpResponseInspectDelayMs, RESPONSE);
}

function stopped(stream: HttpStream, verdict: Verdict): void {
  if (verdict === Verdict.REPLY) {
    stream.ends('L', 'H');
    if (stream.reply !== null) replyLocal(stream, stream.reply);
    else replyError(stream, stream.denyStatus);
  } else if (verdict === Verdict.DENY || verdict === Verdict.TARPIT) {
    countDeniedResponse(stream);
    stream.ends('P', 'H');
    if (stream.reply !== null) replyLocal(stream, stream.reply);
    else replyError(stream, stream.denyStatus || 502);
  } else if (verdict === Verdict.REJECT || verdict === Verdict.DROP) {
    countDeniedResponse(stream);
    stream.ends('P', 'H');
    stream.clientKeeps = false;
    if (verdict === Verdict.DROP) stream.plane.dropSilently(stream.session.client.fd, stream.dropTtl);
    failExchange(stream);
  } else {
    stream.farm!.block.counters[Counter.INTERNAL_ERRORS]! += 1;
    stream.ends('I', 'H');
    replyError(stream, 500);
  }
}

/** http-after-response: cannot answer or pause, only edit. */
export function runAfterResponse(stream: HttpStream): boolean {
  const { frontend, backend } = stream;
  if (
    backend !== null &&
    backend.httpAfterResponse.length > 0 &&
    !editAll(stream, backend.httpAfterResponse)
  ) {
    return false;
  }
  if (frontend !== backend && frontend.httpAfterResponse.length > 0) {
    return editAll(stream, frontend.httpAfterResponse);
  }
  return true;
}

function editAll(stream: HttpStream, rules: readonly Rule[]): boolean {
  stream.strict = true;
  for (const rule of rules) {
    if (rule.condition !== null && !rule.condition.test(stream)) continue;
    const verdict = rule.action.run(stream);
    if (verdict === Verdict.STOP) return true;
    if (verdict === Verdict.ERROR) {
      stream.ends('I', 'H');
      // A server's answer gives way to an error page; where the rules fail with that too, there is no answer.
      if (stream.upstream !== null) replyError(stream, 500);
      else {
        stream.clientKeeps = false;
        failExchange(stream);
      }
      return false;
    }
  }
  return true;
}

/** The request need not be kept for another attempt any more. */
function releaseRequest(stream: HttpStream): void {
  if (stream.upstream!.busySending) return;
  const { memory } = stream.plane.reactor;
  // What rules may still read of the request (its head) stays until the end; a rewritten copy is not read.
  if (stream.requestOut >= 0) {
    memory.release(stream.requestOut);
    stream.requestOut = -1;
  }
}

function sendHead(stream: HttpStream): void {
  const { response, plane, session } = stream;
  const { client } = session;
  const { memory } = plane.reactor;
  const body = stream.responseBody;
  stream.res = Res.SENDING;
  if (body.kind === Body.TUNNEL) stream.clientKeeps = false;
  session.arm(stream.timeoutOf('client'));
  let at: number;
  let end: number;
  stream.answerAt = stream.discards ? response.bodyEnd : response.bodyAt;
  stream.answerEnd = response.bodyEnd;
  if (response.inPlace) {
    response.writeInPlace();
    at = response.outAt;
    end = response.outEnd;
    if (stream.answerAt === end && stream.paceOut === null) {
      end = response.bodyEnd;
      stream.answerAt = stream.answerEnd;
    }
  } else {
    const slab = memory.take();
    if (slab < 0) {
      stream.ends('R', 'H');
      stream.clientKeeps = false;
      failExchange(stream);
      return;
    }
    stream.responseOut = slab;
    const from = memory.offsetOf(slab);
    const limit = from + memory.slabSize;
    if (!response.writeTo(from, limit)) {
      stream.farm!.block.counters[Counter.FAILED_REWRITES]! += 1;
      memory.release(slab);
      stream.responseOut = -1;
      stream.ends('P', 'H');
      replyError(stream, 502);
      return;
    }
    at = response.outAt;
    end = response.outEnd;
    const length = stream.answerEnd - stream.answerAt;
    if (length > 0 && length <= JOIN_BYTES && length <= limit - end && stream.paceOut === null) {
      memory.bytes.copyWithin(end, stream.answerAt, stream.answerEnd);
      end += length;
      stream.answerAt = stream.answerEnd;
    }
  }
  stream.status = response.status;
  if (session.owner.logsEarly) {
    stream.logEarly(end - at + stream.answerEnd - stream.answerAt, Origin.TXN_RESPONSE);
  }
  if (session.owner.logSteps !== 0) stream.logStep(Origin.TXN_RESPONSE);
  client.send(at, end, stream.answerEnd > stream.answerAt);
}

/** The kernel took what was given for the client. */
export function responseSent(stream: HttpStream, result: number): void {
  if (result < 0) {
    stream.ends('C', 'D');
    countClientAbort(stream);
    failExchange(stream);
    return;
  }
  if (stream.res === Res.INTERIM) {
    stream.res = Res.HEAD;
    if (stream.upstream!.length > 0) readHead(stream);
    else {
      stream.upstream!.releaseSlab();
      stream.upstream!.receive();
    }
    return;
  }
  stream.bytesOut += result;
  if (stream.paceOut !== null && stream.paceOut.goOn()) return;
  if (stream.splices !== 0 && stream.upstream !== null && stream.upstream.pipe >= 0) {
    splicedOut(stream, stream.upstream, true, result);
  }
  if (stream.answerAt < stream.answerEnd) {
    const { answerAt, answerEnd } = stream;
    stream.answerAt = answerEnd;
    if (stream.paceOut !== null) stream.paceOut.begin(answerAt, answerEnd);
    else stream.session.client.send(answerAt, answerEnd, false);
    return;
  }
  const body = stream.responseBody;
  if (body.kind === Body.TUNNEL && !stream.severed) {
    startTunnel(stream);
    return;
  }
  if (stream.response.bodyComplete || body.kind === Body.NONE) {
    stream.res = Res.DONE;
    finishExchange(stream);
    return;
  }
  if (stream.severed) {
    stream.ends('S', 'D');
    countServerAbort(stream);
    failExchange(stream);
    return;
  }
  const upstream = stream.upstream!;
  stream.res = Res.READING;
  stream.response.forget();
  if (stream.splices !== 0 && spliceResponse(stream)) return;
  if (upstream.length > 0) {
    // An incomplete chunk head waits for the rest of it.
    upstream.compact();
  } else if (upstream.room() === 0) {
    upstream.grow();
    upstream.rewind();
  } else if (upstream.large >= 0 && stream.lastFill > memoryEighth(stream)) {
    upstream.rewind();
  } else {
    upstream.releaseSlab();
  }
  stream.session.arm(0);
  stream.armFor(Wait.SERVER, stream.timeoutOf('server'));
  upstream.receive(stream.server!.likelyLong);
}

/** A large slab is kept while reads fill at least an eighth of it. */
function memoryEighth(stream: HttpStream): number {
  return stream.plane.reactor.memory.largeSize >> 3;
}

function forwardBody(stream: HttpStream, result: number): void {
  const upstream = stream.upstream!;
  const { client } = stream.session;
  const body = stream.responseBody;
  stream.lastFill = result;
  if (result <= 0) {
    if (body.kind === Body.UNTIL_CLOSE && result === 0) {
      stream.response.bodyComplete = true;
      stream.res = Res.DONE;
      stream.clientKeeps = false;
      finishExchange(stream);
      return;
    }
    stream.ends('S', 'D');
    countServerAbort(stream);
    failExchange(stream);
    return;
  }
  if (upstream.pipe >= 0) {
    forwardSplicedResponse(stream, result);
    return;
  }
  const state = body.scan(stream.plane.reactor.memory.bytes, upstream.at, upstream.end);
  if (state === BodyState.ERROR) {
    stream.ends('P', 'D');
    failExchange(stream);
    return;
  }
  upstream.at = body.consumed;
  if (state === BodyState.END) stream.response.bodyComplete = true;
  if (body.end === body.at || stream.discards) {
    if (state === BodyState.END) responseSent(stream, 0);
    else {
      upstream.compact();
      upstream.receive();
    }
    return;
  }
  stream.res = Res.SENDING;
  stream.disarm();
  stream.session.arm(stream.timeoutOf('client'));
  if (stream.paceOut !== null) stream.paceOut.begin(body.at, body.end);
  else client.send(body.at, body.end, false);
}
