// Variables of the process scope: one set for all data threads and the stats socket, in shared memory. Writers take a
// lock. Readers take none: each value has a version, odd while it changes, and a value is kept until its version moves.

import { lock, unlock } from '../core/lock.ts';
import type { Config } from '../config/model.ts';
import { type Sample, Type } from './sample.ts';
import { type ProcessVariableStore, type Slot, sizeOf } from './variables.ts';

/** How many names there may be, and how long they and values may be, bytes. */
const SLOTS = 256;
const NAME_MAX = 128;
const VALUE_MAX = 16384;

const HEAD_BYTES = 64;
const LOCK = 0;
const COUNT = 1;
/** Bytes in use, as the limits count them. */
const USED = 2;

/** Words of a slot: version, type (-1: not set), bytes of the value, bytes of the name; then number, bigint, texts. */
const VERSION = 0;
const TYPE = 1;
const LENGTH = 2;
const NAME_LENGTH = 3;
const NUMBER_AT = 16;
const BIG_AT = 24;
/** Whether the bigint counts. */
const HAS_BIG = 8;
const NAME_AT = 48;
const VALUE_AT = NAME_AT + NAME_MAX;
const SLOT_BYTES = VALUE_AT + VALUE_MAX;
const UNSET = -1;

/** Memory for the variables of one generation; pages that nobody writes cost nothing. */
export const createProcessVariables = (): SharedArrayBuffer =>
  new SharedArrayBuffer(HEAD_BYTES + SLOTS * SLOT_BYTES);

/** The narrower of tune.vars.global-max-size and tune.vars.proc-max-size; 0 for none. */
export function limitOf({ global: { variableLimits: limits } }: Config): number {
  if (limits === null) return 0;
  return limits.proc === 0 || limits.global === 0
    ? limits.proc + limits.global
    : Math.min(limits.proc, limits.global);
}

/** What a reader remembers of a slot. */
interface Seen {
  readonly at: number;
  version: number;
  value: Slot | null;
}

export class ProcessVariables implements ProcessVariableStore {
  private readonly ints: Int32Array;
  private readonly view: DataView;
  private readonly bytes: Buffer;
  private readonly seen = new Map<string, Seen>();
  private known = 0;
  /** See `limitOf`. */
  private readonly limit: number;

  constructor(memory: SharedArrayBuffer, limit = 0) {
    this.ints = new Int32Array(memory);
    this.view = new DataView(memory);
    this.bytes = Buffer.from(memory);
    this.limit = limit;
  }

  /** Takes `bytes` (or gives them back) for any scope; false where the limit would be passed. */
  charge(bytes: number): boolean {
    const { ints, limit } = this;
    const before = Atomics.add(ints, USED, bytes);
    if (bytes <= 0 || limit === 0 || before + bytes <= limit) return true;
    Atomics.sub(ints, USED, bytes);
    return false;
  }

  private find(name: string): Seen | undefined {
    const found = this.seen.get(name);
    if (found !== undefined) return found;
    const count = Atomics.load(this.ints, COUNT);
    for (; this.known < count; this.known++) {
      const at = HEAD_BYTES + this.known * SLOT_BYTES;
      const end = at + NAME_AT + this.ints[at / 4 + NAME_LENGTH]!;
      this.seen.set(this.bytes.toString('latin1', at + NAME_AT, end), { at, version: -1, value: null });
    }
    return this.seen.get(name);
  }

  private look(name: string): Slot | null {
    const seen = this.find(name);
    if (seen === undefined) return null;
    const word = seen.at / 4;
    for (;;) {
      const version = Atomics.load(this.ints, word + VERSION);
      if (version === seen.version) return seen.value;
      if ((version & 1) !== 0) continue;
      const value = this.read(seen.at);
      if (Atomics.load(this.ints, word + VERSION) !== version) continue;
      seen.version = version;
      seen.value = value;
      return value;
    }
  }

  private read(at: number): Slot | null {
    const { ints, view, bytes } = this;
    const type = ints[at / 4 + TYPE]!;
    if (type === UNSET) return null;
    const length = Math.max(0, Math.min(VALUE_MAX, ints[at / 4 + LENGTH]!));
    return {
      type: type as Slot['type'],
      num: view.getFloat64(at + NUMBER_AT, true),
      big: ints[at / 4 + HAS_BIG] === 1 ? view.getBigInt64(at + BIG_AT, true) : null,
      text: bytes.toString('latin1', at + VALUE_AT, at + VALUE_AT + length),
    };
  }

  /** Call with the lock held. Null: no room for another name. */
  private place(name: string): Seen | null {
    const found = this.find(name);
    if (found !== undefined) return found;
    const { ints, bytes } = this;
    if (this.known === SLOTS || name.length > NAME_MAX) return null;
    const at = HEAD_BYTES + this.known * SLOT_BYTES;
    ints[at / 4 + TYPE] = UNSET;
    ints[at / 4 + NAME_LENGTH] = name.length;
    bytes.write(name, at + NAME_AT, 'latin1');
    Atomics.add(ints, COUNT, 1);
    return this.find(name)!;
  }

  /** False: too long, too many, or beyond the limits; then nothing changes. */
  set(name: string, sample: Readonly<Slot>): boolean {
    const { ints, view, bytes } = this;
    const { type, num, big } = sample;
    // Other types may have an old text about them.
    const text = type >= Type.IPV6 ? sample.text : '';
    if (text.length > VALUE_MAX) return false;
    lock(ints, LOCK);
    try {
      const seen = this.place(name);
      if (seen === null) return false;
      const old = this.look(name);
      if (!this.charge(sizeOf(sample) - (old === null ? 0 : sizeOf(old)))) return false;
      const { at } = seen;
      const word = at / 4;
      Atomics.add(ints, word + VERSION, 1);
      ints[word + TYPE] = type;
      ints[word + LENGTH] = text.length;
      ints[word + HAS_BIG] = big === null ? 0 : 1;
      view.setFloat64(at + NUMBER_AT, num, true);
      if (big !== null) view.setBigInt64(at + BIG_AT, big, true);
      bytes.write(text, at + VALUE_AT, 'latin1');
      Atomics.add(ints, word + VERSION, 1);
      return true;
    } finally {
      unlock(ints, LOCK);
    }
  }

  get(name: string, sample: Sample): boolean {
    const value = this.look(name);
    return value !== null && sample.copy(value);
  }

  has(name: string): boolean {
    return this.look(name) !== null;
  }

  *entries(): IterableIterator<[string, Readonly<Slot>]> {
    this.find('');
    for (const name of this.seen.keys()) {
      const value = this.look(name);
      if (value !== null) yield [name, value];
    }
  }

  unset(name: string): void {
    const { ints } = this;
    lock(ints, LOCK);
    try {
      const seen = this.find(name);
      const old = this.look(name);
      if (seen === undefined || old === null) return;
      this.charge(-sizeOf(old));
      Atomics.add(ints, seen.at / 4 + VERSION, 1);
      ints[seen.at / 4 + TYPE] = UNSET;
      Atomics.add(ints, seen.at / 4 + VERSION, 1);
    } finally {
      unlock(ints, LOCK);
    }
  }
}
