// What a thread keeps of a list whose patterns no index serves. It is made again when the list's content has moved.

import type { PatternList } from './list.ts';
import { highest, holds, lowest, parseRange, type Range } from './ranges.ts';
import { compileRegex } from './regex.ts';
import { ConfigError } from '../registry/define.ts';

export abstract class Mirror {
  protected readonly list: PatternList;
  /** Entries in force, in the order of the list. */
  protected entries: number[] = [];
  private content = -1;

  constructor(list: PatternList) {
    this.list = list;
  }

  /** Called within a read that `PatternList.holds` confirms; a list that changes meanwhile is read again. */
  protected renew(): void {
    const { list } = this;
    const content = list.content;
    if (content === this.content) return;
    const sequence = list.begin();
    const entries: number[] = [];
    const keys: string[] = [];
    let left = list.count;
    for (let entry = list.first; entry !== 0 && left-- > 0; entry = list.after(entry)) {
      if (list.version(entry) !== list.current) continue;
      entries.push(entry);
      keys.push(list.key(entry));
    }
    if (!list.holds(sequence)) return;
    this.entries = entries;
    this.take(keys);
    this.content = content;
  }

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
  private texts: readonly string[] = [];

  constructor(list: PatternList, ignoreCase: boolean) {
    super(list);
    this.ignoreCase = ignoreCase;
  }

  protected take(keys: readonly string[]): void {
    this.texts = this.ignoreCase ? keys.map((key) => key.toLowerCase()) : keys;
  }

  override findText(text: string): number {
    this.renew();
    const { texts } = this;
    const wanted = this.ignoreCase ? text.toLowerCase() : text;
    for (let at = 0; at < texts.length; at++) if (wanted.includes(texts[at]!)) return this.entries[at]!;
    return 0;
  }
}

export class RegexMirror extends Mirror {
  private readonly ignoreCase: boolean;
  private compiled = new Map<string, RegExp>();
  private expressions: readonly RegExp[] = [];
  /** Of the last text that matched. */
  groups: RegExpExecArray | null = null;

  constructor(list: PatternList, ignoreCase: boolean) {
    super(list);
    this.ignoreCase = ignoreCase;
  }

  protected take(keys: readonly string[]): void {
    const compiled = new Map<string, RegExp>();
    this.expressions = keys.map((key) => {
      const expression = this.compiled.get(key) ?? this.compile(key);
      compiled.set(key, expression);
      return expression;
    });
    this.compiled = compiled;
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

/** Ranges that do not overlap are searched by halves; others in the order of the list. */
export class RangeMirror extends Mirror {
  private lows = new Float64Array(0);
  private highs = new Float64Array(0);
  private sorted: Int32Array | null = null;
  private ranges: readonly Range[] = [];

  protected take(keys: readonly string[]): void {
    const ranges = keys.map((key) => parseRange(key));
    const lows = ranges.map(lowest);
    const highs = ranges.map(highest);
    const order = ranges.map((_range, at) => at).sort((a, b) => lows[a]! - lows[b]! || a - b);
    const apart = order.every((at, place) => place === 0 || lows[at]! > highs[order[place - 1]!]!);
    const places = apart ? order : ranges.map((_range, at) => at);
    this.ranges = ranges;
    this.lows = Float64Array.from(places, (at) => lows[at]!);
    this.highs = Float64Array.from(places, (at) => highs[at]!);
    this.sorted = apart ? Int32Array.from(places) : null;
  }

  override findNumber(value: number, big: bigint | null): number {
    this.renew();
    if (big !== null) {
      const at = this.ranges.findIndex((range) => holds(range, big));
      return at < 0 ? 0 : this.entries[at]!;
    }
    const { lows, highs, sorted } = this;
    if (sorted === null) {
      for (let at = 0; at < lows.length; at++)
        if (value >= lows[at]! && value <= highs[at]!) return this.entries[at]!;
      return 0;
    }
    let from = 0;
    let to = lows.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (lows[middle]! <= value) from = middle + 1;
      else to = middle;
    }
    return from > 0 && value <= highs[from - 1]! ? this.entries[sorted[from - 1]!]! : 0;
  }
}
