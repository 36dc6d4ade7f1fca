// Times, sizes and integers as configuration files write them (manual 2.5, 2.6).

/** Longest time, in ms: what a signed 32-bit integer holds (about 24.8 days). */
const TIME_MAX_MS = 2147483647;

const UNITS_US: Record<string, number> = { us: 1, ms: 1e3, s: 1e6, m: 60e6, h: 3600e6, d: 86400e6 };

export type Parsed =
  { readonly value: number; readonly error: null } | { readonly value: 0; readonly error: TimeFault };

/** Why a time was refused: a character out of place, or a value out of range. */
export interface TimeFault {
  readonly kind: 'character' | 'overflow' | 'underflow';
  /** The rest of the text from the offending character. */
  readonly rest: string;
}

const fault = (kind: TimeFault['kind'], rest = ''): Parsed => ({ value: 0, error: { kind, rest } });

/** A time in ms; `unit` is the one of a bare number. A positive time below one ms becomes one. */
export function parseTime(text: string, unit: 'us' | 'ms' | 's' = 'ms'): Parsed {
  const match = /^(\d+)([a-z]*)/.exec(text);
  if (match === null) return fault('character', text);
  const [whole, digits, letters] = match;
  let scale = UNITS_US[unit]!;
  if (letters !== '') {
    const known = UNITS_US[letters!];
    if (known === undefined) {
      // The first letter may be a unit: then what follows it is out of place.
      const one = UNITS_US[letters![0]!];
      return fault('character', text.slice(digits!.length + (one === undefined ? 0 : 1)));
    }
    scale = known;
  }
  if (whole.length < text.length) return fault('character', text.slice(whole.length));
  const us = Number(digits) * scale;
  if (us > TIME_MAX_MS * 1000) return fault('overflow');
  if (us > 0 && us < 1000) return fault('underflow');
  return { value: Math.round(us / 1000), error: null };
}

/** A size in bytes with k, m, g (1024-based, either case), or null where the text is none. */
export function parseSize(text: string): number | null {
  const match = /^(\d+)([kKmMgG]?)$/.exec(text);
  if (match === null) return null;
  const shift = { '': 1, k: 1024, m: 1048576, g: 1073741824 }[match[2]!.toLowerCase()]!;
  const value = Number(match[1]) * shift;
  return value <= 0xffffffff ? value : null;
}

/** A decimal integer, or null. */
export function parseInteger(text: string): number | null {
  if (!/^[+-]?\d+$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}
