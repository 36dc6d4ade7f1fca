// The index against a plain scan of the same patterns, with changes at random in between.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../core/prng.ts';
import { embeddedIpv4, formatIpv4, mapIpv4, maskIpv6, ipv6Mask, parseIpv6 } from '../sample/address.ts';
import { Sample } from '../sample/sample.ts';
import { PatternList } from './list.ts';
import { PatternLookup } from './lookup.ts';
import { PatternMemory } from './memory.ts';
import type { Method } from './methods.ts';
import { compileRegex } from './regex.ts';

/** Numbers below a limit, from a seed. */
function random(seed: number): (below: number) => number {
  const prng = new Prng(seed);
  return (below) => prng.below(below);
}

function textOf(draw: (below: number) => number, longest: number): string {
  let text = '';
  for (let left = draw(longest + 1); left > 0; left--) text += 'abAB./:?'[draw(8)]!;
  return text;
}

const DELIMITERS: Readonly<Record<string, RegExp>> = { dir: /[/?]/, dom: /[./?:]/ };

/** Whether the pattern matches, straight from the manual's words. */
function matches(method: Method, pattern: string, text: string): boolean {
  switch (method) {
    case 'str':
      return text === pattern;
    case 'beg':
      return text.startsWith(pattern);
    case 'end':
      return text.endsWith(pattern);
    case 'sub':
      return text.includes(pattern);
    case 'reg':
      return compileRegex(pattern, false).test(text);
    default: {
      const mark = DELIMITERS[method]!;
      let inner = pattern;
      while (inner !== '' && mark.test(inner[0]!)) inner = inner.slice(1);
      while (inner !== '' && mark.test(inner.at(-1)!)) inner = inner.slice(0, -1);
      for (let at = 0; inner !== '' && at + inner.length <= text.length; at++) {
        const opens = at === 0 || mark.test(text[at - 1]!);
        const end = at + inner.length;
        if (opens && text.startsWith(inner, at) && (end === text.length || mark.test(text[end]!)))
          return true;
      }
      return false;
    }
  }
}

interface Plain {
  key: string;
  value: string | null;
}

/** The value that a map gives: the longest for `beg`, else the first. */
function scan(method: Method, folds: boolean, entries: readonly Plain[], text: string): string | null {
  const fold = (one: string): string => (folds ? one.toLowerCase() : one);
  const hits = entries.filter(({ key }) => matches(method, fold(key), fold(text)));
  if (method === 'beg' && !folds) hits.sort((a, b) => b.key.length - a.key.length);
  return hits[0]?.value ?? null;
}

test('text look-ups give what a scan gives, whatever is added, changed and removed', () => {
  let found = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const draw = random(seed);
    const list = PatternList.create(PatternMemory.create());
    const methods: Method[] = ['str', 'beg', 'end', 'dir', 'dom', 'sub'];
    const lookups = methods.flatMap((one) => [
      new PatternLookup(list, one, false),
      new PatternLookup(list, one, true),
    ]);
    const plain: Plain[] = [];
    const sample = new Sample();
    for (let step = 0; step < 120; step++) {
      const what = draw(8);
      const key = textOf(draw, 5);
      const value = String(step);
      if (what < 4) {
        list.add(key, value);
        plain.push({ key, value });
      } else if (what === 4) {
        const same = plain.filter((one) => one.key === key);
        strictEqual(list.delete(key), same.length);
        for (const one of same) plain.splice(plain.indexOf(one), 1);
      } else if (what === 5) {
        list.put(key, value);
        const same = plain.filter((one) => one.key === key);
        for (const one of same) one.value = value;
        if (same.length === 0) plain.push({ key, value });
      }
      const text = textOf(draw, 12);
      for (const lookup of lookups) {
        sample.setStr(text);
        const wanted = scan(lookup.method, lookup.ignoreCase, plain, text);
        strictEqual(lookup.value(sample), wanted, `seed ${seed} step ${step} ${lookup.method} of '${text}'`);
        if (wanted !== null) found++;
      }
    }
    strictEqual(list.count, plain.length);
  }
  ok(found > 5000);
});

test('addresses lie in the narrowest network', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const draw = random(seed);
    const list = PatternList.create(PatternMemory.create());
    const lookup = new PatternLookup(list, 'ip', false);
    const nets4: { bits: number; net: number; key: string }[] = [];
    const nets6: { bits: number; net: string; key: string }[] = [];
    for (let step = 0; step < 60; step++) {
      const bits = draw(33);
      const net = (((draw(4) << 30) | (draw(4) << 8) | draw(4)) & (bits === 0 ? 0 : -1 << (32 - bits))) >>> 0;
      const key = `${formatIpv4(net)}/${bits}`;
      if (!nets4.some((one) => one.key === key)) nets4.push({ bits, net, key });
      list.put(key, key);
      const bits6 = draw(129);
      const key6 = `${['2001:db8::', '2002:4000::', '::ffff:0:0', '::'][draw(4)]!}${draw(8)}/${bits6}`;
      const net6 = maskIpv6(parseIpv6(key6.split('/')[0]!), ipv6Mask(bits6));
      if (!nets6.some((one) => one.bits === bits6 && one.net === net6)) {
        nets6.push({ bits: bits6, net: net6, key: key6 });
        list.put(key6, key6);
      }
      const four = (value: number): string | undefined =>
        nets4
          .filter((one) => (one.bits === 0 ? 0 : (value & (-1 << (32 - one.bits))) >>> 0) === one.net)
          .sort((a, b) => b.bits - a.bits)[0]?.key;
      const six = (bytes: string): string | undefined =>
        nets6
          .filter((one) => maskIpv6(bytes, ipv6Mask(one.bits)) === one.net)
          .sort((a, b) => b.bits - a.bits)[0]?.key;
      const sample = new Sample();
      const value = ((draw(4) << 30) | (draw(4) << 8) | draw(4)) >>> 0;
      sample.setIpv4(value);
      strictEqual(lookup.value(sample), four(value) ?? six(mapIpv4(value)) ?? null);
      const bytes = parseIpv6(`${['2001:db8::', '2002:4000::', '::ffff:0:0', '::'][draw(4)]!}${draw(8)}`);
      const inside = embeddedIpv4(bytes);
      sample.setIpv6(bytes);
      strictEqual(lookup.value(sample), six(bytes) ?? (inside < 0 ? null : four(inside)) ?? null);
    }
  }
});

