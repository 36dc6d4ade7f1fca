// One exchange between a client and a server: a request in HTTP mode, a whole connection in TCP mode. This file holds
// what both share: identity, timers, termination flags and what rules may touch. Finding and reaching a server is in
// assign.ts; what differs by mode in http-stream.ts and tcp-stream.ts.

import { Counter, ProxyInt, ServerInt } from '../core/shared.ts';
import { TimerOperation } from '../reactor/reactor.ts';
import { Origin } from '../sample/origin.ts';
import { VariableAccount, Variables } from '../sample/variables.ts';
import { type LocalReply, type RuleTarget, Verdict } from '../rules/rule.ts';
import type { Backend } from '../backend/backend.ts';
import { Pacer, type PacedStream } from './pacer.ts';
import { StreamEffort } from './effort.ts';
import { debugText, endEvents } from './debug-text.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import type { Endpoint, ProcessView, StreamCounts, StreamTimers } from '../sample/context.ts';
import type { HttpMessage } from '../http/message.ts';
import type { Plane } from './plane.ts';
import type { BandwidthFilter, LogProfile, Position, ProxyConfig } from '../config/model.ts';
import type { Server } from '../backend/server.ts';
import type { ServerConnection } from './server-connection.ts';
import type { Session } from './session.ts';
import { ServerSlot } from './assign.ts';

/** What the server-side timer means when it fires. */
export const Wait = {
  NONE: 0,
  QUEUE: 1,
  CONNECT: 2,
  SERVER: 3,
  TURN_AROUND: 4,
  RULE: 5,
  TARPIT: 6,
  TAKEOVER: 7,
} as const;
export type Wait = (typeof Wait)[keyof typeof Wait];

/** No rule chose a log level. */
export const LEVEL_UNSET = 8;

class StreamTimer extends TimerOperation {
  readonly stream: Stream;
  constructor(stream: Stream) {
    super();
    this.stream = stream;
  }
  override onTimeout(): void {
    this.stream.onTimeout();
  }
}

/** Written just before each log line; one for the whole thread, since only the line that is made reads it. */
const COUNTS = {
  process: 0,
  frontend: 0,
  backend: 0,
  server: 0,
  serverQueue: 0,
  backendQueue: 0,
  requests: 0,
};

/** Recycled by its session; every field is set in `reset`. */
export abstract class Stream implements RuleTarget, ConnectionOwner, PacedStream {
  session!: Session;
  readonly plane: Plane;
  readonly timer: StreamTimer;
  readonly slot: ServerSlot;
  readonly transactionVariables: Variables;
  readonly requestVariables: Variables;
  readonly responseVariables: Variables;
  readonly timers: StreamTimers = {
    handshake: 0,
    idle: 0,
    request: -1,
    queue: -1,
    connect: -1,
    response: -1,
    data: -1,
    total: -1,
  };
  requestCaptured: (string | null)[] = [];
  responseCaptured: (string | null)[] = [];

  frontend!: ProxyConfig;
  backend: ProxyConfig | null = null;
  /** Run-time twin of `backend`. */
  farm: Backend | null = null;
  server: Server | null = null;
  upstream: ServerConnection | null = null;
  direction: 'request' | 'response' = 'request';
  wait: Wait = Wait.NONE;
  /** Reactor clock at the start of the exchange; wall clock for logs. */
  startedAt = 0;
  acceptedMs = 0;
  bytesIn = 0;
  bytesOut = 0;
  /** What of these the counters have already (option contstats). */
  countedIn = 0;
  countedOut = 0;
  countedToServer = 0;
  countedFromServer = 0;
  bytesToServer = 0;
  bytesFromServer = 0;
  status = -1;
  serverStatus = -1;
  retriesDone = 0;
  retriesAllowed = 0;
  redispatched = false;
  reused = false;
  /** Termination: who (C S P L R I D U K c s -) and in which phase (R Q C H D L T -). */
  cause = '-';
  phase = '-';
  cookieSeen = '-';
  cookieAction = '-';
  lastRule: Position | null = null;
  waitingRule: Position | null = null;
  serverFault = 0;
  readonly effort: StreamEffort | null;
  /** Request line as received, for logs; the method stays null until a valid one was parsed. */
  capturedMethod: string | null = null;
  capturedVersion = '';
  requestCookieCaptured: string | null = null;
  responseCookieCaptured: string | null = null;
  /** The log line is being written before the end (option logasap), or was. */
  inProgress = false;
  logged = false;
  logCounter = 0;
  logOrigin: Origin = Origin.UNSPEC;
  private backendSourceCache: Endpoint | null = null;
  private backendDestinationCache: Endpoint | null = null;
  /** Streams served from the queue before this one, for %sq and %bq. */
  serverQueued = 0;
  backendQueued = 0;
  reply: LocalReply | null = null;
  denyStatus = 0;
  challenge: string | null = null;
  dropTtl = 0;
  /** Level of the log line: 0 to 7, -1 for no line at all, LEVEL_UNSET for what the outcome says. */
  logLevel: number = LEVEL_UNSET;
  strict = true;
  inspectionOver = false;
  /** Of this request or TCP session in the process, from 0. */
  private number = 0;
  private uniqueIdText: string | null = null;
  private timeoutOverrides: Map<string, number> | null = null;
  private pauseUntil = 0;
  retriesDisabled = false;
  priorityClass = 0;
  priorityOffset = 0;
  /** Mark and TOS byte that rules set for the connection to the server; null without any. */
  serverPackets: { readonly mark?: number; readonly tos?: number } | null = null;

