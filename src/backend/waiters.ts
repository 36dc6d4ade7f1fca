// The nodes by which streams wait in queues, for all threads, and the mailboxes through which a queue tells a
// stream's own thread what became of it. A node belongs to one thread; whoever holds a queue's lock links it.

import type { BackendQueue } from './queue.ts';
import type { Server } from './server.ts';

/** Int32 fields of a node. */
export const Node = {
  NEXT: 0,
  PREVIOUS: 1,
  /** Which list it is in, see `BackendQueue`; -1 in none. */
  LIST: 2,
  CLASS: 3,
  /** Milliseconds on arrival plus the priority offset. */
  TIME: 4,
  STATE: 5,
  /** Index of the server whose slot was granted. */
  SERVER: 6,
  /** 1 where a server's end moves the stream to other servers. */
  MOVABLE: 7,
  /** Next in the owner's mailbox. */
  MAIL: 8,
  /** `served` of its list on arrival. */
  SERVED: 9,
  /** Id of the backend in whose queues it waits, which its `SERVER` is of. */
  BACKEND: 10,
  SIZE: 11,
} as const;

/** Values of `Node.STATE`. */
export const Waiting = { FREE: 0, QUEUED: 1, GRANTED: 2, MOVED: 3 } as const;

/** All nodes and mailboxes: plain data for other threads. */
export interface WaiterPoolRef {
  readonly buffer: SharedArrayBuffer;
  readonly threads: number;
  readonly perThread: number;
}

/**
 * Makes the pool. `perThread` bounds the streams of one thread that can wait at the same time; memory is touched
 * only as far as it is used.
 */
export function createWaiterPool(threads: number, perThread: number): WaiterPoolRef {
  const buffer = new SharedArrayBuffer((threads + threads * perThread * Node.SIZE) * 4);
  new Int32Array(buffer, 0, threads).fill(-1);
  return { buffer, threads, perThread };
}

/** A stream that may wait for a slot. One lives in each stream and is entered again and again. */
export abstract class QueueEntry {
  /** Lower goes first, -2047..2047 (`set-priority-class`). */
  priorityClass = 0;
  /** Milliseconds, -524287..524287 (`set-priority-offset`). */
  priorityOffset = 0;
  /** False where persistence binds the stream to its server even when that goes down. */
  movable = true;
  /** How many were served from the same queue while this one waited (%sq, %bq). */
  servedBefore = 0;
  /** Written by the queue alone: the node, or -1 while not waiting, and the queue it waits in. */
  node = -1;
  queue: BackendQueue | null = null;

  /** A slot of `server` now belongs to this stream, which owes a `release`. */
  abstract onGranted(server: Server): void;
  /** The server whose queue it waited in is gone: choose another. */
  abstract onRedistributed(): void;
}

/** One thread's side of the pool. */
export class Waiters {
  readonly ints: Int32Array;
  readonly thread: number;
  private readonly mail: Int32Array;
  private readonly perThread: number;
  private readonly first: number;
  private readonly free: Int32Array;
  private freeCount = 0;
  private fresh = 0;
  private readonly entries: (QueueEntry | null)[] = [];
  private readonly notify: (thread: number) => void;

  /**
   * `thread`: this thread's number, or -1 for the control thread, which never waits. `notify(t)` must make thread
   * `t` call its `drain` soon, never from inside the call; `t` may be this thread.
   */
  constructor(ref: WaiterPoolRef, thread: number, notify: (thread: number) => void) {
    this.mail = new Int32Array(ref.buffer, 0, ref.threads);
    this.ints = new Int32Array(ref.buffer, ref.threads * 4, ref.threads * ref.perThread * Node.SIZE);
    this.thread = thread;
    this.perThread = ref.perThread;
    this.first = thread * ref.perThread;
    this.free = new Int32Array(thread < 0 ? 0 : ref.perThread);
    this.notify = notify;
  }

  /** Takes a node for `entry`: its number, or -1 when the thread has no more. */
  acquire(entry: QueueEntry): number {
    let local: number;
    if (this.freeCount > 0) local = this.free[--this.freeCount]!;
    else if (this.thread >= 0 && this.fresh < this.perThread) local = this.fresh++;
    else return -1;
    this.entries[local] = entry;
    return this.first + local;
  }

  /** Gives a node of this thread back. It must be in no list and no mailbox. */
  discard(node: number): void {
    const local = node - this.first;
    this.entries[local] = null;
    this.ints[node * Node.SIZE + Node.STATE] = Waiting.FREE;
    this.free[this.freeCount++] = local;
  }

  /** Hands a node, already out of its list, to its owner's mailbox. */
  post(node: number): void {
    const owner = Math.floor(node / this.perThread);
    const at = node * Node.SIZE + Node.MAIL;
    for (;;) {
      const head = Atomics.load(this.mail, owner);
      this.ints[at] = head;
      if (Atomics.compareExchange(this.mail, owner, head, node) === head) {
        // Whoever finds letters in the box knows that the owner was told already.
        if (head === -1) this.notify(owner);
        return;
      }
    }
  }

  /** Delivers what came for this thread's streams, oldest first. Returns how many. */
  drain(): number {
    let node = Atomics.exchange(this.mail, this.thread, -1);
    let oldest = -1;
    while (node !== -1) {
      const at = node * Node.SIZE + Node.MAIL;
      const next = this.ints[at]!;
      this.ints[at] = oldest;
      oldest = node;
      node = next;
    }
    let count = 0;
    while (oldest !== -1) {
      const at = oldest * Node.SIZE;
      const next = this.ints[at + Node.MAIL]!;
      this.deliver(oldest, at);
      oldest = next;
      count++;
    }
    return count;
  }

  private deliver(node: number, at: number): void {
    const entry = this.entries[node - this.first]!;
    const state = this.ints[at + Node.STATE]!;
    const queue = this.abandoned.get(node) ?? entry.queue!;
    const server = state === Waiting.GRANTED ? queue.servers[this.ints[at + Node.SERVER]!]! : null;
    const served = this.ints[at + Node.SERVED]!;
    // From here on the slot is this thread's, and no longer the node's.
    server?.adopt();
    this.discard(node);
    if (this.abandoned.delete(node)) {
      server?.release();
      return;
    }
    entry.node = -1;
    entry.queue = null;
    entry.servedBefore = served;
    if (server !== null) entry.onGranted(server);
    else entry.onRedistributed();
  }

  /** Nodes whose stream went away while a letter was under way, with the queue they had waited in. */
  private readonly abandoned = new Map<number, BackendQueue>();

  /** The stream of `node` is gone but a letter for it is under way: pass its slot on when it arrives. */
  abandon(node: number, queue: BackendQueue): void {
    this.abandoned.set(node, queue);
  }
  /**
   * The nodes of a thread that has died, before another takes its number: those that wait leave their queues, and
   * slots that were granted to them are free again. `queueOf` finds a backend's queue by id. The caller pumps.
   */
  forget(thread: number, queueOf: (backend: number) => BackendQueue): void {
    const { ints } = this;
    for (let node = thread * this.perThread; node < (thread + 1) * this.perThread; node++) {
      const at = node * Node.SIZE;
      if (ints[at + Node.STATE] !== Waiting.FREE) queueOf(ints[at + Node.BACKEND]!).forget(node);
    }
    // No list holds a node of that thread any more, so nobody posts another letter.
    Atomics.store(this.mail, thread, -1);
  }
}
