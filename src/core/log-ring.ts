// A ring of log lines in shared memory: every thread may write, the stats socket and the log thread read.
//
//   ints   LOCK, DROPPED, READERS     floats   HEAD, TAIL, HELD: bytes since the ring was made
//   data   records, each a 32-bit length and the line, padded to 4 bytes; one that would not fit before the end of
//          the memory begins at its start, behind a mark
//
// New lines push the oldest out, unless the log thread has still to send those: then the new line is lost and counted,
// as a slow server must not hold up traffic (manual 12.5).

import { lock, unlock } from './lock.ts';

const LOCK = 0;
const DROPPED = 1;
const READERS = 2;
const HEAD = 2;
const TAIL = 3;
const HELD = 4;
/** Bytes before the data. */
const HEADER = 48;
/** The rest of the memory up to its end is unused. */
export const RECORD_SKIP = -1;
/** Nothing is held. */
const NOTHING = -1;

/** Smallest size, bytes. */
export const RING_MIN = 64;

/** Room for `size` bytes of records. */
export function makeRingMemory(size: number): SharedArrayBuffer {
  const whole = Math.max(RING_MIN, size) & ~7;
  const memory = new SharedArrayBuffer(HEADER + whole);
  new Float64Array(memory, 0, HEADER / 8)[HELD] = NOTHING;
  return memory;
}

/** A copy of places (head and tail) and records that somebody keeps elsewhere (ring-file.ts). */
export interface Mirror {
  readonly places: Float64Array;
  readonly lengths: Int32Array;
  readonly bytes: Uint8Array;
}

export class LogRing {
  readonly memory: SharedArrayBuffer;
  private readonly ints: Int32Array;
  private readonly places: Float64Array;
  private readonly lengths: Int32Array;
  private readonly bytes: Buffer;
  private readonly size: number;
  private readonly wake: Int32Array | null;

  private readonly mirror: Mirror | null;

  /** `wake`: a word that the log thread waits for, where one runs. */
  constructor(memory: SharedArrayBuffer, wake: SharedArrayBuffer | null, mirror: Mirror | null = null) {
    this.memory = memory;
    this.mirror = mirror;
    this.ints = new Int32Array(memory, 0, 4);
    this.places = new Float64Array(memory, 0, HEADER / 8);
    this.lengths = new Int32Array(memory, HEADER);
    this.bytes = Buffer.from(memory, HEADER);
    this.size = this.bytes.length;
    this.wake = wake === null ? null : new Int32Array(wake);
  }

  /** Lines lost because the ring was full of lines still to be sent, or because they are longer than it. */
  get dropped(): number {
    return this.ints[DROPPED]!;
  }

  /** Where the next line will stand: readers that want only new ones begin here. */
  get head(): number {
    return this.locked(() => this.places[HEAD]!);
  }

  /** Adds `bytes[at, at + length)`. False: the line is lost. */
  write(bytes: Uint8Array, at: number, length: number): boolean {
    const { ints } = this;
    let taken = false;
    lock(ints, LOCK);
    try {
      taken = this.add(bytes, at, length);
      if (!taken) ints[DROPPED]! += 1;
    } finally {
      unlock(ints, LOCK);
    }
    if (taken && this.wake !== null && ints[READERS] !== 0) {
      Atomics.add(this.wake, 0, 1);
      Atomics.notify(this.wake, 0);
    }
    return taken;
  }

  private add(source: Uint8Array, from: number, length: number): boolean {
    const { places, size, lengths, bytes } = this;
    const need = (4 + length + 3) & ~3;
    if (need > size) return false;
    let head = places[HEAD]!;
    const left = size - (head % size);
    const skip = left < need ? left : 0;
    const held = places[HELD]!;
    let tail = places[TAIL]!;
    while (tail < head && head + skip + need - tail > size) {
      if (held >= 0 && tail >= held) return false;
      tail = this.behind(tail);
    }
    // Empty: what is skipped need not be kept either.
    places[TAIL] = tail === head ? head + skip : tail;
    if (skip > 0) {
      lengths[(head % size) >> 2] = RECORD_SKIP;
      head += skip;
    }
    const at = head % size;
    lengths[at >> 2] = length;
    for (let index = 0; index < length; index++) bytes[at + 4 + index] = source[from + index]!;
    places[HEAD] = head + need;
    if (this.mirror !== null) this.copy(this.mirror, at, length, skip);
    return true;
  }

  /** One record to the mirror; the places last, so that it never promises what it does not have. */
  private copy({ places, lengths, bytes }: Mirror, at: number, length: number, skip: number): void {
    if (skip > 0) lengths[(this.size - skip) >> 2] = RECORD_SKIP;
    places[1] = this.places[TAIL]!;
    lengths[at >> 2] = length;
    bytes.set(this.bytes.subarray(at + 4, at + 4 + length), at + 4);
    places[0] = this.places[HEAD]!;
  }

  /** All that is there to the mirror. */
  fillMirror(): void {
    const { mirror } = this;
    if (mirror === null) return;
    this.locked(() => {
      mirror.bytes.set(this.bytes);
      mirror.places[1] = this.places[TAIL]!;
      mirror.places[0] = this.places[HEAD]!;
    });
  }

  /** The place of the record behind the one at `place`. */
  private behind(place: number): number {
    const { size } = this;
    const at = place % size;
    const length = this.lengths[at >> 2]!;
    return length === RECORD_SKIP ? place + size - at : place + ((4 + length + 3) & ~3);
  }

  /**
   * Lines from `place` on, at most about `most` bytes, and where to go on. A reader that was overtaken goes on with
   * the oldest line there is.
   */
  read(place: number, most = 65536): { readonly lines: Buffer[]; readonly next: number } {
    return this.locked(() => {
      const { places, size } = this;
      const lines: Buffer[] = [];
      const head = places[HEAD]!;
      let next = Math.max(place, places[TAIL]!);
      for (let taken = 0; next < head && taken < most; next = this.behind(next)) {
        const at = next % size;
        const length = this.lengths[at >> 2]!;
        if (length === RECORD_SKIP) continue;
        lines.push(Buffer.from(this.bytes.subarray(at + 4, at + 4 + length)));
        taken += length;
      }
      return { lines, next };
    });
  }

  /** What lies before `place` may be overwritten, nothing behind it. */
  hold(place: number): void {
    this.locked(() => {
      this.places[HELD] = place;
      this.ints[READERS] = 1;
    });
  }

  /** Where a reader before had come to, or 0. */
  get held(): number {
    return this.locked(() => Math.max(0, this.places[HELD]!));
  }

  /** Nobody sends these lines any more. */
  release(): void {
    this.locked(() => {
      this.places[HELD] = NOTHING;
      this.ints[READERS] = 0;
    });
  }

  private locked<T>(work: () => T): T {
    lock(this.ints, LOCK);
    try {
      return work();
    } finally {
      unlock(this.ints, LOCK);
    }
  }
}
