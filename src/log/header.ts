// What stands before a log line, for each `format` of a target. Rebuilt once a second; between two rebuilds only
// the level and the milliseconds are written anew.

import type { LogTarget } from '../config/model.ts';

export interface LogIdentity {
  /** log-tag. */
  readonly tag: string;
  /** log-send-hostname, or null. */
  readonly hostname: string | null;
  readonly pid: number;
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const pad = (value: number): string => String(value).padStart(2, '0');

/** `Nov  3 05:17:59`, local time (RFC 3164). */
export function shortDate(date: Date): string {
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  return `${months[date.getMonth()]!} ${String(date.getDate()).padStart(2)} ${time}`;
}

/** `2026-11-23T05:17:59.000000+00:00`, local time (RFC 5424); the fraction is patched for each line.
 * `atMs` brings its milliseconds. */
export function isoDate(date: Date, atMs = 0): string {
  const offset = -date.getTimezoneOffset();
  const ahead = Math.abs(offset);
  return (
    `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}T${pad(date.getHours())}:` +
    `${pad(date.getMinutes())}:${pad(date.getSeconds())}.${String(atMs % 1000).padStart(3, '0')}000${offset < 0 ? '-' : '+'}` +
    `${pad(Math.floor(ahead / 60))}:${pad(ahead % 60)}`
  );
}

/** Offset of the fraction's first digit in `isoDate`. */
const FRACTION = 20;

export class LogHeader {
  private readonly target: LogTarget;
  readonly structured: boolean;
  private readonly identity: LogIdentity;
  private second = -1;
  private bytes: Buffer = Buffer.alloc(0);
  /** Where the milliseconds stand in `bytes`, -1 for none. */
  private fractionAt = -1;
  /** Facility part of the priority, -1 for formats without one. */
  private readonly priority: number;

  /** `structured`: whoever writes the line adds the structured data of rfc5424 and a space. */
  constructor(target: LogTarget, identity: LogIdentity, structured = false) {
    this.structured = structured && target.format === 'rfc5424';
    this.target = target;
    this.identity = identity;
    const { format, facility } = target;
    const bare = format === 'raw' || format === 'iso';
    this.priority = bare ? -1 : format === 'short' || format === 'timed' ? 0 : facility * 8;
  }

  /** Writes it at `at` and returns the offset behind it. `wallMs`: integer milliseconds since 1970. */
  write(out: Uint8Array, at: number, level: number, wallMs: number): number {
    const second = Math.floor(wallMs / 1000);
    if (second !== this.second) this.build(second);
    if (this.priority >= 0) {
      const value = this.priority + level;
      out[at++] = 60;
      if (value >= 100) out[at++] = 48 + Math.floor(value / 100);
      if (value >= 10) out[at++] = 48 + (Math.floor(value / 10) % 10);
      out[at++] = 48 + (value % 10);
      out[at++] = 62;
    }
    const { bytes } = this;
    for (let index = 0; index < bytes.length; index++) out[at + index] = bytes[index]!;
    if (this.fractionAt >= 0) {
      const ms = wallMs - second * 1000;
      out[at + this.fractionAt] = 48 + Math.floor(ms / 100);
      out[at + this.fractionAt + 1] = 48 + (Math.floor(ms / 10) % 10);
      out[at + this.fractionAt + 2] = 48 + (ms % 10);
    }
    return at + bytes.length;
  }

  private build(second: number): void {
    this.second = second;
    const { tag, hostname, pid } = this.identity;
    const date = new Date(second * 1000);
    let text = '';
    this.fractionAt = -1;
    switch (this.target.format) {
      case 'local':
        text = `${shortDate(date)} ${hostname === null ? '' : `${hostname} `}${tag}[${pid}]: `;
        break;
      case 'rfc3164':
        text = `${shortDate(date)} ${hostname ?? 'localhost'} ${tag}[${pid}]: `;
        break;
      case 'rfc5424':
        text = `1 ${isoDate(date)} ${hostname ?? '-'} ${tag} ${pid} - ${this.structured ? '' : '- '}`;
        this.fractionAt = 2 + FRACTION;
        break;
      case 'timed':
      case 'iso':
        text = `${isoDate(date)} `;
        this.fractionAt = FRACTION;
        break;
      case 'priority':
      case 'short':
      case 'raw':
        break;
    }
    // A very long tag or host name must not leave the line's room.
    this.bytes = Buffer.from(text.slice(0, 480), 'latin1');
  }
}
