/**
 * Tests on four bytes at a time, as little-endian 32-bit words. Each answers with the high bit of the bytes it found; a
 * borrow may mark a byte above a found one too, so only the first one counts.
 */

const HIGH = 0x80808080 | 0;

/** Bytes below 32 and 127: what ends a field value (a tab, which is allowed there, is found too). */
export function controls(word: number): number {
  return ((word - 0x20202020) | ((word ^ 0x7f7f7f7f) - 0x01010101)) & ~word & HIGH;
}

/** Bytes that may not stand in a request target: below 33, '#', 127 and above. */
export function notTarget(word: number): number {
  const below = (word - 0x21212121) | ((word ^ 0x23232323) - 0x01010101);
  return ((below & ~word) | (word + 0x01010101) | word) & HIGH;
}

/** Number of the first byte that a test has found, 0 to 3. */
function firstOf(found: number): number {
  return (31 - Math.clz32(found & -found)) >> 3;
}

/**
 * The first place from `at` on that holds a control character, a tab included; where there is none, some place behind
 * `last`. Words are read from places up to `last`.
 */
export function skipText(view: DataView, at: number, last: number): number {
  for (; at <= last; at += 4) {
    const found = controls(view.getInt32(at, true));
    if (found !== 0) return at + firstOf(found);
  }
  return at;
}

/** The same for bytes that may not stand in a request target. */
export function skipTarget(view: DataView, at: number, last: number): number {
  for (; at <= last; at += 4) {
    const found = notTarget(view.getInt32(at, true));
    if (found !== 0) return at + firstOf(found);
  }
  return at;
}

/** Four characters as the word that they make in memory. */
export function wordOf(text: string): number {
  return (
    text.charCodeAt(0) | (text.charCodeAt(1) << 8) | (text.charCodeAt(2) << 16) | (text.charCodeAt(3) << 24)
  );
}

let viewed: Uint8Array | null = null;
let view: DataView = new DataView(new ArrayBuffer(0));

/** A view of the words of `memory`; kept for the next call, since a thread has one memory. */
export function viewOf(memory: Uint8Array): DataView {
  if (memory !== viewed) {
    viewed = memory;
    view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  }
  return view;
}
