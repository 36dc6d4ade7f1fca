import { test } from 'node:test';
import { strictEqual } from 'node:assert/strict';
import { compatibility, readReadme, withCounts } from './compat.ts';
import { supports } from './supported.ts';

test('the counts in the README are those of this tree (bin/node tools/compat.ts --write)', () => {
  const readme = readReadme();
  strictEqual(withCounts(readme), readme);
});

test('a word is supported where the loader takes it, not where its first word is known', () => {
  strictEqual(supports('proxy', 'timeout client'), true);
  strictEqual(supports('proxy', 'capture request header'), true);
  strictEqual(supports('proxy', 'http-check connect'), false);
  strictEqual(supports('option', 'redispatch'), true);
  strictEqual(supports('option', 'spop-check'), false);
  strictEqual(supports('cli', 'clear counters all'), true);
  strictEqual(supports('cli', 'debug dev abort'), false);
});

test('no class counts more than there is', () => {
  for (const { what, supported, known } of compatibility()) {
    strictEqual(known > 0 && supported <= known, true, `${what}: ${supported} of ${known}`);
  }
});
