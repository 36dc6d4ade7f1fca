import { test } from 'node:test';
import assert from 'node:assert/strict';
import { didYouMean, suggest } from './suggest.ts';

const proxy = [
  'balance',
  'bind',
  'cookie',
  'frontend',
  'hash-type',
  'http-request',
  'http-response',
  'id',
  'mode',
];
const more = [...proxy, 'no', 'option', 'retries', 'server', 'source', 'stats', 'tcp-request', 'timeout'];

test('slips find the word that HAProxy finds', () => {
  const slips = {
    bnd: 'bind',
    timout: 'timeout',
    balnce: 'balance',
    moed: 'mode',
    resolver: 'server',
    serv: 'server',
  };
  for (const [slip, word] of Object.entries(slips)) assert.equal(suggest(slip, more), word, slip);
  assert.equal(suggest('_HTTPS_FRONTEND_', more), 'frontend');
  assert.equal(suggest('htpt-request', more), 'http-request');
});

test('words that resemble nothing find nothing', () => {
  for (const word of ['foo', 'bar', 'zzzzz', 'debug', '', 'x'])
    assert.equal(suggest(word, more), undefined, word);
  assert.equal(didYouMean('zzzzz', more), '');
  assert.equal(didYouMean('sssl', ['ssl']), `; did you mean 'ssl' maybe ?`);
});
