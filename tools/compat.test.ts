import { test } from 'node:test';
import { strictEqual } from 'node:assert/strict';
import { compatibility, readReadme, withCounts } from './compat.ts';

test('the counts in the README are those of this tree (bin/node tools/compat.ts --write)', () => {
  const readme = readReadme();
  strictEqual(withCounts(readme), readme);
});

test('no class counts more than there is', () => {
  for (const { what, supported, known } of compatibility()) {
    strictEqual(supported > 0 && supported <= known, true, `${what}: ${supported} of ${known}`);
  }
});
