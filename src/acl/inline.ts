// The patterns written on an ACL line. They are few and compiled to closures; the list in shared memory is there for
// `show acl`, and a thread compiles anew when somebody has changed it there.

import { Sample } from '../sample/sample.ts';
import { List } from './layout.ts';
import type { PatternList } from './list.ts';
import type { PatternMemory } from './memory.ts';
import { castFor, type Method } from './methods.ts';
import {
  compilePatterns,
  compileText,
  isText,
  type Matcher,
  type Pattern,
  type TextMatcher,
} from './patterns.ts';

/** One question to patterns, whatever holds them. */
export interface Lookup {
  readonly method: Method;
  /** The method's name in `get map`. */
  readonly label: string;
  readonly ignoreCase: boolean;
  /** As `get map` shows it. */
  readonly index: 'tree' | 'list';
  /** May change the sample's type. */
  matches(sample: Sample): boolean;
  /** Only of methods that look at text. */
  matchesText(text: string): boolean;
  /** The entry that matches, for `get acl`. */
  pair(sample: Sample): { key: string; value: string | null } | null;
}

export class InlineLookup implements Lookup {
  readonly method: Method;
  readonly label: string;
  readonly ignoreCase: boolean;
  readonly list: PatternList;
  readonly memory: PatternMemory;
  /** The word of `memory.ints` that moves when somebody changes the patterns; 0 while they are the configuration's. */
  readonly cell: number;
  private matcher: Matcher;
  private text: TextMatcher | null;
  private content = 0;

  constructor(list: PatternList, method: Method, ignoreCase: boolean, patterns: readonly Pattern[]) {
    this.list = list;
    this.memory = list.memory;
    this.cell = list.at + List.CONTENT;
    this.method = method;
    this.label = method;
    this.ignoreCase = ignoreCase;
    this.matcher = compilePatterns(method, patterns);
    this.text = isText(method) ? compileText(method, patterns) : null;
  }

  get index(): 'tree' | 'list' {
    return this.method === 'ip' || (this.method === 'str' && !this.ignoreCase) ? 'tree' : 'list';
  }

  /** The patterns are those of the configuration. */
  get untouched(): boolean {
    return this.memory.ints[this.cell] === 0;
  }

  matches(sample: Sample): boolean {
    if (this.memory.ints[this.cell] !== this.content) this.renew();
    return this.matcher(sample);
  }

  matchesText(text: string): boolean {
    if (this.memory.ints[this.cell] !== this.content) this.renew();
    return this.text!(text);
  }

  pair(sample: Sample): { key: string; value: string | null } | null {
    if (!castFor(this.method, sample)) return null;
    const copy = new Sample();
    for (const { text } of this.patterns()) {
      copy.copy(sample);
      const one = [{ text, ignoreCase: this.ignoreCase }];
      if (compilePatterns(this.method, one)(copy)) return { key: text, value: null };
    }
    return null;
  }

  private renew(): void {
    const content = this.list.content;
    const patterns = this.patterns();
    this.matcher = compilePatterns(this.method, patterns);
    this.text = isText(this.method) ? compileText(this.method, patterns) : null;
    this.content = content;
  }

  private patterns(): Pattern[] {
    const { ignoreCase, list, memory } = this;
    const patterns: Pattern[] = [];
    memory.lock();
    try {
      for (let entry = list.first; entry !== 0; entry = list.after(entry)) {
        if (list.version(entry) === list.current) patterns.push({ text: list.key(entry), ignoreCase });
      }
    } finally {
      memory.unlock();
    }
    return patterns;
  }
}
