// Variables of one scope (manual 2.8): a name to value store with types kept. Made on first set.

import { Type, type Sample } from './sample.ts';

interface Slot {
  type: Type;
  num: number;
  big: bigint | null;
  text: string;
}

/** One scope's variables. Names are looked up by their full text without the scope (`x` of `txn.x`). */
export class Variables {
  private slots: Map<string, Slot> | null = null;

  /** Stores a copy of the sample's value. */
  set(name: string, sample: Sample): void {
    this.slots ??= new Map();
    const slot = this.slots.get(name);
    if (slot === undefined) {
      this.slots.set(name, { type: sample.type, num: sample.num, big: sample.big, text: sample.text });
    } else {
      slot.type = sample.type;
      slot.num = sample.num;
      slot.big = sample.big;
      slot.text = sample.text;
    }
  }

  /** Fills `sample` and returns true where the variable is set. */
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
    this.slots?.delete(name);
  }

  /** Forgets everything; keeps nothing allocated for scopes that were never used. */
  clear(): void {
    this.slots = null;
  }

  *entries(): IterableIterator<[string, Readonly<Slot>]> {
    if (this.slots !== null) yield* this.slots;
  }
}
