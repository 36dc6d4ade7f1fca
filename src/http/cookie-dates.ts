// Dates inside a persistence cookie (manual: cookie, maxidle and maxlife): `SRV=name|last|first`. Each is five
// digits of base64, the most significant first, that count units of four seconds since 1970.

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const LENGTH = 5;
export const SECONDS_PER_UNIT = 4;
/** A date this far ahead is not believed, units. */
const FUTURE_MAX = (24 * 3600) / SECONDS_PER_UNIT;

/** Separates the server's name from the dates. */
export const DATE_SEPARATOR = '|';

/** Wall clock in ms to units. */
export function unitsOf(wallMs: number): number {
  return Math.floor(wallMs / (1000 * SECONDS_PER_UNIT));
}

export function writeDate(units: number): string {
  let text = '';
  for (let shift = (LENGTH - 1) * 6; shift >= 0; shift -= 6) text += DIGITS[(units >>> shift) & 63]!;
  return text;
}

/** The date at [at, end) of `text`; 0 where there is none that can be read. */
export function readDate(text: string, at: number, end: number): number {
  if (end - at < LENGTH) return 0;
  let units = 0;
  for (let i = at; i < at + LENGTH; i++) {
    const digit = DIGITS.indexOf(text[i]!);
    if (digit < 0) return 0;
    units = units * 64 + digit;
  }
  return units;
}

/** Whether a cookie with this date is to be ignored. `limit`: seconds. A date of 0 is always accepted. */
export function isOutdated(date: number, limit: number, now: number): boolean {
  if (date === 0) return false;
  return now - date > limit / SECONDS_PER_UNIT || date - now > FUTURE_MAX;
}
