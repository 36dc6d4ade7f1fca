// One data thread's whole data plane: reactor, frontends, backends, idle connections, recycled objects, and the few
// services that sessions and streams ask for. Built from a checked configuration and the shared blocks of its objects.

import { HttpSession } from './http-session.ts';
import { HttpStream } from './http-stream.ts';
import { IdlePool, ServerConnection } from './server-connection.ts';
import { TcpSession } from './tcp-session.ts';
import { TimerOperation, type Reactor } from '../reactor/reactor.ts';
import { VariableAccount } from '../sample/variables.ts';
import { Services } from './service.ts';
import { ShortageReport } from './shortage.ts';
import type { LogProfile } from '../config/model.ts';
import type { Origin } from '../sample/origin.ts';
import type { Asker, TakeoverHome, Takeovers } from './takeover.ts';
import type { ConnectionOwner } from './connection.ts';
import { UpstreamSockets } from './upstream.ts';
import { ProcessInt, ServerInt, countRate, readRate } from '../core/shared.ts';
import { splicesOf } from '../config/splicing.ts';
import { endpointOf } from '../core/network.ts';
import type { Backend } from '../backend/backend.ts';
import type { Config, ProxyConfig } from '../config/model.ts';
import type { Endpoint, ProcessView } from '../sample/context.ts';
import type { FaultReport } from '../proto/http1/faults.ts';
import type { AcceptQueue } from './accept-queue.ts';
import type { Frontend, Listener } from './frontend.ts';
import type { Server } from '../backend/server.ts';
import type { Session } from './session.ts';
import type { Stream } from './stream.ts';
import { accountBytes } from './accounting.ts';
import { admit } from './admission.ts';

/** Objects of a kind kept for reuse; more than this are left to the collector. */
const RECYCLED_MAX = 1024;
/** Idle connections are looked through this often, ms. */
const PURGE_EVERY_MS = 1000;
/** option contstats: how often the bytes of running exchanges are counted, ms. */
const COUNT_EVERY_MS = 5000;
/** How often a frontend that waits for capacity looks again, ms: another thread may have freed it. */
const RETRY_EVERY_MS = 5;

class Task extends TimerOperation {
  private readonly run: () => void;
  constructor(run: () => void) {
    super();
    this.run = run;
  }
  override onTimeout(): void {
    this.run();
  }
}

/** Sends finished exchanges to the log of their frontend. */
export interface LogSink {
  /** `profile`: in place of those of the log targets. */
  log(stream: Stream, origin: Origin, profile: LogProfile | null): void;
  /** A connection that ended before there was a request or a stream (manual 8.2.6, error log format). */
  refused(session: Session, reason: string): void;
  invalid(session: Session, stream: Stream | null, fault: FaultReport, side: 'request' | 'response'): void;
}

export interface PlaneParts {
  readonly reactor: Reactor;
  readonly config: Config;
  readonly view: ProcessView;
  /** Sessions and rates of the whole process, see ProcessInt. */
  readonly processInts: Int32Array;
  readonly sink: LogSink;
  /** The number of this data thread, from 0, and how many there are. */
  readonly thread: number;
  readonly threads: number;
  /** The kernel refused a proxy another socket. */
  readonly onShortage: (proxy: string, errno: number) => void;
  /** Asks the control thread for the metrics. */
  readonly askService: (ticket: number, query: string) => void;
}

export class Plane implements TakeoverHome {
  readonly reactor: Reactor;
  readonly config: Config;
  readonly view: ProcessView;
  readonly frontends: Frontend[] = [];
  readonly services: Services;
  /** Listening sockets, in the same order in all threads. */
  readonly listeners: Listener[] = [];
  /** New connections from and for other threads; null where there are none, or each keeps its own. */
  accepts: AcceptQueue | null = null;
  readonly sink: LogSink;
  readonly upstreams: UpstreamSockets;
  private readonly farms = new Map<ProxyConfig, Backend>();
  private readonly byName = new Map<string, ProxyConfig>();
  private readonly byId = new Map<number, Backend>();
  /** Idle connections of other threads; null where there are none, or they are not shared. */
  takeovers: Takeovers | null = null;
  private readonly pools = new Map<Server, IdlePool>();
  private readonly processInts: Int32Array;
  private readonly threads: number;
  private readonly shortages: ShortageReport;
  private readonly waitingFrontends = new Set<Frontend>();
  private readonly retryTask: Task;
  private readonly countTask: Task;
  private readonly purgeTask: Task;
  private sessions: Session | null = null;
  private sessionCount = 0;
  private ids = 0;
  private readonly httpStreams: HttpStream[] = [];
  private draining = false;
  /** Called when the last session of a draining plane has ended. */
  onDrained: (() => void) | null = null;

