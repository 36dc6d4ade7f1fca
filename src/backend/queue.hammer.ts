// Runs in a worker of queue.test.ts: many short sessions against two small servers.

import type { StreamContext } from '../sample/context.ts';
import { Pick } from './backend.ts';
import { Entered, QueueEntry } from './queue.ts';
import type { Server } from './server.ts';
import { FirstFree, backendConfig, makeBackend, type Ground } from './testing.ts';

class Slot extends QueueEntry {
  server: Server | null = null;
  waiting = false;
  override onGranted(server: Server): void {
    this.server = server;
    this.waiting = false;
  }
  override onRedistributed(): void {
    this.waiting = false;
  }
}

/** Serves `rounds` sessions, at most 8 at a time; `worst` is how far CURRENT was ever seen above a maxconn. */
export function hammer(data: {
  thread: number;
  rounds: number;
  flags: SharedArrayBuffer;
  shared: Omit<Ground, 'config'>;
}): { worst: number; served: number } {
  const ground = { ...data.shared, config: backendConfig([{ maxconn: 2 }, { maxconn: 1 }]) };
  const flags = new Int32Array(data.flags);
  const wake = (thread: number): void => {
    Atomics.store(flags, thread, 1);
    Atomics.notify(flags, thread);
  };
  const { backend, waiters } = makeBackend(ground, data.thread, wake, (farm) => new FirstFree(farm));
  const slots = Array.from({ length: 8 }, () => new Slot());
  let served = 0;
  let started = 0;
  let worst = -100;
  while (served < data.rounds) {
    if (Atomics.exchange(flags, data.thread, 0) === 1) waiters.drain();
    let idle = true;
    for (const slot of slots) {
      if (slot.server !== null) {
        for (const one of backend.servers) worst = Math.max(worst, one.current - one.maxconn);
        slot.server.release();
        slot.server = null;
        served++;
        idle = false;
      } else if (!slot.waiting && started < data.rounds) {
        started++;
        idle = false;
        if (backend.pick({} as StreamContext, null) === Pick.RESERVED) slot.server = backend.picked;
        else {
          slot.waiting = true;
          if (backend.queue.enter(slot, backend.picked, Date.now() | 0) !== Entered.WAITING) {
            throw new Error('refused');
          }
        }
      }
    }
    if (idle) Atomics.wait(flags, data.thread, 0, 5000);
  }
  return { worst, served };
}
