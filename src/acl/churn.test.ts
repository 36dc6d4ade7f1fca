// Readers beside writers in other threads: what a look-up gives is always whole, and what stays is always found.

import { ok, strictEqual } from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import { test } from 'node:test';
import { Sample } from '../sample/sample.ts';
import type { Order } from './churn.hammer.ts';
import { PatternLookup } from './lookup.ts';
import type { Method } from './methods.ts';
import { PatternStore } from './store.ts';

const WRITERS = 2;
const STEPS = 15_000;

function writer(order: Order): Promise<void> {
  const source = `
    const { workerData } = require('node:worker_threads');
    import(${JSON.stringify(new URL('churn.hammer.ts', import.meta.url).href)})
      .then(({ churn }) => churn(workerData));`;
  const worker = new Worker(source, { eval: true, workerData: order });
  return new Promise((done, fail) => {
    worker.on('error', fail);
    worker.on('exit', (code) => (code === 0 ? done() : fail(new Error(`exit ${code}`))));
  });
}

test('look-ups while other threads change the list', async () => {
  const store = PatternStore.reading(() => ({ text: 'fixed fixed=0\n' }));
  const set = store.open('m', 2);
  const methods: Method[] = ['str', 'beg', 'end', 'dom', 'sub', 'reg'];
  for (const method of methods) set.lookup(method, false, 'str');
  const handle = store.share();
  const writers = Promise.all(
    Array.from({ length: WRITERS }, (_, seed) => writer({ handle, seed: seed + 1, steps: STEPS })),
  );
  let over = false;
  void writers.finally(() => (over = true)).catch(() => {});
  const { list } = PatternStore.attached(handle).open('m', 2);
  const lookups = methods.map((method) => new PatternLookup(list, method, false));
  const sample = new Sample();
  const whole = /^([^=]+)=(\d+)$/;
  const values = new Set<string>();
  let hits = 0;
  for (let round = 0; !over || round < 100; round++) {
    for (const lookup of lookups) {
      // These compile all patterns anew after each change.
      if ((lookup.method === 'sub' || lookup.method === 'reg') && round % 25 !== 0) continue;
      sample.setStr('fixed');
      const value = lookup.value(sample);
      const match = whole.exec(value ?? '');
      strictEqual(match?.[1], 'fixed', `${lookup.method}: ${value}`);
      values.add(value!);
      const key = `k${round % 300}.churn1`;
      sample.setStr(key);
      const other = lookup.value(sample);
      if (other === null) continue;
      hits++;
      const found = whole.exec(other)?.[1];
      // Of `sub` and `reg` a shorter key may be within this one.
      ok(found !== undefined && key.includes(found), `${lookup.method} of ${key}: ${other}`);
    }
    sample.setStr('never');
    strictEqual(lookups[0]!.value(sample), null);
    if (round % 20 === 0) await new Promise((done) => setImmediate(done));
  }
  await writers;
  ok(values.size > 1 && hits > 10, `${values.size} values, ${hits} hits`);
  // What is left can be listed, and is what its index says.
  let count = 0;
  for (let entry = list.first; entry !== 0; entry = list.after(entry)) {
    count++;
    sample.setStr(list.key(entry));
    ok(lookups[0]!.matches(sample), list.key(entry));
  }
  strictEqual(count, list.count);
});