  /** Bandwidth limits that rules put in force for what comes from the client, and for what goes to it. */
  paceIn: Pacer | null = null;
  paceOut: Pacer | null = null;

  constructor(plane: Plane) {
    this.plane = plane;
    this.effort = plane.config.global.measuresStreams ? new StreamEffort() : null;
    const { variableLimits: limits } = plane.config.global;
    let [txn, req, res]: (VariableAccount | null)[] = [null, null, null];
    if (limits !== null) {
      const session = { charge: (bytes: number) => this.session.variables.account!.charge(bytes) };
      txn = new VariableAccount(limits.txn, session);
      req = new VariableAccount(limits.reqres, txn);
      res = new VariableAccount(limits.reqres, txn);
    }
    this.transactionVariables = new Variables(txn);
    this.requestVariables = new Variables(req);
    this.responseVariables = new Variables(res);
    this.timer = new StreamTimer(this);
    this.slot = new ServerSlot(this);
  }

  /** Counted where the rule may stand: the frontend and its listener, then the backend and the server too. */
  rewriteFailed(): Verdict {
    const { session, farm, server } = this;
    session.owner.block.counters[Counter.FAILED_REWRITES]! += 1;
    session.listener.block.counters[Counter.FAILED_REWRITES]! += 1;
    if (farm !== null) farm.block.counters[Counter.FAILED_REWRITES]! += 1;
    if (server !== null) server.block.counters[Counter.FAILED_REWRITES]! += 1;
    return this.strict ? Verdict.ERROR : Verdict.CONTINUE;
  }

  protected reset(): void {
    const { session, plane, timers } = this;
    this.frontend = session.frontend;
    session.streamSource = null;
    session.streamDestination = null;
    this.backend = null;
    this.farm = null;
    this.server = null;
    this.upstream = null;
    this.direction = 'request';
    this.wait = Wait.NONE;
    this.startedAt = plane.reactor.now;
    this.acceptedMs = plane.reactor.wallMs;
    this.bytesIn = 0;
    this.bytesOut = 0;
    this.countedIn = 0;
    this.countedOut = 0;
    this.countedToServer = 0;
    this.countedFromServer = 0;
    this.bytesToServer = 0;
    this.bytesFromServer = 0;
    this.status = -1;
    this.serverStatus = -1;
    this.retriesDone = 0;
    this.retriesAllowed = 0;
    this.retriesOverride = -1;
    this.redispatched = false;
    this.reused = false;
    this.cause = '-';
    this.phase = '-';
    this.cookieSeen = '-';
    this.cookieAction = '-';
    this.lastRule = null;
    this.waitingRule = null;
    this.serverFault = 0;
    if (this.effort !== null) this.effort.reset();
    this.capturedMethod = null;
    this.capturedVersion = '';
    this.requestCookieCaptured = null;
    this.responseCookieCaptured = null;
    this.inProgress = false;
    this.logged = false;
    this.logCounter = 0;
    this.backendSourceCache = null;
    this.backendDestinationCache = null;
    this.serverQueued = 0;
    this.backendQueued = 0;
    this.reply = null;
    this.denyStatus = 0;
    this.challenge = null;
    this.logLevel = LEVEL_UNSET;
    this.inspectionOver = false;
    this.number = this.plane.nextStreamNumber();
    this.uniqueIdText = null;
    this.timeoutOverrides = null;
    this.pauseUntil = 0;
    this.retriesDisabled = false;
    this.priorityClass = 0;
    this.priorityOffset = 0;
    this.serverPackets = null;
    timers.handshake = 0;
    timers.idle = 0;
    timers.request = -1;
    timers.queue = -1;
    timers.connect = -1;
    timers.response = -1;
    timers.data = -1;
    timers.total = -1;
    if (this.requestCaptured.length > 0) this.requestCaptured = [];
    if (this.responseCaptured.length > 0) this.responseCaptured = [];
  }

