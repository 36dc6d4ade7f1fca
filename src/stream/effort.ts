// cpu_calls, cpu_ns_* and lat_ns_* (manual 7.3.2): how often a stream was called, how long that took and how long it
// waited for others. measure.ts opens and closes the calls.

import type { Effort } from '../sample/context.ts';
import type { Reactor } from '../reactor/reactor.ts';

const nowNs = (): number => performance.now() * 1e6;

/** The call under way in this thread: one at a time, whatever others it leads to. */
let depth = 0;
let startedNs = 0;
let waitedNs = 0;
/** The turn of the reactor whose first call began at `turnNs`: who comes later in it has waited since. */
let turn = -1;
let turnNs = 0;

/** Recycled with its stream. */
export class StreamEffort implements Effort {
  private count = 0;
  private spentNs = 0;
  private latentNs = 0;

  reset(): void {
    this.count = 0;
    this.spentNs = 0;
    this.latentNs = 0;
  }

  calls(): number {
    return this.count + (depth > 0 ? 1 : 0);
  }

  cpuNs(): number {
    return Math.round(this.spentNs + (depth > 0 ? nowNs() - startedNs : 0));
  }

  latencyNs(): number {
    return Math.round(this.latentNs + (depth > 0 ? waitedNs : 0));
  }

  ended(): void {
    this.count++;
    this.spentNs += nowNs() - startedNs;
    this.latentNs += waitedNs;
  }
}

/** A call begins. False: it is part of the one under way. */
export function begin(reactor: Reactor): boolean {
  if (depth > 0) return false;
  depth = 1;
  startedNs = nowNs();
  if (reactor.turns !== turn) {
    turn = reactor.turns;
    turnNs = startedNs;
  }
  waitedNs = startedNs - turnNs;
  return true;
}

/** The call is over; `effort` is that of the stream it was for. */
export function end(effort: StreamEffort | null): void {
  depth = 0;
  effort?.ended();
}
