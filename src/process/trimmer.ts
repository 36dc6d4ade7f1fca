// Gives memory back after a burst. Compiling code takes megabytes for moments, and the C library keeps them in the
// arena of each thread that compiled: most of what the process seems to need after its first thousand requests.

import { trimMalloc } from '../sys/malloc.ts';

const LOOK_EVERY_MS = 1000;
/** What the process must have grown by since it last trimmed: a steady one is left alone. Bytes. */
const GROWTH_MIN = 1 << 20;

export class Trimmer {
  private readonly resident: () => number;
  private readonly trim: () => void;
  /** Resident memory after the last trim, or the least seen since. */
  private least = 0;
  /** It grew when it was last looked at: once it grows no more, what the end of the burst left is given back too. */
  private unsettled = false;
  private timer: NodeJS.Timeout | null = null;

  /** `resident` returns bytes. */
  constructor(resident: () => number = () => process.memoryUsage.rss(), trim: () => void = trimMalloc) {
    this.resident = resident;
    this.trim = trim;
  }

  /** Looks once a second until `stop`; does not keep the process alive. */
  start(): void {
    this.timer ??= setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  look(): void {
    const now = this.resident();
    const grown = now >= this.least + GROWTH_MIN;
    if (grown || this.unsettled) {
      this.trim();
      this.least = this.resident();
      this.unsettled = grown;
    } else {
      this.least = Math.min(this.least, now);
    }
  }
}
