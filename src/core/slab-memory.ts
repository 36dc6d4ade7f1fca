// SlabMemory over one mapped region. Free lists are stacks: the slab released last is the warmest in the cache.

import type { Region } from '../sys/memory.ts';
import { mapRegion, unmapRegion } from '../sys/memory.ts';
import type { SlabBuffer, SlabMemory } from './slab.ts';

const PERMANENT_BYTES = 262_144;

export interface SlabMemoryOptions {
  /** tune.bufsize: bytes of a slab; any value is rounded up to a multiple of 16. */
  readonly slabSize: number;
  readonly slabCount: number;
  /** Bytes of a large slab; 262144 when absent. */
  readonly largeSize?: number;
  readonly largeCount?: number;
  /** Bytes for sockaddrs and the like; 262144 when absent. */
  readonly permanentBytes?: number;
  /** Plain memory of the heap, for tests and the simulation: no kernel may read or write it. */
  readonly plain?: boolean;
}

/** A stack of small integers, each at most once: `marks` catches a piece that is released twice. */
class FreeList {
  readonly #stack: Int32Array;
  readonly #marks: Uint8Array;
  readonly #what: string;
  count: number;

  constructor(size: number, what: string) {
    this.#stack = new Int32Array(size);
    this.#marks = new Uint8Array(size).fill(1);
    this.#what = what;
    this.count = size;
    for (let i = 0; i < size; i++) this.#stack[i] = size - 1 - i;
  }

  take(): number {
    if (this.count === 0) return -1;
    const index = this.#stack[--this.count]!;
    this.#marks[index] = 0;
    return index;
  }

  release(index: number): void {
    if (this.#marks[index] !== 0) throw new Error(`${this.#what} ${index} released while it is free`);
    this.#marks[index] = 1;
    this.#stack[this.count++] = index;
  }
}

export class MappedSlabs implements SlabMemory {
  readonly bytes: Uint8Array;
  readonly buffer: SlabBuffer;
  readonly slabSize: number;
  readonly slabCount: number;
  readonly largeSize: number;
  readonly largeCount: number;
  onRelease: (() => void) | null = null;
  readonly #slabs: FreeList;
  readonly #large: FreeList;
  readonly #slabsAt: number;
  readonly #largeAt: number;
  readonly #region: Region | null;
  #permanentUsed = 0;

  constructor(options: SlabMemoryOptions) {
    this.slabSize = Math.ceil(options.slabSize / 16) * 16;
    this.slabCount = options.slabCount;
    this.largeSize = Math.ceil((options.largeSize ?? 262_144) / 16) * 16;
    this.largeCount = options.largeCount ?? 0;
    this.#slabsAt = Math.ceil((options.permanentBytes ?? PERMANENT_BYTES) / 4096) * 4096;
    this.#largeAt = this.#slabsAt + this.slabSize * this.slabCount;
    const total = this.#largeAt + this.largeSize * this.largeCount;
    // Positions must stay small integers, or each of them would become an object on the heap.
    if (total > 0x7fff_ffff) throw new RangeError(`${total} bytes of slabs exceed 2 GiB for one thread`);
    this.#region = options.plain === true ? null : mapRegion(total);
    const whole = this.#region?.buffer ?? new ArrayBuffer(total);
    this.bytes = new Uint8Array(whole, 0, total);
    this.buffer = Buffer.from(whole, 0, total) as SlabBuffer;
    this.#slabs = new FreeList(this.slabCount, 'slab');
    this.#large = new FreeList(this.largeCount, 'large slab');
  }

  get free(): number {
    return this.#slabs.count;
  }
  get freeLarge(): number {
    return this.#large.count;
  }

  /** Where the region lies in this process; throws for plain memory. */
  get address(): bigint {
    if (this.#region === null) throw new Error('plain memory has no address that a kernel may use');
    return this.#region.address;
  }

  take(): number {
    return this.#slabs.take();
  }
  release(slab: number): void {
    this.#slabs.release(slab);
    if (this.onRelease !== null) this.onRelease();
  }
  offsetOf(slab: number): number {
    return this.#slabsAt + slab * this.slabSize;
  }
  takeLarge(): number {
    return this.#large.take();
  }
  releaseLarge(large: number): void {
    this.#large.release(large);
  }
  offsetOfLarge(large: number): number {
    return this.#largeAt + large * this.largeSize;
  }

  permanent(length: number): number {
    const at = this.#permanentUsed;
    const next = at + Math.ceil(length / 16) * 16;
    if (next > this.#slabsAt)
      throw new RangeError(`the permanent part of ${this.#slabsAt} bytes is exhausted`);
    this.#permanentUsed = next;
    return at;
  }

  /** Gives the memory back to the system. Touching `bytes` afterwards ends the process. */
  destroy(): void {
    if (this.#region !== null) unmapRegion(this.#region);
  }
}
