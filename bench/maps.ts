// Maps of a million entries: how long one takes to load, its memory, and what a look-up costs. Run by hand:
//   bin/node bench/maps.ts [entries]

import { PatternLookup } from '../src/acl/lookup.ts';
import type { Method } from '../src/acl/methods.ts';
import { PatternStore } from '../src/acl/store.ts';
import { Sample } from '../src/sample/sample.ts';

const count = Number(process.argv[2] ?? 1_000_000);
const LOOKUPS = 1_000_000;

const ipv4 = (at: number): string => {
  const value = Math.imul(at, 2654435761) >>> 0;
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
};
const ipv6 = (at: number): string => `2001:db8:${(at >>> 16).toString(16)}:${(at & 0xffff).toString(16)}::`;
const host = (at: number): string => `host-${at}.customer-${at % 1000}.example.com`;

interface Case {
  readonly name: string;
  readonly method: Method;
  readonly key: (at: number) => string;
  readonly asked: (at: number) => string;
  /** Kinds that look at each pattern are measured with fewer. */
  readonly most?: number;
}

const cases: readonly Case[] = [
  { name: 'str, hit', method: 'str', key: host, asked: host },
  { name: 'str, miss', method: 'str', key: host, asked: (at) => `${host(at)}x` },
  {
    name: 'ip, networks of 25 lengths',
    method: 'ip',
    key: (at) => `${ipv4(at)}/${8 + (at % 25)}`,
    asked: ipv4,
  },
  { name: 'ip, IPv6 /64', method: 'ip', key: (at) => `${ipv6(at)}/64`, asked: (at) => `${ipv6(at)}1` },
  { name: 'beg', method: 'beg', key: (at) => `/app/${at}/`, asked: (at) => `/app/${at}/index.html` },
  { name: 'end', method: 'end', key: host, asked: (at) => `www.${host(at)}` },
  { name: 'dom', method: 'dom', key: host, asked: (at) => `www.${host(at)}:80` },
  {
    name: 'int, ranges',
    method: 'int',
    key: (at) => `${at * 10}:${at * 10 + 5}`,
    asked: (at) => String(at * 10 + 3),
  },
  {
    name: 'int, ranges that overlap',
    method: 'int',
    key: (at) => `${at * 10}:${at * 10 + 25}`,
    asked: (at) => String(at * 10 + 3),
  },
  {
    name: 'sub',
    method: 'sub',
    key: (at) => `part${at}.`,
    asked: (at) => `xx-part${at}.`,
  },
  { name: 'reg (linear)', method: 'reg', key: (at) => `^/p${at}/`, asked: (at) => `/p${at}/x`, most: 1000 },
];

console.log('case                        entries   load ms  bytes/entry  ns/look-up');
for (const one of cases) {
  const entries = Math.min(count, one.most ?? count);
  const lines: string[] = [];
  for (let at = 0; at < entries; at++) lines.push(`${one.key(at)} backend_${at % 100}`);
  const text = lines.join('\n');
  lines.length = 0;
  const store = PatternStore.reading(() => ({ text }));
  const began = performance.now();
  const set = store.open('file', 2);
  const lookup = set.lookup(one.method, false, 'str');
  const handle = store.share();
  const loaded = performance.now() - began;
  // As a data thread sees it.
  const thread = PatternStore.attached(handle);
  const asks = new PatternLookup(thread.open('file', 2).list, lookup.method, false);
  const questions = Array.from({ length: 1000 }, (_, at) => one.asked((at * 7919) % entries));
  const sample = new Sample();
  const rounds = one.most === undefined ? LOOKUPS : LOOKUPS / 100;
  const values = questions.map((text) => {
    sample.setStr(text);
    const before = new Sample();
    // The cast is the expression's business.
    asks.matches(sample);
    before.copy(sample);
    return before;
  });
  let hits = 0;
  const start = performance.now();
  for (let at = 0; at < rounds; at++) {
    sample.copy(values[at % 1000]!);
    if (asks.value(sample) !== null) hits++;
  }
  const each = ((performance.now() - start) * 1e6) / rounds;
  console.log(
    `${one.name.padEnd(27)} ${String(entries).padStart(7)} ${loaded.toFixed(0).padStart(9)} ` +
      `${(store.bytes / entries).toFixed(0).padStart(12)} ${each.toFixed(0).padStart(11)}   ${Math.round((hits * 100) / rounds)}% found`,
  );
}
