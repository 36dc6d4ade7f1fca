// Sets of bytes, with the classes of PCRE2 in the C locale.

import type { CharSet } from './ast.ts';

export function emptySet(): CharSet {
  return new Uint8Array(256);
}

export function setOf(...codes: readonly number[]): CharSet {
  const set = emptySet();
  for (const code of codes) set[code] = 1;
  return set;
}

export function addRange(set: CharSet, from: number, to: number): void {
  set.fill(1, from, to + 1);
}

export function addAll(set: CharSet, other: CharSet): void {
  for (let code = 0; code < 256; code++) set[code]! |= other[code]!;
}

export function inverse(set: CharSet): CharSet {
  return set.map((flag) => 1 - flag);
}

/** Adds the other case of each ASCII letter. */
export function foldCase(set: CharSet): void {
  for (let code = 0x41; code <= 0x5a; code++) {
    const either = set[code]! | set[code + 32]!;
    set[code] = either;
    set[code + 32] = either;
  }
}

function ranges(...pairs: readonly (readonly [number, number])[]): CharSet {
  const set = emptySet();
  for (const [from, to] of pairs) addRange(set, from, to);
  return set;
}

const DIGITS = ranges([0x30, 0x39]);
const WORDS = ranges([0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]);
const SPACES = ranges([9, 13], [32, 32]);
const HORIZONTAL = setOf(9, 32, 0xa0);
const VERTICAL = ranges([10, 13], [0x85, 0x85]);
export const NEWLINE = setOf(10);

/** Escapes that stand for a set, in and out of classes. */
export const ESCAPED_SETS: Readonly<Record<string, CharSet>> = {
  d: DIGITS,
  D: inverse(DIGITS),
  w: WORDS,
  W: inverse(WORDS),
  s: SPACES,
  S: inverse(SPACES),
  h: HORIZONTAL,
  H: inverse(HORIZONTAL),
  v: VERTICAL,
  V: inverse(VERTICAL),
};

/** Escapes that stand for one byte. */
export const ESCAPED_BYTES: Readonly<Record<string, number>> = {
  a: 7,
  e: 27,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
};

export const POSIX: Readonly<Record<string, CharSet>> = {
  alnum: ranges([0x30, 0x39], [0x41, 0x5a], [0x61, 0x7a]),
  alpha: ranges([0x41, 0x5a], [0x61, 0x7a]),
  ascii: ranges([0, 0x7f]),
  blank: setOf(9, 32),
  cntrl: ranges([0, 0x1f], [0x7f, 0x7f]),
  digit: DIGITS,
  graph: ranges([0x21, 0x7e]),
  lower: ranges([0x61, 0x7a]),
  print: ranges([0x20, 0x7e]),
  punct: ranges([0x21, 0x2f], [0x3a, 0x40], [0x5b, 0x60], [0x7b, 0x7e]),
  space: SPACES,
  upper: ranges([0x41, 0x5a]),
  word: WORDS,
  xdigit: ranges([0x30, 0x39], [0x41, 0x46], [0x61, 0x66]),
};

export function isWord(code: number): boolean {
  return WORDS[code] === 1;
}
