// Integers and ranges as patterns (manual 7.1.2), and hex blocks (7.1.5).

import { ConfigError } from '../registry/define.ts';

/** Bounds are exact, because a double is not beyond 53 bits; null where an end is open. */
export interface Range {
  readonly low: bigint | null;
  readonly high: bigint | null;
}

export type Operator = 'eq' | 'ge' | 'gt' | 'le' | 'lt';

/** Reads `5`, `5:`, `:5` or `1:5`; an operator in front says what a single number stands for. Throws ConfigError. */
export function parseRange(text: string, operator: Operator = 'eq'): Range {
  const range = /^(-?\d+)?(:)?(-?\d+)?$/.exec(text);
  if (range === null || text === '' || text === ':') {
    throw new ConfigError(`'${text}' is neither a number nor a supported operator`);
  }
  const low = range[1] === undefined ? null : BigInt(range[1]);
  const high = range[2] === undefined ? low : range[3] === undefined ? null : BigInt(range[3]);
  if (low !== null && high !== null && low > high)
    throw new ConfigError(`'${text}' is not a valid number range`);
  switch (operator) {
    case 'ge':
      return { low, high: null };
    case 'gt':
      return { low: low === null ? null : low + 1n, high: null };
    case 'le':
      return { low: null, high };
    case 'lt':
      return { low: null, high: high === null ? null : high - 1n };
    default:
      return { low, high };
  }
}

/** A range as a pattern: `6:`, `:4`, `1:5` or `7`. */
export function formatRange({ low, high }: Range): string {
  if (low !== null && low === high) return String(low);
  return `${low ?? ''}:${high ?? ''}`;
}

/** The lower bound for samples that a double holds: a bound that it does not hold lies outside of all of them. */
export const lowest = ({ low }: Range): number => (low === null ? -Infinity : Number(low));
export const highest = ({ high }: Range): number => (high === null ? Infinity : Number(high));

/** Whether an integer of more than 53 bits lies within. */
export const holds = ({ low, high }: Range, value: bigint): boolean =>
  (low === null || value >= low) && (high === null || value <= high);

/** Bytes of an even number of hex digits; throws ConfigError. */
export function hexBytes(text: string): string {
  if (text.length % 2 !== 0) throw new ConfigError('an even number of hex digit is expected');
  const bad = /[^0-9a-fA-F]/.exec(text);
  if (bad !== null) throw new ConfigError(`an hex digit is expected (found '${bad[0]}')`);
  let bytes = '';
  for (let at = 0; at < text.length; at += 2) {
    bytes += String.fromCharCode(Number.parseInt(text.slice(at, at + 2), 16));
  }
  return bytes;
}
