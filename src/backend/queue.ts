// The queues of one backend: one for the backend, one for each server, in shared memory, so that all threads see a
// single order (priority class, then arrival time plus offset, then arrival). A freed slot is handed to the first in
// order by whichever thread freed it. A lock guards the lists, and nobody touches it while nobody waits: newcomers
// and releases read two lengths first. Both sides write their own word before they read the other's, which is
// why no wake-up is lost: an arrival lists itself, then looks for slots; a release frees its slot, then looks for
// waiters.

import { ProxyInt, ServerInt } from '../core/shared.ts';
import { Position, positionBytes } from './positions.ts';
import { lock, unlock } from '../core/lock.ts';
import type { Server } from './server.ts';
import { Node, Waiting, type QueueEntry, type Waiters } from './waiters.ts';

export { QueueEntry, Waiters, createWaiterPool, type WaiterPoolRef } from './waiters.ts';

/** Int32 fields of a list. List 0 is the backend's, list 1 + index a server's. */
export const List = { HEAD: 0, TAIL: 1, LENGTH: 2, SERVED: 3, LAST_TIME: 4, SIZE: 5 } as const;
const LOCK = 0;
const LISTS = 1;

/**
 * Makes the lists of a backend with room for `servers` servers, and behind them its balancer's positions. `threads`:
 * how many data threads choose servers.
 */
export function createQueueLists(servers: number, threads: number): SharedArrayBuffer {
  const end = listAt(servers + 1);
  const buffer = new SharedArrayBuffer(end * 4 + positionBytes(servers));
  const ints = new Int32Array(buffer);
  for (let at = LISTS; at < end; at += List.SIZE) ints[at + List.HEAD] = ints[at + List.TAIL] = -1;
  ints[end + Position.SHARED] = threads > 1 ? 1 : 0;
  return buffer;
}

/** The positions (see positions.ts) in a buffer of `createQueueLists`. */
export function positionsOf(lists: SharedArrayBuffer, servers: number): Int32Array {
  return new Int32Array(lists, listAt(servers + 1) * 4);
}

/** What `enter` answers. */
export const Entered = {
  /** The entry waits; `onGranted` or `onRedistributed` follows, or the owner calls `leave`. */
  WAITING: 0,
  /** No server can ever serve it now: choose again. */
  REFUSED: 1,
  /** maxqueue, or this thread's waiters, are exhausted. */
  FULL: 2,
} as const;
export type Entered = (typeof Entered)[keyof typeof Entered];

/** One backend's queues in one thread. */
export class BackendQueue {
  readonly servers: readonly Server[];
  /** Id of the backend. */
  private readonly id: number;
  private readonly waiters: Waiters;
  private readonly lists: Int32Array;
  private readonly backendInts: Int32Array;
  private readonly sync: () => void;

  /** `sync` brings the servers' `inUse` up to date. */
  constructor(
    id: number,
    waiters: Waiters,
    lists: SharedArrayBuffer,
    backendInts: Int32Array,
    servers: readonly Server[],
    sync: () => void,
  ) {
    this.id = id;
    this.waiters = waiters;
    this.lists = new Int32Array(lists);
    this.backendInts = backendInts;
    this.servers = servers;
    this.sync = sync;
  }

  /** Whether anybody waits whom this server could serve. */
  hasWaiters(server: Server): boolean {
    if (Atomics.load(this.lists, listAt(server.index + 1) + List.LENGTH) !== 0) return true;
    if (Atomics.load(this.lists, LISTS + List.LENGTH) === 0) return false;
    // A thread that missed the server's return would otherwise free its slot in silence.
    this.sync();
    return server.inUse;
  }

  /** Streams waiting for any server. */
  get length(): number {
    return this.lists[LISTS + List.LENGTH]!;
  }

  /** Queues `entry` for `server`, or for any server. `now`: process milliseconds. */
  enter(entry: QueueEntry, server: Server | null, now: number): Entered {
    const node = this.waiters.acquire(entry);
    if (node < 0) return Entered.FULL;
    let answer: Entered = Entered.REFUSED;
    lock(this.lists, LOCK);
    try {
      answer = this.admit(server);
      if (answer === Entered.WAITING) {
        entry.node = node;
        entry.queue = this;
        this.insert(entry, node, server === null ? 0 : server.index + 1, now);
        if (server === null) this.grantAll();
        else this.grant(server);
      }
    } finally {
      unlock(this.lists, LOCK);
    }
    if (answer !== Entered.WAITING) this.waiters.discard(node);
    return answer;
  }

