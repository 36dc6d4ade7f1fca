// From "the backend is known" to "a connected server": choice, queue, connection, retries and redispatch.

import { Counter, ProxyInt, ServerInt, countRate, enter } from '../core/shared.ts';
import { QueueEntry } from '../backend/queue.ts';
import { Outcome } from '../backend/backend.ts';
import { ServerConnection } from './server-connection.ts';
import { Wait, type Stream } from './stream.ts';
import type { Server } from '../backend/server.ts';

/** Longest wait before the same server is tried again, ms (manual: retries). */
const TURN_AROUND_MS = 1000;

class StreamQueueEntry extends QueueEntry {
  readonly slot: ServerSlot;
  constructor(slot: ServerSlot) {
    super();
    this.slot = slot;
  }
  override onGranted(server: Server): void {
    this.slot.granted(server);
  }
}

/** A stream's claim on a server: nothing, waiting in a queue, or one counted session on `server`. */
export class ServerSlot {
  readonly stream: Stream;
  private readonly entry: StreamQueueEntry;
  /** The server on which a session is counted for this stream. */
  private reserved: Server | null = null;
  private queued = false;
  private queuedAt = 0;
  private connectAt = 0;
  /** The server that persistence or a rule asks for. */
  private wanted: Server | null = null;
  private mustStick = false;
  /** The wanted server is tried although it is down. */
  private evenDown = false;
  private avoid: Server | null = null;

  constructor(stream: Stream) {
    this.stream = stream;
    this.entry = new StreamQueueEntry(this);
  }

  /**
   * Begins; `wanted` is the server of a cookie or rule, `sticks` that it may not be exchanged for another, `evenDown`
   * that it is tried although it is down.
   */
  start(wanted: Server | null, sticks: boolean, evenDown: boolean = sticks): void {
    this.wanted = wanted;
    this.mustStick = sticks;
    this.evenDown = evenDown;
    this.avoid = null;
    this.queuedAt = this.stream.plane.reactor.now;
    this.choose();
  }

  private choose(): void {
    const { stream } = this;
    const farm = stream.farm!;
    const { wanted } = this;
    if (wanted !== null) {
      if (wanted.usable || this.evenDown) {
        if (wanted.tryReserve()) this.granted(wanted);
        else this.enqueue(wanted);
        return;
      }
      this.wanted = null;
    }
    const server = farm.pick(stream, this.avoid);
    if (server !== null) {
      this.granted(server);
    } else if (farm.outcome === Outcome.QUEUE) {
      this.enqueue(null);
    } else {
      farm.block.counters[Counter.FAILED_CONNECTIONS]! += 1;
      stream.serverFailed(503, 'S', 'C');
    }
  }

  private enqueue(server: Server | null): void {
    const { stream } = this;
    const farm = stream.farm!;
    this.entry.priorityClass = stream.priorityClass;
    this.entry.priorityOffset = stream.priorityOffset;
    const entered = server !== null ? server.queue.enter(this.entry) : farm.queue.enter(this.entry);
    if (!entered) {
      // maxqueue: the queue is full; with redispatch another server may do.
      if (server !== null && !this.mustStick) {
        this.wanted = null;
        this.choose();
        return;
      }
      stream.serverFailed(503, 'S', 'Q');
      return;
    }
    this.queued = true;
    const limit = stream.timeoutOf('queue') || stream.timeoutOf('connect');
    stream.armFor(Wait.QUEUE, limit);
  }

  granted(server: Server): void {
    const { stream } = this;
    const { plane } = stream;
    this.queued = false;
    this.reserved = server;
    stream.server = server;
    stream.disarm();
    if (stream.timers.queue < 0) stream.timers.queue = plane.reactor.now - this.queuedAt;
    const { block } = server;
    block.counters[Counter.LB_TOTAL]! += 1;
    stream.farm!.block.counters[Counter.LB_TOTAL]! += 1;
    countRate(block.ints, ServerInt.SESSION_RATE, plane.second);
    block.ints[ServerInt.LAST_SESSION] = plane.second;
    stream.farm!.block.ints[ProxyInt.LAST_SESSION] = plane.second;
    this.connect(server);
  }

  private connect(server: Server): void {
    const { stream } = this;
    const { plane } = stream;
    this.connectAt = plane.reactor.now;
    const idle = plane.reusable(stream, server);
    if (idle !== null) {
      stream.upstream = idle;
      idle.owner = stream;
      idle.requests++;
      stream.reused = true;
      stream.timers.connect = 0;
      stream.serverReady();
      return;
    }
    stream.reused = false;
    server.block.counters[Counter.CONNECT_ATTEMPTS]! += 1;
    stream.farm!.block.counters[Counter.CONNECT_ATTEMPTS]! += 1;
    const connection = new ServerConnection(plane.reactor, server);
    const fd = plane.openUpstream(stream, server);
    if (fd < 0) {
      this.connectFailed(fd);
      return;
    }
    connection.open(fd, stream);
    stream.upstream = connection;
    const address = plane.upstreamAddress(stream, server);
    stream.armFor(Wait.CONNECT, stream.timeoutOf('connect'));
    connection.connect(address, plane.upstreamAddressLength);
  }

