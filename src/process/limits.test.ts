import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { connectionsWithin } from './limits.ts';

test('-m leaves two slabs and the objects for each connection', () => {
  equal(connectionsWithin(96 + 36, 16384), 1024);
  equal(connectionsWithin(96 + 36, 32768), Math.floor((36 * 1048576) / (65536 + 4096)));
});

test('-m below what the program needs still lets a few in', () => {
  equal(connectionsWithin(10, 16384), 10);
});
