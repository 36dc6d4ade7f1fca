// Receives of io_uring that go on by themselves (multishot): submitted once for many messages, each costs the kernel a
// tenth less. But such a receive reads on when its owner wants no more, so only a socket that was seen to take turns
// gets one, its feed; what it reads too early is held, and ends it.
//
//   owner receives  -> the feed's slot is the owner's        bytes -> owner completes, slot is PARKED
//   bytes while PARKED -> EarlyBytes, the kernel is asked to end the feed -> the next receives take those first

import { IntFifo } from '../core/fifo.ts';
import type { SlabMemory } from '../core/slab.ts';
import { EAGAIN, ECANCELED, EINTR, EINVAL, ENOBUFS } from '../sys/errno.ts';
import { CQE_MORE } from '../sys/uring.ts';
import { EarlyBytes } from './early-bytes.ts';
import { Operation } from './reactor.ts';
import * as t from './table.ts';

/** So many messages in a row, each of at most SMALL bytes, make a socket one that takes turns. */
const TURNS = 8;
const SMALL = 4096;
/** A socket whose feed had to end counts from here. */
const PENALTY = -64;

/** What a feed asks of the ring; each but the last is about the operation in a slot of the table. */
export interface FeedRing {
  pushCancel(slot: number): void;
  /** Submits a receive of any kind but FEED. */
  pushReceive(slot: number): void;
  /** Lets a receive wait for a slab. */
  starve(slot: number): void;
  /** The slab that the kernel took, now ours; -1 for none. By the flags of a completion. */
  slabOf(flags: number): number;
}

/** Owner of a feed while nobody asks for bytes. */
class Parked extends Operation {
  override onComplete(): void {}
}
const PARKED = new Parked();

/** Whether a receive ended for a reason that is not its owner's. */
function isPassing(result: number): boolean {
  return result === -ECANCELED || result === -ENOBUFS || result === -EINTR || result === -EAGAIN;
}

export class Feeds {
  readonly #ring: FeedRing;
  readonly #table: t.OperationTable;
  readonly #memory: SlabMemory;
  readonly #after: number;
  readonly #early: EarlyBytes;
  /** Slabs that may be held early in all; beyond it all feeds end, and none begins until half of them is gone. */
  readonly #most: number;
  /** Slot of the feed, by fd; -1 for none. */
  #slots = new Int32Array(256).fill(-1);
  #turns = new Int8Array(256);
  /** Receives that get what came before them. */
  readonly #given = new IntFifo();
  #paused = false;
  /** The kernel knows no such receives (before 6.0). */
  #refused = false;

  /** `after`: messages before a socket gets a feed, 8 unless a test says otherwise. */
  constructor(ring: FeedRing, table: t.OperationTable, memory: SlabMemory, after = TURNS) {
    this.#ring = ring;
    this.#table = table;
    this.#memory = memory;
    this.#after = after;
    this.#early = new EarlyBytes(memory);
    this.#most = memory.slabCount >> 3;
  }

  /** Receives that `give` has something for. */
  get ready(): number {
    return this.#given.length;
  }

