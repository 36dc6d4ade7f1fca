// Hash functions of `hash-type` (manual 4.2) over latin1 text. All give unsigned 32-bit numbers.

/** Function of `hash-type` as `BalanceSettings` names it. */
export type HashFunction = 'sdbm' | 'djb2' | 'wt6' | 'crc32' | 'none';

/** A key's hash. */
export type Hasher = (text: string) => number;

/** The hash of the sdbm database library: h * 65599 + c. */
export function sdbm(text: string): number {
  let h = 0;
  for (let i = 0; i < text.length; i++) h = (text.charCodeAt(i) + (h << 6) + (h << 16) - h) | 0;
  return h >>> 0;
}

/** Dan Bernstein's: h * 33 + c from 5381. */
export function djb2(text: string): number {
  let h = 5381;
  for (let i = 0; i < text.length; i++) h = ((h << 5) + h + text.charCodeAt(i)) | 0;
  return h >>> 0;
}

const crcTable = Int32Array.from({ length: 256 }, (_, byte) => {
  let c = byte;
  for (let bit = 0; bit < 8; bit++) c = (c & 1) !== 0 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/** The CRC of Ethernet and gzip. */
export function crc32(text: string): number {
  let c = -1;
  for (let i = 0; i < text.length; i++) c = (c >>> 8) ^ crcTable[(c ^ text.charCodeAt(i)) & 255]!;
  return ~c >>> 0;
}

/** The leading decimal number of the text, modulo 2^32; 0 without one. */
export function numeric(text: string): number {
  let at = 0;
  const negative = text.charCodeAt(0) === 0x2d;
  if (negative || text.charCodeAt(0) === 0x2b) at++;
  let value = 0;
  for (; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = (Math.imul(value, 10) + digit) | 0;
  }
  return (negative ? -value : value) >>> 0;
}

/**
 * Mixes all bits of a 32-bit number: Bob Jenkins' 6-shift integer hash (burtleburtle.net/bob/hash/integer.html),
 * multiplied by 0xc0000001 as HAProxy's `avalanche` was seen to do.
 */
export function avalanche(value: number): number {
  let a = value | 0;
  a = (a + 0x7ed55d16 + (a << 12)) | 0;
  a = a ^ 0xc761c23c ^ (a >>> 19);
  a = (a + 0x165667b1 + (a << 5)) | 0;
  a = ((a + 0xd3a2646c) ^ (a << 9)) | 0;
  a = (a + 0xfd7046c5 + (a << 3)) | 0;
  a = a ^ 0xb55a4f09 ^ (a >>> 16);
  return Math.imul(a, 0xc0000001) >>> 0;
}

/** The function for a key. Throws on wt6, whose definition is not published outside HAProxy. */
export function hasher(name: HashFunction): Hasher {
  switch (name) {
    case 'sdbm':
      return sdbm;
    case 'djb2':
      return djb2;
    case 'crc32':
      return crc32;
    case 'none':
      return numeric;
    case 'wt6':
      throw new Error("'hash-type': the function 'wt6' is not supported; use sdbm, djb2, crc32 or none");
  }
}
