// The memory that pattern lists lie in: one SharedArrayBuffer for all data threads, so that a list of a million entries
// exists once and a change is seen by everyone at once. Addresses are indexes of 32-bit words; 0 is none.
//
//   word 0..1   unused      word 2  lock      word 3  first word never used      word 4  words in use
//   word 8..    free blocks by size: 128 lists of 2, 4, ... 256 words, then one for each power of two

import { lock, unlock } from '../core/lock.ts';

const LOCK = 2;
const TOP = 3;
const USED = 4;
const FREE = 8;
const SMALL_CLASSES = 128;
const SMALL_WORDS = SMALL_CLASSES * 2;
const HEADER = FREE + SMALL_CLASSES + 32;
/** While nobody else has the memory it grows by copying; from then on it has this much room, which costs no memory yet. */
const ROOM_FACTOR = 3;
const ROOM_BYTES = 128 << 20;

export class PatternMemoryFull extends Error {
  constructor() {
    super('out of memory for patterns');
  }
}

export class PatternMemory {
  /** Taken anew after each allocation: while the memory is private it may move. */
  ints: Int32Array;
  bytes: Buffer;
  private shared: SharedArrayBuffer;
  private growing: boolean;

  private constructor(buffer: SharedArrayBuffer, growing: boolean) {
    this.shared = buffer;
    this.ints = new Int32Array(buffer);
    this.bytes = Buffer.from(buffer);
    this.growing = growing;
  }

  /** Memory of this thread alone, which grows until `share`. */
  static create(bytes = 1 << 16): PatternMemory {
    const memory = new PatternMemory(new SharedArrayBuffer(bytes), true);
    memory.ints[TOP] = HEADER;
    return memory;
  }

  /** The memory that another thread shared. */
  static attach(buffer: SharedArrayBuffer): PatternMemory {
    return new PatternMemory(buffer, false);
  }

  /** What other threads attach to; from now on the memory stays where it is and ends at its room, if it has any. */
  share(room = true): SharedArrayBuffer {
    if (room) this.reserve(0);
    this.growing = false;
    return this.shared;
  }

  /** Makes room for so many bytes and what may come at run time, so that little is copied later. */
  reserve(bytes: number): void {
    if (!this.growing) return;
    const wanted = (this.ints[TOP]! * 4 + bytes) * ROOM_FACTOR + ROOM_BYTES;
    if (wanted > this.shared.byteLength) this.moveTo(Math.ceil(wanted / 4096) * 4096);
  }

  /** Bytes that are in use. */
  get used(): number {
    return this.ints[USED]! * 4;
  }

  private moveTo(bytes: number): void {
    const before = this.ints.subarray(0, this.ints[TOP]);
    this.shared = new SharedArrayBuffer(bytes);
    this.ints = new Int32Array(this.shared);
    this.ints.set(before);
    this.bytes = Buffer.from(this.shared);
  }

  /** A block of `words`, not cleared. The caller holds the lock. Throws PatternMemoryFull. */
  take(words: number): number {
    const list = classOf(words);
    const size = sizeOf(list);
    const { ints } = this;
    const free = ints[FREE + list]!;
    if (free !== 0) {
      ints[FREE + list] = ints[free]!;
      ints[USED]! += size;
      return free;
    }
    const at = ints[TOP]!;
    if (at + size > ints.length) {
      if (!this.growing) throw new PatternMemoryFull();
      this.moveTo(Math.max(ints.length * 8, (at + size) * 8));
    }
    this.ints[TOP] = at + size;
    this.ints[USED]! += size;
    return at;
  }

  /** Gives a block back. `words` as when it was taken; the caller holds the lock. */
  give(at: number, words: number): void {
    const list = classOf(words);
    const { ints } = this;
    ints[at] = ints[FREE + list]!;
    ints[FREE + list] = at;
    ints[USED]! -= sizeOf(list);
  }

  /** Only one thread changes patterns at a time; readers need no lock. Held for microseconds. */
  lock(): void {
    lock(this.ints, LOCK);
  }

  unlock(): void {
    unlock(this.ints, LOCK);
  }
}

function classOf(words: number): number {
  if (words <= SMALL_WORDS) return (words - 1) >> 1;
  return SMALL_CLASSES + (32 - Math.clz32(words - 1)) - 8;
}

function sizeOf(list: number): number {
  return list < SMALL_CLASSES ? (list + 1) * 2 : 2 ** (list - SMALL_CLASSES + 8);
}
