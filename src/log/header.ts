// The header in front of a log line, for each format of the `log` keyword (manual 4.2 log). Made once a second (or
// millisecond, where the format shows them) and kept.

import type { LogTargetFormat } from '../config/model.ts';
import { MONTHS } from './names.ts';

export interface HeaderFacts {
  /** Program name, or log-tag. */
  readonly tag: string;
  readonly pid: number;
  /** log-send-hostname, or the machine's for formats that always carry one. */
  readonly hostname: string;
  readonly sendHostname: boolean;
}

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));

function rfc3164Date(date: Date): string {
  const day = date.getDate();
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${MONTHS[date.getMonth()]!} ${day < 10 ? ` ${day}` : day} ${time}`;
}

function isoDate(date: Date, ms: number): string {
  const offset = -date.getTimezoneOffset();
  const sign = offset < 0 ? '-' : '+';
  const minutes = Math.abs(offset);
  return (
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.` +
    `${String(ms % 1000).padStart(3, '0')}000${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
  );
}

/** Formats whose header shows fractions of a second. */
export function isPrecise(format: LogTargetFormat): boolean {
  return format === 'rfc5424' || format === 'timed' || format === 'iso';
}

/** The header of a line of `level` sent at `wallMs`. */
export function makeHeader(
  format: LogTargetFormat,
  facility: number,
  level: number,
  wallMs: number,
  facts: HeaderFacts,
): string {
  if (format === 'raw') return '';
  if (format === 'short') return `<${level}>`;
  const priority = `<${facility * 8 + level}>`;
  if (format === 'priority') return priority;
  const date = new Date(wallMs);
  switch (format) {
    case 'timed':
      return `<${level}>${isoDate(date, wallMs)} `;
    case 'iso':
      return `${isoDate(date, wallMs)} `;
    case 'rfc5424':
      return `${priority}1 ${isoDate(date, wallMs)} ${facts.hostname} ${facts.tag} ${facts.pid} - - `;
    case 'rfc3164':
      return `${priority}${rfc3164Date(date)} ${facts.hostname} ${facts.tag}[${facts.pid}]: `;
    default: {
      const host = facts.sendHostname ? `${facts.hostname} ` : '';
      return `${priority}${rfc3164Date(date)} ${host}${facts.tag}[${facts.pid}]: `;
    }
  }
}
