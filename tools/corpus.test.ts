// Real configurations get HAProxy's verdict. Runs where the corpus is at hand.

import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { compare, compareAll, corpusFolder, type Verdict } from './corpus.ts';

const folder = corpusFolder();

test('real configurations: verdicts equal HAProxy’s', { skip: folder === null && 'no corpus here' }, () => {
  const counts = compareAll(folder!);
  const different = counts.comparisons.filter((one) => one.result === 'different');
  deepEqual(different, []);
  // What becomes supported moves from the second count to the first.
  ok(counts.equal >= 38, `equal: ${counts.equal}`);
  equal(counts.equal + counts.unsupported, counts.comparisons.length);
});

const verdict = (exit: number, ...messages: string[]): Verdict => ({
  file: 'a.cfg',
  exit,
  messages,
  cut: false,
});

test('a message of one side alone is a difference', () => {
  const theirs = verdict(0, "WARNING missing timeouts for backend 'b'.");
  equal(compare(theirs, theirs).result, 'equal');
  equal(compare(verdict(0), theirs).result, 'different');
  equal(compare(verdict(1, ...theirs.messages), theirs).result, 'different');
});

test('a refused keyword excuses its own line only', () => {
  const ours = verdict(1, "ALERT config : parsing [a.cfg:3] : 'filter' is known but not yet supported.");
  equal(compare(ours, verdict(0)).result, 'unsupported');
  equal(compare(ours, verdict(1, 'ALERT config : parsing [a.cfg:4] : wrong')).result, 'different');
  const more = verdict(1, ...ours.messages, 'ALERT config : parsing [a.cfg:2] : ours alone');
  equal(compare(more, verdict(0)).result, 'different');
});
