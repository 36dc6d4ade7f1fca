// Which messages a target takes, and as which level.

import type { LogTarget } from '../config/model.ts';
import { LogHeader, type LogIdentity } from './header.ts';

/** Room for the longest header, so that a line's buffer is `target.length + HEADER_ROOM`. */
export const HEADER_ROOM = 512;

export class TargetFilter {
  readonly target: LogTarget;
  private readonly header: LogHeader;
  private sampled = 0;

  constructor(target: LogTarget, identity: LogIdentity) {
    this.target = target;
    this.header = new LogHeader(target, identity);
  }

  /** Whether a message of `level` is sent; counts it for `sample`. */
  accepts(level: number): boolean {
    if (level > this.target.level) return false;
    const { sample } = this.target;
    if (sample === null) return true;
    this.sampled = this.sampled >= sample.size ? 1 : this.sampled + 1;
    for (let index = 0; index < sample.ranges.length; index++) {
      const range = sample.ranges[index]!;
      if (this.sampled >= range[0] && this.sampled <= range[1]) return true;
    }
    return false;
  }

  /** Writes the whole line at `at`, cut to the target's length, and returns its bytes. */
  format(out: Buffer, at: number, level: number, text: string, wallMs: number): number {
    const { minLevel, length } = this.target;
    const end = this.header.write(out, at, level < minLevel ? minLevel : level, wallMs);
    const most = at + length;
    if (end >= most) {
      out[most] = 10;
      return length + 1;
    }
    const written = out.write(text, end, Math.min(text.length, most - end), 'latin1');
    out[end + written] = 10;
    return end + written + 1 - at;
  }
}
