// Runs in workers of churn.test.ts: adds, changes and removes entries as fast as it can, so that hash tables grow and
// memory is used again under the eyes of readers.

import { Prng } from '../core/prng.ts';
import { PatternStore, type PatternHandle } from './store.ts';

export interface Order {
  readonly handle: PatternHandle;
  readonly seed: number;
  readonly steps: number;
}

/** A value that tells which key it belongs to, and is long enough to be seen half written. */
export const valueOf = (key: string, step: number): string => `${key}=${String(step).repeat(1 + (step % 5))}`;

export function churn({ handle, seed, steps }: Order): void {
  const { list } = PatternStore.attached(handle).open('m', 2);
  const prng = new Prng(seed);
  for (let step = 0; step < steps; step++) {
    const key = `k${prng.below(300)}.churn${prng.below(3)}`;
    const what = prng.below(10);
    if (what < 3) list.put(key, valueOf(key, step));
    else if (what < 5) list.add(key, valueOf(key, step));
    else if (what < 8) list.delete(key);
    // What stays there always, with ever other values.
    else list.set('fixed', valueOf('fixed', step));
    if (step % 1000 === 0) {
      const version = list.prepare();
      list.add('never', 'never', version);
      for (const _turn of list.purge((one) => one !== list.current)) continue;
    }
  }
}
