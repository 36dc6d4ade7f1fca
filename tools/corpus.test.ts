import { test } from 'node:test';
import assert from 'node:assert/strict';
import { corpusFolder, runCorpus } from './corpus.ts';

const folder = corpusFolder();

test('real configurations get the messages of HAProxy', { skip: folder === null && 'no corpus' }, () => {
  const different = runCorpus(folder!).filter(({ outcome }) => outcome === 'different');
  assert.deepEqual(different, []);
});