  /** Forgets variables and captures; the server side must have been given back. */
  protected clear(): void {
    this.plane.reactor.clear(this.timer);
    if (this.paceIn !== null) this.paceIn = release(this.paceIn);
    if (this.paceOut !== null) this.paceOut = release(this.paceOut);
    this.transactionVariables.clear();
    this.requestVariables.clear();
    this.responseVariables.clear();
  }

  get process(): ProcessView {
    return this.plane.view;
  }

  /** Our end of the connection to the server, asked from the kernel once. */
  get backendSource(): Endpoint | null {
    if (this.backendSourceCache === null && this.upstream !== null && this.upstream.fd >= 0) {
      this.backendSourceCache = this.plane.socketName(this.upstream.fd);
    }
    return this.backendSourceCache;
  }

  get backendDestination(): Endpoint | null {
    if (this.backendDestinationCache === null && this.upstream !== null && this.upstream.fd >= 0) {
      this.backendDestinationCache = this.plane.peerName(this.upstream.fd);
    }
    return this.backendDestinationCache;
  }

  tcpInfo(side: 'client' | 'server', at: number): number {
    const fd = side === 'client' ? this.session.client.fd : this.upstream === null ? -1 : this.upstream.fd;
    return fd < 0 ? -1 : this.plane.reactor.sockets.tcpInfo(fd, at);
  }

  debugText(side: 'client' | 'server', layers: number): string {
    return debugText(this, side, layers);
  }

  endEvents(): string {
    return endEvents(this);
  }

  isLocal(address: Endpoint): boolean {
    return (
      address.family !== 'unix' &&
      this.plane.reactor.sockets.isLocal({ family: address.family, address: address.text, port: 0 })
    );
  }

  get counts(): StreamCounts {
    const { session, farm, server } = this;
    COUNTS.process = this.plane.processCurrent;
    COUNTS.frontend = session.owner.block.ints[ProxyInt.CURRENT]!;
    // The stream itself has left its backend and server when its line is made, unless that is before its end.
    const gone = this.inProgress ? 0 : 1;
    COUNTS.backend = farm === null ? 0 : Math.max(0, farm.block.ints[ProxyInt.CURRENT]! - gone);
    COUNTS.server = server === null ? 0 : Math.max(0, server.ints[ServerInt.CURRENT]! - gone);
    COUNTS.serverQueue = this.serverQueued;
    COUNTS.backendQueue = this.backendQueued;
    COUNTS.requests = this.number;
    return COUNTS;
  }

  get serverLogName(): string {
    return this.server === null ? '<NOSRV>' : this.server.name;
  }

  get wallMs(): number {
    return this.plane.reactor.wallMs;
  }

  abstract readonly request: HttpMessage | null;
  abstract readonly response: HttpMessage | null;
  abstract readonly message: HttpMessage;
  abstract requestPayload(): string;
  abstract responsePayload(): string;
  abstract readonly logSource: string;

  uniqueId(): string {
    if (this.uniqueIdText === null) {
      this.uniqueIdText = '';
      const format = this.frontend.uniqueIdFormat;
      if (format !== null) this.uniqueIdText = format.render(this);
    }
    return this.uniqueIdText;
  }

  /** The request's target as received, cut to tune.http.logurilen; empty where there is none. */
  get capturedTarget(): string {
    return '';
  }

  terminationFlags(): string {
    return this.cause + this.phase + this.cookieSeen + this.cookieAction;
  }

