// A pattern list: the entries of a file, of a virtual file or of one ACL line, shared by all that name it and by all
// threads. An entry has a key and, in maps, a value; versions let a new content be prepared and put in force at once.

import { Entry, List } from './layout.ts';
import type { PatternMemory } from './memory.ts';
import { disturb, PatternTable, settle, type TableKind } from './table.ts';

/** Entries that one hold of the lock may remove or print, so that others wait for microseconds only. */
const BATCH = 512;

export class PatternList {
  readonly memory: PatternMemory;
  /** Where its fields lie. */
  readonly at: number;
  private tables: PatternTable[];

  constructor(memory: PatternMemory, at: number) {
    this.memory = memory;
    this.at = at;
    this.tables = PatternTable.allOf(memory, at);
  }

  static create(memory: PatternMemory): PatternList {
    const at = memory.take(List.SIZE);
    memory.ints.fill(0, at, at + List.SIZE);
    return new PatternList(memory, at);
  }

  /** The index for a method, made now where there is none yet. */
  table(kind: TableKind, folds: boolean): PatternTable {
    const known = this.tables.find((one) => one.kind === kind && one.folds === folds);
    if (known !== undefined) return known;
    const made = PatternTable.create(this.memory, this.at, kind, folds);
    this.tables.push(made);
    for (let entry = this.first; entry !== 0; entry = this.after(entry)) made.insert(entry, this.key(entry));
    return made;
  }

  // Reading.

  /** What a reader compares with `holds` when it has read; waits while a change is under way. */
  begin(): number {
    const { ints } = this.memory;
    for (;;) {
      const sequence = Atomics.load(ints, this.at + List.SEQUENCE);
      if ((sequence & 1) === 0) return sequence;
    }
  }

  /** Whether nothing has changed since `begin` gave `sequence`. */
  holds(sequence: number): boolean {
    return Atomics.load(this.memory.ints, this.at + List.SEQUENCE) === sequence;
  }

  /** Moves with each change of what is matched. */
  get content(): number {
    return Atomics.load(this.memory.ints, this.at + List.CONTENT);
  }

  /** All was read: this content is what inline patterns were compiled from. */
  settle(): void {
    this.memory.ints[this.at + List.CONTENT] = 0;
  }

  get count(): number {
    return this.memory.ints[this.at + List.COUNT]!;
  }

  get current(): number {
    return this.memory.ints[this.at + List.CURRENT]!;
  }

  get next(): number {
    return this.memory.ints[this.at + List.NEXT_VERSION]!;
  }

  /** Moves when an entry goes. */
  get removals(): number {
    return this.memory.ints[this.at + List.REMOVALS]!;
  }

  get first(): number {
    return this.memory.ints[this.at + List.FIRST]!;
  }

  after(entry: number): number {
    return this.memory.ints[entry + Entry.NEXT]! | 0;
  }

  version(entry: number): number {
    return this.memory.ints[entry + Entry.VERSION]!;
  }

  key(entry: number): string {
    const { ints, bytes } = this.memory;
    const start = (entry + Entry.KEY) * 4;
    return latin1(bytes, start, ints[entry + Entry.KEY_LENGTH]!);
  }

  /** The value, or null for an entry that has none. */
  value(entry: number): string | null {
    const { ints, bytes } = this.memory;
    const block = ints[entry + Entry.VALUE]! | 0;
    return block === 0 ? null : latin1(bytes, (block + 1) * 4, ints[block]!);
  }

  /** The entry has no value: it was added to a file of patterns. */
  isBare(entry: number): boolean {
    return this.memory.ints[entry + Entry.VALUE] === 0;
  }

  // Changing. Keys and values are latin1 and were checked by whoever calls.

  /** Adds an entry at the end. Throws PatternMemoryFull. */
  add(key: string, value: string | null, version = this.current): void {
    const { memory } = this;
    memory.lock();
    try {
      // Readers see the entry or do not: it is whole before it is linked, so none has to read again.
      this.append(key, value, version);
      if ((version | 0) === this.current) Atomics.add(memory.ints, this.at + List.CONTENT, 1);
    } finally {
      memory.unlock();
    }
  }