  /** The kernel's answer to connect(). */
  connected(result: number): void {
    const { stream } = this;
    if (result < 0) {
      this.connectFailed(result);
      return;
    }
    stream.disarm();
    stream.timers.connect = stream.plane.reactor.now - this.connectAt;
    stream.upstream!.requests = 1;
    stream.serverReady();
  }

  /** A connection could not be had (errno), or broke before anything came back (0): try again if allowed. */
  connectFailed(result: number): void {
    const { stream } = this;
    const backend = stream.backend!;
    this.dropConnection();
    stream.disarm();
    const server = this.reserved!;
    const timedOut = result === -110;
    if (stream.retriesDone >= stream.retriesAllowed) {
      this.release();
      server.block.counters[Counter.FAILED_CONNECTIONS]! += 1;
      stream.farm!.block.counters[Counter.FAILED_CONNECTIONS]! += 1;
      stream.serverFailed(503, timedOut ? 's' : 'S', 'C');
      return;
    }
    stream.retriesDone++;
    server.block.counters[Counter.RETRIES]! += 1;
    stream.farm!.block.counters[Counter.RETRIES]! += 1;
    if (this.redispatches(backend.redispatch)) {
      this.release();
      stream.redispatched = true;
      server.block.counters[Counter.REDISPATCHES]! += 1;
      stream.farm!.block.counters[Counter.REDISPATCHES]! += 1;
      this.wanted = null;
      this.avoid = server;
      this.choose();
      return;
    }
    // The same server again, after a pause that lets it come back.
    const connectMs = stream.timeoutOf('connect');
    const pause = timedOut ? 0 : connectMs > 0 ? Math.min(connectMs, TURN_AROUND_MS) : TURN_AROUND_MS;
    if (pause === 0) this.connect(server);
    else stream.armFor(Wait.TURN_AROUND, pause);
  }

  private redispatches(setting: number): boolean {
    const { stream } = this;
    if (this.mustStick || setting === 0) return false;
    if (setting < 0) return stream.retriesDone === stream.retriesAllowed + 1 + setting;
    return stream.retriesDone % setting === 0;
  }

  /** An L7 retry (retry-on): counted like a failed connection, tried at once, elsewhere with redispatch. */
  retryRequest(): boolean {
    const { stream } = this;
    if (stream.retriesDone >= stream.retriesAllowed || this.reserved === null) return false;
    const server = this.reserved;
    this.dropConnection();
    stream.disarm();
    stream.retriesDone++;
    server.block.counters[Counter.RETRIES]! += 1;
    stream.farm!.block.counters[Counter.RETRIES]! += 1;
    if (this.redispatches(stream.backend!.redispatch)) {
      this.release();
      stream.redispatched = true;
      server.block.counters[Counter.REDISPATCHES]! += 1;
      stream.farm!.block.counters[Counter.REDISPATCHES]! += 1;
      this.wanted = null;
      this.avoid = server;
      this.choose();
    } else {
      this.connect(server);
    }
    return true;
  }

  /** A reused idle connection turned out to be dead before it carried anything: a fresh one, not counted as a retry. */
  reconnect(): void {
    const server = this.reserved!;
    this.dropConnection();
    this.stream.disarm();
    this.connect(server);
  }

  /** Timers of the queue, the connection and the pause between two attempts. */
  onTimeout(wait: Wait): void {
    const { stream } = this;
    if (wait === Wait.QUEUE) {
      this.leaveQueue();
      stream.timers.queue = stream.plane.reactor.now - this.queuedAt;
      stream.farm!.block.counters[Counter.FAILED_CONNECTIONS]! += 1;
      stream.serverFailed(503, 's', 'Q');
    } else if (wait === Wait.CONNECT) {
      this.connectFailed(-110);
    } else {
      const server = this.reserved!;
      if (server.usable || this.evenDown) this.connect(server);
      else {
        this.release();
        this.wanted = null;
        this.choose();
      }
    }
  }

  private dropConnection(): void {
    const { upstream } = this.stream;
    if (upstream !== null) {
      this.stream.upstream = null;
      upstream.close();
    }
  }

  private leaveQueue(): void {
    if (!this.queued) return;
    this.queued = false;
    this.entry.leave();
  }

  /** Gives the counted session back: the next in the queue gets it. */
  release(): void {
    this.leaveQueue();
    const { reserved } = this;
    if (reserved !== null) {
      this.reserved = null;
      reserved.release();
    }
  }

  /** The stream is over: nothing stays claimed. */
  end(): void {
    this.dropConnection();
    this.release();
    this.wanted = null;
    this.avoid = null;
  }

  get waiting(): boolean {
    return this.queued;
  }
}

/** Sessions of a backend are counted from its choice to the end of the stream. */
export function enterFarm(stream: Stream): void {
  const { farm, plane } = stream;
  enter(farm!.block.ints, ProxyInt.CURRENT);
  farm!.block.counters[Counter.SESSIONS]! += 1;
  countRate(farm!.block.ints, ProxyInt.SESSION_RATE, plane.second);
}

export function leaveFarm(stream: Stream): void {
  Atomics.sub(stream.farm!.block.ints, ProxyInt.CURRENT, 1);
}