test('masks with holes and addresses as text', () => {
  const list = PatternList.create(PatternMemory.create());
  const lookup = new PatternLookup(list, 'ip', false);
  list.add('10.0.0.1/255.0.0.255', 'holes');
  list.add('10.1/16', 'short');
  const at = (text: string): string | null => {
    const sample = new Sample();
    sample.setStr(text);
    return lookup.value(sample);
  };
  deepStrictEqual(['10.9.9.1', '10.1.2.3', '10.0.0.2', '10.0.0.1', 'x', '::ffff:10.9.9.1'].map(at), [
    'holes',
    null,
    'short',
    'short',
    null,
    'holes',
  ]);
});

test('ranges, overlapping or not, and lengths', () => {
  for (const keys of [
    ['1:5', '3', '7:', ':-4'],
    ['10:20', '5', '30:40', ':-4'],
  ]) {
    const list = PatternList.create(PatternMemory.create());
    const numbers = new PatternLookup(list, 'int', false);
    const lengths = new PatternLookup(list, 'len', false);
    for (const key of keys) list.add(key, key);
    for (let value = -10; value < 50; value++) {
      const wanted = keys.find((key) => {
        const [low, high = low] = key.split(':');
        return (
          value >= Number(low === '' ? -Infinity : low) && value <= Number(high === '' ? Infinity : high)
        );
      });
      const sample = new Sample();
      sample.setInt(value);
      strictEqual(numbers.value(sample), wanted ?? null);
      if (value < 0) continue;
      sample.setStr('x'.repeat(value));
      strictEqual(lengths.value(sample), wanted ?? null);
    }
  }
});

test('patterns longer than what is hashed of them', () => {
  const list = PatternList.create(PatternMemory.create());
  const long = 'ab'.repeat(800);
  list.add(`${long}x`, '1');
  list.add(long, '2');
  const sample = new Sample();
  const value = (method: Method, text: string): string | null => {
    sample.setStr(text);
    return new PatternLookup(list, method, false).value(sample);
  };
  strictEqual(value('beg', `${long}xyz`), '1');
  strictEqual(value('beg', `${long}yz`), '2');
  strictEqual(value('end', `q${long}`), '2');
  strictEqual(value('end', `q${long}x`), '1');
  strictEqual(value('dir', `q/${long}/a`), '2');
  strictEqual(value('dir', `q/${long}x`), '1');
  strictEqual(value('dir', `q/${long}xx/`), null);
});

test('a version is seen as a whole once it is committed, and the others go', () => {
  const list = PatternList.create(PatternMemory.create());
  const lookup = new PatternLookup(list, 'str', false);
  const expression = new PatternLookup(list, 'reg', false);
  const sample = new Sample();
  const value = (one: PatternLookup, text: string): string | null => {
    sample.setStr(text);
    return one.value(sample);
  };
  for (let at = 0; at < 2000; at++) list.add(`k${at}`, `v${at}`);
  const version = list.prepare();
  strictEqual(version, 1);
  for (let at = 0; at < 2000; at += 2) list.add(`k${at}`, `w${at}`, version);
  deepStrictEqual([value(lookup, 'k4'), value(lookup, 'k5')], ['v4', 'v5']);
  strictEqual(value(expression, 'xk1999'), 'v1');
  list.commit(version);
  deepStrictEqual([value(lookup, 'k4'), value(lookup, 'k5')], ['w4', null]);
  deepStrictEqual([value(expression, 'xk1'), value(expression, 'xk10')], [null, 'w10']);
  let turns = 0;
  for (const _turn of list.purge((one) => one !== version)) turns++;
  ok(turns >= 5);
  strictEqual(list.count, 1000);
  deepStrictEqual([value(lookup, 'k4'), value(lookup, 'k5')], ['w4', null]);
  const dumped = [...list.dump(version, (_entry, key) => `${key} `)].join('');
  strictEqual(dumped.split(' ').length, 1001);
});

test('memory that was given back is used again', () => {
  const memory = PatternMemory.create();
  const list = PatternList.create(memory);
  new PatternLookup(list, 'beg', false);
  const before = memory.used;
  for (let round = 0; round < 5; round++) {
    for (let at = 0; at < 500; at++) list.put(`key ${at}`, `${round} `.repeat(at % 40));
    for (let at = 0; at < 500; at++) strictEqual(list.delete(`key ${at}`), 1);
  }
  // The hash tables and their filter keep their size.
  ok(memory.used - before <= 512 * 5, `${memory.used - before}`);
  ok(memory.share().byteLength > 0);
});
