import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../core/prng.ts';
import { Segments } from './segments.ts';

test('the first of ranges that overlap is the one that a look at each finds', () => {
  const prng = new Prng(3);
  for (let round = 0; round < 200; round++) {
    const ranges = Array.from({ length: prng.below(30) }, () => {
      const low = prng.below(8) === 0 ? -Infinity : prng.below(60) - 30;
      return { low, high: prng.below(8) === 0 ? Infinity : (low === -Infinity ? -30 : low) + prng.below(20) };
    });
    const segments = new Segments(ranges);
    for (let value = -40; value < 60; value++) {
      const wanted = ranges.findIndex(({ low, high }) => value >= low && value <= high);
      strictEqual(segments.first(value), wanted, `${value} of ${JSON.stringify(ranges)}`);
    }
  }
});

test('bounds beyond 2^53 hold', () => {
  const big = 2 ** 60;
  const segments = new Segments([
    { low: big, high: big },
    { low: -big, high: -big },
    { low: 2 ** 53 - 1, high: 2 ** 53 },
  ]);
  strictEqual(segments.first(big), 0);
  strictEqual(segments.first(-big), 1);
  strictEqual(segments.first(2 ** 53), 2);
  strictEqual(segments.first(2 ** 53 + 2), -1);
  strictEqual(segments.first(2 ** 61), -1);
  strictEqual(segments.first(0), -1);
});
