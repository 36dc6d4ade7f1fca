import { test } from 'node:test';
import { strictEqual } from 'node:assert/strict';
import { hasCrypt } from '../sys/crypt.ts';
import type { User, Userlist } from '../config/userlists.ts';
import { logIn, sameText } from './passwords.ts';

const user = (name: string, password: string | null, encrypted: boolean): [string, User] => [
  name,
  { name, password, encrypted, groups: new Set() },
];

test('sameText compares whole texts', () => {
  strictEqual(sameText('abc', 'abc'), true);
  strictEqual(sameText('', ''), true);
  for (const other of ['', 'ab', 'abd', 'abcd', 'ABC']) strictEqual(sameText(other, 'abc'), false, other);
});

// Hashes that `openssl passwd -1/-5/-6 -salt abcdefgh secret` and crypt(3) printed; DES has no prefix.
const HASHES = [
  '$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1',
  '$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.',
  '$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLtip/cZ/1GM/O6IND4WQhG.',
  'abNANd1rDfiNc',
];

test('logIn takes a password that crypt(3) confirms, again and again', { skip: !hasCrypt() }, () => {
  for (const hash of HASHES) {
    const list: Userlist = { name: 'L', groups: new Map(), users: new Map([user('u', hash, true)]) };
    for (let round = 0; round < 3; round++) {
      strictEqual(logIn(list, 'u', 'secret')?.name, 'u', hash);
      strictEqual(logIn(list, 'u', 'Secret'), null, hash);
      strictEqual(logIn(list, 'u', ''), null, hash);
      strictEqual(logIn(list, 'u', hash), null, hash);
    }
  }
});

test('logIn remembers: a second look costs no hash', { skip: !hasCrypt() }, () => {
  const list: Userlist = { name: 'L', groups: new Map(), users: new Map([user('u', HASHES[2]!, true)]) };
  const start = performance.now();
  for (let round = 0; round < 20_000; round++) strictEqual(logIn(list, 'u', 'secret')?.name, 'u');
  const each = (performance.now() - start) / 20_000;
  // SHA-512-crypt takes milliseconds.
  strictEqual(each < 0.5, true, `${each} ms`);
});

test('logIn forgets guesses before the right password', { skip: !hasCrypt() }, () => {
  const list: Userlist = { name: 'L', groups: new Map(), users: new Map([user('u', HASHES[0]!, true)]) };
  strictEqual(logIn(list, 'u', 'secret')?.name, 'u');
  for (let guess = 0; guess < 300; guess++) strictEqual(logIn(list, 'u', `guess${guess}`), null);
  strictEqual(logIn(list, 'u', 'secret')?.name, 'u');
});

test('logIn compares plain passwords; without one nobody is let in', () => {
  const users = new Map([user('plain', 'a:b', false), user('empty', '', false), user('none', null, false)]);
  const list: Userlist = { name: 'L', groups: new Map(), users };
  strictEqual(logIn(list, 'plain', 'a:b')?.name, 'plain');
  strictEqual(logIn(list, 'plain', 'a'), null);
  strictEqual(logIn(list, 'empty', '')?.name, 'empty');
  strictEqual(logIn(list, 'empty', 'x'), null);
  strictEqual(logIn(list, 'none', ''), null);
  strictEqual(logIn(list, 'nobody', ''), null);
});
