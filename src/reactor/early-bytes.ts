// What the kernel read from sockets before anybody asked for it: slabs with their counts, and errors, in order.

import type { SlabMemory } from '../core/slab.ts';

export class EarlyBytes {
  readonly #memory: SlabMemory;
  /** By fd: slab and count in turns; no slab (-1) and a negated errno for an error. */
  readonly #of = new Map<number, number[]>();
  /** Slabs held for all. */
  held = 0;

  constructor(memory: SlabMemory) {
    this.#memory = memory;
  }

  has(fd: number): boolean {
    return this.#of.size > 0 && this.#of.has(fd);
  }

  keep(fd: number, slab: number, result: number): void {
    if (slab >= 0) this.held++;
    const early = this.#of.get(fd);
    if (early === undefined) this.#of.set(fd, [slab, result]);
    else early.push(slab, result);
  }

  /** The oldest slab of `fd`, -1 for an error; `result` tells its count or the error. Stays until `take`. */
  slab(fd: number): number {
    return this.#of.get(fd)![0]!;
  }

  result(fd: number): number {
    return this.#of.get(fd)![1]!;
  }

  /** The oldest slab, or error, is the caller's from now on. */
  take(fd: number): void {
    const early = this.#of.get(fd)!;
    if (early[0]! >= 0) this.held--;
    early.splice(0, 2);
    if (early.length === 0) this.#of.delete(fd);
  }

  /** Copies at most `length` bytes of the oldest slab to `at`, or gives the error; what is left stays. */
  copy(fd: number, at: number, length: number): number {
    const early = this.#of.get(fd)!;
    const slab = early[0]!;
    const held = early[1]!;
    const count = Math.min(length, held);
    if (slab >= 0) {
      const { bytes } = this.#memory;
      const from = this.#memory.offsetOf(slab);
      bytes.copyWithin(at, from, from + count);
      if (count < held) {
        bytes.copyWithin(from, from + count, from + held);
        early[1] = held - count;
        return count;
      }
      this.#memory.release(slab);
    }
    this.take(fd);
    return count;
  }

  forget(fd: number): void {
    while (this.has(fd)) {
      const slab = this.slab(fd);
      if (slab >= 0) this.#memory.release(slab);
      this.take(fd);
    }
  }
}
