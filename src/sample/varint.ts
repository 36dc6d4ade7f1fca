// Integers of varying length, as the peers protocol and SPOP write them (SPOE.txt section 3.2), in latin1 text.

/** Appends nothing: gives the bytes of an unsigned integer up to 2^53. */
export function varint(value: number): string {
  if (value < 240) return String.fromCharCode(value);
  let bytes = String.fromCharCode(240 + (value % 16));
  let rest = Math.floor((value - 240) / 16);
  while (rest >= 128) {
    bytes += String.fromCharCode(128 + (rest % 128));
    rest = Math.floor((rest - 128) / 128);
  }
  return bytes + String.fromCharCode(rest);
}

/** What `readVarint` read last. */
export const varintRead = { value: 0 };

/** Reads an integer: where it ends, or -1 where the text is too short or the number too long. */
export function readVarint(text: string, start: number): number {
  if (start >= text.length) return -1;
  let value = text.charCodeAt(start);
  let at = start + 1;
  if (value >= 240) {
    let factor = 16;
    for (;;) {
      if (at >= text.length || factor > 2 ** 40) return -1;
      const byte = text.charCodeAt(at++);
      value += byte * factor;
      factor *= 128;
      if (byte < 128) break;
    }
  }
  varintRead.value = value;
  return at;
}