  /** Takes `entry` out (timeout, client gone). A slot that was granted meanwhile goes to the next. */
  leave(entry: QueueEntry): void {
    const node = entry.node;
    if (node < 0) return;
    let queued = false;
    lock(this.lists, LOCK);
    try {
      queued = this.waiters.ints[node * Node.SIZE + Node.STATE]! === Waiting.QUEUED;
      if (queued) this.unlink(node, false);
    } finally {
      unlock(this.lists, LOCK);
    }
    entry.node = -1;
    entry.queue = null;
    if (queued) this.waiters.discard(node);
    else this.waiters.abandon(node, this);
  }

  /** Gives the free slots of `server` to those who wait: after a release, or when it came up or was widened. */
  pump(server: Server): void {
    lock(this.lists, LOCK);
    try {
      this.sync();
      this.grant(server);
    } finally {
      unlock(this.lists, LOCK);
    }
  }

  /** The same for all servers. */
  pumpAll(): void {
    lock(this.lists, LOCK);
    try {
      this.grantAll();
    } finally {
      unlock(this.lists, LOCK);
    }
  }

  /** A node of a thread that has died (see Waiters.forget): out of its list, or its slot back. */
  forget(node: number): void {
    const { ints } = this.waiters;
    const at = node * Node.SIZE;
    lock(this.lists, LOCK);
    try {
      const state = ints[at + Node.STATE]!;
      if (state === Waiting.QUEUED) this.unlink(node, false);
      else if (state === Waiting.GRANTED) {
        Atomics.sub(this.servers[ints[at + Node.SERVER]!]!.ints, ServerInt.CURRENT, 1);
      }
      ints[at + Node.STATE] = Waiting.FREE;
    } finally {
      unlock(this.lists, LOCK);
    }
  }

  /** Sends the streams waiting for `server` to choose again, those bound to it excepted. Returns how many went. */
  redistribute(server: Server): number {
    let count = 0;
    lock(this.lists, LOCK);
    try {
      let node = this.lists[listAt(server.index + 1) + List.HEAD]!;
      while (node !== -1) {
        const at = node * Node.SIZE;
        const next = this.waiters.ints[at + Node.NEXT]!;
        if (this.waiters.ints[at + Node.MOVABLE] !== 0) {
          this.unlink(node, false);
          this.waiters.ints[at + Node.STATE] = Waiting.MOVED;
          this.waiters.post(node);
          count++;
        }
        node = next;
      }
    } finally {
      unlock(this.lists, LOCK);
    }
    return count;
  }

  /** Checked under the lock: a server that goes down writes its state first and empties its queue afterwards. */
  private admit(server: Server | null): Entered {
    if (server !== null) {
      if (!server.acceptsPersistent) return Entered.REFUSED;
      return server.queueOpen ? Entered.WAITING : Entered.FULL;
    }
    this.sync();
    for (const one of this.servers) if (one.inUse) return Entered.WAITING;
    return Entered.REFUSED;
  }

  private grantAll(): void {
    this.sync();
    for (const server of this.servers) {
      if (this.lists[LISTS + List.LENGTH] === 0) return;
      if (server.inUse) this.grant(server);
    }
  }

  /** Under the lock: slots of `server` to the first of its own queue and the backend's, as long as there are both. */
  private grant(server: Server): void {
    if (!server.acceptsPersistent) return;
    for (;;) {
      const own = this.lists[listAt(server.index + 1) + List.HEAD]!;
      const common = server.inUse ? this.lists[LISTS + List.HEAD]! : -1;
      const node = own === -1 ? common : common === -1 || !this.before(common, own) ? own : common;
      if (node === -1 || !server.reserveSlot()) return;
      this.unlink(node, true);
      this.waiters.ints[node * Node.SIZE + Node.STATE] = Waiting.GRANTED;
      this.waiters.ints[node * Node.SIZE + Node.SERVER] = server.index;
      this.waiters.post(node);
    }
  }

  /** Whether `one` goes strictly before `other`. Times are compared so that they may wrap. */
  private before(one: number, other: number): boolean {
    const ints = this.waiters.ints;
    const classes = ints[one * Node.SIZE + Node.CLASS]! - ints[other * Node.SIZE + Node.CLASS]!;
    if (classes !== 0) return classes < 0;
    return ((ints[one * Node.SIZE + Node.TIME]! - ints[other * Node.SIZE + Node.TIME]!) | 0) < 0;
  }

