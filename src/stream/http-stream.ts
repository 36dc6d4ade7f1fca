// One HTTP exchange. The phases stand in files of their own, in the order a request meets them:
//
//   request-rules.ts   monitor, captures, http-request rules, choice of the backend
//   assign.ts          choice of the server, queue, connection, retries
//   request-send.ts    the request's head and body go to the server
//   response.ts        the response's head: rules, cookies, edits; its body goes to the client
//   local-reply.ts     answers of our own
//   finish.ts          counters, log line, what becomes of both connections
//
// This file holds the state they share and sends each event to its phase.

import { Body } from '../proto/http1/framing.ts';
import { BodyReader } from '../http/body.ts';
import { HeaderId } from '../proto/http1/names.ts';
import { HeadParser } from '../proto/http1/parser.ts';
import { Http1Message } from '../http/http1-message.ts';
import { Stream, Wait } from './stream.ts';
import { Tunnel } from './tunnel.ts';
import { clientGone, failExchange, finishExchange } from './finish.ts';
import { replyElsewhere, replyError, replySent, sendEarlyHints } from './local-reply.ts';
import { forwardRequestBody, requestSent, sendRequest } from './request-send.ts';
import { responseReceived, responseSent, resumeResponse } from './response.ts';
import { isBuffering, resumeRequest, startRequest } from './request-rules.ts';
import { Origin } from '../sample/origin.ts';
import type { Connection } from './connection.ts';
import type { HttpMessage } from '../http/message.ts';
import type { HttpSession } from './http-session.ts';
import type { Plane } from './plane.ts';
import type { Server } from '../backend/server.ts';

/** Where the request is. */
export const Req = {
  /** Rules run, or wait for bytes or time. */
  RULES: 0,
  /** A server is being found and reached. */
  ASSIGN: 1,
  /** Bytes are on their way to the server. */
  SENDING: 2,
  /** More of the body is awaited from the client. */
  READING: 3,
  DONE: 4,
} as const;

/** Where the response is. */
export const Res = {
  NONE: 0,
  /** The head is awaited. */
  HEAD: 1,
  /** Rules wait for more of the body. */
  WAIT: 2,
  /** An interim response is on its way to the client. */
  INTERIM: 3,
  /** Bytes are on their way to the client. */
  SENDING: 4,
  /** More of the body is awaited from the server. */
  READING: 5,
  /** An answer of our own is on its way. */
  LOCAL: 6,
  DONE: 7,
} as const;

export class HttpStream extends Stream {
  override readonly request: Http1Message;
  override readonly response: Http1Message;
  readonly requestBody = new BodyReader('request');
  readonly responseBody = new BodyReader('response');
  /** Reads request heads for the session. */
  readonly parser: HeadParser;
  readonly responseParser: HeadParser;
  readonly tunnel: Tunnel;
  req: number = Req.RULES;
  res: number = Res.NONE;
  /** The slab that holds the request for a possible retry, once the client connection let it go; -1 otherwise. */
  requestSlab = -1;
  /** The same where it came behind a long body, into a large slab. */
  requestLarge = -1;
  /** A slab for a rewritten head, one for each direction; -1 otherwise. */
  requestOut = -1;
  responseOut = -1;
  /** The request's head is ready to be sent: [headAt, headEnd), then the body bytes [bodyAt, bodyEnd). */
  headAt = 0;
  headEnd = 0;
  bodyAt = 0;
  bodyEnd = 0;
  /** Body bytes to be sent behind the answer's head. The answer may come before the request is sent. */
  answerAt = 0;
  answerEnd = 0;
  /** The whole request was read from the client. */
  requestComplete = false;
  /** It is all in memory, so another server may be asked after a failure. */
  replayable = false;
  /** The client asked to close, or cannot keep alive. */
  clientKeeps = false;
  serverKeeps = false;
  /** A service was asked and has not answered: the question's number, else 0. */
  serviceTicket = 0;
  /** The service that answers, as logs name it in place of a server; '' for none. */
  serviceName = '';
  /** The rest of a service's answer, from `restAt`; null without one. */
  restOfReply: Uint8Array | null = null;
  restAt = 0;
  /** tcp-response content close: of the answer only what was here then goes to the client. */
  severed = false;
  /** The client asked with HEAD, and a rule made another method of it: the answer's body is read and thrown away. */
  discards = false;
  /** Position in the request's phases and rules, for rules that pause. */
  step = 0;
  rule = 0;
  /** The head was not understood: there is no request to log. */
  broken = false;
  /** Bytes being sent to the client that close the exchange when they are gone. */
  responseLast = false;
  bodyDeadline = 0;
  /** The same for the response's body, and that its time was over. */
  responseDeadline = 0;
  responseLate = false;
  /** The body did not come in the time a rule or option gave it. */
  bodyLate = false;
  /** The send in flight to the server ends with the request's body (or its part at hand). */
  sendingBody = false;
  /** The server refused bytes of the request: its answer may still be there to be read. */
  requestFailed = false;
  /** The request says `connection: close` to the server. */
  serverMustClose = false;
  /** Bytes that the last read from the server brought. */
  lastFill = 0;
  /** The same for the body from the client, and which directions are spliced (see `splicesOf`). */
  requestFill = 0;
  splices = 0;
  /** Over, but the kernel still reads memory of ours. */
  finishing = false;
  /** Persistence: what the request's cookie named. */
  cookieServer: Server | null = null;
  /** Dates of that cookie, in units of four seconds (see http/cookie-dates.ts); 0 where it has none. */
  cookieLast = 0;
  cookieFirst = 0;
  /** The server of a use-server rule. */
  ruleServer: Server | null = null;
  /** ignore-persist: the cookie neither chooses a server nor is it set. */
  persistIgnored = false;