  /** As `set map` and the rules: changes the values of all entries with that key; how many there were. */
  set(key: string, value: string): number {
    this.open();
    try {
      return this.eachOf(key, (entry) => this.change(entry, value));
    } finally {
      this.close();
    }
  }

  /** As the rule `set-map`: changes entries with that key or adds one. */
  put(key: string, value: string): void {
    this.open();
    try {
      if (this.eachOf(key, (entry) => this.change(entry, value)) === 0) this.append(key, value, this.current);
    } finally {
      this.close();
    }
  }

  /** As the rule `add-acl`: nothing where the key is there already. */
  addOnce(key: string): void {
    this.open();
    try {
      if (this.eachOf(key, () => {}) === 0) this.append(key, null, this.current);
    } finally {
      this.close();
    }
  }

  /** Removes all entries with that key; how many there were. */
  delete(key: string): number {
    this.open();
    try {
      return this.eachOf(key, (entry) => this.unlink(entry));
    } finally {
      this.close();
    }
  }

  /** Changes or, without a value, removes the entry that `show map` named; false where there is none. */
  editAt(entry: number, value: string | null): boolean {
    this.open();
    try {
      for (let at = this.first; at !== 0; at = this.after(at)) {
        if (at !== entry) continue;
        if (value === null) this.unlink(entry);
        else this.change(entry, value);
        return true;
      }
      return false;
    } finally {
      this.close();
    }
  }

  /** A number for a new version, whose entries are not matched until `commit`. */
  prepare(): number {
    const { ints } = this.memory;
    return (Atomics.add(ints, this.at + List.NEXT_VERSION, 1) + 1) >>> 0;
  }

  /** Puts a version in force at once. Entries of others are not matched any more; `purge` removes them. */
  commit(version: number): void {
    this.open();
    this.memory.ints[this.at + List.CURRENT] = version | 0;
    this.close();
  }

  /** Removes the entries that `dies` chooses by version, some at a time: yields where others may have their turn. */
  *purge(dies: (version: number) => boolean): Generator<void> {
    let order: number | null = null;
    for (;;) {
      this.open();
      try {
        let left = BATCH;
        let entry: number = order === null ? this.first : this.resume(order);
        while (entry !== 0 && left-- > 0) {
          const next = this.after(entry);
          order = this.memory.ints[entry + Entry.ORDER]!;
          if (dies(this.version(entry))) this.unlink(entry);
          entry = next;
        }
        if (entry === 0) return;
      } finally {
        this.close();
      }
      yield;
    }
  }

  /** Goes through the entries of a version as text, some at a time; changes in between are seen or not. */
  *dump(
    version: number,
    print: (entry: number, key: string, value: string | null) => string,
  ): Generator<string> {
    const { memory } = this;
    let order: number | null = null;
    let place = 0;
    let removals = -1;
    let over = false;
    for (;;) {
      let text = '';
      memory.lock();
      try {
        const stays = removals === memory.ints[this.at + List.REMOVALS];
        removals = memory.ints[this.at + List.REMOVALS]!;
        let entry: number = order === null ? this.first : stays ? this.after(place) : this.resume(order);
        for (let left = BATCH; entry !== 0 && left > 0; left--) {
          if (this.version(entry) === version) text += print(entry, this.key(entry), this.value(entry));
          order = memory.ints[entry + Entry.ORDER]!;
          place = entry;
          entry = this.after(entry);
        }
        over = entry === 0;
      } finally {
        memory.unlock();
      }
      if (text !== '') yield text;
      if (over) return;
    }
  }

  /** The first entry that was added after the one with `order`. */
  private resume(order: number): number {
    const { ints } = this.memory;
    let entry = this.first;
    while (entry !== 0 && ((ints[entry + Entry.ORDER]! - order) | 0) <= 0) entry = this.after(entry);
    return entry;
  }

  private open(): void {
    this.memory.lock();
    Atomics.add(this.memory.ints, this.at + List.SEQUENCE, 1);
  }

