// A client connection in HTTP mode: reads one request head after another and gives each to its stream; between
// requests it costs no slab.

import { Counter, ProxyInt } from '../core/shared.ts';
import { Body, persists } from '../proto/http1/framing.ts';
import { keepTolerated } from './tolerated.ts';
import { Parse } from '../proto/http1/parser.ts';
import { HttpStream } from './http-stream.ts';
import { Session } from './session.ts';
import type { Connection } from './connection.ts';
import type { Frontend, Listener } from './frontend.ts';

const Phase = { HEAD: 0, EXCHANGE: 1, LINGER: 2 } as const;
type Phase = (typeof Phase)[keyof typeof Phase];

/** How long a closed connection's unread bytes are thrown away, so that the client can read the answer, ms. */
const LINGER_MS = 1000;
/** How long an idle connection of a stopping process waits for a request that may be on its way, ms. */
const DRAIN_IDLE_MS = 500;

function drainLimit(idleMs: number): number {
  return idleMs > 0 ? Math.min(idleMs, DRAIN_IDLE_MS) : DRAIN_IDLE_MS;
}

export class HttpSession extends Session {
  /** Taken with the first byte of a request, given back when the session is idle. */
  private stream: HttpStream | null = null;
  private phase: Phase = Phase.HEAD;
  /** Bytes of the request being read have arrived. */
  private begun = false;
  private headAt = 0;
  private idleFrom = 0;

  override start(owner: Frontend, listener: Listener, fd: number): void {
    super.start(owner, listener, fd);
    this.phase = Phase.HEAD;
    this.begun = false;
    this.idleFrom = this.startedAt;
  }

  override streamNow(): HttpStream | null {
    return this.phase === Phase.EXCHANGE ? this.stream : null;
  }

  override run(): void {
    const { timeouts } = this.frontend;
    this.arm(timeouts.httpRequest || timeouts.client);
    this.phase = Phase.HEAD;
    if (this.client.length > 0) this.readHead();
    else this.client.receive();
  }

  private useStream(): HttpStream {
    if (this.stream === null) {
      const stream = this.plane.takeHttpStream(this);
      const { parser } = stream;
      parser.relaxed = this.frontend.options.has('accept-unsafe-violations-in-http-request');
      parser.reset();
      this.stream = stream;
    }
    return this.stream;
  }

  override onReceived(connection: Connection, result: number): void {
    if (this.phase === Phase.EXCHANGE) {
      this.stream!.clientReceived(result);
      return;
    }
    if (this.phase === Phase.LINGER) {
      if (result <= 0) this.finish();
      else {
        if (connection.pipe >= 0) connection.dropPipe();
        connection.releaseSlab();
        connection.receive();
      }
      return;
    }
    if (result > 0) {
      this.readHead();
      return;
    }
    this.closedBeforeRequest();
  }

  /** The client went away before a whole request was here. */
  private closedBeforeRequest(): void {
    const { frontend } = this;
    if (!this.begun && (this.requestCount > 0 || frontend.options.has('http-ignore-probes'))) {
      this.finish();
      return;
    }
    this.countFailure();
    this.countRequest();
    const silent = !this.begun && frontend.options.has('dontlognull');
    this.useStream().startBroken(this.begun ? this.headAt : 0, 400, 'C', 'R', false, silent);
  }

  private readHead(): void {
    const { client, plane, frontend } = this;
    const { memory, now } = plane.reactor;
    if (!this.begun) {
      this.begun = true;
      this.headAt = now;
      const { timeouts } = frontend;
      if (this.requestCount > 0) this.arm(timeouts.httpRequest || timeouts.client);
    }
    const stream = this.useStream();
    const verdict = stream.parser.parse(memory.bytes, client.at, client.end, stream.request.head);
    const most = memory.slabSize - plane.config.global.maxrewrite;
    if (verdict === Parse.HEAD && stream.request.head.end - client.at <= most) {
      if (stream.parser.relaxed) keepTolerated(stream, 'request');
      this.beginExchange(stream);
      return;
    }
    if (verdict === Parse.NEED_DATA && client.length < most) {
      // The whole head has to fit one slab: move it to the front when its tail would not.
      if (client.limit() - client.at < most + 1) client.compact();
      client.receive();
      return;
    }
    this.badRequest(stream, verdict === Parse.ERROR ? stream.parser.fault.status : 400);
  }

