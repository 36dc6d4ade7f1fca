import { deepStrictEqual } from 'node:assert/strict';

/** Asserts one story however the bytes arrive. `decode` gets the pieces in order and joins adjacent data. */
export function everySplit<T>(bytes: Uint8Array, decode: (pieces: Uint8Array[]) => T): void {
  const whole = decode([bytes]);
  deepStrictEqual(decode([...bytes].map((byte) => Uint8Array.of(byte))), whole, 'byte by byte');
  for (let at = 1; at < bytes.length; at++) {
    deepStrictEqual(decode([bytes.subarray(0, at), bytes.subarray(at)]), whole, `cut at ${at}`);
  }
}
