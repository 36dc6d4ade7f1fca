// An io_uring: its mapped rings, writers of submission entries, reader of completions. Mechanism only; what is
// submitted and when is the reactor's affair.
//
//   we:     write entry at tail & mask, tail++           read completion at head & mask, head++
//   kernel: head++ when it takes an entry                tail++ when it posts a completion

import {
  IO_CQRING_OFFSETS as CQ,
  IO_SQRING_OFFSETS as SQ,
  IO_URING_BUF_REG,
  IO_URING_PARAMS as PARAMS,
} from './abi.ts';
import { EAGAIN, EBUSY, EINTR, SystemError } from './errno.ts';
import * as libc from './libc.ts';
import type { Region } from './memory.ts';
import { mapRegion, mapShared, unmapRegion } from './memory.ts';

export const OP_POLL_ADD = 6;
export const OP_ACCEPT = 13;
export const OP_ASYNC_CANCEL = 14;
export const OP_CONNECT = 16;
export const OP_CLOSE = 19;
export const OP_SEND = 26;
export const OP_RECV = 27;

export const SQE_BUFFER_SELECT = 1 << 5;
export const SQE_SKIP_SUCCESS = 1 << 6;
export const RECVSEND_POLL_FIRST = 1;
export const ACCEPT_MULTISHOT = 1;
export const RECV_MULTISHOT = 2;
export const CQE_BUFFER = 1;
export const CQE_MORE = 2;
export const CQE_BUFFER_SHIFT = 16;

const SETUP_CQSIZE = 1 << 3;
const SETUP_CLAMP = 1 << 4;
const SETUP_COOP_TASKRUN = 1 << 8;
const SETUP_SINGLE_ISSUER = 1 << 12;
const SETUP_NO_SQARRAY = 1 << 16;
/** Tried in order: each older kernel refuses what it does not know with EINVAL (6.6, 6.0, 5.19, 5.5). */
const SETUPS = [
  SETUP_SINGLE_ISSUER | SETUP_COOP_TASKRUN | SETUP_NO_SQARRAY,
  SETUP_SINGLE_ISSUER | SETUP_COOP_TASKRUN,
  SETUP_COOP_TASKRUN,
  0,
];
const FEATURE_NODROP = 2;
const OFFSET_SQES = 0x10000000n;
const ENTER_GETEVENTS = 1;
const SQ_CQ_OVERFLOW = 2;
const REGISTER_PBUF_RING = 22;
const EINVAL = 22;

/** Words of 32 bits in an entry. */
const SQE_WORDS = 16;
const CQE_WORDS = 4;

export class Ring {
  readonly fd: number;
  readonly entries: number;
  /** The ring's memory; completions are read straight from here. */
  readonly words: Int32Array;
  readonly #entryRegion: Region;
  readonly #ringRegion: Region;
  readonly #sqes: Int32Array;
  readonly #sqMask: number;
  readonly #sqTail: number;
  readonly #sqFlags: number;
  readonly #cqHead: number;
  readonly #cqTail: number;
  readonly #cqMask: number;
  readonly #cqes: number;
  #tail: number;
  #head: number;
  #unsubmitted = 0;

