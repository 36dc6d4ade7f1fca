// Which messages a target takes, and as which level.

import { Line } from '../sample/line.ts';
import type { LogTarget } from '../config/model.ts';
import type { SlabBuffer } from '../core/slab.ts';
import { LogHeader, type LogIdentity } from './header.ts';

/** Room for the longest header, so that a line's buffer is `target.length + HEADER_ROOM`. */
export const HEADER_ROOM = 512;
const NEWLINE = 10;

export class TargetFilter {
  readonly target: LogTarget;
  private readonly header: LogHeader;
  private sampled = 0;

  /** `structured`: see `LogHeader`. */
  constructor(target: LogTarget, identity: LogIdentity, structured = false) {
    this.target = target;
    this.header = new LogHeader(target, identity, structured);
  }

  /** Structured data is to follow what `begin` writes. */
  get structured(): boolean {
    return this.header.structured;
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

  /** Writes the header at `at` and makes `line` ready for the text behind it. */
  begin(line: Line, out: SlabBuffer, at: number, level: number, wallMs: number): void {
    const { minLevel, length } = this.target;
    const end = this.header.write(out, at, level < minLevel ? minLevel : level, wallMs);
    const most = at + length;
    line.begin(out, end < most ? end : most, most);
  }

  /** Writes a whole line at `at` and returns its bytes. */
  format(out: SlabBuffer, at: number, level: number, text: string, wallMs: number): number {
    const line = new Line();
    this.begin(line, out, at, level, wallMs);
    line.text(text);
    return this.finish(line, at);
  }

  /** Ends the line that began at `at`; returns its bytes. */
  finish(line: Line, at: number): number {
    line.bytes[line.at] = NEWLINE;
    return line.at + 1 - at;
  }
}
