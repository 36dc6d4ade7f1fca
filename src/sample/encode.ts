// JSON and CBOR forms of log-format items (manual 8.2.6, flags json and cbor; RFC 8259 and RFC 8949).

import { toBool, toSint, toStr } from './cast.ts';
import { Sample, Type } from './sample.ts';
import type { Expression } from './expression.ts';
import type { StreamContext } from './context.ts';

export type Encoding = 'none' | 'json' | 'cbor';
/** The type that `%(name:type)` forces; 'own' for the item's own. */
export type ForcedType = 'own' | 'str' | 'sint' | 'bool';
/** One value as an item has it; null where there is none. */
export type ItemValue = string | number | bigint | boolean | null;
export type ItemReader = (stream: StreamContext) => ItemValue | readonly ItemValue[];

/** A value in one encoding, as bytes in latin1. */
export interface Encoder {
  readonly open: string;
  readonly close: string;
  /** What stands between two pairs. */
  readonly between: string;
  key(name: string): string;
  value(value: ItemValue | readonly ItemValue[]): string;
}

const HEX = '0123456789abcdef';

/** Between quotes; bytes from 128 on pass, so that UTF-8 stays what it was. */
export function jsonString(text: string): string {
  let result = '"';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x20 && code !== 0x22 && code !== 0x5c && code !== 0x7f) continue;
    result += text.slice(from, at);
    if (code === 0x22 || code === 0x5c) result += '\\' + text[at]!;
    else result += '\\u00' + HEX[code >> 4]! + HEX[code & 15]!;
    from = at + 1;
  }
  return result + text.slice(from) + '"';
}

export const JSON_ENCODER: Encoder = {
  open: '{',
  close: '}',
  between: ', ',
  key: (name) => jsonString(name) + ': ',
  value(value) {
    if (typeof value === 'string') return jsonString(value);
    if (typeof value === 'object' && value !== null) {
      return '[' + value.map((one) => JSON_ENCODER.value(one)).join(', ') + ']';
    }
    return String(value);
  },
};

/** Major type and argument (RFC 8949 section 3). */
function head(major: number, count: number | bigint): string {
  const type = major << 5;
  if (count < 24) return String.fromCharCode(type | Number(count));
  const bytes = count < 0x100 ? 1 : count < 0x1_0000 ? 2 : count < 0x1_0000_0000 ? 4 : 8;
  let text = String.fromCharCode(type | (bytes === 1 ? 24 : bytes === 2 ? 25 : bytes === 4 ? 26 : 27));
  let rest = BigInt(count);
  let digits = '';
  for (let left = bytes; left > 0; left--, rest >>= 8n)
    digits = String.fromCharCode(Number(rest & 255n)) + digits;
  return (text += digits);
}

/** Text strings are UTF-8: what is not goes out as a byte string. */
function cborText(text: string): string {
  let ascii = true;
  for (let at = 0; at < text.length && ascii; at++) ascii = text.charCodeAt(at) < 128;
  const valid = ascii || isUtf8(text);
  return head(valid ? 3 : 2, text.length) + text;
}

const strict = new TextDecoder('utf-8', { fatal: true });

function isUtf8(text: string): boolean {
  try {
    strict.decode(Buffer.from(text, 'latin1'));
    return true;
  } catch {
    return false;
  }
}

function cborValue(value: ItemValue | readonly ItemValue[]): string {
  switch (typeof value) {
    case 'string':
      return cborText(value);
    case 'boolean':
      return value ? '\xf5' : '\xf4';
    case 'number':
    case 'bigint':
      return value < 0 ? head(1, -1n - BigInt(value)) : head(0, value);
    default:
      return value === null ? '\xf6' : head(4, value.length) + value.map(cborValue).join('');
  }
}

/** Raw bytes: flag `+bin`. The map has no known length: items end it. */
export const CBOR_ENCODER: Encoder = {
  open: '\xbf',
  close: '\xff',
  between: '',
  key: cborText,
  value: cborValue,
};

const hexBytes = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('hex').toUpperCase();

/** CBOR in hexadecimal digits, which syslog carries. */
export const CBOR_HEX_ENCODER: Encoder = {
  open: hexBytes(CBOR_ENCODER.open),
  close: hexBytes(CBOR_ENCODER.close),
  between: '',
  key: (name) => hexBytes(cborText(name)),
  value: (value) => hexBytes(cborValue(value)),
};

export function encoderOf(encoding: Encoding, binary: boolean): Encoder | null {
  if (encoding === 'none') return null;
  return encoding === 'json' ? JSON_ENCODER : binary ? CBOR_ENCODER : CBOR_HEX_ENCODER;
}

/** Gives an item the type that its name asked for; null stays null, and so does what is no number. */
export function forced(value: ItemValue, type: ForcedType): ItemValue {
  if (type === 'own' || value === null) return value;
  if (type === 'str') return typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
  const number = typeof value === 'string' ? integerOf(value) : value;
  if (type === 'bool') return value === 'true' || (number !== null && Number(number) !== 0);
  return typeof number === 'boolean' ? Number(number) : number;
}

/** `+12` and `12` are 12 (the sign says that the number may grow); null for what is no integer. */
export function integerOf(text: string): number | bigint | null {
  if (!/^[+-]?\d{1,19}$/.test(text)) return null;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text.replace('+', ''));
}

/** Reads an expression with the type that its sample has. */
export function expressionReader(expression: Expression, type: ForcedType): ItemReader {
  const sample = new Sample();
  return (stream) => {
    if (!expression.evaluate(stream, sample)) return null;
    if (type === 'bool' || (type === 'own' && sample.type === Type.BOOL)) {
      return toBool(sample) ? sample.num !== 0 : null;
    }
    if (type === 'sint' || (type === 'own' && sample.type === Type.SINT)) {
      return toSint(sample) ? (sample.big ?? sample.num) : null;
    }
    return toStr(sample) ? sample.text : null;
  };
}
