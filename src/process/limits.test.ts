import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { connectionsFor, connectionsWithin } from './limits.ts';
import { loadText } from '../testing/load.ts';

test('-m leaves two slabs and the objects for each connection', () => {
  equal(connectionsWithin(96 + 36, 16384), 1024);
  equal(connectionsWithin(96 + 36, 32768), Math.floor((36 * 1048576) / (65536 + 4096)));
});

test('-m below what the program needs still lets a few in', () => {
  equal(connectionsWithin(10, 16384), 10);
});

test('pipes take descriptors, too', () => {
  const of = (global: string, options: string): number =>
    connectionsFor(
      10_000,
      loadText(`global\n ${global}\ndefaults\n ${options}\n mode tcp\nlisten l\n bind :1\n`).config!,
    );
  equal(of('', ''), 5000);
  equal(of('', 'option splice-auto'), 4000);
  equal(of('maxpipes 100', ''), 4900);
});
