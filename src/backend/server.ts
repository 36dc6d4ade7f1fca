// A server at run time, as one data thread sees it. Everything that all threads must agree upon lives in the shared
// block; what stands in fields here is configuration or this thread's own.

import { Admin } from '../core/server-admin.ts';
import type { ServerConfig } from '../config/model.ts';
import type { ServerView } from '../sample/context.ts';
import { dynamicCookie } from './dynamic-cookie.ts';
import type { BackendQueue } from './queue.ts';
import { Position, Turn, turnAt } from './positions.ts';
import {
  Counter,
  ProxyInt,
  ServerInt,
  Share,
  SharedBlock,
  countRate,
  type SharedBlockRef,
} from '../core/shared.ts';

/** Values of `ServerInt.OPERATIONAL` (management.txt, `show servers state`). */
export const Operational = { STOPPED: 0, STARTING: 1, RUNNING: 2, STOPPING: 3 } as const;

/** `ServerInt.WEIGHT_EFFECTIVE` counts sixteenths of a user weight, so that slow start has steps to climb. */
export const WEIGHT_SCALE = 16;

/** What a new server needs beside its configuration. */
export interface ServerSeat {
  /** This server's block. */
  readonly ref: SharedBlockRef;
  /** The thread's counter row. */
  readonly row: number;
  /** The backend's Int32 block: the dynamic maxconn follows its current sessions. */
  readonly backendInts: Int32Array;
  /** Position among the backend's servers, from 0. */
  readonly index: number;
  /** Textual address as configured or resolved; data threads follow later changes with `setAddress`. */
  readonly addressText: string;
  readonly port: number;
}

/** Writes the configured start values into a new server's block. Only the control thread, before threads start. */
export function initServer(ints: Int32Array, config: ServerConfig): void {
  const maintenance = config.disabled ? Admin.FORCED_MAINT | Admin.CONFIG_MAINT : 0;
  const down = config.initState === 'down' || config.initState === 'fully-down';
  ints[ServerInt.ADMIN] = maintenance;
  ints[ServerInt.OPERATIONAL] =
    maintenance !== 0 || (down && config.check) ? Operational.STOPPED : Operational.RUNNING;
  ints[ServerInt.WEIGHT_USER] = config.weight;
  ints[ServerInt.WEIGHT_INITIAL] = config.weight;
  ints[ServerInt.WEIGHT_EFFECTIVE] = config.weight * WEIGHT_SCALE;
  ints[ServerInt.MAXCONN] = config.maxconn;
  ints[ServerInt.PORT] = config.port;
  // Without checks too: as healthy as can be until it is put into maintenance.
  ints[ServerInt.CHECK_HEALTH] = maintenance !== 0 ? 0 : config.rise;
  ints[ServerInt.CHECK_ENABLED] = config.check ? 1 : 0;
  ints[ServerInt.AGENT_ENABLED] = config.agentCheck ? 1 : 0;
  ints[ServerInt.AGENT_HEALTH] = 1;
}

/** A server at run time in one thread. */
/** So many short answers make a server that gave long ones one that is not expected to. */
const LONG_ANSWERS_MAX = 8;

export class Server implements ServerView {
  readonly config: ServerConfig;
  readonly name: string;
  readonly id: number;
  readonly index: number;
  readonly block: SharedBlock;
  /** The block's Int32 fields, see `ServerInt`. */
  readonly ints: Int32Array;
  readonly backup: boolean;
  /** Where clients are sent instead of here (manual 5.2 redir), or null. */
  readonly redir: string | null;
  addressText: string;
  port: number;
  /**
   * The version of the address above, -1 for the one it began with: a change that was told while the thread started
   * has a version of its own, and who keeps something made of the address sees that it is another one.
   */
  addressVersion = -1;
  /** Whether load balancing may choose it now; set by the backend's `sync`. */
  inUse = false;
  /** The value of the persistence cookie that names it: its own, or made of its address (cookie ... dynamic). */
  cookie: string | null;
  /** The backend's queues; set by the backend. */
  queue: BackendQueue | null = null;
  /** The backend's positions where its balancer orders servers by when their load moved (leastconn), else null. */
  private order: Int32Array | null = null;
  private readonly backendInts: Int32Array;
  private readonly minconn: number;
  private readonly fullconn: number;

