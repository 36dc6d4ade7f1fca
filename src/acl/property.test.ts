// ACL conditions against a scan of their patterns that is written here, from the manual's words (7.1) alone.

import { strictEqual } from 'node:assert/strict';
import { BlockList } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { ALL_PHASES } from '../registry/sources.ts';
import { Sample } from '../sample/sample.ts';
import { fakeParse } from '../testing/fake-parse.ts';
import { FakeStream } from '../testing/fake-stream.ts';

const context = fakeParse();
const stream = new FakeStream();
const sample = new Sample();

/** Compiles `{ var(txn.x) <words> }` once, and asks it for each value. */
function asking<V>(
  words: readonly string[],
  give: (value: V) => void,
  wanted: (value: V) => boolean,
  values: readonly V[],
): void {
  const condition = context.condition(['if', '{', 'var(txn.x)', ...words, '}'], ALL_PHASES);
  for (const value of values) {
    give(value);
    stream.transactionVariables.set('x', sample);
    strictEqual(condition.test(stream), wanted(value), `${words.join(' ')} of ${String(value)}`);
  }
}

/** Few letters, so that much matches, in both cases and with what delimits. */
const letters = (marks: string): fc.Arbitrary<string> => fc.constantFrom(...`abAB${marks}`);
const word = (marks: string, shortest: number, longest: number): fc.Arbitrary<string> =>
  fc.string({ unit: letters(marks), minLength: shortest, maxLength: longest });

/** Whether `pattern` is a whole part of `text`, or several in a row, between any of `marks`. */
function isPart(text: string, pattern: string, marks: string): boolean {
  const trimmed = [...pattern];
  while (trimmed.length > 0 && marks.includes(trimmed[0]!)) trimmed.shift();
  while (trimmed.length > 0 && marks.includes(trimmed.at(-1)!)) trimmed.pop();
  if (trimmed.length === 0) return false;
  const inner = trimmed.join('');
  for (let at = text.indexOf(inner); at >= 0; at = text.indexOf(inner, at + 1)) {
    const before = at === 0 || marks.includes(text[at - 1]!);
    const after = at + inner.length === text.length || marks.includes(text[at + inner.length]!);
    if (before && after) return true;
  }
  return false;
}

const TEXT: Readonly<Record<string, (text: string, pattern: string) => boolean>> = {
  str: (text, pattern) => text === pattern,
  beg: (text, pattern) => text.slice(0, pattern.length) === pattern,
  end: (text, pattern) =>
    pattern.length <= text.length && text.slice(text.length - pattern.length) === pattern,
  sub: (text, pattern) => text.split(pattern).length > 1,
  dir: (text, pattern) => isPart(text, pattern, '/?'),
  dom: (text, pattern) => isPart(text, pattern, '/?.:'),
};

for (const [method, matches] of Object.entries(TEXT)) {
  for (const folds of [false, true]) {
    test(`-m ${method}${folds ? ' -i' : ''} finds what a scan finds`, () => {
      const fold = (text: string): string => (folds ? text.toLowerCase() : text);
      const patterns = fc.array(word('./:?', 1, 4), { minLength: 1, maxLength: 9 });
      const values = fc.array(word('./:?', 0, 9), { minLength: 1, maxLength: 12 });
      fc.assert(
        fc.property(patterns, values, (list, texts) =>
          asking(
            ['-m', method, ...(folds ? ['-i'] : []), '--', ...list],
            (text) => void sample.setStr(text),
            (text) => list.some((pattern) => matches(fold(text), fold(pattern))),
            texts,
          ),
        ),
        { seed: 7, numRuns: 300 },
      );
    });
  }
}

test('-m bin compares bytes', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 3, max: 2 }).map((list) => Buffer.from(list));
  fc.assert(
    fc.property(
      fc.array(bytes, { minLength: 1, maxLength: 6 }),
      fc.array(bytes, { maxLength: 9 }),
      (list, values) =>
        asking(
          ['-m', 'bin', ...list.map((pattern) => pattern.toString('hex'))],
          (value) => void sample.setBin(value.toString('latin1')),
          (value) => list.some((pattern) => pattern.equals(value)),
          values,
        ),
    ),
    { seed: 7, numRuns: 200 },
  );
});

/** Pieces of regular expressions that V8 and PCRE2 read alike, and a matcher for each of a few letters. */
test('-m reg is a search of each expression', () => {
  const piece = fc.constantFrom('a', 'b', '[ab]', '.', 'a*', 'b+', '(?:ab)?', '^', '$', '[^a]', 'a|b');
  const pattern = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(
      fc.array(pattern, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      fc.array(word('', 0, 6), { minLength: 1, maxLength: 8 }),
      (list, folds, texts) =>
        asking(
          ['-m', 'reg', ...(folds ? ['-i'] : []), '--', ...list],
          (text) => void sample.setStr(text),
          (text) => list.some((one) => new RegExp(one, folds ? 'i' : '').test(text)),
          texts,
        ),
    ),
    { seed: 7, numRuns: 300 },
  );
});

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;
/** Small numbers for hits, and the ends of 64 bits and of exact doubles. */
const integer: fc.Arbitrary<bigint> = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt({ min: -9n, max: 9n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: MAX - 3n, max: MAX }) },
  { weight: 1, arbitrary: fc.bigInt({ min: MIN, max: MIN + 3n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 53n + 2n }) },
);

