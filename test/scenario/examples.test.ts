import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { allExamples, evaluate } from './examples.ts';

const HAWSER = new URL('../../bin/hawser', import.meta.url).pathname;

test('every example of the manual gives what it says', async (t) => {
  const list = allExamples();
  const found = await evaluate(t, HAWSER, list);
  const rows = (values: readonly (string | null)[]): string[] =>
    list.map(({ expression, side }, at) => `${side}: ${expression} -> ${values[at] ?? 'no value'}`);
  deepStrictEqual(rows(found), rows(list.map(({ gives }) => gives)));
});
