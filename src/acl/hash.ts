// Hashes of text and addresses for the pattern index, as running values so that all prefixes cost one pass (FNV-1a).

export const HASH_START = 0x811c9dc5 | 0;

/** Lower case of an ASCII letter. */
export function fold(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 32 : code;
}

export function hashStep(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193);
}

/** Of parts: what is hashed up to one place gives, with a power of this, what lies between two. */
const PART_BASE = 0x2c9277b5 | 0;

export function partStep(hash: number, code: number): number {
  return (Math.imul(hash, PART_BASE) + code + 1) | 0;
}

/** PART_BASE to the power of 0 to `most`. */
export function partPowers(most: number): Int32Array {
  const powers = new Int32Array(most + 1);
  powers[0] = 1;
  for (let at = 1; at <= most; at++) powers[at] = Math.imul(powers[at - 1]!, PART_BASE);
  return powers;
}

/** Spreads a running value over all bits. */
export function hashEnd(hash: number): number {
  let value = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  value = Math.imul(value ^ (value >>> 12), 0x297a2d39);
  return value ^ (value >>> 15);
}

/** Of `text[from..to)`, forward. */
export function hashText(text: string, from: number, to: number, folds: boolean): number {
  let hash = HASH_START;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    hash = hashStep(hash, folds ? fold(code) : code);
  }
  return hashEnd(hash);
}

/** Of `text[from..to)` as a part. */
export function hashPart(text: string, from: number, to: number, folds: boolean): number {
  let hash = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    hash = partStep(hash, folds ? fold(code) : code);
  }
  return hashEnd(hash);
}

/** Of `text[from..to)` as `hashText`, from the last character to the first. */
export function hashBackward(text: string, from: number, to: number, folds: boolean): number {
  let hash = HASH_START;
  for (let at = to - 1; at >= from; at--) {
    const code = text.charCodeAt(at);
    hash = hashStep(hash, folds ? fold(code) : code);
  }
  return hashEnd(hash);
}

/** Of a masked address: `code` is its kind and prefix length. */
export function hashAddress(code: number, a: number, b: number, c: number, d: number): number {
  let hash = Math.imul(HASH_START ^ code, 0x01000193);
  hash = Math.imul(hash ^ a, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13) ^ b, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 13) ^ c, 0x27d4eb2f);
  return hashEnd(hash ^ d);
}
