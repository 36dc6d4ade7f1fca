// Which reactor this machine would get, for -vv.

import { MappedSlabs } from '../core/slab-memory.ts';
import { chooseReactor } from '../reactor/choose.ts';

export function probeReactor(): string {
  const memory = new MappedSlabs({ slabSize: 16384, slabCount: 16 });
  try {
    const { reactor, reason } = chooseReactor({ memory, uring: true, epoll: true });
    reactor.stop();
    return reason;
  } catch (error) {
    return (error as Error).message;
  }
}
