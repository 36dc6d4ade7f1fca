/** Byte classes of HTTP/1 (RFC 9110 section 5.6.2, RFC 9112 section 3), as tables for the scanning loops. */

/** Zero when the byte can't be in a token, else the byte in lower case. */
export const TOKEN_LOWER = new Uint8Array(256);
/** Zero when the byte can't be in a token, else the byte itself. */
export const TOKEN = new Uint8Array(256);
/** 1 for the bytes of a request target: 33 to 126 but '#'. */
export const TARGET = new Uint8Array(256);
/** The same when violations are accepted: '#' and bytes above 127 pass. Byte 127 never does. */
export const TARGET_RELAXED = new Uint8Array(256);
/** 1 for the bytes of a field value: visible bytes, space, tab and those above 127. */
export const VALUE = new Uint8Array(256);
/** The same when violations are accepted: anything but CR and LF. */
export const VALUE_RELAXED = new Uint8Array(256).fill(1);
/** 1 for what a protocol version is made of: upper-case letters, digits, '/' and '.'. */
export const VERSION = new Uint8Array(256);
/** The value of a hexadecimal digit, else 255. */
export const HEX = new Uint8Array(256).fill(255);

const TOKEN_MARKS = "!#$%&'*+-.^_`|~";

for (let byte = 0; byte < 256; byte++) {
  const text = String.fromCharCode(byte);
  if (/[0-9A-Za-z]/.test(text) || TOKEN_MARKS.includes(text)) {
    TOKEN[byte] = byte;
    TOKEN_LOWER[byte] = text.toLowerCase().charCodeAt(0);
  }
  if (byte > 32 && byte < 127 && text !== '#') TARGET[byte] = 1;
  if (byte > 32 && byte !== 127) TARGET_RELAXED[byte] = 1;
  if ((byte >= 32 && byte !== 127) || byte === 9) VALUE[byte] = 1;
  if (/[A-Z0-9/.]/.test(text)) VERSION[byte] = 1;
  if (/[0-9A-Fa-f]/.test(text)) HEX[byte] = parseInt(text, 16);
}
VALUE_RELAXED[10] = VALUE_RELAXED[13] = 0;

/** ASCII lower case of one byte. */
export function lower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte | 32 : byte;
}

/** Whether two ranges of `memory` are equal, ASCII case aside. */
export function sameText(memory: Uint8Array, at: number, end: number, at2: number, end2: number): boolean {
  if (end - at !== end2 - at2) return false;
  for (; at < end; at++, at2++) if (lower(memory[at]!) !== lower(memory[at2]!)) return false;
  return true;
}

/** Whether `memory[at..end)` is `word` (given in lower case), ASCII case aside. */
export function isWord(memory: Uint8Array, at: number, end: number, word: string): boolean {
  if (end - at !== word.length) return false;
  for (let i = 0; i < word.length; i++) if (lower(memory[at + i]!) !== word.charCodeAt(i)) return false;
  return true;
}
