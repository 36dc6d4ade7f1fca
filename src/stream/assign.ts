// From "the backend is known" to "a connected server": choice, queue, connection, retries and redispatch.

import { EACCES, EADDRNOTAVAIL, ECONNREFUSED, EINVAL, ENETUNREACH, ENOENT, EPERM } from '../sys/errno.ts';
import { isShortage } from './shortage.ts';
import { Counter, ProxyInt, Share, countRate, enter } from '../core/shared.ts';
import { Entered, QueueEntry } from '../backend/queue.ts';
import { Pick } from '../backend/backend.ts';
import { Wait, type Stream } from './stream.ts';
import { writeProxyHeader } from './send-proxy.ts';
import type { ProxyConfig } from '../config/model.ts';
import type { Asker } from './takeover.ts';
import type { Server } from '../backend/server.ts';
import type { ServerConnection } from './server-connection.ts';

/** How long another thread gets to give an idle connection away, ms: about the price of a connection of its own. */
const TAKEOVER_MS = 10;
/** Longest wait before the same server is tried again, ms (manual: retries). */
const TURN_AROUND_MS = 1000;

/** Errors of connect() and bind() that come from this system at once. */
const LOCAL_ERRORS: readonly number[] = [-EPERM, -EACCES, -EINVAL, -EADDRNOTAVAIL, -ENETUNREACH];

/** What unix sockets fail with beside those: no such path, nobody listens there. */
const LOCAL_UNIX_ERRORS: readonly number[] = [-ENOENT, -ECONNREFUSED];

/** Whether the kernel refused without asking anybody: there is nothing to wait for. */
const isLocal = (result: number, server: Server): boolean =>
  LOCAL_ERRORS.includes(result) ||
  (server.config.address.kind !== 'inet' && LOCAL_UNIX_ERRORS.includes(result));

class StreamQueueEntry extends QueueEntry {
  readonly slot: ServerSlot;
  constructor(slot: ServerSlot) {
    super();
    this.slot = slot;
  }
  override onGranted(server: Server): void {
    this.slot.grantedFromQueue(server, this.servedBefore);
  }
  override onRedistributed(): void {
    this.slot.redistributed();
  }
}

