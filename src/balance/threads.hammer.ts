// Runs in workers of threads.test.ts: picks as fast as it can, against others who do the same.

import { createBalancer } from './create.ts';
import { fakeStream } from './testing.ts';
import { Pick } from '../backend/backend.ts';
import { backendConfig, balanceSettings, makeBackend, type Ground } from '../backend/testing.ts';

export interface Order {
  readonly thread: number;
  readonly picks: number;
  readonly algorithm: string;
  readonly weights: readonly number[];
  readonly shared: Omit<Ground, 'config'>;
  /** Workers that are ready; all begin when it reaches `threads`. */
  readonly start: SharedArrayBuffer;
  readonly threads: number;
}

/** How often each server was picked; `seen` has one count for each server. */
export function hammer(order: Order): number[] {
  const config = hammerConfig(order.algorithm, order.weights);
  const { backend } = makeBackend(
    { ...order.shared, config },
    order.thread,
    () => {},
    (farm) => createBalancer(farm),
  );
  const stream = fakeStream({});
  const ready = new Int32Array(order.start);
  if (Atomics.add(ready, 0, 1) + 1 === order.threads) Atomics.notify(ready, 0);
  for (let seen = Atomics.load(ready, 0); seen < order.threads; seen = Atomics.load(ready, 0)) {
    Atomics.wait(ready, 0, seen);
  }
  const seen = order.weights.map(() => 0);
  for (let i = 0; i < order.picks; i++) {
    if (backend.pick(stream, null) !== Pick.RESERVED) throw new Error('nobody is free');
    seen[backend.picked!.index]!++;
    backend.picked!.release();
  }
  return seen;
}

/** `url_param` stands for a ring or map whose streams have no key. */
export function hammerConfig(algorithm: string, weights: readonly number[]) {
  const [name, kind] = algorithm.split(' ');
  const settings = balanceSettings(name!, { name: 'absent', consistent: kind === 'consistent' });
  return backendConfig(
    weights.map((weight, i) => ({ name: 'abcdefgh'[i]!, weight })),
    { balance: settings },
  );
}
