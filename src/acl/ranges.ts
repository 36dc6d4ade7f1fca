// Integers and ranges as patterns (manual 7.1.2), and hex blocks (7.1.5).

import { ConfigError } from '../registry/define.ts';

export interface Range {
  readonly low: number;
  readonly high: number;
}

export type Operator = 'eq' | 'ge' | 'gt' | 'le' | 'lt';

/** Reads `5`, `5:`, `:5` or `1:5`; an operator in front says what a single number stands for. Throws ConfigError. */
export function parseRange(text: string, operator: Operator = 'eq'): Range {
  const range = /^(-?\d+)?(:)?(-?\d+)?$/.exec(text);
  if (range === null || text === '' || text === ':') {
    throw new ConfigError(`'${text}' is neither a number nor a supported operator`);
  }
  const low = range[1] === undefined ? -Infinity : Number(range[1]);
  const high = range[2] === undefined ? low : range[3] === undefined ? Infinity : Number(range[3]);
  if (low > high) throw new ConfigError(`'${text}' is not a valid number range`);
  switch (operator) {
    case 'ge':
      return { low, high: Infinity };
    case 'gt':
      return { low: low + 1, high: Infinity };
    case 'le':
      return { low: -Infinity, high };
    case 'lt':
      return { low: -Infinity, high: high - 1 };
    default:
      return { low, high };
  }
}

/** A range as a pattern: `6:`, `:4`, `1:5` or `7`. */
export function formatRange({ low, high }: Range): string {
  if (low === high) return String(low);
  return `${low === -Infinity ? '' : low}:${high === Infinity ? '' : high}`;
}

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
