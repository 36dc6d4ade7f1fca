// Escaping for JSON strings (manual 7.3.1).

import { optional, str } from '../../registry/args.ts';
import { defineConverter } from '../../registry/define.ts';
import { room } from '../room.ts';
import { Type } from '../sample.ts';

const CODES = ['ascii', 'utf8', 'utf8s', 'utf8p', 'utf8ps'];
const SHORT: Readonly<Record<number, string>> = {
  0x22: '\\"',
  0x5c: '\\\\',
  0x2f: '\\/',
  0x08: '\\b',
  0x0c: '\\f',
  0x0a: '\\n',
  0x0d: '\\r',
  0x09: '\\t',
};

/** Reads a character at `at`: its code and length, the code -1 where it is not valid UTF-8. */
function decode(text: string, at: number): readonly [number, number] {
  const first = text.charCodeAt(at);
  if (first < 0x80) return [first, 1];
  const length = first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0 || first < 0xc2) return [-1, 1];
  let code = first & (0x7f >> length);
  for (let index = 1; index < length; index++) {
    const next = text.charCodeAt(at + index);
    if (!(next >= 0x80 && next < 0xc0)) return [-1, index];
    code = code * 64 + (next & 0x3f);
  }
  const overlong = (length === 3 && code < 0x800) || (length === 4 && code < 0x10000);
  return overlong || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff ? [-1, length] : [code, length];
}

export default [
  defineConverter({
    name: 'json',
    from: Type.STR,
    to: Type.STR,
    args: [optional(str('input-code'), 'ascii')],
    doc: 'Escapes for a JSON string in ASCII. UTF-8 errors end it, or are dropped with `s`; `p` is more tolerant.',
    examples: [
      ['bin(61225c0a),json', 'a\\"\\\\\\n'],
      ['bin(c3a9e282ac),json(utf8)', '\\u00e9\\u20ac'],
      ['bin(c3a9),json', '\\u00c3\\u00a9'],
      ['bin(41c328),json(utf8)', null],
      ['bin(41c328),json(utf8s)', 'A('],
    ],
    check: ([code]) =>
      CODES.includes(code)
        ? undefined
        : "Unexpected input code type. Allowed value are 'ascii', 'utf8', 'utf8s', 'utf8p' and 'utf8ps'",
    convert(sample, [input]) {
      const { text } = sample;
      const ascii = input === 'ascii';
      const skips = input.endsWith('s');
      let result = '';
      for (let at = 0; at < text.length;) {
        const [code, length] = ascii ? [text.charCodeAt(at), 1] : decode(text, at);
        at += length;
        if (code < 0 || code > 0xffff) {
          if (skips) continue;
          return false;
        }
        const short = SHORT[code];
        if (short !== undefined) result += short;
        else if (code >= 0x20 && code < 0x7f) result += String.fromCharCode(code);
        else result += '\\u' + code.toString(16).padStart(4, '0');
        if (result.length > room) return false;
      }
      return sample.setStr(result);
    },
  }),
];