  constructor(parts: PlaneParts) {
    this.reactor = parts.reactor;
    this.config = parts.config;
    this.view = parts.view;
    this.sink = parts.sink;
    this.processInts = parts.processInts;
    this.threads = parts.threads;
    this.shortages = new ShortageReport(parts.onShortage);
    this.services = new Services(parts.askService);
    this.upstreams = new UpstreamSockets(
      parts.reactor.sockets,
      parts.reactor.memory,
      parts.config.global.kernelBuffers.server,
      parts.thread,
      parts.threads,
    );
    this.retryTask = new Task(() => this.retryWaiting());
    this.countTask = new Task(() => this.countRunning());
    this.purgeTask = new Task(() => this.purge());
    this.reactor.at(this.reactor.now + PURGE_EVERY_MS, this.purgeTask);
  }

  /** What the variables of one session may take; null where nothing limits them. */
  sessionAccount(): VariableAccount | null {
    const { variableLimits: limits } = this.config.global;
    return limits === null ? null : new VariableAccount(limits.sess, this.view.processVariables);
  }

  addBackend(backend: Backend): void {
    if (this.reactor.pipes !== null) backend.splices = splicesOf(backend.config, this.config.global);
    this.farms.set(backend.config, backend);
    this.byName.set(backend.config.name, backend.config);
    this.byId.set(backend.config.id, backend);
    for (const server of backend.servers) this.pools.set(server, new IdlePool(server, this.threads));
  }

  addFrontend(frontend: Frontend): void {
    this.frontends.push(frontend);
    if (frontend.config.options.has('contstats') && this.countTask.deadline === 0) {
      this.reactor.at(this.reactor.now + COUNT_EVERY_MS, this.countTask);
    }
  }

  farm(proxy: ProxyConfig): Backend {
    return this.farms.get(proxy)!;
  }

  backendNamed(name: string): ProxyConfig | null {
    return this.byName.get(name) ?? null;
  }

  /** Seconds of the process clock, for rates. */
  get second(): number {
    return Math.floor(this.reactor.wallMs / 1000);
  }

  nextId(): number {
    return ++this.ids;
  }

  after(ms: number, run: () => void): void {
    this.reactor.at(this.reactor.now + ms, new Task(run));
  }

  // Capacity of the process.

  tryEnter(): boolean {
    const ints = this.processInts;
    const now = Atomics.add(ints, ProcessInt.CURRENT, 1) + 1;
    const most = ints[ProcessInt.MAXCONN]!;
    if (now > most && most > 0) {
      Atomics.sub(ints, ProcessInt.CURRENT, 1);
      return false;
    }
    if (now > ints[ProcessInt.CURRENT_MAX]!) ints[ProcessInt.CURRENT_MAX] = now;
    return true;
  }

  /** maxconnrate or maxsessrate is reached. */
  get isTooFast(): boolean {
    const ints = this.processInts;
    const connections = ints[ProcessInt.CONNECTION_RATE_LIMIT]!;
    const sessions = ints[ProcessInt.SESSION_RATE_LIMIT]!;
    if ((connections | sessions) === 0) return false;
    const { second } = this;
    const ms = this.reactor.wallMs % 1000;
    return (
      (connections > 0 && readRate(ints, ProcessInt.CONNECTION_RATE, second, ms) >= connections) ||
      (sessions > 0 && readRate(ints, ProcessInt.SESSION_RATE, second, ms) >= sessions)
    );
  }

  /** Counts in a rate of the whole process, see ProcessInt. */
  processRate(field: number): void {
    countRate(this.processInts, field, this.second);
  }

  /** From 0, one for each stream of the process. */
  nextStreamNumber(): number {
    return Atomics.add(this.processInts, ProcessInt.STREAMS, 1) >>> 0;
  }

  /** Sessions of the whole process now. */
  get processCurrent(): number {
    return this.processInts[ProcessInt.CURRENT]!;
  }

  leave(): void {
    Atomics.sub(this.processInts, ProcessInt.CURRENT, 1);
    if (this.waitingFrontends.size > 0) this.reactor.at(this.reactor.now, this.retryTask);
  }

  waiting(frontend: Frontend): void {
    this.waitingFrontends.add(frontend);
    if (this.retryTask.deadline === 0) this.reactor.at(this.reactor.now + RETRY_EVERY_MS, this.retryTask);
  }

  private retryWaiting(): void {
    for (const frontend of this.waitingFrontends)
      if (frontend.retry()) this.waitingFrontends.delete(frontend);
    if (this.waitingFrontends.size > 0) this.reactor.at(this.reactor.now + RETRY_EVERY_MS, this.retryTask);
  }

  // Sessions and their recycling.

  newSession(config: ProxyConfig): Session {
    return config.mode === 'http' ? new HttpSession(this) : new TcpSession(this);
  }

