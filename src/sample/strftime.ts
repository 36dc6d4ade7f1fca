// strftime(3) in the C locale, with %N for fractions of a second (manual 7.3.1, ltime and ms_ltime).

import { zoneOffset } from './dates.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const pad = (value: number, width: number, fill = '0'): string => String(value).padStart(width, fill);

/** A date whose UTC fields are the wanted zone's clock. */
interface Moment {
  readonly shown: Date;
  /** To be added to the year of `shown`: beyond what a Date holds, whole cycles of the calendar are set apart. */
  readonly years: number;
  readonly second: number | bigint;
  readonly zone: string;
  readonly zoneName: string;
}

/** The calendar repeats itself after 400 years, weekdays too. */
const CYCLE_YEARS = 400;
const CYCLE_SECONDS = 12_622_780_800n;
const DATE_SECONDS_MAX = 8.64e12;

/** `fractions`: %N is understood. `second`: 0 to 2^55. */
export function strftime(
  format: string,
  second: number | bigint,
  nanoseconds: number,
  local: boolean,
  fractions: boolean,
): string {
  const cycles = second > DATE_SECONDS_MAX ? BigInt(second) / CYCLE_SECONDS : 0n;
  const within = cycles === 0n ? Number(second) : Number(BigInt(second) - cycles * CYCLE_SECONDS);
  const real = new Date(within * 1000);
  const shift = local ? -real.getTimezoneOffset() * 60 : 0;
  const moment: Moment = {
    shown: new Date((within + shift) * 1000),
    years: Number(cycles) * CYCLE_YEARS,
    second,
    zone: local ? zoneOffset(real) : '+0000',
    zoneName: local && shift !== 0 ? localZoneName(real) : local ? 'UTC' : 'GMT',
  };
  let text = '';
  for (let at = 0; at < format.length; at++) {
    if (format[at] !== '%' || at + 1 === format.length) {
      text += format[at]!;
      continue;
    }
    const fraction = fractions ? /^%([1-9]?)N/.exec(format.slice(at)) : null;
    if (fraction !== null) {
      text += pad(Math.round(nanoseconds), 9).slice(0, Number(fraction[1] === '' ? 9 : fraction[1]));
      at += fraction[0].length - 1;
      continue;
    }
    const letter = format[++at]!;
    text += field(letter, moment) ?? '%' + letter;
  }
  return text;
}

function localZoneName(date: Date): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

function field(letter: string, moment: Moment): string | null {
  const { shown, years } = moment;
  const year = shown.getUTCFullYear() + years;
  const hour = shown.getUTCHours();
  const again = (format: string): string =>
    format.replace(/%(.)/g, (_whole, inner: string) => field(inner, moment) ?? inner);
  switch (letter) {
    case '%':
      return '%';
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'a':
      return DAYS[shown.getUTCDay()]!.slice(0, 3);
    case 'A':
      return DAYS[shown.getUTCDay()]!;
    case 'b':
    case 'h':
      return MONTHS[shown.getUTCMonth()]!.slice(0, 3);
    case 'B':
      return MONTHS[shown.getUTCMonth()]!;
    case 'c':
      return again('%a %b %e %H:%M:%S %Y');
    case 'C':
      return pad(Math.floor(year / 100), 2);
    case 'd':
      return pad(shown.getUTCDate(), 2);
    case 'D':
    case 'x':
      return again('%m/%d/%y');
    case 'e':
      return pad(shown.getUTCDate(), 2, ' ');
    case 'F':
      return again('%Y-%m-%d');
    case 'G':
      return String(isoWeek(shown)[0] + years);
    case 'g':
      return pad(isoWeek(shown)[0] % 100, 2);
    case 'H':
      return pad(hour, 2);
    case 'I':
      return pad(hour % 12 === 0 ? 12 : hour % 12, 2);
    case 'j':
      return pad(dayOfYear(shown) + 1, 3);
    case 'k':
      return pad(hour, 2, ' ');
    case 'l':
      return pad(hour % 12 === 0 ? 12 : hour % 12, 2, ' ');
    case 'm':
      return pad(shown.getUTCMonth() + 1, 2);
    case 'M':
      return pad(shown.getUTCMinutes(), 2);
    case 'p':
      return hour < 12 ? 'AM' : 'PM';
    case 'P':
      return hour < 12 ? 'am' : 'pm';
    case 'r':
      return again('%I:%M:%S %p');
    case 'R':
      return again('%H:%M');
    case 's':
      return String(moment.second);
    case 'S':
      return pad(shown.getUTCSeconds(), 2);
    case 'T':
    case 'X':
      return again('%H:%M:%S');
    case 'u':
      return String(shown.getUTCDay() === 0 ? 7 : shown.getUTCDay());
    case 'U':
      return pad(Math.floor((dayOfYear(shown) + 7 - shown.getUTCDay()) / 7), 2);
    case 'V':
      return pad(isoWeek(shown)[1], 2);
    case 'w':
      return String(shown.getUTCDay());
    case 'W':
      return pad(Math.floor((dayOfYear(shown) + 7 - ((shown.getUTCDay() + 6) % 7)) / 7), 2);
    case 'y':
      return pad(year % 100, 2);
    case 'Y':
      return String(year);
    case 'z':
      return moment.zone;
    case 'Z':
      return moment.zoneName;
    default:
      return null;
  }
}

function dayOfYear(date: Date): number {
  const start = Date.UTC(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - start) / 86400000);
}

/** Year and week of ISO 8601: the week belongs to the year of its Thursday. */
function isoWeek(date: Date): readonly [number, number] {
  const thursday = new Date(date.getTime() + (3 - ((date.getUTCDay() + 6) % 7)) * 86400000);
  return [thursday.getUTCFullYear(), Math.floor(dayOfYear(thursday) / 7) + 1];
}
