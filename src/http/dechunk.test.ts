import { test } from 'node:test';
import { strictEqual } from 'node:assert/strict';
import { dechunk, payloadLength } from './dechunk.ts';

const CASES: readonly (readonly [string, string])[] = [
  ['', ''],
  ['3\r\nabc\r\n0\r\n\r\n', 'abc'],
  ['3\r\nabc\r\n', 'abc'],
  ['3\r\nab', 'ab'],
  ['3\r\n', ''],
  ['3\r\nabc\r\na\r\n0123456789\r\n1\r\nx', 'abc0123456789x'],
  ['B\r\n3\r\nabc\r\n0\r\n\r\n0\r\n\r\n', '3\r\nabc\r\n0\r\n'],
  ['0\r\ntrailer: x\r\n\r\n', ''],
];

test('dechunk and payloadLength see payload alone, however much is there', () => {
  for (const [framed, payload] of CASES) {
    const bytes = Buffer.from(`..${framed}..`, 'latin1');
    const to = 2 + framed.length;
    strictEqual(
      dechunk(bytes as Buffer & { latin1Slice(from: number, to: number): string }, 2, to),
      payload,
      framed,
    );
    strictEqual(payloadLength(bytes, 2, to), payload.length, framed);
  }
});
