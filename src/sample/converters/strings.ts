// Cutting, joining and comparing text (manual 7.3.1).

import { timingSafeEqual } from 'node:crypto';
import { int, number, optional, registeredVariable, str, variableOrNone } from '../../registry/args.ts';
import { defineConverter } from '../../registry/define.ts';
import { toBin, toStr } from '../cast.ts';
import { fitting } from '../room.ts';
import { foldCase } from '../fold.ts';
import { Sample, Type } from '../sample.ts';
import { getVariable, resolveNumber, variableText } from '../variable-name.ts';

const scratch = new Sample();

/** Host and port of a Host header's value (RFC 9110 section 7.2). */
function splitHost(text: string): readonly [string, string] {
  const colon = text.lastIndexOf(':');
  return colon < 0 || colon < text.lastIndexOf(']')
    ? [text, '']
    : [text.slice(0, colon), text.slice(colon + 1)];
}

/** Digits as HAProxy was seen to add them up, in 32 bits: what is no digit counts by its distance from '0'. */
function uncheckedDecimal(text: string): number {
  let value = 0;
  for (let at = 0; at < text.length; at++) value = (value * 10 + text.charCodeAt(at) - 0x30) >>> 0;
  return value;
}

function trimStart(text: string, chars: string): string {
  let at = 0;
  while (at < text.length && chars.includes(text[at]!)) at++;
  return text.slice(at);
}

function trimEnd(text: string, chars: string): string {
  let at = text.length;
  while (at > 0 && chars.includes(text[at - 1]!)) at--;
  return text.slice(0, at);
}

