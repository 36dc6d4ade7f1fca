// Slabs lent to the kernel, which takes one at the moment bytes are there.

import type { SlabMemory } from '../core/slab.ts';
import { BufferRing, type Ring } from '../sys/uring.ts';

export class LentSlabs {
  readonly #memory: SlabMemory;
  readonly #buffers: BufferRing;
  readonly #memoryLo: number;
  readonly #memoryHi: number;
  /** Slab behind each buffer number, and the numbers that have none. */
  readonly #slabs: Int32Array;
  readonly #vacant: number[] = [];
  /** How many the kernel may take from now. */
  count = 0;

  /** Lends `wanted` slabs at a time, at most a quarter of all. Throws SystemError where the kernel (before 5.19) cannot. */
  constructor(ring: Ring, memory: SlabMemory, wanted: number) {
    const most = Math.max(1, Math.min(wanted, memory.slabCount >> 2));
    this.#memory = memory;
    this.#memoryLo = Number(memory.address & 0xffffffffn);
    this.#memoryHi = Number(memory.address >> 32n);
    this.#buffers = new BufferRing(ring, 2 ** Math.ceil(Math.log2(most)));
    this.#slabs = new Int32Array(most);
    for (let id = most - 1; id >= 0; id--) this.#vacant.push(id);
    this.refill();
  }

  get isFull(): boolean {
    return this.#vacant.length === 0;
  }

  /** The slab that the kernel took under the number `id`. */
  taken(id: number): number {
    this.count--;
    this.#vacant.push(id);
    return this.#slabs[id]!;
  }

  /** Lends free slabs in place of those taken. */
  refill(): void {
    const memory = this.#memory;
    let added = false;
    while (this.#vacant.length > 0) {
      const slab = memory.take();
      if (slab < 0) break;
      const id = this.#vacant.pop()!;
      const low = this.#memoryLo + memory.offsetOf(slab);
      this.#slabs[id] = slab;
      const high = this.#memoryHi + (low >= 4294967296 ? 1 : 0);
      this.#buffers.add(low | 0, high | 0, memory.slabSize, id);
      this.count++;
      added = true;
    }
    if (added) this.#buffers.publish();
  }

  /** Takes all back. Only after the ring is closed. */
  release(): void {
    this.#buffers.release();
    const vacant = new Set(this.#vacant);
    for (let id = 0; id < this.#slabs.length; id++) {
      if (!vacant.has(id)) this.#memory.release(this.#slabs[id]!);
    }
  }
}
