// The operations in flight of one reactor: what each of them is about, in arrays indexed by its slot.

import type { Operation } from './reactor.ts';

export const ACCEPT = 1;
export const CONNECT = 2;
export const RECV = 3;
export const RECV_INTO = 4;
export const SEND = 5;
export const DATAGRAM = 6;
export const POLL = 7;
export const SPLICE_IN = 8;
/** `at` is the pipe. */
export const SPLICE_OUT = 9;
export const RECV_LARGE = 10;
/** A receive that goes on; `done` is the kind of the one that waits for its next bytes. */
export const FEED = 11;

/** Bits of `flags`. */
export const CANCELLED = 1;
export const MORE_FOLLOWS = 2;
/** A receive that waits for a slab. */
export const STARVING = 4;
export const QUEUED = 8;
export const POLLED = 16;
/** A receive that goes on was asked to end. */
export const ENDING = 32;

export class OperationTable {
  readonly operations: (Operation | null)[] = [];
  kind = new Int32Array(256);
  fd = new Int32Array(256);
  at = new Int32Array(256);
  length = new Int32Array(256);
  /** Bytes of a send that are gone already; the slab of a receive that took it beforehand. */
  done = new Int32Array(256);
  flags = new Int32Array(256);
  /** Grows with each reuse of a slot, so that a late answer is not taken for the next operation's. */
  generation = new Int32Array(256);
  readonly #free: number[] = [];

  get inFlight(): number {
    return this.operations.length - this.#free.length;
  }

  /** Throws when the operation is in flight already: its owner lost count. */
  claim(operation: Operation, kind: number, fd: number, at: number, length: number): number {
    if (operation.slot !== -1) throw new Error(`an operation on fd ${fd} was submitted twice`);
    let slot = this.#free.pop() ?? -1;
    if (slot < 0) {
      slot = this.operations.length;
      if (slot === this.kind.length) this.#grow();
      this.operations.push(operation);
    } else this.operations[slot] = operation;
    operation.slot = slot;
    this.kind[slot] = kind;
    this.fd[slot] = fd;
    this.at[slot] = at;
    this.length[slot] = length;
    this.done[slot] = 0;
    this.flags[slot] = 0;
    return slot;
  }

  /** Frees the slot before its owner hears of it, so the owner may submit again at once. */
  release(slot: number): Operation {
    const operation = this.operations[slot]!;
    this.operations[slot] = null;
    this.generation[slot] = (this.generation[slot]! + 1) & 0x3fffffff;
    this.#free.push(slot);
    operation.slot = -1;
    return operation;
  }

  #grow(): void {
    const wider = (old: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const array = new Int32Array(old.length * 2);
      array.set(old);
      return array;
    };
    this.kind = wider(this.kind);
    this.fd = wider(this.fd);
    this.at = wider(this.at);
    this.length = wider(this.length);
    this.done = wider(this.done);
    this.flags = wider(this.flags);
    this.generation = wider(this.generation);
  }
}
