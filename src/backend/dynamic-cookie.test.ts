import { test } from 'node:test';
import { equal } from 'node:assert/strict';
import { dynamicCookie } from './dynamic-cookie.ts';
import { xxh64 } from '../core/xxh64.ts';

test('xxh64 of the published vectors', () => {
  equal(xxh64(Buffer.from('')), 0xef46db3751d8e999n);
  equal(xxh64(Buffer.from('a')), 0xd24ec4f1a98c6e5bn);
  equal(xxh64(Buffer.from('abc')), 0x44bc2cf5ad770999n);
  equal(xxh64(Buffer.from('Nobody inspects the spammish repetition')), 0xfbcea83c8a378bf1n);
});

test('values as observed on HAProxy', () => {
  equal(dynamicCookie('hello', '127.0.0.1', 19811), '35a87bd9b333c59b');
  equal(dynamicCookie('hello', '127.0.0.1', 19812), 'f09facd7780ce732');
});

test('only for IP addresses', () => {
  equal(dynamicCookie('k', 'example.org', 80), null);
  equal(dynamicCookie('k', '/run/x.sock', 80), null);
  equal(dynamicCookie('k', '::1', 80)?.length, 16);
});
