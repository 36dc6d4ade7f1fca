// What `show info` says about the last second: measured once a second, since nobody knows when he will be asked.

import { Counter } from '../core/shared.ts';
import type { Running } from './running.ts';

const EVERY_MS = 1000;

export class Sampler {
  /** Bytes sent to clients in the last second, of exchanges that ended in it. */
  bytesOut = 0;
  /** 0..100. */
  idlePercent = 100;
  private readonly running: Running;
  private total = 0;
  private at = performance.now();

  constructor(running: Running) {
    this.running = running;
    setInterval(() => this.sample(), EVERY_MS).unref();
  }

  private sample(): void {
    const { generation, plane } = this.running;
    const now = performance.now();
    let total = 0;
    for (const proxy of plane?.proxies ?? []) total += proxy.frontend?.total(Counter.BYTES_OUT) ?? 0;
    // `clear counters all` and a reload that drops a frontend begin anew.
    this.bytesOut = Math.max(0, Math.round(((total - this.total) * 1000) / Math.max(1, now - this.at)));
    this.total = total;
    this.at = now;
    this.idlePercent = generation?.idlePercent() ?? 100;
  }
}
