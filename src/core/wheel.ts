// A hierarchical timer wheel: five levels of 64 buckets. A bucket of level 0 is one millisecond wide, of level 1
// 64 ms, then 4 s, 4.4 minutes and 4.7 hours; timers beyond 12 days wait in the last level and are sorted in again.
//
//   level 1   [ 64..127 ][128..191 ] ...     when time enters a bucket, its timers fall
//                  |  |                      into the level below
//   level 0   [64][65][66] ... [127]
//
// A connection pushes its timeout further away on every request, so a later deadline leaves the timer in its
// bucket: only when that bucket's time has come is it looked at again and moved. For the same reason a timer that is
// cleared stays where it is until then.

import type { TimerOperation } from '../reactor/reactor.ts';

const BITS = 6;
const SLOTS = 64;
const MASK = 63;
const LEVELS = 5;
/** The furthest distance that finds its own bucket, in ticks. */
const REACH = 2 ** (BITS * LEVELS) - 1;

export class TimerWheel {
  /** The tick up to which all timers have run. */
  #current: number;
  /** Heads of the buckets' lists; -1 as bucket means unlinked, so index = level * 64 + slot. */
  readonly #heads: (TimerOperation | null)[] = [];
  readonly #tails: (TimerOperation | null)[] = [];
  /** How many timers each level holds: lets time jump over what is empty. */
  readonly #levelCounts = new Int32Array(LEVELS);
  #count = 0;
  #earliest = Infinity;

  /** `nowMs` is where time starts; timers are deadlines on the same scale, in whole milliseconds. */
  constructor(nowMs: number) {
    this.#current = nowMs;
    for (let i = 0; i < LEVELS * SLOTS; i++) {
      this.#heads.push(null);
      this.#tails.push(null);
    }
  }

  /** Timers in buckets, cleared ones included. */
  get count(): number {
    return this.#count;
  }

  /** No timer runs before this moment (ms); Infinity when none is armed. May be early, never late. */
  nextDeadline(): number {
    return this.#earliest;
  }

  /** Arms or moves a timer. A deadline that passed already runs in the next millisecond. */
  at(deadlineMs: number, operation: TimerOperation): void {
    if (operation.bucket >= 0) {
      if (deadlineMs >= operation.due) {
        operation.deadline = deadlineMs;
        return;
      }
      this.#unlink(operation);
    }
    operation.deadline = deadlineMs;
    this.#link(operation, this.#current + 1);
  }

  /** The timer stays in its bucket, since most are armed again at once; it is let go when its time comes. */
  clear(operation: TimerOperation): void {
    operation.deadline = 0;
  }

  /** Clears a timer and takes it out of its bucket: nothing here keeps its owner alive. */
  forget(operation: TimerOperation): void {
    operation.deadline = 0;
    if (operation.bucket >= 0) this.#unlink(operation);
  }

  /** Puts the timer where its deadline belongs, but not before `first`. */
  #link(operation: TimerOperation, first: number): void {
    const tick = Math.min(Math.max(operation.deadline, first), this.#current + REACH);
    // The highest bit in which the two times differ tells the level: below it they share their buckets.
    const level = Math.min(
      LEVELS - 1,
      Math.floor((31 - Math.clz32((tick ^ this.#current) >>> 0 || 1)) / BITS),
    );
    const slot = (tick >>> (level * BITS)) & MASK;
    const bucket = level * SLOTS + slot;
    const tail = this.#tails[bucket]!;
    operation.bucket = bucket;
    operation.due = tick;
    operation.previous = tail;
    operation.next = null;
    if (tail === null) this.#heads[bucket] = operation;
    else tail.next = operation;
    this.#tails[bucket] = operation;
    this.#levelCounts[level]!++;
    this.#count++;
    const due = level === 0 ? tick : tick - (tick % (1 << (level * BITS)));
    if (due < this.#earliest) this.#earliest = due;
  }

  #unlink(operation: TimerOperation): void {
    const bucket = operation.bucket;
    const { next, previous } = operation;
    if (previous === null) this.#heads[bucket] = next;
    else previous.next = next;
    if (next === null) this.#tails[bucket] = previous;
    else next.previous = previous;
    operation.next = null;
    operation.previous = null;
    operation.bucket = -1;
    this.#levelCounts[bucket >> BITS]!--;
    if (--this.#count === 0) this.#earliest = Infinity;
  }

  /** Runs all timers with deadlines up to `nowMs`, in the order of their milliseconds; returns how many ran. */
  advance(nowMs: number): number {
    if (nowMs <= this.#current) return 0;
    if (nowMs < this.#earliest) {
      // `earliest` is the start of a bucket, so no bucket that holds something is entered.
      this.#current = nowMs;
      return 0;
    }
    let ran = 0;
    while (this.#current < nowMs && this.#count > 0) {
      const next = Math.min(nowMs, this.#nextBusyTick());
      this.#current = next;
      this.#cascade();
      ran += this.#run(next & MASK);
    }
    this.#current = nowMs;
    this.#earliest = this.#count === 0 ? Infinity : this.#nextBusyTick();
    return ran;
  }

  /** The first tick after the current one at which a bucket is reached that holds something. */
  #nextBusyTick(): number {
    let best = Infinity;
    for (let level = 0; level < LEVELS; level++) {
      if (this.#levelCounts[level] === 0) continue;
      const width = 1 << (level * BITS);
      const start = this.#current - (this.#current % width);
      const from = (this.#current >>> (level * BITS)) & MASK;
      for (let step = 1; step <= SLOTS; step++) {
        if (this.#heads[level * SLOTS + ((from + step) & MASK)] === null) continue;
        best = Math.min(best, start + step * width);
        break;
      }
    }
    return best;
  }

  /** Time entered new buckets of the upper levels: their timers fall to where they belong now. */
  #cascade(): void {
    let level = 1;
    while (level < LEVELS && this.#current % (1 << (level * BITS)) === 0) level++;
    while (--level >= 1) {
      const bucket = level * SLOTS + ((this.#current >>> (level * BITS)) & MASK);
      for (let operation = this.#heads[bucket]!; operation !== null; operation = this.#heads[bucket]!) {
        this.#unlink(operation);
        if (operation.deadline !== 0) this.#link(operation, this.#current);
      }
    }
  }

  #run(slot: number): number {
    let ran = 0;
    for (let operation = this.#heads[slot]!; operation !== null; operation = this.#heads[slot]!) {
      this.#unlink(operation);
      if (operation.deadline === 0) continue;
      if (operation.deadline > this.#current) {
        this.#link(operation, this.#current + 1);
        continue;
      }
      operation.deadline = 0;
      ran++;
      operation.onTimeout();
    }
    return ran;
  }
}