  /** Grows by 2 with each answer longer than a slab, falls by 1 with each other one; see `likelyLong`. */
  private longAnswers = 0;

  constructor(config: ServerConfig, seat: ServerSeat) {
    this.config = config;
    this.redir = config.redir;
    this.name = config.name;
    this.id = config.id;
    this.index = seat.index;
    this.block = new SharedBlock(seat.ref, seat.row);
    this.ints = this.block.ints;
    this.backup = config.backup;
    this.addressText = seat.addressText;
    this.port = seat.port;
    this.cookie = this.cookieOfAddress();
    this.backendInts = seat.backendInts;
    // Without minconn the configuration check makes both equal: the limit has no ramp, whatever it is set to later.
    this.minconn = config.minconn === config.maxconn ? 0 : config.minconn;
    this.fullconn = config.backend.fullconn;
  }

  /**
   * Most of its answers are longer than a slab: read in one piece they cost half of the system calls, and a packet less
   * each.
   */
  get likelyLong(): boolean {
    return this.longAnswers >= 2;
  }

  /** An answer is over. */
  noteAnswer(long: boolean): void {
    if (long) {
      if (this.longAnswers < LONG_ANSWERS_MAX) this.longAnswers += 2;
    } else if (this.longAnswers > 0) this.longAnswers--;
  }

  get operational(): number {
    return this.ints[ServerInt.OPERATIONAL]!;
  }
  get admin(): number {
    return this.ints[ServerInt.ADMIN]!;
  }
  get inMaintenance(): boolean {
    return (this.ints[ServerInt.ADMIN]! & Admin.MAINT) !== 0;
  }
  /** Running or starting and not in maintenance. A draining server is usable, for persistent sessions. */
  get usable(): boolean {
    const state = this.ints[ServerInt.OPERATIONAL]!;
    return (state === Operational.RUNNING || state === Operational.STARTING) && !this.inMaintenance;
  }
  /** May serve sessions that persistence sends to it: usable, draining or stopping (disable-on-404). */
  get acceptsPersistent(): boolean {
    return this.ints[ServerInt.OPERATIONAL]! !== Operational.STOPPED && !this.inMaintenance;
  }
  /** Takes no new sessions but persistent ones: weight 0, or drained by an administrator or a tracked server. */
  get drain(): boolean {
    return (this.ints[ServerInt.ADMIN]! & Admin.DRAIN) !== 0 || this.ints[ServerInt.WEIGHT_USER]! === 0;
  }
  /** May take part in load balancing. */
  get eligible(): boolean {
    return this.usable && !this.drain;
  }
  get current(): number {
    return this.ints[ServerInt.CURRENT]!;
  }
  get queued(): number {
    return this.ints[ServerInt.QUEUED]!;
  }
  get maxconn(): number {
    return this.ints[ServerInt.MAXCONN]!;
  }
  /** Sessions in the current second so far; who knows the clock uses `readRate`. */
  get sessionRate(): number {
    return this.ints[ServerInt.SESSION_RATE + 1]!;
  }
  /** 0..256 as set. */
  get userWeight(): number {
    return this.ints[ServerInt.WEIGHT_USER]!;
  }
  /** The weight in use in sixteenths: slow start lowers it, draining makes it 0. */
  get effectiveWeight(): number {
    return this.drain ? 0 : this.ints[ServerInt.WEIGHT_EFFECTIVE]!;
  }
  /** The weight in use as `show stat` prints it, rounded up. */
  get weight(): number {
    return Math.ceil(this.effectiveWeight / WEIGHT_SCALE);
  }

  /** The limit in force now, 0 for none: minconn, fullconn and slowstart (manual 5.2). */
  dynamicMaxconn(): number {
    const most = this.ints[ServerInt.MAXCONN]!;
    if (most === 0) return 0;
    let limit = most;
    if (this.minconn !== 0 && this.minconn < most) {
      const load = this.backendInts[ProxyInt.CURRENT]!;
      if (load < this.fullconn) limit = Math.max(this.minconn, Math.floor((most * load) / this.fullconn));
    }
    if (this.ints[ServerInt.SLOWSTART_FROM]! !== 0) {
      const full = this.ints[ServerInt.WEIGHT_USER]! * WEIGHT_SCALE;
      const now = this.ints[ServerInt.WEIGHT_EFFECTIVE]!;
      if (full > 0 && now < full) limit = Math.max(1, Math.floor((limit * now) / full));
    }
    return limit;
  }

