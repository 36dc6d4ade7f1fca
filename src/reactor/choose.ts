// Picks the door to the kernel once at start.

import type { SlabMemory } from '../core/slab.ts';
import { SystemError, errnoName } from '../sys/errno.ts';
import { EpollReactor } from './epoll.ts';
import type { LoopReactor } from './loop-reactor.ts';
import { UringReactor } from './uring.ts';

export interface ReactorChoice {
  readonly memory: SlabMemory;
  /** false: not even tried. */
  readonly uring: boolean;
  readonly epoll: boolean;
  /** Entries of the ring, a power of two; 1024 when absent. */
  readonly entries?: number;
}

export interface ChosenReactor {
  readonly reactor: LoopReactor;
  /** For the start-up log and -vv: `using io_uring`, or why not. */
  readonly reason: string;
}

/** io_uring where allowed and granted, else epoll. Throws Error when neither is left. */
export function chooseReactor(choice: ReactorChoice): ChosenReactor {
  let refusal = 'io_uring disabled';
  if (choice.uring) {
    try {
      const options = choice.entries === undefined ? {} : { entries: choice.entries };
      return { reactor: new UringReactor(choice.memory, options), reason: 'using io_uring' };
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      refusal = `io_uring refused by the kernel (${errnoName(error.errno)})`;
    }
  }
  if (!choice.epoll) throw new Error(`${refusal}, and epoll is disabled`);
  return { reactor: new EpollReactor(choice.memory), reason: `${refusal}, using epoll` };
}