  constructor(plane: Plane) {
    super(plane);
    const { memory } = plane.reactor;
    const { maxhdr, maxrewrite } = plane.config.global;
    this.request = new Http1Message(memory, false, maxhdr, maxrewrite);
    this.response = new Http1Message(memory, true, maxhdr, maxrewrite);
    this.parser = new HeadParser('request', { headersMax: maxhdr, relaxed: false });
    this.responseParser = new HeadParser('response', { headersMax: maxhdr, relaxed: false });
    this.tunnel = new Tunnel(this);
  }

  get http(): HttpSession {
    return this.session as HttpSession;
  }

  /** The head is parsed; `headAt` and `idleFrom` are reactor times of its first byte and of the wait before it. */
  start(headAt: number, idleFrom: number): void {
    this.prepare(headAt, idleFrom);
    this.timers.request = this.elapsed();
    startRequest(this);
  }

  /** A request that cannot be served: answered with `status`, or only logged where `answer` is false, and not even that where `silent`. */
  startBroken(
    headAt: number,
    status: number,
    cause: string,
    phase: string,
    answer: boolean,
    silent = false,
  ): void {
    this.prepare(headAt === 0 ? this.session.startedAt : headAt, this.session.startedAt);
    this.broken = true;
    if (silent) this.logLevel = -1;
    this.clientKeeps = false;
    this.requestComplete = false;
    this.ends(cause, phase);
    this.req = Req.DONE;
    if (answer) {
      replyError(this, status);
    } else {
      this.status = status;
      finishExchange(this);
    }
  }

  private prepare(headAt: number, idleFrom: number): void {
    this.reset();
    this.response.none();
    const { reactor } = this.plane;
    this.startedAt = idleFrom;
    this.acceptedMs = reactor.wallMs - (reactor.now - idleFrom);
    this.timers.idle = headAt - idleFrom;
    this.req = Req.RULES;
    this.res = Res.NONE;
    this.requestComplete = false;
    this.replayable = false;
    this.broken = false;
    this.responseLast = false;
    this.step = 0;
    this.rule = 0;
    this.bodyDeadline = 0;
    this.responseDeadline = 0;
    this.responseLate = false;
    this.bodyLate = false;
    this.sendingBody = false;
    this.requestFailed = false;
    this.serverMustClose = false;
    this.finishing = false;
    this.cookieServer = null;
    this.cookieLast = 0;
    this.cookieFirst = 0;
    this.ruleServer = null;
    this.persistIgnored = false;
    this.headEnd = 0;
    this.serverKeeps = false;
    this.severed = false;
    this.serviceName = '';
  }

  override get capturedTarget(): string {
    if (this.capturedMethod === null) return '';
    const target = this.request.receivedTarget();
    const most = this.plane.config.global.logurilen;
    return target.length > most ? target.slice(0, most) : target;
  }

  override get message(): HttpMessage {
    return this.direction === 'request' ? this.request : this.response;
  }

  override get serverLogName(): string {
    return this.serviceName === '' ? super.serverLogName : this.serviceName;
  }

  override get logSource(): string {
    return this.session.source?.text ?? '-';
  }

  override requestPayload(): string {
    const { client } = this.session;
    return this.plane.reactor.memory.buffer.latin1Slice(client.at, client.end);
  }

