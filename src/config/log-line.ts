// The words of a `log` line, in `global` and in proxies (manual 4.2 log).

import { ConfigError, type ParseContext } from '../registry/define.ts';
import { parseAddress, resolveAddress } from './address.ts';
import { parseInteger } from './values.ts';
import type { LogLevel, LogTarget, LogTargetFormat } from './model.ts';

export const FACILITIES = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'auth2',
  'ftp',
  'ntp',
  'audit',
  'alert',
  'cron2',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
];
export const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
const FORMATS = ['local', 'rfc3164', 'rfc5424', 'priority', 'short', 'timed', 'iso', 'raw'];

/** A target, or null where its address expands to nothing (an unset variable). */
export function parseLogLine(words: readonly string[], context: ParseContext): LogTarget | null {
  const where = words[1];
  if (where === undefined) throw new ConfigError("'log' expects at least one argument: <address>.");
  let at = 2;
  let length = 1024;
  let format: LogTargetFormat | null = null;
  let sample: LogTarget['sample'] = null;
  for (; at < words.length; at += 2) {
    const word = words[at]!;
    const value = words[at + 1];
    if (word === 'len') {
      const bytes = parseInteger(value ?? '');
      if (bytes === null || bytes < 80 || bytes > 65535) {
        throw new ConfigError(`invalid log length '${value ?? ''}', must be between 80 and 65535.`);
      }
      length = bytes;
    } else if (word === 'format') {
      if (value === undefined || !FORMATS.includes(value))
        throw new ConfigError(`unknown log format '${value ?? ''}'.`);
      format = value as LogTargetFormat;
    } else if (word === 'sample') {
      sample = parseSample(value ?? '');
    } else if (word === 'profile') {
      throw new ConfigError("'log profile' is known but not yet supported.");
    } else break;
  }
  const facility = FACILITIES.indexOf(words[at] ?? '');
  if (facility < 0) throw new ConfigError(`unknown log facility '${words[at] ?? ''}'.`);
  const level = levelOf(words[at + 1], 7);
  const minLevel = levelOf(words[at + 2], 0);
  if (words[at + 3] !== undefined) {
    throw new ConfigError(`cannot handle unexpected argument '${words[at + 3]!}'.`);
  }
  const common = { length, facility, level, minLevel, sample, position: context.position };
  if (where === 'stdout' || where === 'stderr') {
    return {
      ...common,
      transport: 'fd',
      address: null,
      fd: where === 'stdout' ? 1 : 2,
      format: format ?? 'raw',
    };
  }
  if (where.startsWith('ring@') || where.startsWith('backend@') || where.startsWith('tcp')) {
    throw new ConfigError(`log target '${where}' is known but not yet supported.`);
  }
  const { address, error } = parseAddress(where, { port: 'optional', datagram: true }, context.environment);
  if (error !== null) {
    // A variable that is not set leaves nothing to log to.
    if (where.includes('$')) return null;
    throw new ConfigError(`log : ${error}`);
  }
  if (address.family === 'fd') {
    return { ...common, transport: 'fd', address: null, fd: Number(address.host), format: format ?? 'raw' };
  }
  const target = resolveAddress(address, (name) => context.resolve(name));
  if (target === null) throw new ConfigError(`log : invalid address: '${address.host}' in '${where}'`);
  const transport = address.family === 'unix' || address.family.startsWith('abns') ? 'unix' : 'udp';
  return { ...common, transport, address: target, fd: -1, format: format ?? 'local' };
}

function levelOf(text: string | undefined, fallback: LogLevel): LogLevel {
  if (text === undefined) return fallback;
  const level = LEVELS.indexOf(text);
  if (level < 0)
    throw new ConfigError(
      `log : unknown optional ${fallback === 7 ? 'log level' : 'minimum log level'} '${text}'`,
    );
  return level as LogLevel;
}

/** `1-2,5:8`: which of every 8 lines are sent. */
function parseSample(text: string): LogTarget['sample'] {
  const match = /^([\d,-]+):(\d+)$/.exec(text);
  const size = Number(match?.[2] ?? 0);
  if (match === null || size < 1) throw new ConfigError(`invalid log sampling '${text}'.`);
  const ranges: [number, number][] = [];
  for (const part of match[1]!.split(',')) {
    const range = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (range === null) throw new ConfigError(`invalid log sampling range '${part}'.`);
    const low = Number(range[1]);
    const high = Number(range[2] ?? range[1]);
    if (low < 1 || high < low || high > size) throw new ConfigError(`invalid log sampling range '${part}'.`);
    ranges.push([low, high]);
  }
  return { ranges, size };
}