  private close(): void {
    const { ints } = this.memory;
    Atomics.add(ints, this.at + List.CONTENT, 1);
    Atomics.add(ints, this.at + List.SEQUENCE, 1);
    this.memory.unlock();
  }

  /** Calls `edit` with each entry in force that has the key. */
  private eachOf(key: string, edit: (entry: number) => void): number {
    const table = this.tables.find((one) => one.kind === 'str' && !one.folds);
    let count = 0;
    if (table !== undefined) {
      // Found in the index one by one: an entry that stays would be found again and again.
      const found: number[] = [];
      table.findAll(key, found);
      for (const entry of found) edit(entry);
      return found.length;
    }
    for (let entry = this.first; entry !== 0;) {
      const next = this.after(entry);
      if (this.version(entry) === this.current && this.key(entry) === key) {
        edit(entry);
        count++;
      }
      entry = next;
    }
    return count;
  }

  private append(key: string, value: string | null, version: number): void {
    const { memory, at } = this;
    const words = Entry.KEY + ((key.length + 3) >> 2);
    const block = value === null ? 0 : this.block(value);
    let entry;
    try {
      entry = memory.take(words);
    } catch (error) {
      this.release(block);
      throw error;
    }
    const { ints } = memory;
    const last = ints[at + List.LAST]!;
    const order = (ints[at + List.ORDER]! + 1) | 0;
    ints[at + List.ORDER] = order;
    ints[entry + Entry.PREVIOUS] = last;
    ints[entry + Entry.NEXT] = 0;
    ints[entry + Entry.VERSION] = version | 0;
    ints[entry + Entry.ORDER] = order;
    ints[entry + Entry.KEY_LENGTH] = key.length;
    ints[entry + Entry.VALUE] = block;
    write(memory.bytes, (entry + Entry.KEY) * 4, key);
    try {
      for (const table of this.tables) table.insert(entry, key);
    } catch (error) {
      const opened = disturb(memory, at);
      for (const table of this.tables) table.remove(entry, key);
      if (opened) settle(memory, at);
      this.release(block);
      memory.give(entry, words);
      throw error;
    }
    const after = memory.ints;
    after[last === 0 ? at + List.FIRST : last + Entry.NEXT] = entry;
    after[at + List.LAST] = entry;
    after[at + List.COUNT]!++;
  }

  private block(text: string): number {
    const block = this.memory.take(1 + ((text.length + 3) >> 2));
    this.memory.ints[block] = text.length;
    write(this.memory.bytes, (block + 1) * 4, text);
    return block;
  }

  private change(entry: number, value: string): void {
    const before = this.memory.ints[entry + Entry.VALUE]!;
    this.memory.ints[entry + Entry.VALUE] = this.block(value);
    this.release(before);
  }

  private release(block: number): void {
    if (block !== 0) this.memory.give(block, 1 + ((this.memory.ints[block]! + 3) >> 2));
  }

  private unlink(entry: number): void {
    const { memory, at } = this;
    const { ints } = memory;
    const key = this.key(entry);
    for (const table of this.tables) table.remove(entry, key);
    const before = ints[entry + Entry.PREVIOUS]!;
    const next = ints[entry + Entry.NEXT]!;
    ints[before === 0 ? at + List.FIRST : before + Entry.NEXT] = next;
    ints[next === 0 ? at + List.LAST : next + Entry.PREVIOUS] = before;
    ints[at + List.COUNT]!--;
    ints[at + List.REMOVALS] = (ints[at + List.REMOVALS]! + 1) & 0x7fff_ffff;
    this.release(ints[entry + Entry.VALUE]!);
    memory.give(entry, Entry.KEY + ((key.length + 3) >> 2));
  }
}

function latin1(bytes: Buffer, start: number, length: number): string {
  // Bounds matter where a reader sees a change half done.
  return length >= 0 && start + length <= bytes.length ? bytes.toString('latin1', start, start + length) : '';
}

function write(bytes: Buffer, at: number, text: string): void {
  if (text.length > 48) {
    bytes.write(text, at, 'latin1');
    return;
  }
  for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index);
}
