// Times in rules (manual 2.5).

import { ConfigError } from '../registry/define.ts';

const UNITS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  m: 60000,
  h: 3600000,
  d: 86400000,
};

/** Milliseconds; without a unit the number is in ms. Throws ConfigError. */
export function parseMs(text: string): number {
  const time = /^(\d+)(us|ms|s|m|h|d)?$/.exec(text);
  if (time === null) throw new ConfigError(`unexpected character '${/[^\d]/.exec(text)?.[0] ?? ''}'`);
  return Math.ceil(Number(time[1]) * UNITS[time[2] ?? 'ms']!);
}
