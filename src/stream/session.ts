// One client connection: who it is, where it came in, and what its rules may read. TCP and HTTP sessions differ in
// what they do with the bytes.

import { Connection, type ConnectionHome, type ConnectionOwner } from './connection.ts';
import { proxyHeaderLate } from './accept-proxy.ts';
import { Variables } from '../sample/variables.ts';
import { Counter, ProcessInt, ProxyInt } from '../core/shared.ts';
import { TimerOperation } from '../reactor/reactor.ts';
import type { BindConfig, ProxyConfig } from '../config/model.ts';
import type { Endpoint, SessionContext } from '../sample/context.ts';
import type { Frontend, Listener } from './frontend.ts';
import type { Plane } from './plane.ts';
import type { Server } from '../backend/server.ts';
import type { Stream } from './stream.ts';

/**
 * Recycled by its frontend: `start` gives it a new connection, `end` takes it back. There are as many as clients, most
 * of them idle, so what only a request needs belongs to its stream, and the session is its own timer.
 */
export abstract class Session
  extends TimerOperation
  implements SessionContext, ConnectionOwner, ConnectionHome
{
  readonly plane: Plane;
  readonly client: Connection;
  owner!: Frontend;
  listener!: Listener;
  frontend!: ProxyConfig;
  bind: BindConfig | null = null;
  acceptedMs = 0;
  connectionFault = '';
  /** Reactor clock when it was accepted, for timers. */
  startedAt = 0;
  proxyTlvs: Map<number, string> | null = null;
  receivedProxy = false;
  /** Idle server connections wait for this session alone (http-reuse never). */
  ownsConnections = false;
  /** A PROXY header comes first, and whether it is being waited for. */
  expectsProxy = false;
  waitingForProxy = false;
  private variablesSet: Variables | null = null;
  requestCount = 0;
  /** The server of the latest exchange, and whether that one answered 401 or 407 (option prefer-last-server). */
  lastServer: Server | null = null;
  challenged = false;
  active = false;
  /** The process or generation stops: answers say `connection: close`. */
  isDraining = false;
  /** Doubly linked list of the plane's live sessions. */
  before: Session | null = null;
  after: Session | null = null;
  id = 0;
  private wireSourceCache: Endpoint | null = null;
  private wireDestinationCache: Endpoint | null = null;
  private sourceOverride: Endpoint | null = null;
  private destinationOverride: Endpoint | null = null;
  /** What rules of the present exchange set; the next one starts from the session's addresses again. */
  streamSource: Endpoint | null = null;
  streamDestination: Endpoint | null = null;

  constructor(plane: Plane) {
    super();
    this.plane = plane;
    this.client = new Connection(plane.reactor);
    this.client.home = this;
  }

  start(owner: Frontend, listener: Listener, fd: number): void {
    const { plane } = this;
    this.owner = owner;
    this.listener = listener;
    this.frontend = owner.config;
    this.bind = listener.config;
    this.acceptedMs = plane.reactor.wallMs;
    this.startedAt = plane.reactor.now;
    this.connectionFault = '';
    this.proxyTlvs = null;
    this.receivedProxy = false;
    this.ownsConnections = false;
    this.expectsProxy = false;
    this.waitingForProxy = false;
    this.requestCount = 0;
    this.wireSourceCache = null;
    this.wireDestinationCache = null;
    this.sourceOverride = null;
    this.destinationOverride = null;
    this.active = true;
    this.isDraining = false;
    this.id = plane.nextId();
    this.client.open(fd, this);
    this.client.resets = owner.resets;
    this.lastServer = null;
    this.challenged = false;
    plane.link(this);
    // A client that is gone again has no address any more: what logs need is asked for at once.
    if (owner.config.logTargets.length > 0) this.wireSourceCache = plane.peerName(fd);
  }

  /** Closes the client connection and gives everything back. */
  end(): void {
    if (!this.active) return;
    this.active = false;
    this.plane.reactor.forget(this);
    this.forgetVariables();
    if (this.ownsConnections) this.plane.closeConnectionsOf(this);
    this.plane.unlink(this);
    this.owner.sessionEnded(this);
    this.client.close();
  }

  /** The last operation on the client's socket has ended: the session may serve another client. */
  connectionClosed(): void {
    this.owner.takeBack(this);
  }

  override onTimeout(): void {
    if (this.waitingForProxy) proxyHeaderLate(this);
    else this.timedOut();
  }

  /** Variables of scope `sess`, made by the first rule that asks for one. */
  get variables(): Variables {
    return (this.variablesSet ??= new Variables(this.plane.sessionAccount()));
  }

  private forgetVariables(): void {
    this.variablesSet?.clear();
    this.variablesSet = null;
  }

  get isFirstRequest(): boolean {
    return this.requestCount <= 1;
  }

  get connectionFd(): number {
    return this.client.fd;
  }

  get listenerCurrent(): number {
    return this.listener.block.ints[ProxyInt.CURRENT]!;
  }

  get clientFault(): number {
    return this.client.failed;
  }

  savedSyn(): string {
    const { fd } = this.client;
    return fd < 0 ? '' : this.plane.reactor.sockets.savedSyn(fd);
  }

  get wireSource(): Endpoint | null {
    return (this.wireSourceCache ??= this.plane.peerName(this.client.fd));
  }

  get wireDestination(): Endpoint | null {
    return (this.wireDestinationCache ??= this.plane.socketName(this.client.fd));
  }

  /** The connection itself gets another address (tcp-request connection set-src): fc_src shows it too. */
  replaceWireSource(endpoint: Endpoint): void {
    this.wireSourceCache = endpoint;
  }

  replaceWireDestination(endpoint: Endpoint): void {
    this.wireDestinationCache = endpoint;
  }

  get source(): Endpoint | null {
    return this.streamSource ?? this.sourceOverride ?? this.wireSource;
  }

  set source(endpoint: Endpoint | null) {
    this.sourceOverride = endpoint;
  }

  get destination(): Endpoint | null {
    return this.streamDestination ?? this.destinationOverride ?? this.wireDestination;
  }

  set destination(endpoint: Endpoint | null) {
    this.destinationOverride = endpoint;
  }

  /** Arms the client-side timer; 0 ms means no limit. */
  arm(ms: number): void {
    if (ms > 0) this.plane.reactor.at(this.plane.reactor.now + ms, this);
    else this.plane.reactor.clear(this);
  }

  /** Counts the session once its connection rules let it in. */
  countSession(): void {
    const { owner } = this;
    owner.block.counters[Counter.SESSIONS]! += 1;
    this.listener.block.counters[Counter.SESSIONS]! += 1;
    owner.rate(ProxyInt.SESSION_RATE);
    this.plane.processRate(ProcessInt.SESSION_RATE);
  }

  /** The server that the present exchange uses, or null. */
  serverInUse(): Server | null {
    return this.streamNow()?.server ?? null;
  }
  /** The present exchange, or null between two. */
  abstract streamNow(): Stream | null;
  /** The connection rules passed: begin with the protocol. */
  abstract run(): void;
  abstract timedOut(): void;
  /** It will not be recycled: nothing may hold it any longer. */
  abstract dropped(): void;
  /** Asked to finish: idle ones close at once, busy ones after the present exchange (soft stop). */
  abstract drain(): void;
  /** Asked to end now (hard stop, `shutdown session`, closed server). `flag`: first termination letter. */
  abstract kill(flag: string): void;
  abstract onReceived(connection: Connection, result: number): void;
  abstract onSent(connection: Connection, result: number): void;
  abstract onConnected(connection: Connection, result: number): void;
}
