// The forms that options of servers have: a switch, a value, a number, a time.

import {
  ConfigError,
  defineServerOption,
  type ServerOption,
  type ParseContext,
} from '../../registry/define.ts';
import { MAX_TIMER_MS as MAX_INT, parseInteger, parseTime, timeTrailing, type TimeUnit } from '../values.ts';
import type { ServerConfig } from '../model.ts';

export type Setter = (server: ServerConfig, value: string, context: ParseContext) => void;

export function flag(
  name: string,
  doc: string,
  set: (server: ServerConfig) => void,
  defaultServer = true,
): ServerOption {
  return defineServerOption({
    name,
    usage: name,
    doc,
    defaultServer,
    parse(_words, _at, server) {
      set(server);
      return 0;
    },
  });
}

/** What is said where the value is missing and that is not the usual. */
const MISSING: Readonly<Record<string, string>> = {
  addr: "'addr' expects <ipv4|ipv6> as argument.",
  fall: "'fall' expects an integer argument.",
  id: "'id' : expects an integer argument",
  port: "'port' expects a port number as argument.",
  proto: "'proto' : missing value",
  rise: "'rise' expects an integer argument.",
};

export function valued(
  name: string,
  doc: string,
  set: Setter,
  defaultServer = true,
  missing = MISSING[name] ?? `'${name}' expects <value> as argument.`,
): ServerOption {
  return defineServerOption({
    name,
    usage: `${name} <value>`,
    doc,
    defaultServer,
    parse(words, at, server, context) {
      const value = words[at + 1];
      if (value === undefined) throw new ConfigError(missing);
      set(server, value, context);
      return 1;
    },
  });
}

/** One of a few words; `listed` is how the message names them. */
export function expectWord<T extends string>(
  name: string,
  value: string,
  words: readonly T[],
  listed: string,
): T {
  if (!(words as readonly string[]).includes(value)) {
    throw new ConfigError(`'${name}' expects ${listed} but got '${value}'`);
  }
  return value as T;
}

type NumberField =
  | 'maxconn'
  | 'minconn'
  | 'maxqueue'
  | 'weight'
  | 'rise'
  | 'fall'
  | 'poolMaxConn'
  | 'poolLowConn'
  | 'maxReuse'
  | 'id';
type TimeField =
  | 'agentInterMs'
  | 'interMs'
  | 'fastinterMs'
  | 'downinterMs'
  | 'slowstartMs'
  | 'poolPurgeDelayMs'
  | 'tcpUserTimeout';

/** A whole number within bounds; `outside` says what was wrong with one beyond them. */
export const count = (
  name: string,
  field: NumberField,
  low: number,
  high: number,
  doc: string,
  outside = `'${name}' must be between ${low} and ${high}`,
  defaultServer = true,
) =>
  valued(
    name,
    doc,
    (server, text) => {
      const result = parseInteger(text, Math.min(low, -1), MAX_INT);
      if (result.problem === 'character') {
        throw new ConfigError(
          `'${name}' : unexpected character '${result.found}' in integer value '${text}'`,
        );
      }
      if (result.problem !== 'none' || result.value < low || result.value > high) {
        throw new ConfigError(
          outside.replace('%s', server.name).replace('%v', text).replace('%b', server.backend.name),
        );
      }
      server[field] = result.value;
    },
    defaultServer,
    MISSING[name],
  );

/** A time. `zero`: whether 0 may be written. */
export const time = (
  name: string,
  field: TimeField,
  doc: string,
  zero: boolean,
  unit: TimeUnit = 'ms',
  missing = unit === 's'
    ? `'${name}' expects <value> as argument.`
    : `'${name}' expects a delay as argument.`,
) =>
  valued(
    name,
    doc,
    (server, text, context) => {
      const result = parseTime(text, unit);
      if (result.problem === 'overflow') {
        throw new ConfigError(
          `timer overflow in argument <${text}> to <${name}> of server ${server.name}, maximum value is 2147483647 ms (~24.8 days).`,
        );
      }
      if (result.problem === 'character' || result.problem === 'empty') {
        throw new ConfigError(
          unit === 's'
            ? `unexpected character '${result.found}' in argument to <${name}>.`
            : `unexpected character '${result.found}' in '${name}' argument of server ${server.name}.`,
        );
      }
      if (result.value === 0 && !zero) {
        throw new ConfigError(
          `invalid value ${result.value} for argument '${name}' of server ${server.name}.`,
        );
      }
      const trailing = timeTrailing(result, text);
      if (trailing !== undefined) context.warnPlain(trailing);
      server[field] = unit === 's' ? result.value * 1000 : result.value;
    },
    true,
    missing,
  );