/** A stream's claim on a server: nothing, waiting in a queue, or one counted session on `server`. */
export class ServerSlot implements Asker {
  readonly stream: Stream;
  private readonly entry: StreamQueueEntry;
  /** The server on which a session is counted for this stream. */
  private reserved: Server | null = null;
  private queued = false;
  private inServerQueue = false;
  /** The server that persistence or a rule asks for. */
  private wanted: Server | null = null;
  private mustStick = false;
  /** The wanted server is tried although it is down. */
  private evenDown = false;
  private avoid: Server | null = null;
  /** The question to another thread for an idle connection; -1 none. */
  private asked = -1;

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
    this.choose();
  }

  private choose(): void {
    const { stream, wanted } = this;
    const farm = stream.farm!;
    let answer: Pick = Pick.NONE;
    if (wanted !== null && (wanted.acceptsPersistent || this.evenDown)) {
      answer = this.evenDown && !wanted.acceptsPersistent ? this.force(wanted) : farm.take(wanted);
      if (answer === Pick.NONE) {
        this.wanted = null;
        if (wanted.acceptsPersistent && !this.overflows(wanted)) return;
      }
    }
    if (answer === Pick.NONE && this.avoid === null) answer = this.stay();
    if (answer === Pick.NONE) answer = this.balance();
    if (answer === Pick.RESERVED) this.granted(farm.picked!);
    else if (answer === Pick.QUEUE) this.enqueue(farm.picked);
    else this.refuse('S', 'C');
  }

  /**
   * The server of the session's latest exchange, where an idle connection to it is at hand and either option
   * prefer-last-server is set or that server asked for credentials.
   */
  private stay(): Pick {
    const { session } = this.stream;
    const farm = this.stream.farm!;
    const last = session.lastServer;
    if (last === null || !farm.rotates || !(farm.prefersLast || session.challenged)) return Pick.NONE;
    if (last.config.backend !== farm.config || !last.inUse) return Pick.NONE;
    if (!this.stream.plane.holdsIdle(last) || !last.tryReserve()) return Pick.NONE;
    farm.picked = last;
    return Pick.RESERVED;
  }

  /** A choice by load balancing: the only one that `lbtot` counts. */
  private balance(): Pick {
    const farm = this.stream.farm!;
    const answer = farm.pick(this.stream, this.avoid);
    if (answer === Pick.RESERVED) {
      farm.picked!.block.counters[Counter.LB_TOTAL]! += 1;
      farm.block.counters[Counter.LB_TOTAL]! += 1;
    }
    return answer;
  }

  /** force-persist: the server is used whatever its state. */
  private force(server: Server): Pick {
    server.reserveAnyway();
    this.stream.farm!.picked = server;
    return Pick.RESERVED;
  }

  /** maxqueue of the server that persistence asked for is reached: only `option redispatch` lets others be chosen. */
  private overflows(server: Server): boolean {
    const { stream } = this;
    if (this.mustStick || stream.backend!.redispatch === 0) {
      this.refuse('S', 'Q');
      return false;
    }
    this.noteRedispatch(server);
    return true;
  }

  private noteRedispatch(from: Server): void {
    const { stream } = this;
    stream.redispatched = true;
    // The server of the cookie was no good after all.
    if (stream.cookieSeen === 'V') stream.cookieSeen = 'D';
    from.block.counters[Counter.REDISPATCHES]! += 1;
    stream.farm!.block.counters[Counter.REDISPATCHES]! += 1;
  }

  /** Another server than `from` is asked. */
  private redispatch(from: Server): void {
    this.release();
    this.noteRedispatch(from);
    this.wanted = null;
    this.avoid = from;
    this.choose();
  }

  private refuse(cause: string, phase: string): void {
    const { stream } = this;
    stream.farm!.block.counters[Counter.FAILED_CONNECTIONS]! += 1;
    stream.serverFailed(503, cause, phase);
  }

  private enqueue(server: Server | null): void {
    const { stream, entry } = this;
    entry.priorityClass = stream.priorityClass;
    entry.priorityOffset = stream.priorityOffset;
    entry.movable = !this.mustStick;
    this.queued = true;
    this.inServerQueue = server !== null;
    const answer = stream.farm!.queue.enter(entry, server, stream.plane.reactor.now);
    if (answer === Entered.WAITING) {
      stream.armFor(Wait.QUEUE, stream.timeoutOf('queue') || stream.timeoutOf('connect'));
      return;
    }
    this.queued = false;
    if (answer === Entered.REFUSED && server !== null) {
      this.wanted = null;
      this.choose();
    } else if (server !== null && server === this.wanted) {
      this.wanted = null;
      if (this.overflows(server)) this.choose();
    } else {
      this.refuse('S', 'Q');
    }
  }

  /** The server it waited for went away: another one is chosen. */
  redistributed(): void {
    this.queued = false;
    this.stream.disarm();
    this.wanted = null;
    this.choose();
  }

  /**
   * A slot came free: `served` were served from the same queue while this one waited. Logs count this one too, and
   * all the queues that it went through, as HAProxy does.
   */
  grantedFromQueue(server: Server, served: number): void {
    if (this.inServerQueue) this.stream.serverQueued += served + 1;
    else this.stream.backendQueued += served + 1;
    this.granted(server);
  }

  granted(server: Server): void {
    const { stream } = this;
    this.queued = false;
    this.reserved = server;
    stream.server = server;
    stream.session.lastServer = server;
    stream.disarm();
    stream.timers.queue = stream.elapsed();
    this.connect(server);
  }

  private connect(server: Server): void {
    const { stream } = this;
    const { plane } = stream;
    // Each attempt is a session of the server, as HAProxy counts them.
    server.markUsed(plane.second);
    stream.farm!.block.ints[ProxyInt.LAST_SESSION] = plane.second;
    if (server.redir !== null && stream.sendElsewhere(server.redir)) return;
    const idle = plane.reusable(stream, server);
    if (idle !== null) {
      idle.owner = stream;
      stream.timers.connect = stream.timers.queue;
      this.reuse(idle);
      return;
    }
    this.asked = plane.askForIdle(this, stream, server);
    if (this.asked < 0) this.connectAnew(server);
    else stream.armFor(Wait.TAKEOVER, TAKEOVER_MS);
  }

  private reuse(connection: ServerConnection): void {
    const { stream } = this;
    stream.upstream = connection;
    connection.requests++;
    stream.reused = true;
    connection.server.block.counters[Counter.CONNECTION_REUSES]! += 1;
    stream.farm!.block.counters[Counter.CONNECTION_REUSES]! += 1;
    stream.serverReady();
  }

  /** Another thread's answer to the question for an idle connection. */
  takenOver(fd: number, requests: number): void {
    const { stream } = this;
    const server = this.reserved!;
    this.asked = -1;
    stream.disarm();
    if (fd < 0) {
      this.connectAnew(server);
      return;
    }
    stream.timers.connect = stream.elapsed();
    this.reuse(stream.plane.adopt(server, fd, requests, stream));
  }

  private stopAsking(): void {
    if (this.asked < 0) return;
    this.stream.plane.forgetIdle(this.asked);
    this.asked = -1;
  }

  private connectAnew(server: Server): void {
    const { stream } = this;
    const { plane } = stream;
    stream.reused = false;
    server.block.counters[Counter.CONNECT_ATTEMPTS]! += 1;
    stream.farm!.block.counters[Counter.CONNECT_ATTEMPTS]! += 1;
    const fd = plane.openUpstream(stream, server);
    if (fd < 0) {
      if (isShortage(fd)) this.outOfSockets(server, fd);
      else this.connectFailed(fd);
      return;
    }
    const connection = plane.newConnection(server);
    plane.markUpstream(connection, stream, server);
    connection.open(fd, stream);
    connection.resets = stream.farm!.resets;
    stream.upstream = connection;
    const address = plane.upstreamAddress(stream, server);
    stream.armFor(Wait.CONNECT, stream.timeoutOf('connect'));
    connection.connect(address, plane.upstreamAddressLength);
  }

  /** The process has no descriptor left: to wait and try again would only hold on to those that it has. */
  private outOfSockets(server: Server, result: number): void {
    const { stream } = this;
    stream.plane.shortage(stream.backend!, result);
    this.release();
    server.block.counters[Counter.FAILED_CONNECTIONS]! += 1;
    stream.farm!.block.counters[Counter.FAILED_CONNECTIONS]! += 1;
    stream.serverFailed(503, 'P', 'C');
  }

  /** The kernel's answer to connect(). */
  connected(result: number): void {
    const { stream } = this;
    if (result < 0) {
      this.connectFailed(result);
      return;
    }
    stream.disarm();
    stream.serverFault = 0;
    stream.timers.connect = stream.elapsed();
    stream.upstream!.requests = 1;
    if (stream.upstream!.server.config.sendProxy === 0) stream.serverReady();
    else this.sendPreamble();
  }

  /** The PROXY header is on its way; it stands in the connection's own slab, which outlives an early close. */
  private greeting = false;

  get hasPreamble(): boolean {
    return this.greeting;
  }

  private sendPreamble(): void {
    const { stream } = this;
    const upstream = stream.upstream!;
    const { memory } = stream.plane.reactor;
    upstream.slab = memory.take();
    const at = upstream.slab < 0 ? 0 : memory.offsetOf(upstream.slab);
    upstream.at = upstream.end = at;
    const end = upstream.slab < 0 ? -1 : writeProxyHeader(stream, upstream, at, at + memory.slabSize);
    if (end < 0) {
      this.end();
      stream.serverFailed(500, 'R', 'C');
      return;
    }
    this.greeting = true;
    upstream.send(at, end, true);
  }

  /** The PROXY header was taken by the kernel, or the connection broke first. */
  preambleSent(result: number): void {
    const { stream } = this;
    this.greeting = false;
    if (result < 0) {
      this.connectFailed(result);
      return;
    }
    stream.upstream!.releaseSlab();
    stream.serverReady();
  }

  /** A connection could not be had (errno), or broke before anything came back (0): try again if allowed. */
  connectFailed(result: number): void {
    const { stream } = this;
    const backend = stream.backend!;
    stream.serverFault = result;
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
    const again = this.redispatches(backend.redispatch);
    if ((again && this.hasOthers) || this.mayGoElsewhere(backend)) {
      this.redispatch(server);
      return;
    }
    server.block.counters[Counter.RETRIES]! += 1;
    stream.farm!.block.counters[Counter.RETRIES]! += 1;
    // The same server again, after a pause that lets it come back.
    const connectMs = stream.timeoutOf('connect');
    const usual = connectMs > 0 ? Math.min(connectMs, TURN_AROUND_MS) : TURN_AROUND_MS;
    // A redispatch that leads to the same server is a retry; it waits where there is no other at all.
    const alone = stream.farm!.members.length <= 1;
    const pause = timedOut ? 0 : isLocal(result, server) || (again && !alone) ? 1 : usual;
    if (pause === 0) this.connect(server);
    else stream.armFor(Wait.TURN_AROUND, pause);
  }

  /**
   * With `option redispatch`, whom nothing ties to the server that failed does not wait for it: another one is asked at
   * the first retry, as HAProxy does for algorithms that do not choose by a hash.
   */
  private mayGoElsewhere(backend: ProxyConfig): boolean {
    return backend.redispatch !== 0 && this.wanted === null && this.hasOthers;
  }

  /** Whether another choice may give another server: not of one, and not by a hash that named this one. */
  private get hasOthers(): boolean {
    const farm = this.stream.farm!;
    return farm.members.length > 1 && !(farm.isHashing && this.wanted === null);
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
    if (this.redispatches(stream.backend!.redispatch) && this.hasOthers) {
      this.redispatch(server);
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
      stream.timers.queue = stream.elapsed();
      stream.farm!.block.counters[Counter.FAILED_CONNECTIONS]! += 1;
      stream.serverFailed(503, 's', 'Q');
    } else if (wait === Wait.CONNECT) {
      this.connectFailed(-110);
    } else if (wait === Wait.TAKEOVER) {
      this.stopAsking();
      this.connectAnew(this.reserved!);
    } else {
      const server = this.reserved!;
      if (server.acceptsPersistent || this.evenDown) this.connect(server);
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
      // Another attempt begins with the head again.
      if (this.stream.paceIn !== null) this.stream.paceIn.drop();
      this.stream.upstream = null;
      upstream.close();
    }
  }

  private leaveQueue(): void {
    if (!this.queued) return;
    this.queued = false;
    this.stream.farm!.queue.leave(this.entry);
  }

  /** Gives the counted session back: the next in the queue gets it. */
  release(): void {
    this.leaveQueue();
    this.stopAsking();
    const { reserved } = this;
    if (reserved !== null) {
      this.reserved = null;
      reserved.release();
    }
  }

  /** The stream is over: nothing stays claimed. */
  end(): void {
    this.greeting = false;
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
  farm!.block.counters[Share.CURRENT]! += 1;
  farm!.block.counters[Counter.SESSIONS]! += 1;
  countRate(farm!.block.ints, ProxyInt.SESSION_RATE, plane.second);
}

export function leaveFarm(stream: Stream): void {
  const { block } = stream.farm!;
  Atomics.sub(block.ints, ProxyInt.CURRENT, 1);
  block.counters[Share.CURRENT]! -= 1;
}
