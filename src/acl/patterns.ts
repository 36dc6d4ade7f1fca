// Pattern lists of ACLs, compiled to one test per matching method (manual 7.1). Exact strings, prefixes, suffixes and
// networks are looked up by hash, so that long lists cost what short ones do.

import { embeddedIpv4, ipv6Mask, mapIpv4, maskIpv6, parseIpv6 } from '../sample/address.ts';
import { toAddr, toBin, toBool, toSint, toStr } from '../sample/cast.ts';
import { lowered } from '../sample/fold.ts';
import { type Sample, Type } from '../sample/sample.ts';
import { ConfigError } from '../registry/define.ts';
import type { Method } from './methods.ts';
import { parseMask4, parseShortIpv4 } from './network.ts';
import { hexBytes, highest, holds, lowest, parseRange } from './ranges.ts';
import { compileRegex } from './regex.ts';

/** One pattern as written, with the flags in force before it. */
export interface Pattern {
  readonly text: string;
  readonly ignoreCase: boolean;
}

/** Answers whether the value matches any pattern. May change the sample's type. */
export type Matcher = (sample: Sample) => boolean;
/** The same for a value that is text already. */
export type TextMatcher = (text: string) => boolean;

/** Methods that look at text. */
export function isText(method: Method): boolean {
  return ['str', 'beg', 'end', 'sub', 'dir', 'dom', 'reg'].includes(method);
}

/** Compiles patterns for a method; throws ConfigError for a pattern that is wrong for it. */
export function compilePatterns(method: Method, patterns: readonly Pattern[]): Matcher {
  switch (method) {
    case 'found':
      return () => true;
    case 'bool':
      return (sample) => toBool(sample) && sample.num !== 0;
    case 'int': {
      const matches = compileRanges(patterns);
      return (sample) => toSint(sample) && matches(sample.num, sample.big);
    }
    case 'len': {
      const matches = compileRanges(patterns);
      return (sample) => (sample.type === Type.BIN || toStr(sample)) && matches(sample.text.length, null);
    }
    case 'ip':
      return compileAddresses(patterns);
    case 'bin': {
      const wanted = new Set(patterns.map(({ text }) => hexBytes(text)));
      return (sample) => toBin(sample) && wanted.has(sample.text);
    }
    default: {
      const matches = compileText(method, patterns);
      return (sample) => (sample.type >= Type.STR || toStr(sample)) && matches(sample.text);
    }
  }
}

/** Methods that look at text. */
export function compileText(method: Method, patterns: readonly Pattern[]): TextMatcher {
  if (method === 'reg') return compileRegexes(patterns);
  const exact = patterns.filter(({ ignoreCase }) => !ignoreCase).map(({ text }) => text);
  const folded = patterns.filter(({ ignoreCase }) => ignoreCase).map(({ text }) => lowered(text));
  const build = TEXT_METHODS[method as keyof typeof TEXT_METHODS];
  const cased = build(exact);
  if (folded.length === 0) return cased;
  const uncased = build(folded);
  if (exact.length === 0) return (text) => uncased(lowered(text));
  return (text) => cased(text) || uncased(lowered(text));
}

const TEXT_METHODS = {
  str: (texts: readonly string[]): TextMatcher => {
    const only = texts[0];
    if (texts.length === 1) return (text) => text === only;
    const set = new Set(texts);
    return (text) => set.has(text);
  },
  beg: (texts: readonly string[]): TextMatcher => {
    const only = texts[0];
    if (texts.length === 1) return (text) => text.startsWith(only!);
    return byLength(texts, (text, length) => text.slice(0, length));
  },
  end: (texts: readonly string[]): TextMatcher => {
    const only = texts[0];
    if (texts.length === 1) return (text) => text.endsWith(only!);
    return byLength(texts, (text, length) => text.slice(text.length - length));
  },
  sub: (texts: readonly string[]): TextMatcher => {
    return (text) => {
      for (let index = 0; index < texts.length; index++) if (text.includes(texts[index]!)) return true;
      return false;
    };
  },
  dir: (texts: readonly string[]): TextMatcher => delimited(texts, '/?'),
  dom: (texts: readonly string[]): TextMatcher => delimited(texts, './?:'),
};

/** Prefixes or suffixes: one look-up per distinct length. */
function byLength(texts: readonly string[], cut: (text: string, length: number) => string): TextMatcher {
  const sets = new Map<number, Set<string>>();
  for (const text of texts) {
    let set = sets.get(text.length);
    if (set === undefined) sets.set(text.length, (set = new Set()));
    set.add(text);
  }
  const lengths = [...sets.keys()].sort((one, other) => one - other);
  const bySize = lengths.map((length) => sets.get(length)!);
  return (text) => {
    for (let index = 0; index < lengths.length; index++) {
      const length = lengths[index]!;
      if (length > text.length) return false;
      if (bySize[index]!.has(cut(text, length))) return true;
    }
    return false;
  };
}

