// What a strict parser would have refused in a head that a relaxed one took (option accept-unsafe-violations-in-...):
// such messages are kept for `show errors`.

import { Head } from './head.ts';
import { HeadParser, Parse, type HeadLimits } from './parser.ts';
import type { FaultReport } from './faults.ts';

export class StrictReader {
  private readonly parser: HeadParser;
  private readonly head: Head;

  constructor(side: 'request' | 'response', limits: Omit<HeadLimits, 'relaxed'>) {
    this.parser = new HeadParser(side, { ...limits, relaxed: false });
    this.head = new Head(limits.headersMax);
  }

  /** The fault of the whole head in `memory[from..to)`; null where there is none. Good until the next call. */
  faultIn(memory: Uint8Array, from: number, to: number): FaultReport | null {
    this.parser.reset();
    return this.parser.parse(memory, from, to, this.head) === Parse.ERROR ? this.parser.fault : null;
  }
}
