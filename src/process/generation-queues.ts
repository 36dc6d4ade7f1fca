// The queues of one generation as the control thread sees them. After a reload two generations share the slots of
// their servers, but each has queues of its own, and a data thread that frees a slot looks into those of its own alone.

import { ProxyInt } from '../core/shared.ts';
import { isBack } from '../config/defaults.ts';
import { nobody } from '../balance/balance.ts';
import { seatBackend, type Seats } from './reclaim.ts';
import type { Backend } from '../backend/backend.ts';
import type { Config } from '../config/model.ts';
import type { Waiters } from '../backend/queue.ts';

export class GenerationQueues {
  private readonly backends: Backend[] = [];

  /** `waiters`: the control thread's, which wakes those who wait. */
  constructor(config: Config, seats: Seats, waiters: Waiters) {
    for (const proxy of config.proxies) {
      if (isBack(proxy.kind)) this.backends.push(seatBackend(proxy, seats, 0, waiters, () => nobody));
    }
  }

  /**
   * Gives free slots to who waits for them, and sends those on whose server is gone: checks and commands tell only the
   * present generation.
   */
  pump(): void {
    for (const { ints, servers, queue } of this.backends) {
      // Counts who waits in all generations.
      if (Atomics.load(ints, ProxyInt.QUEUED) === 0) continue;
      for (const server of servers) {
        if (!queue.hasWaiters(server)) continue;
        if (server.acceptsPersistent) queue.pump(server);
        else queue.redistribute(server);
      }
    }
  }
}