  admit(session: Session): void {
    admit(session);
  }

  link(session: Session): void {
    session.before = null;
    session.after = this.sessions;
    if (this.sessions !== null) this.sessions.before = session;
    this.sessions = session;
    this.sessionCount++;
  }

  unlink(session: Session): void {
    if (session.before !== null) session.before.after = session.after;
    else this.sessions = session.after;
    if (session.after !== null) session.after.before = session.before;
    session.before = session.after = null;
    this.sessionCount--;
    this.checkDrained();
  }

  /**
   * Tells once that a stopping thread has nothing left: no session, and no listener to which the kernel may still hand
   * over a connection.
   */
  checkDrained(): void {
    if (!this.draining || this.sessionCount > 0) return;
    for (const frontend of this.frontends) if (!frontend.isQuiet) return;
    if (this.accepts !== null && !this.accepts.isEmpty) return;
    const { onDrained } = this;
    this.onDrained = null;
    onDrained?.();
  }

  *liveSessions(): IterableIterator<Session> {
    for (let session = this.sessions; session !== null; session = session.after) yield session;
  }

  takeHttpStream(session: HttpSession): HttpStream {
    const stream = this.httpStreams.pop() ?? new HttpStream(this);
    stream.session = session;
    return stream;
  }

  giveHttpStream(stream: HttpStream): void {
    if (this.httpStreams.length < RECYCLED_MAX) this.httpStreams.push(stream);
    else this.reactor.forget(stream.timer);
  }

  // Stopping.

  get isDraining(): boolean {
    return this.draining;
  }

  /** Serves connections that other threads gave this one. */
  receiveAccepted(): void {
    const { accepts } = this;
    if (accepts === null || accepts.isEmpty) return;
    accepts.drain(this.serveAccepted);
    this.checkDrained();
  }

  private readonly serveAccepted = (index: number, fd: number): void => {
    const listener = this.listeners[index]!;
    this.reactor.adopt(fd);
    listener.frontend.receive(listener, fd);
  };

  stopListening(): void {
    for (const frontend of this.frontends) frontend.stop();
  }

  /** Soft stop: idle sessions close, busy ones finish what they do. */
  drain(): void {
    this.draining = true;
    this.accepts?.close();
    this.stopListening();
    for (let session = this.sessions; session !== null;) {
      const next: Session | null = session.after;
      session.drain();
      session = next;
    }
    for (const pool of this.pools.values()) pool.closeAll();
    this.checkDrained();
  }

  killAll(flag: string): void {
    for (let session = this.sessions; session !== null;) {
      const next: Session | null = session.after;
      session.kill(flag);
      session = next;
    }
  }

  // Server connections.

  /** An object for a new connection to `server`. */
  newConnection(server: Server): ServerConnection {
    return this.pools.get(server)!.fresh(this.reactor);
  }

  /** Whether an idle connection to `server` is at hand in this thread. */
  holdsIdle(server: Server): boolean {
    return this.pools.get(server)!.size > 0;
  }

  /** An idle connection that this stream may use (http-reuse), or null. */
  reusable(stream: Stream, server: Server): ServerConnection | null {
    const pool = this.pools.get(server)!;
    if (pool.size === 0) return null;
    const least = leastRequests(stream, server);
    if (least === NONE) return null;
    const origin = this.upstreams.originFor(stream, server);
    const destination = this.upstreams.followed(stream, server);
    if (least === OWN) return pool.takeOf(stream.session, destination, origin);
    return pool.take(least, destination, origin);
  }

  /**
   * Where `reusable` found nothing: asks another thread for one. Returns the question, or -1 where nobody has one
   * that the stream may use.
   */
  askForIdle(asker: Asker, stream: Stream, server: Server): number {
    const { takeovers } = this;
    if (takeovers === null) return -1;
    const pool = this.pools.get(server)!;
    if (server.ints[ServerInt.IDLE]! <= pool.size) return -1;
    const least = leastRequests(stream, server);
    if (least < 0 || this.upstreams.followed(stream, server) !== null) return -1;
    if (this.upstreams.sourceOf(server) !== null || stream.serverPackets !== null) return -1;
    return takeovers.ask(asker, pool, least);
  }

  /** The stream got a connection, or no longer waits. */
  forgetIdle(question: number): void {
    this.takeovers!.forget(question);
  }

  /** A connection that another thread gave away, for `owner`. */
  adopt(server: Server, fd: number, requests: number, owner: ConnectionOwner): ServerConnection {
    this.reactor.adopt(fd);
    const connection = this.newConnection(server);
    connection.open(fd, owner);
    connection.requests = requests;
    connection.resets = this.farm(server.config.backend).resets;
    return connection;
  }

