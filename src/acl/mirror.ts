// What a thread keeps of a list whose patterns no index serves. It is made again when the list's content has moved.

import { Automaton } from './automaton.ts';
import type { PatternList } from './list.ts';
import { highest, holds, lowest, parseRange, type Range } from './ranges.ts';
import { compileRegex } from './regex.ts';
import { Segments } from './segments.ts';
import { ConfigError } from '../registry/define.ts';

/** Fewer substrings are looked for one by one. */
const FEW = 12;
/** Substrings that were added are looked for one by one until there are so many. */
const TAIL = 256;

export abstract class Mirror {
  protected readonly list: PatternList;
  /** Entries in force, in the order of the list. */
  protected entries: number[] = [];
  private content = -1;
  private removals = -1;
  private current = -1;
  private last = 0;

  constructor(list: PatternList) {
    this.list = list;
  }

  /** Called within a read that `PatternList.holds` confirms; a list that changes meanwhile is read again. */
  protected renew(): void {
    const { list } = this;
    if (list.content !== this.content) this.read();
  }

  /** Ahead of the first look-up; without effect where the list changes meanwhile. */
  prepare(): void {
    this.renew();
  }

  private read(): void {
    const { list } = this;
    const { content } = list;
    const sequence = list.begin();
    const { removals, current } = list;
    // Where nothing went, what is new stands behind the last entry. Keys do not change.
    const grown = this.last !== 0 && removals === this.removals && current === this.current;
    const entries: number[] = [];
    const keys: string[] = [];
    let left = list.count;
    let last = this.last;
    for (
      let entry = grown ? list.after(last) : list.first;
      entry !== 0 && left-- > 0;
      entry = list.after(entry)
    ) {
      last = entry;
      if (list.version(entry) !== current) continue;
      entries.push(entry);
      keys.push(list.key(entry));
    }
    if (!list.holds(sequence)) return;
    if (grown) {
      for (const entry of entries) this.entries.push(entry);
      if (keys.length > 0) this.append(keys);
    } else {
      this.entries = entries;
      this.take(keys);
    }
    this.last = last;
    this.removals = removals;
    this.current = current;
    this.content = content;
  }

  /** More keys behind those that were taken. */
  protected abstract append(keys: readonly string[]): void;
  protected abstract take(keys: readonly string[]): void;
  /** The first entry that matches, 0 for none. */
  findText(_text: string): number {
    return 0;
  }
  /** `big`: the value where a double does not hold it, else null. */
  findNumber(_value: number, _big: bigint | null): number {
    return 0;
  }
}

export class SubstringMirror extends Mirror {
  private readonly ignoreCase: boolean;
  private keys: string[] = [];
  private automaton: Automaton | null = null;
  /** So many of the first keys are in the automaton. */
  private covered = 0;

  constructor(list: PatternList, ignoreCase: boolean) {
    super(list);
    this.ignoreCase = ignoreCase;
  }

  protected take(keys: readonly string[]): void {
    this.keys = [];
    this.covered = 0;
    this.automaton = null;
    this.append(keys);
  }

  protected append(keys: readonly string[]): void {
    for (const key of keys) this.keys.push(key);
    const count = this.keys.length;
    const left = count - this.covered;
    // An automaton costs some hundred times what one search does: not anew for each key of many that come in turn.
    if (
      this.ignoreCase ||
      (this.automaton === null ? left > FEW : left > Math.max(TAIL, this.covered >> 4))
    ) {
      this.automaton = new Automaton(this.keys, this.ignoreCase);
      this.covered = count;
    }
  }

  override findText(text: string): number {
    this.renew();
    const { keys, automaton } = this;
    if (automaton !== null) {
      const found = automaton.first(text);
      if (found >= 0) return this.entries[found]!;
    }
    for (let at = this.covered; at < keys.length; at++)
      if (text.includes(keys[at]!)) return this.entries[at]!;
    return 0;
  }
}

export class RegexMirror extends Mirror {
  private readonly ignoreCase: boolean;
  private compiled = new Map<string, RegExp>();
  private expressions: RegExp[] = [];
  /** Of the last text that matched. */
  groups: RegExpExecArray | null = null;

  constructor(list: PatternList, ignoreCase: boolean) {
    super(list);
    this.ignoreCase = ignoreCase;
  }

  protected take(keys: readonly string[]): void {
    const before = this.compiled;
    this.compiled = new Map();
    this.expressions = [];
    for (const key of keys) this.push(key, before.get(key));
  }

  protected append(keys: readonly string[]): void {
    for (const key of keys) this.push(key, this.compiled.get(key));
  }

  private push(key: string, known: RegExp | undefined): void {
    const expression = known ?? this.compile(key);
    this.compiled.set(key, expression);
    this.expressions.push(expression);
  }

  private compile(key: string): RegExp {
    try {
      return compileRegex(key, this.ignoreCase);
    } catch (error) {
      // Whoever adds an entry checks it first.
      if (error instanceof ConfigError) return /(?!)/;
      throw error;
    }
  }

  override findText(text: string): number {
    this.renew();
    const { expressions } = this;
    for (let at = 0; at < expressions.length; at++) {
      const match = expressions[at]!.exec(text);
      if (match === null) continue;
      this.groups = match;
      return this.entries[at]!;
    }
    return 0;
  }
}

/** Ranges, searched by halves. */
export class RangeMirror extends Mirror {
  private ranges: Range[] = [];
  private segments = new Segments([]);

  protected take(keys: readonly string[]): void {
    this.ranges = [];
    this.append(keys);
  }

  protected append(keys: readonly string[]): void {
    for (const key of keys) this.ranges.push(parseRange(key));
    this.segments = new Segments(this.ranges.map((range) => ({ low: lowest(range), high: highest(range) })));
  }

  override findNumber(value: number, big: bigint | null): number {
    this.renew();
    const found =
      big === null ? this.segments.first(value) : this.ranges.findIndex((range) => holds(range, big));
    return found < 0 ? 0 : this.entries[found]!;
  }
}
