// Characters that must not reach a log or a header as they are (manual 8.6 and 8.2.6).

/** One flag per byte: 1 where it is replaced. */
export type EscapeSet = Uint8Array;

function makeSet(extra: string, low: number, high: number, keep = ''): EscapeSet {
  const set = new Uint8Array(256);
  for (let code = 0; code < 256; code++) {
    const char = String.fromCharCode(code);
    if ((code < low || code > high || extra.includes(char)) && !keep.includes(char)) set[code] = 1;
  }
  return set;
}

/** Requests and cookies in logs: outside of 32 to 126, '#' and '"'. */
export const LOG_SET = makeSet('#"', 32, 126);
/** Captured headers in logs: also the separators. */
export const CAPTURE_SET = makeSet('#"{|}', 32, 126);
/** Values of expressions in logs: control characters, which could forge lines. */
export const CONTROL_SET = makeSet('\x7f', 32, 255);
/** Header fields: what RFC 9110 section 5.5 forbids in a value. */
export const HEADER_SET = makeSet('\x7f', 32, 255, '\t');

const HEX = '0123456789ABCDEF';

/** Replaces each byte of the set by `mark` and two hex digits; returns the same string where there is none. */
export function escapeBytes(text: string, set: EscapeSet, mark: string): string {
  const { length } = text;
  let at = 0;
  while (at < length && set[text.charCodeAt(at) & 255] === 0) at++;
  if (at === length) return text;
  let result = text.slice(0, at);
  for (; at < length; at++) {
    const code = text.charCodeAt(at) & 255;
    result += set[code] === 0 ? text[at]! : mark + HEX[code >> 4]! + HEX[code & 15]!;
  }
  return result;
}

/** Puts a backslash before '"', '\' and ']' (flag E, RFC 5424 section 6.3.3). */
export function escapeStructured(text: string): string {
  let result = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== 0x22 && code !== 0x5c && code !== 0x5d) continue;
    result += text.slice(from, at) + '\\';
    from = at;
  }
  return from === 0 && result === '' ? text : result + text.slice(from);
}
