import { deepStrictEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { manual, manualOnDisk, pages } from './manual.ts';

test('docs/manual/ says what the registry says (bin/node tools/manual.ts --write)', () => {
  const [wanted, found] = [manual(), manualOnDisk()];
  deepStrictEqual([...found.keys()].sort(), [...wanted.keys()].sort());
  const stale = [...wanted].filter(([file, text]) => found.get(file) !== text).map(([file]) => file);
  deepStrictEqual(stale, []);
});

test('every keyword of the manual has a usage and a sentence', () => {
  for (const { file, entries } of pages()) {
    ok(entries.length > 0, file);
    for (const { name, usage, doc } of entries) {
      ok(usage.includes(name.split(' ')[0]!), `${file}: ${name} and its usage '${usage}'`);
      ok(/^[\S].*[.)]$/s.test(doc.trim()), `${file}: ${name} is told as '${doc}'`);
    }
  }
});
