// The words of a `log` line, in `global` and in proxies (manual 4.2 log).

import { ConfigError, type ParseContext } from '../registry/define.ts';
import { addressOf } from './keywords/common.ts';
import { findRing, ringBefore } from './log-ring.ts';
import { parseInteger } from './values.ts';
import type { LogLevel, LogProfile, LogTarget, LogTargetFormat } from './model.ts';

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
export const LOG_FORMATS: readonly string[] = [
  'local',
  'rfc3164',
  'rfc5424',
  'priority',
  'short',
  'timed',
  'iso',
  'raw',
];

/** Reads a `log` line. `also`: what the message about missing words adds. */
export function parseLogLine(words: readonly string[], context: ParseContext, also: string): LogTarget {
  const { target, profileName } = readTarget(words, context, also);
  if (profileName !== null) {
    context.later(() => {
      target.profile = profileNamed(profileName, 'log', context);
    });
  }
  return target;
}

/** A log-profile that may stand anywhere in the configuration: to be asked for once all of it is read. */
export function profileNamed(name: string, keyword: string, context: ParseContext): LogProfile | null {
  const profile = context.config.logProfiles.get(name) ?? null;
  if (profile === null) context.alert(`'${keyword}' : unable to find log-profile '${name}'.`);
  return profile;
}

function readTarget(
  words: readonly string[],
  context: ParseContext,
  also: string,
): { target: LogTarget; profileName: string | null } {
  const where = words[1];
  const missing = `log : expects <address> and <facility> ${also} as arguments`;
  if (where === undefined) throw new ConfigError(missing);
  let at = 2;
  let length = 1024;
  let format: LogTargetFormat | null = null;
  let sample: LogTarget['sample'] = null;
  let profileName: string | null = null;
  for (; at < words.length; at += 2) {
    const word = words[at]!;
    const value = words[at + 1] ?? '';
    if (word === 'len') {
      const bytes = parseInteger(value);
      if (bytes.problem !== 'none' || bytes.value < 80 || bytes.value > 65535) {
        throw new ConfigError(`log : invalid log length '${value}', must be between 80 and 65535`);
      }
      length = bytes.value;
    } else if (word === 'format') {
      if (!LOG_FORMATS.includes(value)) throw new ConfigError(`log : unknown log format '${value}'`);
      format = value as LogTargetFormat;
    } else if (word === 'sample') {
      sample = parseSample(value);
    } else if (word === 'profile') {
      if (value === '') throw new ConfigError("log : expected a name for 'profile'");
      profileName = value;
    } else break;
  }
  const facilityWord = words[at];
  if (facilityWord === undefined) throw new ConfigError(missing);
  const facility = FACILITIES.indexOf(facilityWord);
  if (facility < 0) throw new ConfigError(`log : unknown log facility '${facilityWord}'`);
  const level = levelOf(words[at + 1], 7);
  const minLevel = levelOf(words[at + 2], 0);
  if (words[at + 3] !== undefined) {
    throw new ConfigError(`log : cannot handle unexpected argument '${words[at + 3]!}'`);
  }
  const common = { length, facility, level, minLevel, sample, position: context.position };
  const target: LogTarget = {
    ...common,
    profile: null,
    ring: null,
    transport: 'fd',
    address: null,
    fd: -1,
    format: format ?? 'raw',
    formatGiven: format !== null,
  };
  const through = /^(ring|backend)@/.exec(where);
  if (where === 'stdout' || where === 'stderr') {
    return { target: { ...target, fd: where === 'stdout' ? 1 : 2 }, profileName };
  }
  if (through !== null) {
    const ringed: LogTarget = { ...target, transport: 'ring' };
    context.later(() => findRing(ringed, where, format, context));
    return { target: ringed, profileName };
  }
  const address = addressOf(where, 'log', context, {
    defaultType: 'dgram',
    stream: true,
    dgram: true,
    fd: true,
  });
  if (address.kind === 'fd') return { target: { ...target, fd: address.fd }, profileName };
  if (address.kind === 'sockpair') throw new ConfigError(`'log ${where}' is known but not yet supported.`);
  if (address.transport === 'stream') {
    const ring = ringBefore(where, address, context);
    return { target: { ...target, transport: 'ring', ring, format: format ?? 'local' }, profileName };
  }
  const transport = address.kind === 'inet' ? 'udp' : 'unix';
  return { target: { ...target, transport, address, format: format ?? 'local' }, profileName };
}

function levelOf(text: string | undefined, fallback: LogLevel): LogLevel {
  if (text === undefined) return fallback;
  const level = LEVELS.indexOf(text);
  if (level >= 0) return level as LogLevel;
  const what = fallback === 7 ? 'log level' : 'minimum log level';
  throw new ConfigError(`log : unknown optional ${what} '${text}'`);
}

/** `1-2,5:8`: which of every 8 lines are sent. */
function parseSample(text: string): LogTarget['sample'] {
  const colon = text.indexOf(':');
  if (colon < 0) throw new ConfigError('log : Missing sample size');
  const list = text.slice(0, colon);
  const size = /^\d{1,9}$/.test(text.slice(colon + 1)) ? Number(text.slice(colon + 1)) : 0;
  if (size < 1) {
    throw new ConfigError(`log : wrong sample size '${text.slice(colon + 1)}' for sample range '${list}'`);
  }
  const ranges: [number, number][] = [];
  let highest = 0;
  const parts = list.split(',');
  for (const [at, part] of parts.entries()) {
    const range = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part);
    const low = Number(range?.[1]);
    const high = Number(range?.[2] ?? range?.[1]);
    if (range === null || low < 1 || (range[2] !== undefined && high <= low)) {
      throw new ConfigError(`log : wrong sample range '${parts.slice(at).join()}'`);
    }
    if (ranges.some((other) => low <= other[1] && high >= other[0])) {
      throw new ConfigError('log : ranges are overlapping');
    }
    highest = Math.max(highest, high);
    ranges.push([low, high]);
  }
  if (highest > size) {
    throw new ConfigError(
      `log : sample size ${size} should be greater or equal to ${highest} the maximum of the high ranges limits`,
    );
  }
  return { ranges, size };
}