  /** Sets how it ended, unless an earlier end was already noted. */
  ends(cause: string, phase: string): void {
    if (this.cause !== '-') return;
    this.cause = cause;
    this.phase = phase;
  }

  /** What was meant as an answer of our own became a refusal: an end that was noted keeps its phase. */
  endsRefused(): void {
    this.cause = 'P';
    if (this.phase === '-') this.phase = 'R';
  }

  /** The backend takes over (use_backend, default_backend or the listen itself). */
  enterBackend(backend: ProxyConfig): void {
    if (backend !== this.frontend) {
      // What the frontend's rules set was meant for the frontend as its own backend.
      this.retriesOverride = -1;
      if (this.timeoutOverrides !== null) dropBackendTimeouts(this.timeoutOverrides);
    }
    this.backend = backend;
    this.farm = this.plane.farm(backend);
    this.retriesAllowed = this.retriesOverride >= 0 ? this.retriesOverride : backend.retries;
  }

  private retriesOverride = -1;

  setRetries(count: number): void {
    this.retriesOverride = count;
    this.retriesAllowed = count;
  }

  /** A timeout in ms for this stream: its own where a rule set one, else the proxy's. */
  timeoutOf(kind: 'server' | 'tunnel' | 'client' | 'connect' | 'queue' | 'tarpit'): number {
    if (this.timeoutOverrides !== null) {
      const override = this.timeoutOverrides.get(kind);
      if (override !== undefined) return override;
    }
    const { timeouts } = kind === 'client' || this.backend === null ? this.frontend : this.backend;
    // Named one by one: a key that varies would be looked up anew for each request.
    switch (kind) {
      case 'server':
        return timeouts.server;
      case 'client':
        return timeouts.client;
      case 'connect':
        return timeouts.connect;
      case 'queue':
        return timeouts.queue;
      case 'tunnel':
        return timeouts.tunnel;
      default:
        return timeouts.tarpit;
    }
  }

  setTimeout(kind: 'server' | 'tunnel' | 'client' | 'connect' | 'queue' | 'tarpit', ms: number): void {
    this.timeoutOverrides ??= new Map();
    this.timeoutOverrides.set(kind, ms);
  }

  setPriority(kind: 'class' | 'offset', value: number): void {
    if (kind === 'class') this.priorityClass = value;
    else this.priorityOffset = value;
  }

  disableRetries(): void {
    this.retriesDisabled = true;
  }

  setSource(address: Endpoint): void {
    this.session.streamSource = address;
  }

  setDestination(address: Endpoint): void {
    this.session.streamDestination = address;
  }

  captureRequest(slot: number, value: string): void {
    while (this.requestCaptured.length <= slot) this.requestCaptured.push(null);
    const most = this.frontend.requestCaptures[slot]?.length ?? value.length;
    this.requestCaptured[slot] = value.length > most ? value.slice(0, most) : value;
  }

  captureResponse(slot: number, value: string): void {
    while (this.responseCaptured.length <= slot) this.responseCaptured.push(null);
    const most = this.frontend.responseCaptures[slot]?.length ?? value.length;
    this.responseCaptured[slot] = value.length > most ? value.slice(0, most) : value;
  }

  paused(ms: number): boolean {
    const { reactor } = this.plane;
    if (this.pauseUntil === 0) {
      this.pauseUntil = reactor.now + ms;
      this.armFor(Wait.RULE, ms);
      return false;
    }
    if (reactor.now < this.pauseUntil) return false;
    this.pauseUntil = 0;
    return true;
  }

  setClientPackets(kind: 'mark' | 'tos', value: number): void {
    const { session, plane } = this;
    const name = plane.reactor.sockets.localAddress(session.client.fd);
    if (name !== null) plane.reactor.sockets.apply(session.client.fd, name, { [kind]: value });
  }

  setServerPackets(kind: 'mark' | 'tos', value: number): void {
    this.serverPackets = { ...this.serverPackets, [kind]: value };
  }

  limitBandwidth(filter: BandwidthFilter, limit: number, periodMs: number): void {
    const pacer =
      filter.direction === 'in'
        ? (this.paceIn ??= new Pacer(this, false))
        : (this.paceOut ??= new Pacer(this, true));
    pacer.limit(filter, limit, periodMs);
  }

