// Variables of one scope (manual 2.8): a name to value store with types kept. Made on first set. Where tune.vars.*
// limits them, each scope has an account; without limits none exists and nothing is counted.

import { Type, type Sample } from './sample.ts';

export interface Slot {
  type: Type;
  num: number;
  big: bigint | null;
  text: string;
}

/** What all scopes can do. */
export interface VariableStore {
  /** False: a limit was in the way, and the variable is what it was. */
  set(name: string, sample: Readonly<Slot>): boolean;
  /** Fills `sample` and returns true where the variable is set. */
  get(name: string, sample: Sample): boolean;
  has(name: string): boolean;
  unset(name: string): void;
  /** All that are set. */
  entries(): IterableIterator<[string, Readonly<Slot>]>;
}

/** The process scope: all scopes are charged to it. */
export interface ProcessVariableStore extends VariableStore {
  /** Takes `bytes`, or gives them back; false where a limit would be passed. */
  charge(bytes: number): boolean;
}

/** What HAProxy counts for each variable beside its text, bytes. */
const OVERHEAD = 80;

/** Bytes of a value as the limits count them. */
export const sizeOf = ({ type, text }: Readonly<Pick<Slot, 'type' | 'text'>>): number =>
  OVERHEAD + (type === Type.STR || type === Type.BIN || type === Type.METH ? text.length : 0);

/** What of a limit is used. Limits are nested: what counts here counts in the wider scope too (manual 3.2). */
export class VariableAccount {
  private used = 0;
  /** Bytes; 0 for none. */
  private readonly limit: number;
  private readonly wider: { charge(bytes: number): boolean };

  constructor(limit: number, wider: { charge(bytes: number): boolean }) {
    this.limit = limit;
    this.wider = wider;
  }

  /** Takes `bytes`, or gives them back; false where a limit would be passed. */
  charge(bytes: number): boolean {
    if (bytes > 0 && this.limit > 0 && this.used + bytes > this.limit) return false;
    if (!this.wider.charge(bytes)) return false;
    this.used += bytes;
    return true;
  }
}

/** One scope's variables. Names are looked up by their full text without the scope (`x` of `txn.x`). */
export class Variables implements ProcessVariableStore {
  private slots: Map<string, Slot> | null = null;
  /** Null where nothing is limited. */
  readonly account: VariableAccount | null;
  private charged = 0;

  constructor(account: VariableAccount | null = null) {
    this.account = account;
  }

  /** Stores a copy of the sample's value. */
  set(name: string, sample: Readonly<Slot>): boolean {
    const slot = this.slots?.get(name);
    if (this.account !== null && !this.charge(sizeOf(sample) - (slot === undefined ? 0 : sizeOf(slot)))) {
      return false;
    }
    if (slot === undefined) {
      this.slots ??= new Map();
      this.slots.set(name, { type: sample.type, num: sample.num, big: sample.big, text: sample.text });
    } else {
      slot.type = sample.type;
      slot.num = sample.num;
      slot.big = sample.big;
      slot.text = sample.text;
    }
    return true;
  }

  charge(bytes: number): boolean {
    if (this.account === null) return true;
    if (!this.account.charge(bytes)) return false;
    this.charged += bytes;
    return true;
  }

  get(name: string, sample: Sample): boolean {
    const slot = this.slots?.get(name);
    if (slot === undefined) return false;
    sample.type = slot.type;
    sample.num = slot.num;
    sample.big = slot.big;
    sample.text = slot.text;
    return true;
  }

  has(name: string): boolean {
    return this.slots !== null && this.slots.has(name);
  }

  unset(name: string): void {
    const slot = this.slots?.get(name);
    if (slot === undefined) return;
    if (this.account !== null) this.charge(-sizeOf(slot));
    this.slots!.delete(name);
  }

  /** Forgets everything; keeps nothing allocated for scopes that were never used. */
  clear(): void {
    if (this.charged !== 0) this.charge(-this.charged);
    this.slots = null;
  }

  *entries(): IterableIterator<[string, Readonly<Slot>]> {
    if (this.slots !== null) yield* this.slots;
  }
}
