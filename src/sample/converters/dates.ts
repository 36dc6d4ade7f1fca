// Dates as text: HTTP's form and strftime's (manual 7.3.1).

import { int, optional, str } from '../../registry/args.ts';
import { defineConverter, type ConverterKeyword } from '../../registry/define.ts';
import { checkUnit } from '../fetches/process.ts';
import { type Sample, Type } from '../sample.ts';
import { strftime } from '../strftime.ts';

const PER_SECOND: Readonly<Record<string, number>> = { s: 1, ms: 1e3, us: 1e6 };

/** Seconds since 1970, and the units left over: a sum of 64 bits, the seconds cut to 55 bits as HAProxy does. */
function split(
  { num, big }: Sample,
  offset: number,
  scale: number,
): { readonly second: number | bigint; readonly rest: number } {
  const value = num + offset;
  if (big === null && Number.isSafeInteger(value) && value >= 0) {
    const second = Math.floor(value / scale);
    return { second, rest: value - second * scale };
  }
  const exact = BigInt.asIntN(64, (big ?? BigInt(num)) + BigInt(offset));
  const units = BigInt(scale);
  return { second: BigInt.asUintN(55, exact / units), rest: Number(exact % units) };
}

/** `scale`: units of the input in a second. */
const formatted = (name: string, scale: number, local: boolean): ConverterKeyword =>
  defineConverter({
    name,
    from: Type.SINT,
    to: Type.STR,
    args: [str('format'), optional(int('offset'), 0)],
    doc: `A date in ${local ? 'local time' : 'UTC'} by a strftime(3) format; <offset> is added first.`,
    convert(sample, [format, offset]) {
      const { second, rest } = split(sample, offset, scale);
      return sample.setStr(strftime(format, second, rest * (1e9 / scale), local, scale > 1));
    },
  });

export default [
  formatted('ltime', 1, true),
  formatted('ms_ltime', 1e3, true),
  formatted('ms_utime', 1e3, false),
  formatted('us_ltime', 1e6, true),
  formatted('us_utime', 1e6, false),
  formatted('utime', 1, false),
  defineConverter({
    name: 'date',
    from: Type.STR,
    to: Type.SINT,
    args: [],
    doc: 'An HTTP date (RFC 9110 section 5.6.7) as seconds since the epoch.',
    examples: [
      ['str("Sun, 06 Nov 1994 08:49:37 GMT"),date', '784111777'],
      ['str(nonsense),date', null],
    ],
    convert(sample) {
      const asctime = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/.test(sample.text);
      const other = /^[A-Z][a-z]+, \d{2}[- ][A-Z][a-z]{2}[- ](\d{4}|\d{2}) \d{2}:\d{2}:\d{2} GMT$/.test(
        sample.text,
      );
      if (!asctime && !other) return false;
      const ms = Date.parse(asctime ? sample.text + ' GMT' : sample.text);
      return !Number.isNaN(ms) && sample.setInt(ms / 1000);
    },
  }),
  defineConverter({
    name: 'http_date',
    from: Type.SINT,
    to: Type.STR,
    args: [optional(int('offset'), 0), optional(str('unit'), 's')],
    doc: 'A date for HTTP headers; input and <offset> are in <unit>: s, ms or us.',
    examples: [
      ['int(0),http_date', 'Thu, 01 Jan 1970 00:00:00 GMT'],
      ['int(784111777),http_date(10)', 'Sun, 06 Nov 1994 08:49:47 GMT'],
    ],
    check: ([, unit]) => checkUnit(unit),
    convert(sample, [offset, unit]) {
      const scale = PER_SECOND[unit]!;
      const { second, rest } = split(sample, offset, scale);
      const text = strftime('%a, %d %b %Y %H:%M:%S', second, 0, false, false);
      return sample.setStr(`${text}${scale === 1 ? '' : '.' + rest} GMT`);
    },
  }),
];