  idlePool(backend: number, server: number): IdlePool | null {
    const farm = this.byId.get(backend);
    return farm === undefined ? null : (this.pools.get(farm.servers[server]!) ?? null);
  }

  keepIdle(pool: IdlePool, fd: number, requests: number): void {
    const connection = this.adopt(pool.server, fd, requests, pool);
    if (this.draining) connection.discard();
    else pool.give(connection, this.reactor.now);
  }

  giveIdle(stream: HttpStream, connection: ServerConnection): void {
    const { config } = connection.server;
    const pool = this.pools.get(connection.server)!;
    const worn = config.maxReuse >= 0 && connection.requests > config.maxReuse;
    if (stream.serverMustClose) {
      connection.close();
      return;
    }
    if (this.draining || config.sendProxy !== 0 || worn) {
      connection.discard();
      return;
    }
    if (stream.backend!.httpReuse === 'never') {
      connection.session = stream.session;
      stream.session.ownsConnections = true;
    } else {
      connection.session = null;
    }
    pool.give(connection, this.reactor.now);
  }

  /** The session is over: connections that only it could use are closed. */
  closeConnectionsOf(session: Session): void {
    for (const pool of this.pools.values()) pool.closeOf(session);
  }

  /** Notes where a new connection comes from and leads to, for those that may use it again. */
  markUpstream(connection: ServerConnection, stream: Stream, server: Server): void {
    const { upstreams } = this;
    connection.destination = upstreams.followed(stream, server);
    connection.origin = upstreams.origin;
    connection.sourcePort = upstreams.sourcePort;
    if (upstreams.sourcePort >= 0) connection.ports = upstreams.sourceOf(server)!.ports;
  }

  private countRunning(): void {
    for (let session = this.sessions; session !== null; session = session.after) {
      if (!session.frontend.options.has('contstats')) continue;
      const stream = session.streamNow();
      if (stream !== null) accountBytes(stream);
    }
    this.reactor.at(this.reactor.now + COUNT_EVERY_MS, this.countTask);
  }

  private purge(): void {
    const { now } = this.reactor;
    for (const pool of this.pools.values()) pool.purge(now);
    this.reactor.at(now + PURGE_EVERY_MS, this.purgeTask);
  }

  openUpstream(stream: Stream, server: Server): number {
    return this.upstreams.open(stream, server);
  }

  upstreamAddress(stream: Stream, server: Server): number {
    return this.upstreams.address(stream, server);
  }

  get upstreamAddressLength(): number {
    return this.upstreams.length;
  }

  // Small services.

  peerName(fd: number): Endpoint | null {
    const address = this.reactor.sockets.peerAddress(fd);
    return address === null ? null : endpointOf(address);
  }

  socketName(fd: number): Endpoint | null {
    const address = this.reactor.sockets.localAddress(fd);
    return address === null ? null : endpointOf(address);
  }

  shutdownWrite(fd: number): void {
    this.reactor.sockets.shutdownWrite(fd);
  }

  dropSilently(fd: number, ttl: number): void {
    this.reactor.sockets.dropSilently(fd, ttl);
  }

  log(stream: Stream, origin: Origin, profile: LogProfile | null): void {
    this.sink.log(stream, origin, profile);
  }

  logRefused(session: Session, reason: string): void {
    this.sink.refused(session, reason);
  }

  captureError(session: Session, stream: Stream, fault: FaultReport): void {
    this.sink.invalid(session, stream, fault, 'request');
  }

  captureResponseError(stream: Stream, fault: FaultReport): void {
    this.sink.invalid(stream.session, stream, fault, 'response');
  }

  /** Accept or socket answered `result`, for want of descriptors or memory. */
  shortage(proxy: ProxyConfig, result: number): void {
    this.shortages.met(proxy.name, result, this.reactor.now);
  }

  /** Closes the sessions of servers that were told to shut them down. */
  shutdownSessions(server: Server, flag: string): void {
    for (let session = this.sessions; session !== null;) {
      const next: Session | null = session.after;
      if (session.serverInUse() === server) session.kill(flag);
      session = next;
    }
  }
}

/** Answers of `leastRequests` that are no number of requests. */
const NONE = -1;
const OWN = -2;

/** How many requests an idle connection must have carried for this stream (http-reuse); OWN: only its session's. */
function leastRequests(stream: Stream, server: Server): number {
  if (stream.request === null || stream.backend!.mode !== 'http') return NONE;
  if (server.config.sendProxy !== 0) return NONE;
  const reuse = stream.backend!.httpReuse;
  if (!stream.session.isFirstRequest) return reuse === 'never' ? OWN : 0;
  if (reuse === 'never' || reuse === 'safe') return NONE;
  return reuse === 'aggressive' ? 2 : 0;
}
