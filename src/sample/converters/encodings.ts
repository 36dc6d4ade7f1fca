// Base64, hexadecimal, URL and number encodings (manual 7.3.1).

import { int, optional, str } from '../../registry/args.ts';
import { defineConverter, type ConverterKeyword } from '../../registry/define.ts';
import { fitting, room } from '../room.ts';
import { formatIpv4 } from '../address.ts';
import { Type } from '../sample.ts';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const hexOf = (text: string): string => Buffer.from(text, 'latin1').toString('hex').toUpperCase();

/** Whether base64 of `text` has room; HAProxy counts the padding that ub64enc leaves out. */
const fitsEncoded = (text: string): boolean => Math.ceil(text.length / 3) * 4 <= room;

/** `parts` with `separator` between them: as many as have room. */
function joinFitting(parts: readonly string[], separator: string): string {
  let length = 0;
  let count = 0;
  while (count < parts.length) {
    length += parts[count]!.length + (count === 0 ? 0 : separator.length);
    if (length > room) break;
    count++;
  }
  return parts.slice(0, count).join(separator);
}

/** Numbers of <chunk> bytes each, in either order of bytes. */
const chunks = (name: string, little: boolean): ConverterKeyword =>
  defineConverter({
    name,
    from: Type.BIN,
    to: Type.STR,
    args: [str('separator'), int('chunk_size'), optional(int('truncate'), 0)],
    doc: 'Decimal numbers of <chunk_size> bytes each; with <truncate> an incomplete one is dropped.',
    check: ([, size]) => (size < 1 || size > 8 ? `chunk_size out of [1..8] range (${size})` : undefined),
    convert(sample, [separator, size, truncate]) {
      const numbers: string[] = [];
      for (let at = 0; at < sample.text.length && numbers.length <= room; at += size) {
        const chunk = sample.text.slice(at, at + size).split('');
        if (chunk.length < size && truncate !== 0) break;
        if (little) chunk.reverse();
        let value = 0n;
        for (const char of chunk) value = value * 256n + BigInt(char.charCodeAt(0));
        numbers.push(String(value));
      }
      return sample.setStr(joinFitting(numbers, separator));
    },
  });

/** Characters that url_enc leaves alone. */
const SAFE = /[A-Za-z0-9\-._~]/;

