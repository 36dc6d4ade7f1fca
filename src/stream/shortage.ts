// When the kernel has no descriptor or memory for another socket.

import { EMFILE, ENFILE, ENOBUFS, ENOMEM } from '../sys/errno.ts';

/** Messages about a shortage come at most this often for each proxy and thread, ms. */
const SAY_EVERY_MS = 1000;

/** `result`: of accept or socket. */
export function isShortage(result: number): boolean {
  return result === -EMFILE || result === -ENFILE || result === -ENOMEM || result === -ENOBUFS;
}

/** Tells the control thread, which has the event logs, of shortages that proxies meet. */
export class ShortageReport {
  private readonly tell: (proxy: string, errno: number) => void;
  private readonly saidMs = new Map<string, number>();

  constructor(tell: (proxy: string, errno: number) => void) {
    this.tell = tell;
  }

  /** `result`: the negated errno. `nowMs`: reactor's clock. */
  met(proxy: string, result: number, nowMs: number): void {
    const before = this.saidMs.get(proxy);
    if (before !== undefined && nowMs - before < SAY_EVERY_MS) return;
    this.saidMs.set(proxy, nowMs);
    this.tell(proxy, -result);
  }
}