/** A pattern found whole between delimiters or the ends; delimiters around the pattern itself do not count. */
function delimited(texts: readonly string[], delimiters: string): TextMatcher {
  const stripped = texts.map((text) => {
    let from = 0;
    let to = text.length;
    while (from < to && delimiters.includes(text[from]!)) from++;
    while (to > from && delimiters.includes(text[to - 1]!)) to--;
    return text.slice(from, to);
  });
  // A pattern of delimiters alone matches nothing.
  const inner = stripped.filter((text) => text !== '');
  return (text) => {
    for (let index = 0; index < inner.length; index++) {
      const wanted = inner[index]!;
      let at = text.indexOf(wanted);
      while (at >= 0) {
        const end = at + wanted.length;
        const opens = at === 0 || delimiters.includes(text[at - 1]!);
        if (opens && (end === text.length || delimiters.includes(text[end]!))) return true;
        at = text.indexOf(wanted, at + 1);
      }
    }
    return false;
  };
}

function compileRegexes(patterns: readonly Pattern[]): TextMatcher {
  const expressions = patterns.map(({ text, ignoreCase }) => compileRegex(text, ignoreCase));
  const only = expressions[0];
  if (expressions.length === 1) return (text) => only!.test(text);
  return (text) => {
    for (let index = 0; index < expressions.length; index++) if (expressions[index]!.test(text)) return true;
    return false;
  };
}

/** Integers and ranges `low:high`. `big` is the value where a double does not hold it, else null. */
function compileRanges(patterns: readonly Pattern[]): (value: number, big: bigint | null) => boolean {
  const all = patterns.map(({ text }) => parseRange(text));
  const values = new Set<number>();
  const ranges: number[] = [];
  for (const range of all) {
    if (range.low !== null && range.low === range.high) values.add(lowest(range));
    else ranges.push(lowest(range), highest(range));
  }
  const beyond = (big: bigint): boolean => all.some((range) => holds(range, big));
  if (values.size === 1 && ranges.length === 0) {
    const only = [...values][0];
    return (value, big) => (big === null ? value === only : beyond(big));
  }
  return (value, big) => {
    if (big !== null) return beyond(big);
    for (let index = 0; index < ranges.length; index += 2) {
      if (value >= ranges[index]! && value <= ranges[index + 1]!) return true;
    }
    return values.has(value);
  };
}

/** Networks grouped by mask: one hash look-up per distinct mask. */
function compileAddresses(patterns: readonly Pattern[]): Matcher {
  const ipv4 = new Map<number, Set<number>>();
  const ipv6 = new Map<string, Set<string>>();
  for (const { text } of patterns) {
    const slash = text.indexOf('/');
    const address = slash < 0 ? text : text.slice(0, slash);
    const mask = slash < 0 ? null : text.slice(slash + 1);
    const value = parseShortIpv4(address);
    if (value >= 0) {
      const bits = mask === null ? 0xffffffff : parseMask4(mask);
      if (bits >= 0) {
        addTo(ipv4, bits, (value & bits) >>> 0);
        continue;
      }
    }
    const bytes = parseIpv6(address);
    const length = mask === null ? 128 : /^\d{1,3}$/.test(mask) ? Number(mask) : 129;
    if (bytes === '' || length > 128) throw new ConfigError(`'${text}' is not a valid IPv4 or IPv6 address`);
    addTo(ipv6, ipv6Mask(length), maskIpv6(bytes, ipv6Mask(length)));
  }
  const masks4 = [...ipv4.keys()];
  const nets4 = [...ipv4.values()];
  const masks6 = [...ipv6.keys()];
  const nets6 = [...ipv6.values()];
  const test4 = (value: number): boolean => {
    for (let index = 0; index < masks4.length; index++) {
      if (nets4[index]!.has((value & masks4[index]!) >>> 0)) return true;
    }
    return false;
  };
  const test6 = (bytes: string): boolean => {
    for (let index = 0; index < masks6.length; index++) {
      if (nets6[index]!.has(maskIpv6(bytes, masks6[index]!))) return true;
    }
    return false;
  };
  return (sample) => {
    if (!toAddr(sample)) return false;
    if (sample.type === Type.IPV4) {
      return test4(sample.num) || (masks6.length > 0 && test6(mapIpv4(sample.num)));
    }
    if (test6(sample.text)) return true;
    const inside = masks4.length === 0 ? -1 : embeddedIpv4(sample.text);
    return inside >= 0 && test4(inside);
  };
}

function addTo<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([value]));
  else set.add(value);
}