  override responsePayload(): string {
    const { upstream } = this;
    return upstream === null ? '' : this.plane.reactor.memory.buffer.latin1Slice(upstream.at, upstream.end);
  }

  /** Whether content rules wait for more of the message. */
  get isInspecting(): boolean {
    return (this.direction === 'response' ? this.responseDeadline : this.bodyDeadline) !== 0;
  }

  /** True: all of the message that inspect-delay waits for is here, or the time is over. */
  inspect(delayMs: number): boolean {
    if (!this.awaitBody(delayMs, 0)) return false;
    if (this.direction === 'response') {
      this.responseDeadline = 0;
      this.responseLate = false;
    } else {
      this.bodyDeadline = 0;
      this.bodyLate = false;
    }
    this.disarm();
    return true;
  }

  /** Wakes the request's rules when enough body is here or the time is over; true where they may go on now. */
  override waitForBody(timeMs: number, atLeast: number): boolean {
    if (this.direction === 'request' && this.request.head.expect100) this.allowBody();
    return this.awaitBody(timeMs, atLeast);
  }

  private awaitBody(timeMs: number, atLeast: number): boolean {
    if (this.direction === 'response') return this.waitForResponseBody(timeMs, atLeast);
    if (this.requestComplete || this.requestBody.kind === Body.TUNNEL) return true;
    const { client } = this.session;
    if (atLeast > 0 && this.request.bodyLength >= atLeast) return true;
    const { now } = this.plane.reactor;
    if (this.bodyDeadline === 0) {
      this.bodyDeadline = timeMs > 0 ? now + timeMs : -1;
      this.armFor(Wait.RULE, timeMs);
    } else if (this.bodyDeadline > 0 && now >= this.bodyDeadline) {
      this.bodyLate = true;
      return true;
    }
    const limit = this.plane.reactor.memory.slabSize - this.plane.config.global.maxrewrite;
    if (client.room() === 0 || client.length >= limit) return true;
    client.receive();
    return false;
  }

  /**
   * The body is wanted here: a client that waits for leave to send it is given leave, and the server does not hear that
   * it asked (as HAProxy does).
   */
  allowBody(): void {
    const { request, session } = this;
    const { head } = request;
    head.expect100 = false;
    if (head.version < 11 || session.client.busySending) return;
    request.removeId(HeaderId.EXPECT);
    session.client.sendAside('HTTP/1.1 100 Continue\r\n\r\n');
  }

  private waitForResponseBody(timeMs: number, atLeast: number): boolean {
    const { response } = this;
    if (response.bodyComplete || (atLeast > 0 && response.bodyLength >= atLeast)) return true;
    const { now } = this.plane.reactor;
    if (this.responseDeadline === 0) {
      this.responseDeadline = timeMs > 0 ? now + timeMs : -1;
      this.armFor(Wait.RULE, timeMs);
    } else if (this.responseDeadline > 0 && now >= this.responseDeadline) {
      this.responseLate = true;
      return true;
    }
    const upstream = this.upstream!;
    if (upstream.room() === 0) return true;
    this.res = Res.WAIT;
    upstream.receive();
    return false;
  }

  override sendEarlyHints(lines: readonly (readonly [string, string])[]): void {
    sendEarlyHints(this, lines);
  }

  override serverReady(): void {
    if (this.session.owner.logSteps !== 0) this.logStep(Origin.TXN_CONNECT);
    sendRequest(this);
  }

  override serverFailed(status: number, cause: string, phase: string): void {
    this.ends(cause, phase);
    replyError(this, status);
  }

  override sendElsewhere(prefix: string): boolean {
    // The method as it came, whatever rules made of it: so HAProxy was seen to choose.
    if (this.capturedMethod !== 'GET' && this.capturedMethod !== 'HEAD') return false;
    this.ends('L', 'C');
    replyElsewhere(this, prefix);
    return true;
  }

  /** Events of the client connection, passed on by the session. */
  clientReceived(result: number): void {
    if (this.finishing) return;
    if (this.tunnel.active) {
      this.tunnel.onReceived(this.session.client, result);
      return;
    }
    if (this.req === Req.READING) {
      forwardRequestBody(this, result);
    } else if (this.req === Req.RULES && result > 0 && !this.requestComplete) {
      resumeRequest(this);
    } else if (result === 0 && this.req === Req.RULES && isBuffering(this)) {
      // Rules run on what came; the request is refused behind them.
      resumeRequest(this);
    } else if (result <= 0) {
      clientGone(this);
    }
  }

