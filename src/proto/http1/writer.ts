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

/** Copies `source[from..to)` to `at`; the ranges may overlap within one memory only where `at` <= `from`. */
export function copyBytes(
  memory: Uint8Array,
  at: number,
  source: Uint8Array,
  from: number,
  to: number,
): number {
  const length = to - from;
  if (length <= 48) {
    while (from < to) memory[at++] = source[from++]!;
    return at;
  }
  if (source === memory) memory.copyWithin(at, from, to);
  else memory.set(source.subarray(from, to), at);
  return at + length;
}
