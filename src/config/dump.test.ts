import { test } from 'node:test';
import assert from 'node:assert/strict';
import { anonymousAddress, anonymousHash } from './anonymous.ts';
import { dumpLine, parseDumpOptions, quoteWord } from './dump.ts';
import { Environment } from './environment.ts';
import { isLexError, lexLine } from './lexer.ts';

const plain = { key: 0, lineNumbers: false };

test('options of -dC', () => {
  assert.deepEqual(parseDumpOptions(''), plain);
  assert.deepEqual(parseDumpOptions('123'), { key: 123, lineNumbers: false });
  assert.deepEqual(parseDumpOptions(',line'), { key: 0, lineNumbers: true });
  assert.deepEqual(parseDumpOptions('7,line'), { key: 7, lineNumbers: true });
  for (const bad of ['x', '4294967296', '1,lines', '-1']) assert.equal(parseDumpOptions(bad), undefined, bad);
});

test('sections start at the margin, other lines are indented', () => {
  assert.equal(dumpLine(['frontend', 'f'], 3, true, plain), '\nfrontend f');
  assert.equal(dumpLine(['mode', 'http'], 4, false, { key: 0, lineNumbers: true }), '4: \tmode http');
});

test('property: a quoted word is read back as itself', () => {
  const environment = new Environment([['A', 'wrong']]);
  const pieces = ['a', ' ', '"', "'", '\\', '$A', '${A}', '#', '\n', '\t', '\r', 'x41', '\xe9'];
  let seed = 5;
  for (let round = 0; round < 10_000; round++) {
    let word = 'w';
    for (let i = 0; i < 6; i++) {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      word += pieces[(seed >> 8) % pieces.length]!;
    }
    const line = lexLine(`k ${quoteWord(word)}`, environment);
    assert.ok(!isLexError(line));
    assert.deepEqual(line.words, ['k', word]);
  }
});

test('with a key nothing confidential is left, and equal names stay equal', () => {
  const options = { key: 42, lineNumbers: false };
  const show = (text: string, section = false): string =>
    dumpLine(text.split(' '), 1, section, options).trim();
  assert.equal(show('stats auth admin:secret'), 'stats auth');
  assert.equal(show('setenv TOKEN secret'), 'setenv TOKEN');
  assert.equal(show('cluster-secret secret'), 'cluster-secret');
  assert.match(show('user joe insecure-password secret'), /^user [0-9a-f]{6}$/);
  const backend = show('backend shop', true).split(' ')[1]!;
  assert.equal(show('default_backend shop'), `default_backend ${backend}`);
  assert.match(show('server s1 10.0.0.1:80 check'), /^server [0-9a-f]{6} IP-[0-9a-f]{6}:80$/);
  assert.match(show('server s1 host.name:80'), /HOST-[0-9a-f]{6}:80$/);
  assert.equal(show('bind *:80 ssl crt /etc/x.pem'), 'bind *:80');
  assert.equal(show('http-request set-header Authorization secret'), 'http-request set-header');
  assert.equal(show('unheard-of secret'), 'unheard-of');
  assert.equal(show('timeout client 5s'), 'timeout client 5s');
  assert.match(anonymousAddress('unix@/run/x', 42), /^unix@\/[0-9a-f]{6}$/);
  assert.match(anonymousAddress('[2001:db8::1]:80', 42), /^\w+-[0-9a-f]{6}:80$/);
  assert.notEqual(anonymousHash('a', 1), anonymousHash('a', 2));
});
