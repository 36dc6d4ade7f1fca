import { test } from 'node:test';
import assert from 'node:assert/strict';
import {
  numberError,
  parseInteger,
  parseSize,
  parseTime,
  timeError,
  timeSuspicious,
  timeTrailing,
} from './values.ts';

test('times are read in their unit, and fractions round up', () => {
  for (const [text, ms] of [
    ['5', 5],
    ['5s', 5000],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
    ['10ms', 10],
    ['1us', 1],
    ['1500us', 2],
    ['2147483647', 2147483647],
  ] as const) {
    assert.equal(parseTime(text).value, ms, text);
    assert.equal(parseTime(text).problem, 'none', text);
  }
  assert.equal(parseTime('90', 's').value, 90);
  assert.equal(parseTime('2m', 's').value, 120);
});

test('the texts for bad times are those of the timeout keywords', () => {
  const text = (time: string): string | undefined => timeError(parseTime(time), time, 'timeout client');
  assert.equal(text('5x'), `unexpected character 'x' in 'timeout client'`);
  assert.equal(text('5.0s'), `unexpected character '.' in 'timeout client'`);
  assert.equal(text('$A'), `unexpected character '$' in 'timeout client'`);
  assert.equal(
    text('30d'),
    `timer overflow in argument '30d' to 'timeout client' (maximum value is 2147483647 ms or ~24.8 days)`,
  );
  assert.equal(text('15min'), undefined);
  assert.match(
    timeTrailing(parseTime('2s1'), '2s1')!,
    /^unexpected character '1' after the timer value '2s1', only/,
  );
});

test('a short timeout without a unit is suspicious', () => {
  assert.match(timeSuspicious(parseTime('50'), '50', 'timeout client')!, /suspiciously small.*'50ms'.*'50s'/);
  for (const fine of ['50ms', '100', '0']) {
    assert.equal(timeSuspicious(parseTime(fine), fine, 'timeout client'), undefined);
  }
});

test('sizes take k, m and g in either case and nothing behind', () => {
  assert.equal(parseSize('16k').value, 16384);
  assert.equal(parseSize('2M').value, 2097152);
  assert.equal(parseSize('1G').value, 1073741824);
  assert.equal(parseSize('1k5').found, '5');
  assert.equal(parseSize('k').problem, 'character');
  assert.equal(parseSize('5g', 2 ** 32 - 1).problem, 'overflow');
});

test('integers have ranges', () => {
  assert.equal(parseInteger('-1', -10).value, -1);
  assert.equal(parseInteger('-1').problem, 'character');
  assert.equal(parseInteger('1.5').found, '.');
  assert.equal(
    numberError(parseInteger('99999', 1, 64), '99999', 'nbthread', 1, 64),
    `'nbthread' value must be between 1 and 64 (was 99999)`,
  );
});