  clientSent(result: number): void {
    if (this.finishing) finishExchange(this);
    else if (this.tunnel.active) this.tunnel.onSent(this.session.client, result);
    else if (this.res === Res.LOCAL) replySent(this, result);
    else responseSent(this, result);
  }

  /** The client neither sent nor took bytes in time. */
  clientTimeout(): void {
    if (this.tunnel.active || this.finishing) return;
    if (this.req === Req.READING || (this.req === Req.RULES && !this.requestComplete)) {
      this.ends('c', this.req === Req.RULES ? 'R' : 'D');
      if (this.res === Res.NONE || this.res === Res.HEAD) replyError(this, 408);
      else failExchange(this);
    } else if (this.res >= Res.INTERIM) {
      this.ends('c', 'D');
      failExchange(this);
    }
  }

  override onReceived(connection: Connection, result: number): void {
    if (this.finishing) return;
    if (this.tunnel.active) this.tunnel.onReceived(connection, result);
    else responseReceived(this, result);
  }

  override onSent(connection: Connection, result: number): void {
    if (this.finishing) finishExchange(this);
    else if (this.slot.hasPreamble) this.slot.preambleSent(result);
    else if (this.tunnel.active) this.tunnel.onSent(connection, result);
    else requestSent(this, result);
  }

  /** Body bytes that a bandwidth limit lets pass. */
  override sendPiece(outwards: boolean, at: number, end: number): void {
    if (outwards) {
      if (!this.tunnel.active) this.session.arm(this.timeoutOf('client'));
      this.session.client.send(at, end, false);
      return;
    }
    if (this.serverTimerIsOurs() && (this.wait === Wait.NONE || this.wait === Wait.SERVER)) {
      this.armFor(Wait.SERVER, this.timeoutOf('server'));
    }
    this.upstream!.send(at, end, false);
  }

  override pieceWaits(outwards: boolean): void {
    if (!outwards) {
      if (this.serverTimerIsOurs() && this.wait === Wait.SERVER) this.disarm();
    } else if (!this.tunnel.active) this.session.arm(0);
  }

  /** Bytes that go to the server show that the exchange lives (not so with option independent-streams). */
  private serverTimerIsOurs(): boolean {
    return !this.tunnel.active && !this.farm!.mustSpeak;
  }

  override paceOn(outwards: boolean): void {
    if (this.finishing) return;
    if (this.tunnel.active) this.tunnel.paceOn(outwards);
    else if (outwards) this.paceOut!.goOn();
    else if (this.upstream !== null && this.res !== Res.LOCAL) this.paceIn!.goOn();
  }

  override onConnected(_connection: Connection, result: number): void {
    this.slot.connected(result);
  }

  override onTimeout(): void {
    const { wait } = this;
    this.wait = Wait.NONE;
    switch (wait) {
      case Wait.QUEUE:
      case Wait.CONNECT:
      case Wait.TURN_AROUND:
      case Wait.TAKEOVER:
        this.slot.onTimeout(wait);
        break;
      case Wait.RULE:
      case Wait.TARPIT:
        if (this.direction === 'response') resumeResponse(this);
        else resumeRequest(this);
        break;
      case Wait.SERVER:
        this.serverTimeout();
        break;
      default:
    }
  }

  private serverTimeout(): void {
    if (this.res === Res.HEAD) responseReceived(this, -110);
    else if (this.res === Res.READING || this.req === Req.SENDING) {
      this.ends('s', 'D');
      failExchange(this);
    }
  }

  killed(flag: string): void {
    if (this.finishing) return;
    this.ends(flag, this.res >= Res.SENDING ? 'D' : 'H');
    if (this.tunnel.active) this.tunnel.end();
    else failExchange(this);
  }

  /** The tunnel is over: its bytes are counted, both sides are closed. */
  tunnelEnded(cause: string, phase: string): void {
    if (cause !== '-') this.ends(cause, phase);
    this.clientKeeps = false;
    this.serverKeeps = false;
    finishExchange(this);
  }

  /** Gives back all memory; both connections have been dealt with. */
  override clear(): void {
    super.clear();
    if (this.serviceTicket !== 0) this.plane.services.forget(this);
    this.restOfReply = null;
    const { memory } = this.plane.reactor;
    if (this.requestSlab >= 0) memory.release(this.requestSlab);
    if (this.requestLarge >= 0) memory.releaseLarge(this.requestLarge);
    if (this.requestOut >= 0) memory.release(this.requestOut);
    if (this.responseOut >= 0) memory.release(this.responseOut);
    this.requestSlab = this.requestLarge = this.requestOut = this.responseOut = -1;
  }
}