  private insert(entry: QueueEntry, node: number, list: number, now: number): void {
    const lists = this.lists;
    const ints = this.waiters.ints;
    const head = listAt(list);
    // Threads read the clock once a turn: arrivals in lock order must not look older than those before them.
    let time = now | 0;
    if (lists[head + List.LENGTH] !== 0 && ((time - lists[head + List.LAST_TIME]!) | 0) < 0) {
      time = lists[head + List.LAST_TIME]!;
    }
    lists[head + List.LAST_TIME] = time;
    const at = node * Node.SIZE;
    ints[at + Node.LIST] = list;
    ints[at + Node.BACKEND] = this.id;
    ints[at + Node.CLASS] = clamp(entry.priorityClass, 2047);
    ints[at + Node.TIME] = (time + clamp(entry.priorityOffset, 524287)) | 0;
    ints[at + Node.STATE] = Waiting.QUEUED;
    ints[at + Node.MOVABLE] = entry.movable ? 1 : 0;
    ints[at + Node.SERVED] = lists[head + List.SERVED]!;
    let after = lists[head + List.TAIL]!;
    while (after !== -1 && this.before(node, after)) after = ints[after * Node.SIZE + Node.PREVIOUS]!;
    const next = after === -1 ? lists[head + List.HEAD]! : ints[after * Node.SIZE + Node.NEXT]!;
    ints[at + Node.PREVIOUS] = after;
    ints[at + Node.NEXT] = next;
    if (after === -1) lists[head + List.HEAD] = node;
    else ints[after * Node.SIZE + Node.NEXT] = node;
    if (next === -1) lists[head + List.TAIL] = node;
    else ints[next * Node.SIZE + Node.PREVIOUS] = node;
    Atomics.add(lists, head + List.LENGTH, 1);
    const waiting = Atomics.add(this.backendInts, ProxyInt.QUEUED, 1) + 1;
    if (waiting > this.backendInts[ProxyInt.QUEUED_MAX]!) this.backendInts[ProxyInt.QUEUED_MAX] = waiting;
    if (list === 0) {
      const unassigned = Atomics.add(this.backendInts, ProxyInt.UNASSIGNED, 1) + 1;
      if (unassigned > this.backendInts[ProxyInt.UNASSIGNED_MAX]!) {
        this.backendInts[ProxyInt.UNASSIGNED_MAX] = unassigned;
      }
    } else {
      const server = this.servers[list - 1]!.ints;
      const there = Atomics.add(server, ServerInt.QUEUED, 1) + 1;
      if (there > server[ServerInt.QUEUED_MAX]!) server[ServerInt.QUEUED_MAX] = there;
      this.servers[list - 1]!.touch();
    }
  }

  /** Under the lock. `served`: it leaves because its turn came. */
  private unlink(node: number, served: boolean): void {
    const ints = this.waiters.ints;
    const at = node * Node.SIZE;
    const list = ints[at + Node.LIST]!;
    const head = listAt(list);
    const previous = ints[at + Node.PREVIOUS]!;
    const next = ints[at + Node.NEXT]!;
    if (previous === -1) this.lists[head + List.HEAD] = next;
    else ints[previous * Node.SIZE + Node.NEXT] = next;
    if (next === -1) this.lists[head + List.TAIL] = previous;
    else ints[next * Node.SIZE + Node.PREVIOUS] = previous;
    ints[at + Node.LIST] = -1;
    const count = this.lists[head + List.SERVED]!;
    ints[at + Node.SERVED] = (count - ints[at + Node.SERVED]!) | 0;
    if (served) this.lists[head + List.SERVED] = (count + 1) | 0;
    Atomics.sub(this.lists, head + List.LENGTH, 1);
    Atomics.sub(this.backendInts, ProxyInt.QUEUED, 1);
    if (list === 0) {
      Atomics.sub(this.backendInts, ProxyInt.UNASSIGNED, 1);
      return;
    }
    Atomics.sub(this.servers[list - 1]!.ints, ServerInt.QUEUED, 1);
    this.servers[list - 1]!.touch();
  }
}

/** Where list number `list` begins. */
export function listAt(list: number): number {
  return LISTS + list * List.SIZE;
}

function clamp(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value | 0));
}