export default [
  defineConverter({
    name: 'b64dec',
    from: Type.STR,
    to: Type.BIN,
    args: [],
    doc: 'Decodes base64 (RFC 4648); no value where the input is none.',
    examples: [
      ['str(YWJj),b64dec', 'abc'],
      ['str(YWJ),b64dec', null],
    ],
    convert(sample) {
      const { text } = sample;
      return BASE64.test(text) && sample.setBin(Buffer.from(text, 'base64').toString('latin1'));
    },
  }),
  defineConverter({
    name: 'base2',
    from: Type.BIN,
    to: Type.STR,
    args: [],
    doc: 'Eight binary digits per byte, so that prefixes of bits can be matched.',
    examples: [['ipv4(1.2.3.255),base2', '00000001000000100000001111111111']],
    convert(sample) {
      let digits = '';
      for (let at = 0; at < sample.text.length; at++) {
        digits += sample.text.charCodeAt(at).toString(2).padStart(8, '0');
      }
      return sample.setStr(fitting(digits));
    },
  }),
  defineConverter({
    name: 'base64',
    from: Type.BIN,
    to: Type.STR,
    args: [],
    doc: 'Encodes bytes as base64 with padding (RFC 4648).',
    examples: [['str(ab?>),base64', 'YWI/Pg==']],
    convert: (sample) =>
      fitsEncoded(sample.text) && sample.setStr(Buffer.from(sample.text, 'latin1').toString('base64')),
  }),
  chunks('be2dec', false),
  chunks('le2dec', true),
  defineConverter({
    name: 'be2hex',
    from: Type.BIN,
    to: Type.STR,
    args: [optional(str('separator'), ''), optional(int('chunk_size'), 0), optional(int('truncate'), 0)],
    doc: 'Hex digits with <separator> after each <chunk_size> bytes.',
    examples: [
      ['bin(01020304050607),be2hex', '01020304050607'],
      ['bin(01020304050607),be2hex(:,2)', '0102:0304:0506:07'],
      ['bin(01020304050607),be2hex(--,2,1)', '0102--0304--0506'],
    ],
    check: ([separator, size]) =>
      size < 0 || (separator !== '' && size === 0) ? `chunk_size needs to be positive (${size})` : undefined,
    convert(sample, [separator, size, truncate]) {
      const digits = hexOf(sample.text);
      if (size === 0) return sample.setStr(fitting(digits));
      const parts: string[] = [];
      for (let at = 0; at < digits.length; at += size * 2) parts.push(digits.slice(at, at + size * 2));
      if (truncate === 0) return sample.setStr(fitting(parts.join(separator)));
      if (parts.length > 0 && parts.at(-1)!.length < size * 2) parts.pop();
      return sample.setStr(joinFitting(parts, separator));
    },
  }),
  defineConverter({
    name: 'hex',
    from: Type.BIN,
    to: Type.STR,
    args: [],
    doc: 'Two hex digits in upper case for each byte.',
    examples: [['bin(00ff41),hex', '00FF41']],
    convert: (sample) => sample.setStr(fitting(hexOf(sample.text))),
  }),
  defineConverter({
    name: 'hex2i',
    from: Type.STR,
    to: Type.SINT,
    args: [],
    doc: 'Hex digits to an integer, the low 64 bits; no value for anything else.',
    examples: [
      ['str(1F),hex2i', '31'],
      ['str(zz),hex2i', null],
      ['int(258),hex2i', '600'],
    ],
    convert(sample) {
      if (sample.text === '') return sample.setInt(0);
      if (!/^[0-9a-fA-F]+$/.test(sample.text)) return false;
      return sample.setBig(BigInt.asIntN(64, BigInt('0x' + sample.text)));
    },
  }),
  defineConverter({
    name: 'htonl',
    from: Type.SINT,
    to: Type.BIN,
    args: [],
    doc: 'The low 32 bits as four bytes in network order.',
    examples: [['int(258),htonl,hex', '00000102']],
    convert(sample) {
      const value = sample.big === null ? sample.num : Number(BigInt.asUintN(32, sample.big));
      const low = ((value % 0x100000000) + 0x100000000) % 0x100000000;
      return sample.setBin(String.fromCharCode(...formatIpv4(low).split('.').map(Number)));
    },
  }),
  defineConverter({
    name: 'ub64dec',
    from: Type.STR,
    to: Type.STR,
    args: [],
    doc: 'Decodes base64url (RFC 4648 section 5), without padding.',
    examples: [['str(YWI_PmFiPz4),ub64dec', 'ab?>ab?>']],
    convert(sample) {
      if (!/^[A-Za-z0-9_-]*={0,2}$/.test(sample.text) || sample.text.length % 4 === 1) return false;
      return sample.setStr(Buffer.from(sample.text, 'base64url').toString('latin1'));
    },
  }),
  defineConverter({
    name: 'ub64enc',
    from: Type.BIN,
    to: Type.STR,
    args: [],
    doc: 'Encodes to base64url, without padding.',
    examples: [['str(ab?>ab?>),ub64enc', 'YWI_PmFiPz4']],
    convert: (sample) =>
      fitsEncoded(sample.text) && sample.setStr(Buffer.from(sample.text, 'latin1').toString('base64url')),
  }),
  defineConverter({
    name: 'url_dec',
    from: Type.STR,
    to: Type.STR,
    args: [optional(int('in_form'), 0)],
    doc: "Decodes %XX, and '+' after a question mark or everywhere with <in_form>; no value where it is malformed.",
    examples: [
      ['str(a%41?b+c),url_dec', 'aA?b c'],
      ['str(a+b%41),url_dec(1)', 'a bA'],
      ['str(a%zz),url_dec', null],
    ],
    convert(sample, [inForm]) {
      const { text } = sample;
      let form = inForm !== 0;
      let result = '';
      for (let at = 0; at < text.length; at++) {
        const char = text[at]!;
        if (char === '%') {
          const digits = text.slice(at + 1, at + 3);
          if (!/^[0-9a-fA-F]{2}$/.test(digits)) return false;
          result += String.fromCharCode(Number.parseInt(digits, 16));
          at += 2;
        } else {
          form ||= char === '?';
          result += char === '+' && form ? ' ' : char;
        }
      }
      return sample.setStr(result);
    },
  }),
  defineConverter({
    name: 'url_enc',
    from: Type.STR,
    to: Type.STR,
    args: [optional(str('enc_type'), 'query')],
    doc: 'Encodes what may not stand in a query as it is.',
    examples: [['str(a b/c),url_enc', 'a%20b%2Fc']],
    check: ([type]) => (type === 'query' ? undefined : "Unexpected encode type. Allowed value is 'query'"),
    convert(sample) {
      let result = '';
      for (const char of sample.text) {
        const piece = SAFE.test(char) ? char : '%' + hexOf(char);
        // HAProxy keeps a byte free behind an escape.
        if (result.length + piece.length > (piece.length === 1 ? room : room - 1)) break;
        result += piece;
      }
      return sample.setStr(result);
    },
  }),
];
