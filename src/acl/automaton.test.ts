import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../core/prng.ts';
import { Automaton } from './automaton.ts';

test('the first of many substrings is the one that a search for each finds', () => {
  const prng = new Prng(7);
  const text = (longest: number): string => {
    let made = '';
    for (let left = prng.below(longest + 1); left > 0; left--) made += 'aAbc\xe9\xc9'[prng.below(6)]!;
    return made;
  };
  const lower = (some: string): string => some.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  let found = 0;
  for (let round = 0; round < 300; round++) {
    const patterns = Array.from({ length: prng.below(40) }, () => text(6) + 'b');
    if (round % 10 === 0) patterns.splice(prng.below(patterns.length + 1), 0, '');
    const exact = new Automaton(patterns, false);
    const folding = new Automaton(patterns, true);
    for (let asked = 0; asked < 20; asked++) {
      const subject = text(20);
      const first = patterns.findIndex((one) => subject.includes(one));
      strictEqual(exact.first(subject), first, `${subject} of ${patterns.join(' ')}`);
      strictEqual(
        folding.first(subject),
        patterns.findIndex((one) => lower(subject).includes(lower(one))),
      );
      if (first >= 0) found++;
    }
  }
  strictEqual(found > 1000, true);
});