  private badRequest(stream: HttpStream, status: number): void {
    this.plane.captureError(this, stream, stream.parser.fault);
    this.countFailure();
    stream.parser.reset();
    this.countRequest();
    this.phase = Phase.EXCHANGE;
    stream.startBroken(this.headAt, status, 'P', 'R', true);
  }

  /** A request that was faulty, late or cut short. */
  private countFailure(): void {
    this.owner.block.counters[Counter.FAILED_REQUESTS]! += 1;
    this.listener.block.counters[Counter.FAILED_REQUESTS]! += 1;
  }

  private countRequest(): void {
    const { owner, listener } = this;
    this.requestCount++;
    owner.block.counters[Counter.REQUESTS]! += 1;
    listener.block.counters[Counter.REQUESTS]! += 1;
    owner.rate(ProxyInt.REQUEST_RATE);
  }

  private beginExchange(stream: HttpStream): void {
    this.countRequest();
    this.begun = false;
    this.phase = Phase.EXCHANGE;
    stream.start(this.headAt, this.idleFrom);
  }

  /** The exchange is over and its answer sent: the next request, or the end. */
  exchanged(keep: boolean): void {
    const { client, plane } = this;
    this.phase = Phase.HEAD;
    this.idleFrom = plane.reactor.now;
    if (!keep || client.failed < 0) {
      this.closeGently();
      return;
    }
    if (client.length > 0) {
      this.begun = false;
      this.readHead();
      return;
    }
    if (client.ended) {
      this.finish();
      return;
    }
    client.releaseSlab();
    this.armIdle();
    if (this.stream !== null) {
      plane.giveHttpStream(this.stream);
      this.stream = null;
    }
    client.receive();
  }

  /** The wait for the next request: short where the process stops, unless option idle-close-on-response is patient. */
  private armIdle(): void {
    const { options, timeouts } = this.frontend;
    const idle = timeouts.httpKeepAlive || timeouts.httpRequest || timeouts.client;
    const hurried = this.isDraining && !options.has('idle-close-on-response');
    this.arm(hurried ? drainLimit(idle) : idle);
  }

  /** Closes so that what was sent is not lost to a reset: unread bytes are taken and thrown away first. */
  private closeGently(): void {
    const { client, plane } = this;
    if (client.ended || client.failed < 0 || client.resets || !this.unreadLikely()) {
      this.finish();
      return;
    }
    this.phase = Phase.LINGER;
    plane.shutdownWrite(client.fd);
    client.at = client.end;
    client.releaseSlab();
    this.arm(LINGER_MS);
    client.receive();
  }

  private unreadLikely(): boolean {
    const { client, stream } = this;
    if (client.length > 0) return true;
    // A client that did not mean to close may have sent its next request already.
    return stream !== null && (!stream.requestComplete || persists(stream.request.head, Body.NONE));
  }

  private finish(): void {
    if (this.stream !== null) {
      const { stream } = this;
      this.stream = null;
      this.plane.giveHttpStream(stream);
    }
    this.end();
  }

  /** The exchange ended with a connection that cannot go on, or was turned into a tunnel that is over. */
  aborted(): void {
    this.finish();
  }

  override onSent(_connection: Connection, result: number): void {
    if (this.phase === Phase.EXCHANGE) this.stream!.clientSent(result);
  }

  override onConnected(): void {}

  override timedOut(): void {
    if (this.phase === Phase.EXCHANGE) {
      this.stream!.clientTimeout();
      return;
    }
    if (this.phase === Phase.LINGER) {
      this.finish();
      return;
    }
    const { frontend } = this;
    if (
      !this.begun &&
      (this.isDraining || this.requestCount > 0 || frontend.options.has('http-ignore-probes'))
    ) {
      this.finish();
      return;
    }
    this.countFailure();
    this.countRequest();
    this.phase = Phase.EXCHANGE;
    const stream = this.useStream();
    stream.parser.reset();
    stream.startBroken(this.begun ? this.headAt : this.startedAt, 408, 'c', 'R', true);
  }

  override dropped(): void {}

  override drain(): void {
    this.isDraining = true;
    // A request may be on its way already: it is answered, with `connection: close`.
    if (this.phase === Phase.HEAD && !this.begun) this.armIdle();
  }

  override kill(flag: string): void {
    if (this.phase === Phase.EXCHANGE) this.stream!.killed(flag);
    else this.finish();
  }
}
