// Small checks that many keyword parsers share, in HAProxy's words.

import { ConfigError, type ParseContext } from '../../registry/define.ts';
import { parseInteger, parseTime } from '../values.ts';
import type { ProxyConfig } from '../model.ts';

/** The proxy a proxy keyword works on; its absence is a bug of the caller. */
export function proxyOf(context: ParseContext): ProxyConfig {
  if (context.proxy === null) throw new Error('a proxy keyword was used outside of a proxy section');
  return context.proxy;
}

/** Refuses words beyond `count` arguments. */
export function atMost(words: readonly string[], count: number): void {
  if (words.length > count + 1) {
    throw new ConfigError(`'${words[0]!}' cannot handle unexpected argument '${words[count + 1]!}'.`);
  }
}

/** A time argument in ms with the texts of `timeout`-like keywords. */
export function timeOf(text: string, keyword: string, unit: 'ms' | 's' = 'ms'): number {
  const { value, error } = parseTime(text, unit);
  if (error === null) return value;
  if (error.kind === 'overflow') {
    throw new ConfigError(
      `timer overflow in argument '${text}' to '${keyword}' (maximum value is 2147483647 ms or ~24.8 days)`,
    );
  }
  if (error.kind === 'underflow') {
    throw new ConfigError(
      `timer underflow in argument '${text}' to '${keyword}' (minimum non-null value is 1 ms)`,
    );
  }
  throw new ConfigError(`unexpected character '${error.rest[0] ?? ''}' in '${keyword}'`);
}

/** A whole number argument within [low, high]. */
export function numberOf(text: string | undefined, keyword: string, low: number, high: number): number {
  if (text === undefined || text === '') throw new ConfigError(`'${keyword}' expects an integer argument.`);
  const value = parseInteger(text);
  if (value === null) throw new ConfigError(`'${keyword}' expects an integer argument, found '${text}'.`);
  if (value < low || value > high) {
    throw new ConfigError(`'${keyword}' expects an integer between ${low} and ${high}, found '${text}'.`);
  }
  return value;
}

/** The words from `if`/`unless` on, or null where there is no condition; anything else there is refused. */
export function conditionWords(
  words: readonly string[],
  at: number,
  keyword: string,
): readonly string[] | null {
  const word = words[at];
  if (word === undefined) return null;
  if (word !== 'if' && word !== 'unless') {
    throw new ConfigError(
      `'${keyword}' expects either 'if' or 'unless' followed by a condition but found '${word}'.`,
    );
  }
  return words.slice(at);
}
