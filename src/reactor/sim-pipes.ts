// Pipes of a simulated machine: bytes wait in a queue, and now and then there is no pipe to be had.

import type { Prng } from '../core/prng.ts';
import type { PipePool } from './pipes.ts';
import { ByteQueue } from './sim-network.ts';

/** Bytes that a pipe holds. */
export const SIM_PIPE_BYTES = 8192;

export class SimPipes implements PipePool {
  readonly contents: ByteQueue[] = [];
  lentSoFar = 0;
  private readonly free: number[] = [];
  private readonly lent = new Set<number>();
  private readonly prng: Prng;
  private readonly most: number;

  constructor(prng: Prng, most: number) {
    this.prng = prng;
    this.most = most;
  }

  get used(): number {
    return this.lent.size;
  }

  take(): number {
    if (this.lent.size >= this.most || this.prng.chance(10)) return -1;
    const pipe = this.free.pop() ?? this.contents.push(new ByteQueue()) - 1;
    this.lent.add(pipe);
    this.lentSoFar++;
    return pipe;
  }

  give(pipe: number): void {
    if (this.contents[pipe]!.length > 0) throw new Error(`pipe ${pipe} was given back with bytes in it`);
    this.drop(pipe);
  }

  drop(pipe: number): void {
    if (!this.lent.delete(pipe)) throw new Error(`pipe ${pipe}, which is not lent, was given back`);
    this.contents[pipe]!.clear();
    this.free.push(pipe);
  }
}