  /** Throws SystemError when the kernel refuses (EPERM and ENOSYS in containers). */
  constructor(entries: number, completions: number) {
    const { buffer } = libc.scratch;
    let fd = -EINVAL;
    let flags = 0;
    for (const setup of SETUPS) {
      buffer.fill(0, 0, PARAMS.size);
      flags = setup;
      buffer.writeUInt32LE(setup | SETUP_CQSIZE | SETUP_CLAMP, PARAMS.flags);
      buffer.writeUInt32LE(completions, PARAMS.cqEntries);
      fd = libc.ioUringSetup(entries, libc.scratch.address);
      if (fd !== -EINVAL) break;
    }
    if (fd < 0) throw new SystemError('io_uring refused by the kernel', fd);
    this.fd = fd;
    const read = (at: number): number => buffer.readUInt32LE(at);
    const sq = (name: keyof typeof SQ): number => read(PARAMS.sqOffsets + SQ[name]);
    const cq = (name: keyof typeof CQ): number => read(PARAMS.cqOffsets + CQ[name]);
    this.entries = read(PARAMS.sqEntries);
    const cqEntries = read(PARAMS.cqEntries);
    if ((read(PARAMS.features) & FEATURE_NODROP) === 0) {
      libc.close(fd);
      throw new SystemError('io_uring of this kernel may lose completions', -95);
    }
    const bare = (flags & SETUP_NO_SQARRAY) !== 0;
    const bytes = Math.max(cq('cqes') + cqEntries * 16, bare ? 0 : sq('array') + this.entries * 4);
    const arrayAt = sq('array') >> 2;
    this.#sqTail = sq('tail') >> 2;
    this.#sqFlags = sq('flags') >> 2;
    this.#cqHead = cq('head') >> 2;
    this.#cqTail = cq('tail') >> 2;
    this.#cqes = cq('cqes') >> 2;
    this.#ringRegion = mapShared(fd, 0n, bytes);
    this.#entryRegion = mapShared(fd, OFFSET_SQES, this.entries * 64);
    this.words = new Int32Array(this.#ringRegion.buffer);
    this.#sqes = new Int32Array(this.#entryRegion.buffer);
    this.#sqMask = this.entries - 1;
    this.#cqMask = cqEntries - 1;
    this.#tail = this.words[this.#sqTail]!;
    this.#head = this.words[this.#cqHead]!;
    if (!bare) for (let i = 0; i < this.entries; i++) this.words[arrayAt + i] = i;
  }

  /** Entries written and not yet taken by the kernel. */
  get unsubmitted(): number {
    return this.#unsubmitted;
  }

  /**
   * Writes one entry; submits first when the queue is full. `head` is opcode | flags << 8 | ioprio << 16, the
   * address two halves, `userLo` and `userHi` come back with the completion.
   */
  push(
    head: number,
    fd: number,
    lo: number,
    hi: number,
    length: number,
    operationFlags: number,
    userLo: number,
    userHi: number,
    offset: number,
  ): void {
    if (this.#unsubmitted >= this.entries) this.#makeRoom();
    const sqes = this.#sqes;
    const i = (this.#tail & this.#sqMask) * SQE_WORDS;
    sqes[i] = head;
    sqes[i + 1] = fd;
    sqes[i + 2] = offset;
    sqes[i + 3] = 0;
    sqes[i + 4] = lo;
    sqes[i + 5] = hi;
    sqes[i + 6] = length;
    sqes[i + 7] = operationFlags;
    sqes[i + 8] = userLo;
    sqes[i + 9] = userHi;
    // Buffer group 0 is the only one; personality, file index and the rest stay 0.
    sqes[i + 10] = 0;
    sqes[i + 11] = 0;
    sqes[i + 12] = 0;
    sqes[i + 13] = 0;
    this.#tail = (this.#tail + 1) | 0;
    this.#unsubmitted++;
  }

  #makeRoom(): void {
    // The kernel refuses entries only while completions overflow, and then flushes them while we ask again.
    for (let attempt = 0; attempt < 1000; attempt++) {
      this.submit(0);
      if (this.#unsubmitted < this.entries) return;
    }
    throw new Error('io_uring takes no entries any more');
  }

  /** Hands all entries over, runs the kernel's pending work, and sleeps until `wait` completions are there. */
  submit(wait: number): void {
    Atomics.store(this.words, this.#sqTail, this.#tail);
    const result = libc.ioUringEnter(this.fd, this.#unsubmitted, wait, ENTER_GETEVENTS);
    if (result >= 0) this.#unsubmitted -= result;
    else if (result !== -EINTR && result !== -EAGAIN && result !== -EBUSY) {
      throw new SystemError('io_uring_enter failed', result);
    }
  }

  /** Whether the kernel keeps completions that found no room; the next submit brings them. */
  get overflowed(): boolean {
    return (Atomics.load(this.words, this.#sqFlags) & SQ_CQ_OVERFLOW) !== 0;
  }

  /** How many completions can be read now. */
  get ready(): number {
    return (Atomics.load(this.words, this.#cqTail) - this.#head) | 0;
  }

  /** Takes the oldest completion: index in `words` of user data (2 words), result, flags. Look at `ready` first. */
  next(): number {
    const index = this.#cqes + (this.#head & this.#cqMask) * CQE_WORDS;
    this.#head = (this.#head + 1) | 0;
    return index;
  }

  /** Gives the places of the completions taken back to the kernel. */
  publishHead(): void {
    Atomics.store(this.words, this.#cqHead, this.#head);
  }

  close(): void {
    libc.close(this.fd);
    unmapRegion(this.#entryRegion);
    unmapRegion(this.#ringRegion);
  }
}

/** Buffers lent to the kernel, which takes one only when bytes have arrived (io_uring_register(2), PBUF_RING). */
export class BufferRing {
  readonly entries: number;
  readonly #mask: number;
  readonly #region: Region;
  readonly #words: Int32Array;
  readonly #halves: Uint16Array;
  #tail = 0;

  /** `entries` is a power of two up to 32768. Throws SystemError where the kernel (before 5.19) has no such thing. */
  constructor(ring: Ring, entries: number) {
    this.entries = entries;
    this.#mask = entries - 1;
    this.#region = mapRegion(entries * 16);
    this.#words = new Int32Array(this.#region.buffer);
    this.#halves = new Uint16Array(this.#region.buffer);
    const { buffer, address } = libc.scratch;
    buffer.fill(0, 0, IO_URING_BUF_REG.size);
    buffer.writeBigUInt64LE(this.#region.address, IO_URING_BUF_REG.address);
    buffer.writeUInt32LE(entries, IO_URING_BUF_REG.entries);
    const result = libc.ioUringRegister(ring.fd, REGISTER_PBUF_RING, address, 1);
    if (result >= 0) return;
    unmapRegion(this.#region);
    throw new SystemError('cannot register a buffer ring', result);
  }

  /** Lends a buffer under the number `id`; the kernel sees it after `publish`. */
  add(lo: number, hi: number, length: number, id: number): void {
    const i = (this.#tail & this.#mask) * 4;
    const words = this.#words;
    words[i] = lo;
    words[i + 1] = hi;
    words[i + 2] = length;
    // Half of a word: the other half of entry 0 is the ring's tail.
    this.#halves[i * 2 + 6] = id;
    this.#tail = (this.#tail + 1) & 0xffff;
  }

  publish(): void {
    Atomics.store(this.#halves, 7, this.#tail);
  }

  /** Only after the ring is closed. */
  release(): void {
    unmapRegion(this.#region);
  }
}
