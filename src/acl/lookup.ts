// How a thread asks a pattern list by one method: through the shared index, or through what it made itself of the
// patterns where each has to be looked at (`sub`, `reg`) or is a range (`int`, `len`).

import type { Lookup } from './inline.ts';
import { Sample, Type } from '../sample/sample.ts';
import type { PatternList } from './list.ts';
import { castFor, type Method } from './methods.ts';
import { type Mirror, RangeMirror, RegexMirror, SubstringMirror } from './mirror.ts';
import { isTableKind, type PatternTable } from './table.ts';

/** What is read of the entry that is found, at one moment with it. */
const Want = { ENTRY: 0, KEY: 1, VALUE: 2 } as const;
type Want = (typeof Want)[keyof typeof Want];
/** So often a look-up is begun anew because somebody changes the list, before it keeps them out. */
const TRIES = 4;
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
  private readonly scratch = new Sample();
  private text = '';
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

  /** Reads the patterns that no index serves, before the first request has to wait for that. */
  prepare(): void {
    this.mirror?.prepare();
  }

  /** Whether the value matches any pattern. Changes the sample's type to what the method looks at. */
  matches(sample: Sample): boolean {
    return castFor(this.method, sample) && this.ask(sample, Want.ENTRY) !== 0;
  }

  /** The same for text as it is, of methods that look at text. */
  matchesText(text: string): boolean {
    this.scratch.text = text;
    return this.ask(this.scratch, Want.ENTRY) !== 0;
  }

  /** The value of the entry that matches (its key with `asKey`), or null without one. */
  value(sample: Sample, asKey = false): string | null {
    if (!castFor(this.method, sample)) return null;
    return this.ask(sample, asKey ? Want.KEY : Want.VALUE) === 0 ? null : this.text;
  }

  /** Key and value of the entry that matches, for `get map`. */
  pair(sample: Sample): { key: string; value: string | null } | null {
    if (!castFor(this.method, sample) || this.ask(sample, Want.KEY) === 0) return null;
    const key = this.text;
    const entry = this.ask(sample, Want.VALUE);
    return { key, value: entry === 0 || this.list.isBare(entry) ? null : this.text };
  }

  /** The entry that matches, 0 for none; `text` then is what was wanted of it. */
  private ask(sample: Sample, want: Want): number {
    const { list } = this;
    for (let tries = 0; tries < TRIES; tries++) {
      const sequence = list.begin();
      const entry = this.take(sample, want);
      if (list.holds(sequence)) return entry;
    }
    // Others change the list faster than it is read: they wait this once.
    list.memory.lock();
    try {
      return this.take(sample, want);
    } finally {
      list.memory.unlock();
    }
  }

  private take(sample: Sample, want: Want): number {
    const entry = this.find(sample);
    if (entry !== 0 && want !== Want.ENTRY) {
      this.text = want === Want.KEY ? this.list.key(entry) : this.recall(entry);
    }
    return entry;
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

  private find(sample: Sample): number {
    const { table, mirror } = this;
    if (table !== null) {
      if (table.kind !== 'ip') return table.findText(sample.text);
      return sample.type === Type.IPV4 ? table.findIpv4(sample.num) : table.findIpv6(sample.text);
    }
    if (mirror === null) return 0;
    if (this.method === 'int') return mirror.findNumber(sample.num, sample.big);
    if (this.method === 'len') return mirror.findNumber(sample.text.length, null);
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
