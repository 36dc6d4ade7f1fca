// How a thread asks a pattern list by one method: through the shared index, or through what it made itself of the
// patterns where each has to be looked at (`sub`, `reg`) or is a range (`int`, `len`).

import type { Lookup } from './inline.ts';
import type { Sample } from '../sample/sample.ts';
import { Type } from '../sample/sample.ts';
import type { PatternList } from './list.ts';
import { castFor, type Method } from './methods.ts';
import { type Mirror, RangeMirror, RegexMirror, SubstringMirror } from './mirror.ts';
import { isTableKind, type PatternTable } from './table.ts';

/** Values that a look-up remembers; a power of two. */
const RECENT = 1024;
const RECENT_SHIFT = 22;

export class PatternLookup implements Lookup {
  readonly list: PatternList;
  readonly method: Method;
  readonly ignoreCase: boolean;
  readonly label: string;
  private readonly table: PatternTable | null;
  private readonly mirror: Mirror | null;
  /** Values that were looked up lately, by entry, while the content is the same. */
  private recent: Int32Array | null = null;
  private readonly texts: string[] = [];
  private content = -1;
  /** Of the last match by `reg`: the groups, for map_regm. */
  groups: RegExpExecArray | null = null;

  constructor(list: PatternList, method: Method, ignoreCase: boolean, label: string = method) {
    this.label = label;
    this.list = list;
    this.method = method;
    this.ignoreCase = ignoreCase;
    this.table = isTableKind(method) ? list.table(method, ignoreCase && method !== 'ip') : null;
    this.mirror = mirrorFor(list, method, ignoreCase);
  }

  /** The words of `get map`: what kind of look-up this is. */
  get index(): 'tree' | 'list' {
    const exact = (this.method === 'str' || this.method === 'beg') && !this.ignoreCase;
    return exact || this.method === 'ip' ? 'tree' : 'list';
  }

  /** Whether the value matches any pattern. Changes the sample's type to what the method looks at. */
  matches(sample: Sample): boolean {
    const { list } = this;
    if (!castFor(this.method, sample)) return false;
    for (;;) {
      const sequence = list.begin();
      const entry = this.find(sample);
      if (list.holds(sequence)) return entry !== 0;
    }
  }

  /** The same for text as it is, of methods that look at text. */
  matchesText(text: string): boolean {
    const { list } = this;
    for (;;) {
      const sequence = list.begin();
      const entry = this.table !== null ? this.table.findText(text) : this.mirror!.findText(text);
      if (list.holds(sequence)) return entry !== 0;
    }
  }

  /** The value of the entry that matches (its key with `asKey`), or null without one. */
  value(sample: Sample, asKey = false): string | null {
    const { list } = this;
    if (!castFor(this.method, sample)) return null;
    for (;;) {
      const sequence = list.begin();
      const entry = this.find(sample);
      const text = entry === 0 ? null : asKey ? list.key(entry) : this.recall(entry);
      if (list.holds(sequence)) return text;
    }
  }

  /** The value of an entry; those that are asked for again and again are strings already. */
  private recall(entry: number): string {
    const { list } = this;
    const { content } = list;
    if (content !== this.content) {
      this.recent ??= new Int32Array(RECENT);
      this.recent.fill(0);
      this.content = content;
    }
    const slot = Math.imul(entry, 0x9e3779b1) >>> RECENT_SHIFT;
    if (this.recent![slot] === entry) return this.texts[slot]!;
    const text = list.value(entry) ?? '';
    this.recent![slot] = entry;
    this.texts[slot] = text;
    return text;
  }

  /** Key and value of the entry that matches, for `get map`. */
  pair(sample: Sample): { key: string; value: string | null } | null {
    const { list } = this;
    if (!castFor(this.method, sample)) return null;
    for (;;) {
      const sequence = list.begin();
      const entry = this.find(sample);
      const pair = entry === 0 ? null : { key: list.key(entry), value: list.value(entry) };
      if (list.holds(sequence)) return pair;
    }
  }

  private find(sample: Sample): number {
    const { table, mirror } = this;
    if (table !== null) {
      if (table.kind !== 'ip') return table.findText(sample.text);
      return sample.type === Type.IPV4 ? table.findIpv4(sample.num) : table.findIpv6(sample.text);
    }
    if (mirror === null) return 0;
    if (this.method === 'int') return mirror.findNumber(sample.num);
    if (this.method === 'len') return mirror.findNumber(sample.text.length);
    const entry = mirror.findText(sample.text);
    if (mirror instanceof RegexMirror) this.groups = mirror.groups;
    return entry;
  }
}

function mirrorFor(list: PatternList, method: Method, ignoreCase: boolean): Mirror | null {
  switch (method) {
    case 'int':
    case 'len':
      return new RangeMirror(list);
    case 'sub':
      return new SubstringMirror(list, ignoreCase);
    case 'reg':
      return new RegexMirror(list, ignoreCase);
    default:
      return null;
  }
}