  expectProxy(): void {
    this.session.receivedProxy = false;
  }

  /** Arms the server-side timer for one purpose; 0 ms means no limit. */
  armFor(wait: Wait, ms: number): void {
    this.wait = wait;
    if (ms > 0) this.plane.reactor.at(this.plane.reactor.now + ms, this.timer);
    else this.plane.reactor.clear(this.timer);
  }

  disarm(): void {
    this.wait = Wait.NONE;
    this.plane.reactor.clear(this.timer);
  }

  /** Milliseconds since the exchange began. */
  elapsed(): number {
    return this.plane.reactor.now - this.startedAt;
  }

  /** Whether this exchange is worth a log line (dontlognull, dontlog-normal, set-log-level silent). */
  shouldLog(): boolean {
    const { frontend } = this;
    if (this.logged || this.logLevel < 0 || frontend.logTargets.length === 0) return false;
    if (frontend.options.has('dontlog-normal') && this.isNormal()) return false;
    if (frontend.logSteps !== 0 && (frontend.logSteps & (1 << this.endOrigin())) === 0) {
      return this.endOrigin() === Origin.SESS_ERROR;
    }
    return true;
  }

  /** What the last line is about: in HTTP mode no valid request may have come at all. */
  endOrigin(): Origin {
    return this.capturedMethod === null && this.frontend.mode === 'http'
      ? Origin.SESS_ERROR
      : Origin.TXN_CLOSE;
  }

  /** log-steps: a line where its step is asked for. */
  logStep(origin: Origin): void {
    if ((this.frontend.logSteps & (1 << origin)) !== 0) this.logNow(origin, null);
  }

  /** A line beside the one of the end: of a step, or a rule's. */
  logNow(origin: Origin, profile: LogProfile | null): void {
    if (this.logLevel < 0 || this.frontend.logTargets.length === 0) return;
    const { total } = this.timers;
    this.timers.total = this.elapsed();
    this.inProgress = true;
    this.plane.log(this, origin, profile);
    this.inProgress = false;
    this.timers.total = total;
  }

  /** option logasap: the line goes out with what is known so far; `bytesOut` are on their way to the client. */
  logEarly(bytesOut: number, origin: Origin): void {
    if (!this.shouldLog()) return;
    this.inProgress = true;
    this.bytesOut = bytesOut;
    this.timers.total = this.elapsed();
    this.plane.log(this, origin, null);
    this.inProgress = false;
    this.bytesOut = 0;
    this.timers.total = -1;
    this.logged = true;
  }

  /** Ended as it should, answered here or not: no error, no retry, no redispatch (option dontlog-normal). */
  isNormal(): boolean {
    const whole = this.cause === '-' || this.cause === 'L';
    return whole && this.retriesDone === 0 && !this.redispatched && this.status < 500;
  }

  /** Whether rules let the server's bytes pass a tunnel; false: they wait, or the stream is over. */
  passResponse(): boolean {
    return true;
  }

  /** The first byte of a tunnel's answer. */
  noteFirstByte(): void {}

  /** The server chosen is to be asked by the client itself, under this prefix (redir); false: this kind is not. */
  sendElsewhere(_prefix: string): boolean {
    return false;
  }

  abstract sendPiece(outwards: boolean, at: number, end: number): void;
  abstract pieceWaits(outwards: boolean): void;
  abstract paceOn(outwards: boolean): void;
  abstract waitForBody(timeMs: number, atLeast: number): boolean;
  abstract sendEarlyHints(lines: readonly (readonly [string, string])[]): void;
  abstract onTimeout(): void;
  /** A connected, usable server connection is at hand in `upstream`. */
  abstract serverReady(): void;
  /** No server can be had: the exchange fails with this status and these flags. */
  abstract serverFailed(status: number, cause: string, phase: string): void;
  abstract onReceived(connection: Connection, result: number): void;
  abstract onSent(connection: Connection, result: number): void;
  abstract onConnected(connection: Connection, result: number): void;
}

function release(pacer: Pacer): null {
  pacer.release();
  return null;
}

/** The client's and the tarpit's stay: they are the frontend's. */
function dropBackendTimeouts(overrides: Map<string, number>): void {
  overrides.delete('server');
  overrides.delete('tunnel');
  overrides.delete('connect');
  overrides.delete('queue');
}