export default [
  defineConverter({
    name: 'add_item',
    from: Type.STR,
    to: Type.STR,
    args: [str('delim'), optional(variableOrNone('var'), null), optional(str('suff'), '')],
    volatile: true,
    doc: 'Appends <var> and <suff>, after <delim> where both sides have something.',
    examples: [
      ['str(a),add_item(-,,c)', 'a-c'],
      ['str(),add_item(-,,c)', 'c'],
    ],
    check: ([, variable, suffix]) =>
      variable === null && suffix === '' ? 'one of the optional arguments has to be nonempty' : undefined,
    convert(sample, [delimiter, variable, suffix], stream) {
      const value = (variable === null ? '' : (variableText(stream, variable) ?? '')) + suffix;
      return sample.setStr(
        fitting(sample.text + (sample.text !== '' && value !== '' ? delimiter : '') + value),
      );
    },
  }),
  defineConverter({
    name: 'bytes',
    from: Type.BIN,
    to: Type.BIN,
    args: [number('offset'), optional(number('length'), null)],
    volatile: true,
    doc: 'Bytes from <offset> on, at most <length>; empty where one of them is invalid.',
    examples: [
      ['str(012345),bytes(1,3)', '123'],
      ['str(012345),bytes(4)', '45'],
      ['str(012345),bytes(9)', ''],
    ],
    convert(sample, [offset, length], stream) {
      const { text } = sample;
      if (!resolveNumber(stream, offset, scratch)) return sample.setBin('');
      const from = scratch.num;
      if (from < 0 || from >= text.length) return sample.setBin('');
      if (length === null) return sample.setBin(text.slice(from));
      if (!resolveNumber(stream, length, scratch) || scratch.num < 0) return sample.setBin('');
      return sample.setBin(text.slice(from, from + scratch.num));
    },
  }),
  defineConverter({
    name: 'concat',
    from: Type.STR,
    to: Type.STR,
    args: [optional(str('start'), ''), optional(variableOrNone('var'), null), optional(str('end'), '')],
    volatile: true,
    doc: 'Appends <start>, the variable <var> and <end>.',
    examples: [
      ['str(a),concat(b,,c)', 'abc'],
      ['str(a),concat(-)', 'a-'],
    ],
    convert(sample, [start, variable, end], stream) {
      const value = variable === null ? '' : (variableText(stream, variable) ?? '');
      return sample.setStr(fitting(sample.text + start + value + end));
    },
  }),
  defineConverter({
    name: 'cut_crlf',
    from: Type.STR,
    to: Type.STR,
    args: [],
    doc: 'Cuts at the first CR or LF.',
    examples: [['bin(610d0a62),cut_crlf', 'a']],
    convert(sample) {
      const at = sample.text.search(/[\r\n]/);
      return at < 0 || sample.setStr(sample.text.slice(0, at));
    },
  }),
  defineConverter({
    name: 'field',
    from: Type.STR,
    to: Type.STR,
    args: [int('index'), str('delimiters'), optional(int('count'), 1)],
    doc: 'Cuts at each of <delimiters>; keeps <count> fields (0: all) from field <index>, from the end if negative.',
    examples: [
      ['str(f1_f2_f3__f5),field(4,_)', ''],
      ['str(f1_f2_f3__f5),field(5,_)', 'f5'],
      ['str(f1_f2_f3__f5),field(2,_,0)', 'f2_f3__f5'],
      ['str(f1_f2_f3__f5),field(-2,_,3)', 'f2_f3_'],
      ['str(f1_f2_f3__f5),field(-3,_,0)', 'f1_f2_f3'],
    ],
    check([index, delimiters, count]) {
      if (index === 0) return 'Unexpected value 0 for index';
      if (delimiters === '') return 'Empty separators list';
      return count < 0 ? 'Unexpected negative value for count' : undefined;
    },
    convert(sample, [index, delimiters, count]) {
      const { text } = sample;
      const step = index > 0 ? 1 : -1;
      const end = index > 0 ? text.length : -1;
      let at = index > 0 ? 0 : text.length - 1;
      let near = at;
      let skip = Math.abs(index) - 1;
      // From 0 it never counts down to 0: all fields are kept.
      let keep = count;
      for (; at !== end; at += step) {
        if (!delimiters.includes(text[at]!)) continue;
        if (skip > 0) {
          skip--;
          near = at + step;
        } else if (--keep === 0) break;
      }
      if (skip > 0) return false;
      return sample.setStr(index > 0 ? text.slice(near, at) : text.slice(at + 1, near + 1));
    },
  }),
  defineConverter({
    name: 'has_ctl',
    from: Type.BIN,
    to: Type.BOOL,
    args: [optional(str('mask'), '0x1FFFFFDFF')],
    doc: 'True where a control character of the mask occurs; `any` and `http` are masks too.',
    examples: [
      ['bin(6109),has_ctl', '0'],
      ['bin(6109),has_ctl(any)', '1'],
      ['bin(610a),has_ctl(http)', '1'],
    ],
    check: ([mask]) => (parseMask(mask) === null ? `invalid mask '${mask}'` : undefined),
    convert(sample, [mask]) {
      const bits = parseMask(mask)!;
      for (let at = 0; at < sample.text.length; at++) {
        const code = sample.text.charCodeAt(at);
        const bit = code < 32 ? code : code === 127 ? 32 : -1;
        if (bit >= 0 && Math.floor(bits / 2 ** bit) % 2 === 1) return sample.setBool(true);
      }
      return sample.setBool(false);
    },
  }),
  defineConverter({
    name: 'host_only',
    from: Type.STR,
    to: Type.STR,
    args: [],
    doc: "A Host header's value without its port, in lower case.",
    examples: [
      ['str(Host.COM:80),host_only', 'host.com'],
      ['str([::1]:80),host_only', '[::1]'],
    ],
    convert: (sample) => sample.setStr(foldCase(splitHost(sample.text)[0], false)),
  }),
  defineConverter({
    name: 'iif',
    from: Type.BOOL,
    to: Type.STR,
    args: [str('true'), str('false')],
    doc: 'The first text where the input is true, else the second.',
    examples: [
      ['bool(true),iif(yes,no)', 'yes'],
      ['bool(false),iif(yes,no)', 'no'],
    ],
    convert: (sample, [yes, no]) => sample.setStr(sample.num !== 0 ? yes : no),
  }),
  defineConverter({
    name: 'length',
    from: Type.STR,
    to: Type.SINT,
    args: [],
    doc: 'How many bytes the string has.',
    examples: [['str(abc),length', '3']],
    convert: (sample) => sample.setInt(sample.text.length),
  }),
  defineConverter({
    name: 'lower',
    from: Type.STR,
    to: Type.STR,
    args: [],
    doc: 'Lower case (ASCII).',
    examples: [['str(AbC),lower', 'abc']],
    convert: (sample) => sample.setStr(foldCase(sample.text, false)),
  }),
  defineConverter({
    name: 'ltrim',
    from: Type.STR,
    to: Type.STR,
    args: [str('chars')],
    doc: 'Without any of <chars> at the beginning.',
    examples: [['str(xxaxx),ltrim(x)', 'axx']],
    convert: (sample, [chars]) => sample.setStr(trimStart(sample.text, chars)),
  }),
  defineConverter({
    name: 'param',
    from: Type.STR,
    to: Type.STR,
    args: [str('name'), optional(str('delim'), '&')],
    doc: 'The first parameter <name> of name=value pairs between <delim>.',
    examples: [
      ['str(a=b&c=d&a=r),param(a)', 'b'],
      ['str(a&b=c),param(a)', ''],
      ['str(a=1;b=2;c=4),param(b,;)', '2'],
      ['str(a=1),param(z)', null],
    ],
    check: ([, delimiter]) =>
      delimiter.length === 1 || /^0x[0-9a-fA-F]{2}$/.test(delimiter)
        ? undefined
        : 'delim must be a single character or its hexadecimal code',
    convert(sample, [name, delimiter]) {
      const mark = delimiter.length === 1 ? delimiter : String.fromCharCode(Number(delimiter));
      for (const segment of sample.text.split(mark)) {
        if (segment === name) return sample.setStr('');
        if (segment.startsWith(name + '=')) return sample.setStr(segment.slice(name.length + 1));
      }
      return false;
    },
  }),
  defineConverter({
    name: 'port_only',
    from: Type.STR,
    to: Type.SINT,
    args: [],
    doc: "The port of a Host header's value, 0 without one.",
    examples: [
      ['str(host:8080),port_only', '8080'],
      ['str(host),port_only', '0'],
    ],
    convert: (sample) => sample.setInt(uncheckedDecimal(splitHost(sample.text)[1])),
  }),
  defineConverter({
    name: 'reverse',
    from: Type.STR,
    to: Type.STR,
    args: [],
    doc: 'The bytes in reverse order.',
    examples: [['str(ab cd),reverse', 'dc ba']],
    convert: (sample) => sample.setStr([...sample.text].reverse().join('')),
  }),
  defineConverter({
    name: 'reverse_dom',
    from: Type.STR,
    to: Type.STR,
    args: [],
    doc: 'The labels of a domain name in reverse order; no value for empty labels.',
    examples: [
      ['str(mail.example.com.),reverse_dom', 'com.example.mail'],
      ['str(a..b),reverse_dom', null],
    ],
    convert(sample) {
      const { text } = sample;
      const labels = (text.endsWith('.') ? text.slice(0, -1) : text).split('.');
      return !labels.includes('') && sample.setStr(labels.reverse().join('.'));
    },
  }),
  defineConverter({
    name: 'rtrim',
    from: Type.STR,
    to: Type.STR,
    args: [str('chars')],
    doc: 'Without any of <chars> at the end.',
    examples: [['str(xxaxx),rtrim(x)', 'xxa']],
    convert: (sample, [chars]) => sample.setStr(trimEnd(sample.text, chars)),
  }),
  defineConverter({
    name: 'secure_memcmp',
    from: Type.BIN,
    to: Type.BOOL,
    args: [registeredVariable('var')],
    volatile: true,
    doc: 'Whether the bytes of a variable are the same; for the same length in constant time.',
    convert(sample, [variable], stream) {
      if (!getVariable(stream, variable, scratch) || !toBin(scratch)) return false;
      if (sample.text.length !== scratch.text.length) return sample.setBool(false);
      const [left, right] = [Buffer.from(sample.text, 'latin1'), Buffer.from(scratch.text, 'latin1')];
      return sample.setBool(timingSafeEqual(left, right));
    },
  }),
  defineConverter({
    name: 'strcmp',
    from: Type.STR,
    to: Type.SINT,
    args: [registeredVariable('var')],
    volatile: true,
    doc: 'Compares with a variable: 0 where equal, else how far the first bytes that differ are apart, or 1 or -1.',
    convert(sample, [variable], stream) {
      if (!getVariable(stream, variable, scratch) || !toStr(scratch)) return false;
      const [left, right] = [sample.text, scratch.text];
      const both = Math.min(left.length, right.length);
      for (let at = 0; at < both; at++) {
        const apart = left.charCodeAt(at) - right.charCodeAt(at);
        if (apart !== 0) return sample.setInt(apart);
      }
      return sample.setInt(Math.sign(left.length - right.length));
    },
  }),
  defineConverter({
    name: 'upper',
    from: Type.STR,
    to: Type.STR,
    args: [],
    doc: 'Upper case (ASCII).',
    examples: [['str(AbC),upper', 'ABC']],
    convert: (sample) => sample.setStr(foldCase(sample.text, true)),
  }),
  defineConverter({
    name: 'word',
    from: Type.STR,
    to: Type.STR,
    args: [int('index'), str('delimiters'), optional(int('count'), 1)],
    doc: 'As `field`, but runs of delimiters count as one and those at the ends do not count.',
    examples: [
      ['str(f1_f2_f3__f5),word(4,_)', 'f5'],
      ['str(f1_f2_f3__f5),word(5,_)', null],
      ['str(f1_f2_f3__f5),word(2,_,0)', 'f2_f3__f5'],
      ['str(f1_f2_f3__f5),word(3,_,2)', 'f3__f5'],
      ['str(f1_f2_f3__f5),word(-2,_,3)', 'f1_f2_f3'],
      ['str(/f1////f2/f3/f4),word(1,/)', 'f1'],
    ],
    check([index, delimiters, count]) {
      if (index === 0) return 'Unexpected value 0 for index';
      if (delimiters === '') return 'Empty separators list';
      return count < 0 ? 'Unexpected negative value for count' : undefined;
    },
    convert(sample, [index, delimiters, count]) {
      const { text } = sample;
      const bounds: number[] = [];
      for (let at = 0; at < text.length;) {
        while (at < text.length && delimiters.includes(text[at]!)) at++;
        if (at === text.length) break;
        bounds.push(at);
        while (at < text.length && !delimiters.includes(text[at]!)) at++;
        bounds.push(at);
      }
      const words = bounds.length / 2;
      const near = index > 0 ? index - 1 : words + index;
      if (near < 0 || near >= words) return false;
      const last = index > 0 ? words - 1 : 0;
      const wanted = index > 0 ? near + count - 1 : near - count + 1;
      const far = count === 0 ? last : index > 0 ? Math.min(last, wanted) : Math.max(last, wanted);
      const from = Math.min(near, far);
      return sample.setStr(text.slice(bounds[from * 2], bounds[Math.max(near, far) * 2 + 1]));
    },
  }),
];

function parseMask(text: string): number | null {
  if (text === 'any') return 0x1ffffffff;
  if (text === 'http') return 0x2401;
  const value = /^(\d+|0x[0-9a-fA-F]+)$/.test(text) ? Number(text) : NaN;
  return value <= 0x1ffffffff ? value : null;
}