interface IntPattern {
  readonly text: string;
  readonly holds: (value: bigint) => boolean;
}

const range: fc.Arbitrary<IntPattern> = fc.tuple(integer, integer, fc.nat(3)).map(([one, two, form]) => {
  const [low, high] = one < two ? [one, two] : [two, one];
  switch (form) {
    case 0:
      return { text: `${low}`, holds: (value) => value === low };
    case 1:
      return { text: `${low}:`, holds: (value) => value >= low };
    case 2:
      return { text: `:${high}`, holds: (value) => value <= high };
    default:
      return { text: `${low}:${high}`, holds: (value) => value >= low && value <= high };
  }
});

const give = (value: bigint): void => void sample.setBig(value);

test('integers lie in ranges', () => {
  fc.assert(
    fc.property(
      fc.array(range, { minLength: 1, maxLength: 6 }),
      fc.array(integer, { maxLength: 12 }),
      (list, values) =>
        asking(
          ['-m', 'int', '--', ...list.map(({ text }) => text)],
          give,
          (value) => list.some(({ holds }) => holds(value)),
          values,
        ),
    ),
    { seed: 7, numRuns: 500 },
  );
});

const OPERATORS: Readonly<Record<string, (value: bigint, limit: bigint) => boolean>> = {
  eq: (value, limit) => value === limit,
  ge: (value, limit) => value >= limit,
  gt: (value, limit) => value > limit,
  le: (value, limit) => value <= limit,
  lt: (value, limit) => value < limit,
};

test('operators of integers hold for any of their numbers', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(OPERATORS)),
      fc.array(integer, { minLength: 1, maxLength: 3 }),
      fc.array(integer, { maxLength: 12 }),
      (operator, limits, values) =>
        asking(
          ['-m', 'int', operator, ...limits.map(String)],
          give,
          (value) => limits.some((limit) => OPERATORS[operator]!(value, limit)),
          values,
        ),
    ),
    { seed: 7, numRuns: 500 },
  );
});

test('-m len counts bytes', () => {
  fc.assert(
    fc.property(
      fc.array(range, { minLength: 1, maxLength: 3 }),
      fc.array(fc.string({ maxLength: 12 }), { maxLength: 9 }),
      (list, texts) =>
        asking(
          ['-m', 'len', '--', ...list.map(({ text }) => text)],
          (text) => void sample.setStr(text),
          (text) => list.some(({ holds }) => holds(BigInt(text.length))),
          texts,
        ),
    ),
    { seed: 7, numRuns: 200 },
  );
});

/** Addresses close to each other, so that networks hold some of them. */
const ipv4 = fc
  .tuple(fc.constantFrom(10, 192), fc.constantFrom(0, 1, 128), fc.constantFrom(0, 255), fc.nat(255))
  .map((bytes) => bytes.join('.'));
const ipv6 = fc
  .tuple(fc.constantFrom('2001:db8', 'fe80:0', '2001:dba'), fc.constantFrom('0', '1', '8000'), fc.nat(0xffff))
  .map(([head, middle, tail]) => `${head}:${middle}:0:0:0:0:${tail.toString(16)}`);
const network = fc.oneof(
  fc.tuple(ipv4, fc.integer({ min: 1, max: 32 }), fc.constant('ipv4' as const)),
  fc.tuple(ipv6, fc.integer({ min: 1, max: 128 }), fc.constant('ipv6' as const)),
);

test('addresses lie in networks as node:net says', () => {
  const value = fc.oneof(ipv4, ipv6);
  fc.assert(
    fc.property(
      fc.array(network, { minLength: 1, maxLength: 6 }),
      fc.array(value, { maxLength: 12 }),
      (list, values) => {
        const oracle = new BlockList();
        for (const [address, bits, family] of list) oracle.addSubnet(address, bits, family);
        asking(
          ['-m', 'ip', ...list.map(([address, bits]) => `${address}/${bits}`)],
          (text) => void sample.setStr(text),
          (text) => oracle.check(text, text.includes(':') ? 'ipv6' : 'ipv4'),
          values,
        );
      },
    ),
    { seed: 7, numRuns: 400 },
  );
});

test('-m found and -m bool take no pattern', () => {
  asking(
    ['-m', 'found'],
    (text: string) => void sample.setStr(text),
    () => true,
    ['', 'x'],
  );
  asking(['-m', 'bool'], give, (value) => value !== 0n, [0n, 1n, -1n, MAX, MIN]);
  const unset = context.condition(['if', '{', 'var(txn.unset)', '-m', 'found', '}'], ALL_PHASES);
  strictEqual(unset.test(stream), false);
});