  /** A one-shot receive from `fd` gave `count` bytes. */
  count(fd: number, count: number): void {
    if (fd >= this.#turns.length) this.#grow(fd);
    if (count > SMALL) this.#turns[fd] = 0;
    else if (this.#turns[fd]! < this.#after) this.#turns[fd]!++;
  }

  /** Whether the receive in `slot` is to go on: then it is FEED from now on. */
  begins(slot: number): boolean {
    const { fd, kind, done } = this.#table;
    const from = fd[slot]!;
    if (from >= this.#turns.length) this.#grow(from);
    if (this.#turns[from]! < this.#after || this.#paused || this.#refused) return false;
    kind[slot] = t.FEED;
    done[slot] = t.RECV;
    this.#slots[from] = slot;
    return true;
  }

  /** True: the receive is taken care of. False: it is to be submitted. */
  receive(kind: number, fd: number, at: number, length: number, operation: Operation): boolean {
    if (this.#early.has(fd)) {
      this.#given.push(this.#table.claim(operation, kind, fd, at, length));
      return true;
    }
    const slot = fd < this.#slots.length ? this.#slots[fd]! : -1;
    if (slot < 0) return false;
    const table = this.#table;
    if (operation.slot !== -1 || table.operations[slot] !== PARKED)
      throw new Error(`fd ${fd} is received from twice`);
    table.operations[slot] = operation;
    operation.slot = slot;
    table.at[slot] = at;
    table.length[slot] = length;
    table.done[slot] = kind;
    // What is wanted elsewhere than in a slab comes by another receive, after this one.
    if (kind !== t.RECV) this.#end(slot);
    return true;
  }

  /** The descriptor is somebody else's from now on; whether the kernel must hear of it. */
  leave(fd: number): boolean {
    if (fd >= this.#slots.length) return false;
    const slot = this.#slots[fd]!;
    if (slot >= 0) this.#end(slot);
    this.#slots[fd] = -1;
    this.#turns[fd] = 0;
    this.#early.forget(fd);
    return slot >= 0;
  }

  #end(slot: number): void {
    const { fd, flags } = this.#table;
    this.#turns[fd[slot]!] = PENALTY;
    if ((flags[slot]! & (t.ENDING | t.CANCELLED)) !== 0) return;
    flags[slot]! |= t.ENDING;
    this.#ring.pushCancel(slot);
  }

  onCompletion(slot: number, result: number, flags: number): void {
    const table = this.#table;
    const slab = this.#ring.slabOf(flags);
    const operation = table.operations[slot]!;
    if ((flags & CQE_MORE) === 0) {
      this.#onEnd(slot, slab, result);
    } else if (operation === PARKED) {
      this.#hold(slot, slab, result);
    } else {
      table.operations[slot] = PARKED;
      operation.slot = -1;
      if ((table.flags[slot]! & t.CANCELLED) !== 0) table.flags[slot] = t.ENDING;
      if (table.done[slot] === t.RECV) {
        operation.slab = slab;
        operation.onComplete(result);
      } else this.#hand(operation, slot, slab, result);
    }
  }

  /** Nobody asked for it. */
  #hold(slot: number, slab: number, result: number): void {
    const fd = this.#table.fd[slot]!;
    if (this.#slots[fd] !== slot) {
      this.#memory.release(slab);
      return;
    }
    this.#early.keep(fd, slab, result);
    this.#end(slot);
    if (this.#early.held <= this.#most) return;
    this.#paused = true;
    for (const other of this.#slots) if (other >= 0) this.#end(other);
  }

  /** The last completion of a feed. */
  #onEnd(slot: number, slab: number, result: number): void {
    const table = this.#table;
    const fd = table.fd[slot]!;
    const operation = table.operations[slot]!;
    const isOurs = this.#slots[fd] === slot;
    if (isOurs) this.#slots[fd] = -1;
    if (operation === PARKED) {
      table.release(slot);
      // An end of stream is there again for the next receive, an error is not.
      if (isOurs && (result > 0 || (result < 0 && !isPassing(result)))) this.#early.keep(fd, slab, result);
      else if (slab >= 0) this.#memory.release(slab);
      return;
    }
    if (result > 0) {
      table.release(slot);
      this.#hand(operation, slot, slab, result);
      return;
    }
    if (slab >= 0) this.#memory.release(slab);
    if (result === -EINVAL) this.#refused = true;
    const goesOn = isPassing(result) || result === -EINVAL;
    if (goesOn && (table.flags[slot]! & t.CANCELLED) === 0) this.#anew(slot, result);
    else table.release(slot).onComplete(result);
  }

  /** The feed is over, its operation waits still: as a receive of its own. */
  #anew(slot: number, result: number): void {
    const table = this.#table;
    const fd = table.fd[slot]!;
    const kind = table.done[slot]!;
    const at = table.at[slot]!;
    const length = table.length[slot]!;
    const operation = table.release(slot);
    const own = table.claim(operation, kind, fd, at, length);
    this.#turns[fd] = PENALTY;
    if (result === -ENOBUFS && kind === t.RECV) this.#ring.starve(own);
    else this.#ring.pushReceive(own);
  }

  /** Completes a receive of any kind with bytes that are in a slab. */
  #hand(operation: Operation, slot: number, slab: number, result: number): void {
    const { at, done, fd, length } = this.#table;
    if (done[slot] !== t.RECV_INTO) {
      operation.slab = slab;
      operation.onComplete(result);
      return;
    }
    this.#early.keep(fd[slot]!, slab, result);
    operation.onComplete(this.#early.copy(fd[slot]!, at[slot]!, length[slot]!));
  }

  /** Completes the oldest receive that `ready` counts. */
  give(): void {
    const slot = this.#given.shift();
    const table = this.#table;
    const early = this.#early;
    const fd = table.fd[slot]!;
    // Cancelled, and the descriptor closed since.
    if (!early.has(fd)) {
      table.release(slot).onComplete(-ECANCELED);
      return;
    }
    let slab = -1;
    let result: number;
    if (table.kind[slot] === t.RECV_INTO) {
      result = early.copy(fd, table.at[slot]!, table.length[slot]!);
    } else {
      slab = early.slab(fd);
      result = early.result(fd);
      early.take(fd);
    }
    if (early.held <= this.#most >> 1) this.#paused = false;
    const operation = table.release(slot);
    operation.slab = slab;
    operation.onComplete(result);
  }

  #grow(fd: number): void {
    const size = 2 ** Math.ceil(Math.log2(fd + 1));
    const slots = new Int32Array(size).fill(-1);
    slots.set(this.#slots);
    this.#slots = slots;
    const turns = new Int8Array(size);
    turns.set(this.#turns);
    this.#turns = turns;
  }
}
