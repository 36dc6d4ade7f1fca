// Small checks that many keyword parsers share, in HAProxy's words.

import { ConfigError, type ParseContext } from '../../registry/define.ts';
import { parseAddress, isAddressError, type Address, type AddressOptions } from '../address.ts';
import { parseInteger, parseTime, timeError, timeTrailing, type TimeUnit } from '../values.ts';
import type { LogFormat } from '../../sample/logformat.ts';
import type { ProxyConfig } from '../model.ts';

export const ALL = ['defaults', 'frontend', 'listen', 'backend'] as const;
export const FRONT = ['defaults', 'frontend', 'listen'] as const;
export const BACK = ['defaults', 'listen', 'backend'] as const;

/** The proxy a proxy keyword works on; its absence is a bug of the caller. */
export function proxyOf(context: ParseContext): ProxyConfig {
  if (context.proxy === null) throw new Error('a proxy keyword was used outside of a proxy section');
  return context.proxy;
}

/** How messages call a section: `proxy 'x'` for a listen. */
export const kindText = (proxy: ProxyConfig): string => (proxy.kind === 'listen' ? 'proxy' : proxy.kind);

/** Refuses words beyond `count` arguments. `keyword`: how messages call it. */
export function atMost(words: readonly string[], count: number, keyword = words[0]!): void {
  if (words.length > count + 1) {
    throw new ConfigError(`'${keyword}' cannot handle unexpected argument '${words[count + 1]!}'.`);
  }
}

/** A refusal that says that the word is right and that it is not there yet. */
export const notYet = (what: string): ConfigError =>
  new ConfigError(`${what} is known but not yet supported.`);

/** A time with the texts of the `timeout` keywords; the result is in ms. */
export function timeOf(text: string, keyword: string, context: ParseContext): number {
  const result = parseTime(text);
  const error = timeError(result, text, keyword);
  if (error !== undefined) throw new ConfigError(error);
  const trailing = timeTrailing(result, text);
  if (trailing !== undefined) context.warnPlain(trailing);
  return result.value;
}

/** A time with the texts of most other keywords; the result is in `unit`. */
export function delayOf(text: string, keyword: string, context: ParseContext, unit: TimeUnit = 'ms'): number {
  const result = parseTime(text, unit);
  switch (result.problem) {
    case 'overflow':
      throw new ConfigError(
        `timer overflow in argument <${text}> to <${keyword}>, maximum value is 2147483647 ms (~24.8 days).`,
      );
    case 'character':
    case 'empty':
      throw new ConfigError(`unexpected character '${result.found}' in argument to <${keyword}>.`);
    default: {
      const trailing = timeTrailing(result, text);
      if (trailing !== undefined) context.warnPlain(trailing);
      return result.value;
    }
  }
}

/** A whole number argument within [low, high]. HAProxy reads some of these leniently; a typing mistake is refused here. */
export function numberOf(
  text: string | undefined,
  keyword: string,
  low: number,
  high: number,
  missing = `'${keyword}' expects an integer argument.`,
): number {
  if (text === undefined || text === '') throw new ConfigError(missing);
  const result = parseInteger(text, low < 0 ? low : 0, high);
  if (result.problem === 'character') {
    throw new ConfigError(`'${keyword}' : unexpected character '${result.found}' in integer value '${text}'`);
  }
  if (result.problem !== 'none' || result.value < low) {
    throw new ConfigError(`'${keyword}' value must be between ${low} and ${high} (was ${text})`);
  }
  return result.value;
}

/** An address; `place` opens the message, as `'source x'`. */
export function addressOf(
  text: string,
  place: string,
  context: ParseContext,
  options: Partial<AddressOptions>,
): Address {
  const address = parseAddress(text, {
    environment: context.environment,
    defaultType: 'stream',
    stream: true,
    dgram: false,
    port: 'optional',
    resolve: (host) => context.resolve(host),
    ...options,
  });
  if (isAddressError(address)) throw new ConfigError(`${place} : ${address.error}`);
  return address;
}

/** Runs `read`; what it refuses is refused with `wrap` around the text. */
export function rewording<T>(read: () => T, wrap: (text: string) => string): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(wrap(error.message), error.frame, error.abort);
  }
}

/** A log format of `keyword`, refused as HAProxy refuses one. */
export function formatOf(keyword: string, text: string, context: ParseContext, phases: number): LogFormat {
  try {
    return context.logFormat(text, phases);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(`failed to parse ${keyword} : ${error.message}.`, 'tight');
  }
}