  /** At its limit, so that a new session has to queue or go elsewhere. */
  get full(): boolean {
    const limit = this.dynamicMaxconn();
    return limit !== 0 && this.ints[ServerInt.CURRENT]! >= limit;
  }

  /** Whether one more may wait in its own queue (`maxqueue`). */
  get queueOpen(): boolean {
    const most = this.config.maxqueue;
    return most === 0 || this.ints[ServerInt.QUEUED]! < most;
  }

  /**
   * Takes a slot, unless the server is full or others wait for one. Exact across threads. True: the caller owes
   * a `release`.
   */
  tryReserve(): boolean {
    if (this.ints[ServerInt.MAXCONN]! !== 0 && this.queue !== null && this.queue.hasWaiters(this))
      return false;
    if (!this.reserveSlot()) return false;
    this.block.counters[Share.CURRENT]! += 1;
    return true;
  }

  /** A slot that a queue reserved for one of this thread's streams is now this thread's. */
  adopt(): void {
    this.block.counters[Share.CURRENT]! += 1;
  }

  /**
   * Takes a slot whoever waits: for the queue itself, in the name of a stream of any thread, which adopts it. A
   * failing attempt never shows in CURRENT.
   */
  reserveSlot(): boolean {
    const ints = this.ints;
    const limit = this.dynamicMaxconn();
    let now: number;
    if (limit === 0) {
      now = Atomics.add(ints, ServerInt.CURRENT, 1) + 1;
    } else {
      now = Atomics.load(ints, ServerInt.CURRENT);
      for (;;) {
        if (now >= limit) return false;
        const seen = Atomics.compareExchange(ints, ServerInt.CURRENT, now, now + 1);
        if (seen === now) break;
        now = seen;
      }
      now++;
    }
    if (now > ints[ServerInt.CURRENT_MAX]!) ints[ServerInt.CURRENT_MAX] = now;
    this.touch();
    return true;
  }

  /** From now on `touch` is noted in `positions`, see positions.ts. */
  keepOrder(positions: Int32Array): void {
    this.order = positions;
  }

  /** Its sessions or waiters became more or fewer, or it came into use: it goes behind its equals. */
  touch(): void {
    const { order } = this;
    if (order === null) return;
    // A lone data thread need not be exact against the control thread: equals are in some order in any case.
    const moves = order[Position.SHARED] === 0 ? order[Position.AT]!++ : Atomics.add(order, Position.AT, 1);
    order[turnAt(this.index) + Turn.MOVED] = (moves + 1) | 0;
  }

  /** Takes a slot even above the limit (force-persist and the like). */
  reserveAnyway(): void {
    const now = Atomics.add(this.ints, ServerInt.CURRENT, 1) + 1;
    if (now > this.ints[ServerInt.CURRENT_MAX]!) this.ints[ServerInt.CURRENT_MAX] = now;
    this.adopt();
    this.touch();
  }

  /** Gives a slot back; the first in the queues gets it. */
  release(): void {
    this.block.counters[Share.CURRENT]! -= 1;
    Atomics.sub(this.ints, ServerInt.CURRENT, 1);
    this.touch();
    if (this.queue !== null && this.queue.hasWaiters(this)) this.queue.pump(this);
  }

  /** Counts a session sent to this server. `second`: process clock. */
  markUsed(second: number): void {
    this.block.counters[Counter.SESSIONS]!++;
    this.ints[ServerInt.LAST_SESSION] = second;
    countRate(this.ints, ServerInt.SESSION_RATE, second);
  }

  /** Takes over an address told by the control thread. */
  setAddress(text: string, port: number, version: number): void {
    this.addressText = text;
    this.port = port;
    this.addressVersion = version;
    this.cookie = this.cookieOfAddress();
  }

  private cookieOfAddress(): string | null {
    const { backend, cookie } = this.config;
    const key = backend.dynamicCookieKey;
    if (cookie !== null || key === null || backend.cookie?.dynamic !== true) return cookie;
    return dynamicCookie(key, this.addressText, this.port);
  }
}
