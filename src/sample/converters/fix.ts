// Financial Information eXchange messages (manual 7.3.1, fix_*): `tag=value` fields, each ended by SOH.

import { type ArgSpec, ConfigError, defineConverter } from '../../registry/define.ts';
import { Type } from '../sample.ts';

const SOH = '\x01';
const EQUALS = '=';
const VERSION = /^FIX(?:\.4\.[0-4]|\.5\.0|T\.1\.1)$/;
const BEGIN_STRING = 8;
const BODY_LENGTH = 9;
const CHECK_SUM = 10;
const MSG_TYPE = 35;
/** `10=nnn` and its end. */
const TRAILER_LENGTH = 7;

const NAMES: Readonly<Record<string, number>> = {
  BeginString: BEGIN_STRING,
  BodyLength: BODY_LENGTH,
  CheckSum: CHECK_SUM,
  MsgType: MSG_TYPE,
  SenderCompID: 49,
  TargetCompID: 56,
};

const tagArgument: ArgSpec<number> = {
  usage: 'tag',
  kind: 'string',
  optional: false,
  fallback: 0,
  parse(text) {
    const tag = Object.hasOwn(NAMES, text) ? NAMES[text]! : /^\d+$/.test(text) ? Number(text) : 0;
    if (tag < 1) throw new ConfigError(`Unknown FIX tag name '${text}'`);
    return tag;
  },
};

/** The tag of the field at `at` if it is whole and well formed, 0 where bytes are missing, -1 where it is wrong. */
function tagAt(text: string, at: number): number {
  const end = text.indexOf(SOH, at);
  const field = text.slice(at, end < 0 ? text.length : end);
  const equals = field.indexOf(EQUALS);
  const tag = equals < 0 ? field : field.slice(0, equals);
  if (tag !== '' ? !/^[1-9]\d*$/.test(tag) : field !== '' || end >= 0) return -1;
  if (end < 0) return 0;
  return equals < 0 || equals === field.length - 1 ? -1 : Number(tag);
}

function valueAt(text: string, at: number): string {
  return text.slice(text.indexOf(EQUALS, at) + 1, text.indexOf(SOH, at));
}

/** Whether `text` begins with a valid message; null while bytes are missing. */
function isValid(text: string): boolean | null {
  let at = 0;
  let bodyAt = 0;
  let bodyLength = 0;
  for (let field = 0; ; field++) {
    const tag = tagAt(text, at);
    if (tag <= 0) return tag === 0 ? null : false;
    const value = valueAt(text, at);
    const next = text.indexOf(SOH, at) + 1;
    if (field === 0 && (tag !== BEGIN_STRING || !VERSION.test(value))) return false;
    if (field === 1) {
      if (tag !== BODY_LENGTH || !/^\d{1,9}$/.test(value)) return false;
      bodyAt = next;
      bodyLength = Number(value);
      if (text.length >= bodyAt + bodyLength + TRAILER_LENGTH) {
        // The last field is where the length says, or nowhere.
        if (!text.startsWith(`${SOH}10=`, bodyAt + bodyLength - 1)) return false;
      }
    }
    if (field === 2 && tag !== MSG_TYPE) return false;
    if (tag === CHECK_SUM) {
      if (at !== bodyAt + bodyLength || !/^\d{3}$/.test(value)) return false;
      let sum = 0;
      for (let i = 0; i < at; i++) sum += text.charCodeAt(i);
      return sum % 256 === Number(value);
    }
    at = next;
  }
}

export default [
  defineConverter({
    name: 'fix_is_valid',
    from: Type.BIN,
    to: Type.BOOL,
    args: [],
    doc: 'True for a FIX message with the right order of fields, length and checksum; no value for another.',
    examples: [
      ['str(8=FIX.4.0),fix_is_valid', null],
      ['bin(393d3101),fix_is_valid', null],
    ],
    convert(sample) {
      const valid = isValid(sample.text);
      sample.partial = valid === null;
      return valid === true && sample.setBool(true);
    },
  }),
  defineConverter({
    name: 'fix_tag_value',
    from: Type.BIN,
    to: Type.BIN,
    args: [tagArgument],
    doc: 'The value of the first field with a tag, by its number or name. The message is not validated.',
    examples: [
      ['bin(383d4649582e342e3001393d373001),fix_tag_value(BodyLength)', '70'],
      ['bin(383d4649582e342e3001),fix_tag_value(35)', null],
    ],
    convert(sample, [wanted]) {
      const { text } = sample;
      for (let at = 0; at < text.length;) {
        const tag = tagAt(text, at);
        if (tag <= 0) {
          sample.partial = tag === 0;
          return false;
        }
        if (tag === wanted) {
          sample.partial = false;
          return sample.setBin(valueAt(text, at));
        }
        at = text.indexOf(SOH, at) + 1;
      }
      return false;
    },
  }),
];
