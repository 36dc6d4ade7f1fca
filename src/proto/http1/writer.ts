import { viewOf } from './words.ts';

/** Small writers into memory. Each returns the offset after what it wrote; the caller has made room. */

/** Writes each character as one byte; those above 255 lose their high bits. */
export function writeLatin1(memory: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) memory[at++] = text.charCodeAt(i);
  return at;
}

/** Writes an integer from 0 to 2^53-1 in decimal. */
export function writeDecimal(memory: Uint8Array, at: number, value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit && digits < 16; limit *= 10) digits++;
  const end = at + digits;
  for (let i = end - 1; i >= at; i--) {
    const rest = Math.floor(value / 10);
    memory[i] = 48 + (value - rest * 10);
    value = rest;
  }
  return end;
}

/** Writes an integer from 0 to 2^53-1 in lower-case hexadecimal. */
export function writeHex(memory: Uint8Array, at: number, value: number): number {
  let digits = 1;
  for (let limit = 16; value >= limit; limit *= 16) digits++;
  const end = at + digits;
  for (let i = end - 1; i >= at; i--) {
    const rest = Math.floor(value / 16);
    const digit = value - rest * 16;
    memory[i] = digit < 10 ? 48 + digit : 87 + digit;
    value = rest;
  }
  return end;
}

/** Up to here a loop is faster than a call out of the compiled code. */
const SHORT_BYTES = 256;

/** Copies `source[from..to)` to `at`; the ranges may overlap within one memory only where `at` <= `from`. */
export function copyBytes(
  memory: Uint8Array,
  at: number,
  source: Uint8Array,
  from: number,
  to: number,
): number {
  const length = to - from;
  if (source !== memory) memory.set(source.subarray(from, to), at);
  else if (length > SHORT_BYTES) memory.copyWithin(at, from, to);
  else {
    const view = viewOf(memory);
    const delta = at - from;
    for (; from + 4 <= to; from += 4) view.setInt32(from + delta, view.getInt32(from, true), true);
    for (; from < to; from++) memory[from + delta] = memory[from]!;
  }
  return at + length;
}

/** Moves the bytes [from, end) to `at`, which is not below `from`; the two ranges may overlap. */
export function moveUp(memory: Uint8Array, at: number, from: number, end: number): void {
  if (end - from > SHORT_BYTES) {
    memory.copyWithin(at, from, end);
    return;
  }
  const view = viewOf(memory);
  const delta = at - from;
  for (; end - 4 >= from; end -= 4) view.setInt32(end - 4 + delta, view.getInt32(end - 4, true), true);
  while (--end >= from) memory[end + delta] = memory[end]!;
}
