// Times, sizes and integers (manual 2.5, 2.6). Decimal notation is not allowed anywhere.

/** How a value failed. `character`: `found` could not be read. `trailing` is the one that HAProxy only warns of. */
export type ValueProblem = 'none' | 'empty' | 'character' | 'overflow' | 'underflow' | 'trailing';

export interface Value {
  /** In the wanted unit; meaningful when `problem` is `none` or `trailing`. */
  readonly value: number;
  readonly problem: ValueProblem;
  /** The character to blame, for `character` and `trailing`. */
  readonly found: string;
  /** Whether the text named its unit. */
  readonly unit: boolean;
}

/** Timers are kept in 31 bits of milliseconds. */
export const MAX_TIMER_MS = 0x7fffffff;

const MICROSECONDS: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1e3,
  s: 1e6,
  m: 6e7,
  h: 3.6e9,
  d: 8.64e10,
};

export type TimeUnit = 'us' | 'ms' | 's' | 'm' | 'h' | 'd';

const value = (problem: ValueProblem, number = 0, found = '', unit = false): Value => ({
  value: number,
  problem,
  found,
  unit,
});

/** Length of the digits that `text` starts with. */
function digits(text: string): number {
  let at = 0;
  while (at < text.length && text.charCodeAt(at) >= 0x30 && text.charCodeAt(at) <= 0x39) at++;
  return at;
}

/**
 * Reads a time.
 *
 * @param unit what a bare number means, and the unit of the result. Fractions of it round up, so that a
 *   non-zero time never becomes 0, which often means "none".
 * @param max largest result, in `unit`.
 */
export function parseTime(text: string, unit: TimeUnit = 'ms', max = MAX_TIMER_MS): Value {
  const length = digits(text);
  if (text === '') return value('empty');
  if (length === 0) return value('character', 0, text[0]);
  const number = Number(text.slice(0, length));
  const rest = text.slice(length);
  let used = 0;
  let factor = MICROSECONDS[unit]!;
  if (rest !== '') {
    used = (rest[0] === 'u' || rest[0] === 'm') && rest[1] === 's' ? 2 : 1;
    const given = MICROSECONDS[rest.slice(0, used)];
    if (given === undefined) return value('character', 0, rest[0]);
    factor = given;
  }
  const result = Math.ceil((number * factor) / MICROSECONDS[unit]!);
  if (result > max) return value('overflow', max, '', used > 0);
  const tail = rest.slice(used);
  return tail === '' ? value('none', result, '', used > 0) : value('trailing', result, tail[0], true);
}

/** Reads a size in bytes, with k, m or g (either case). `max` is the largest result. */
export function parseSize(text: string, max = Number.MAX_SAFE_INTEGER): Value {
  const length = digits(text);
  if (text === '') return value('empty');
  if (length === 0) return value('character', 0, text[0]);
  const rest = text.slice(length);
  const power = rest === '' ? 0 : 'kmg'.indexOf(rest[0]!.toLowerCase()) + 1;
  if (rest !== '' && power === 0) return value('character', 0, rest[0]);
  if (rest.length > 1) return value('character', 0, rest[1]);
  const bytes = Number(text.slice(0, length)) * 1024 ** power;
  return bytes > max ? value('overflow', max, '', power > 0) : value('none', bytes, '', power > 0);
}

/** Reads a decimal integer, with a sign where `min` is below 0. */
export function parseInteger(text: string, min = 0, max = MAX_TIMER_MS): Value {
  if (text === '') return value('empty');
  const signed = min < 0 && (text[0] === '-' || text[0] === '+') ? 1 : 0;
  const length = digits(text.slice(signed)) + signed;
  if (length === signed) return value('character', 0, text[signed] ?? text[0]);
  if (length < text.length) return value('character', 0, text[length]);
  const number = Number(text);
  if (number > max) return value('overflow', max);
  return number < min ? value('underflow', min) : value('none', number);
}

/**
 * The alert for a time that failed, in the words of the `timeout` keywords; undefined when it did not.
 *
 * @param keyword the keyword with its first words, for example `timeout client`.
 */
export function timeError(result: Value, text: string, keyword: string): string | undefined {
  switch (result.problem) {
    case 'empty':
      return `'${keyword}' expects an integer value (in milliseconds)`;
    case 'character':
      return `unexpected character '${result.found}' in '${keyword}'`;
    case 'overflow':
      return `timer overflow in argument '${text}' to '${keyword}' (maximum value is 2147483647 ms or ~24.8 days)`;
    case 'underflow':
      return `timer underflow in argument '${text}' to '${keyword}' (minimum non-null value is 1 ms)`;
    default:
      return undefined;
  }
}

/** The warning about characters behind the unit, as in `15min`; printed without a position. */
export function timeTrailing(result: Value, text: string): string | undefined {
  if (result.problem !== 'trailing') return undefined;
  return (
    `unexpected character '${result.found}' after the timer value '${text}', only (us=microseconds,ms=milliseconds,` +
    `s=seconds,m=minutes,h=hours,d=days) are supported. This will be reported as an error in next versions.`
  );
}

/**
 * The warning about a timeout below 100 ms written without a unit, where seconds were probably meant; undefined
 * for others. 0 stands for "no timeout" and is fine.
 */
export function timeSuspicious(result: Value, text: string, keyword: string): string | undefined {
  if (result.unit || result.problem !== 'none' || result.value === 0 || result.value >= 100) return undefined;
  return (
    `'${keyword} ${text}' is suspiciously small (${text} milliseconds): use '${text}ms' if this is wanted, ` +
    `or '${text}s' for seconds.`
  );
}

/** The alert for an integer or a size that failed, for `keyword` whose value lies in `min`..`max`. */
export function numberError(
  result: Value,
  text: string,
  keyword: string,
  min: number,
  max: number,
): string | undefined {
  switch (result.problem) {
    case 'none':
      return undefined;
    case 'empty':
      return `'${keyword}' expects an integer argument.`;
    case 'character':
    case 'trailing':
      return `'${keyword}' : unexpected character '${result.found}' in integer value '${text}'`;
    default:
      return `'${keyword}' value must be between ${min} and ${max} (was ${text})`;
  }
}
