// A log line while it is written: bytes straight into the memory that the kernel will read. Joining some fifty short
// texts to a string first, and copying that, would cost more than all the rest of a log line.

import type { SlabBuffer } from '../core/slab.ts';

/** From here on a copy in C is faster than a loop. */
const LONG = 48;

/** Where a line goes. What does not fit is cut off. Texts are latin1. */
export class Line {
  bytes: SlabBuffer = Buffer.alloc(0) as SlabBuffer;
  at = 0;
  private end = 0;

  /** Begins to write at `at` of `bytes`, at most to `end`. */
  begin(bytes: SlabBuffer, at: number, end: number): void {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** One byte. */
  byte(value: number): void {
    if (this.at < this.end) this.bytes[this.at++] = value;
  }

  text(text: string): void {
    const { bytes, at } = this;
    const room = this.end - at;
    const length = text.length < room ? text.length : room;
    if (length <= 0) return;
    if (length > LONG) bytes.latin1Write(text, at, length);
    else for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
    this.at = at + length;
  }

  /** An integer in decimal digits. */
  number(value: number): void {
    if (value < 0 || value > 0x7fff_ffff || this.end - this.at < 10) {
      this.text(String(value));
      return;
    }
    let rest = value | 0;
    let digits = 1;
    for (let limit = 10; rest >= limit && digits < 10; limit *= 10) digits++;
    for (let i = this.at + digits - 1; i >= this.at; i--) {
      const tenth = (rest / 10) | 0;
      this.bytes[i] = 48 + rest - tenth * 10;
      rest = tenth;
    }
    this.at += digits;
  }
}
