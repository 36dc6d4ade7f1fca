// Balancing is one sequence over all data threads.

import { test } from 'node:test';
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import { createBalancer } from './create.ts';
import { fakeStream } from './testing.ts';
import { hammerConfig, type Order } from './threads.hammer.ts';
import { Pick, type Backend } from '../backend/backend.ts';
import { ProxyInt, ServerInt } from '../core/shared.ts';
import { makeBackend, makeGround } from '../backend/testing.ts';

const stream = fakeStream({});
const algorithms = ['roundrobin', 'static-rr', 'leastconn', 'url_param map-based', 'url_param consistent'];
const WEIGHTS = [3, 1, 5, 2, 2];

function threads(algorithm: string, count: number, weights: readonly number[] = WEIGHTS): Backend[] {
  const ground = makeGround(hammerConfig(algorithm, weights), count, 8);
  return Array.from(
    { length: count },
    (_, thread) =>
      makeBackend(
        ground,
        thread,
        () => {},
        (farm) => createBalancer(farm),
      ).backend,
  );
}

function pickOf(backend: Backend): string {
  strictEqual(backend.pick(stream, null), Pick.RESERVED);
  return backend.picked!.name;
}

test('threads that choose by turns give the sequence of a single one', () => {
  for (const algorithm of algorithms) {
    const alone = threads(algorithm, 1);
    const several = threads(algorithm, 3);
    let expected = '';
    let seen = '';
    for (let i = 0; i < 60; i++) {
      expected += pickOf(alone[0]!);
      const chooser = several[(i * i + (i >> 2)) % 3]!;
      seen += pickOf(chooser);
    }
    strictEqual(seen, expected, algorithm);
  }
});

test('threads that choose at the same time lose no turn and give none twice', async () => {
  const picks = 20_000;
  for (const algorithm of ['roundrobin', 'static-rr', 'url_param consistent']) {
    const alone = threads(algorithm, 1)[0]!;
    const expected = WEIGHTS.map(() => 0);
    for (let i = 0; i < 3 * picks; i++) {
      pickOf(alone);
      expected[alone.picked!.index]!++;
      alone.picked!.release();
    }
    const { config: _config, ...shared } = makeGround(hammerConfig(algorithm, WEIGHTS), 3, 8);
    const start = new SharedArrayBuffer(4);
    const counts = await Promise.all(
      [0, 1, 2].map((thread) =>
        inWorker({ thread, picks, algorithm, weights: WEIGHTS, shared, start, threads: 3 }),
      ),
    );
    const sums = WEIGHTS.map((_, i) => counts.reduce((sum, seen) => sum + seen[i]!, 0));
    deepStrictEqual(sums, expected, algorithm);
  }
});

function inWorker(order: Order): Promise<number[]> {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(${JSON.stringify(new URL('threads.hammer.ts', import.meta.url).href)})
      .then(({ hammer }) => parentPort.postMessage(hammer(workerData)));
  `;
  return new Promise((resolve, reject) => {
    const worker = new Worker(code, { eval: true, workerData: order });
    worker.on('message', resolve);
    worker.on('error', reject);
  });
}

test('leastconn: idle servers in the order in which they became idle, on whichever thread', () => {
  const [one, other] = threads('leastconn', 2, [1, 1, 1, 1]) as [Backend, Backend];
  strictEqual(pickOf(one) + pickOf(other) + pickOf(one) + pickOf(other), 'abcd');
  for (const [backend, index] of [
    [one, 2],
    [other, 0],
    [other, 3],
    [one, 1],
  ] as const) {
    backend.servers[index]!.release();
  }
  strictEqual(pickOf(other) + pickOf(one) + pickOf(one) + pickOf(other), 'cadb');
});

test('roundrobin: a server that was away is away for all threads', () => {
  const [one, other] = threads('roundrobin', 2, [1, 1]) as [Backend, Backend];
  strictEqual(pickOf(one) + pickOf(other) + pickOf(one) + pickOf(other), 'abab');
  const b = one.servers[1]!;
  b.ints[ServerInt.OPERATIONAL] = 0;
  one.block.ints[ProxyInt.VERSION]!++;
  let seen = '';
  for (let i = 0; i < 5; i++) seen += pickOf(one) + pickOf(other);
  strictEqual(seen, 'a'.repeat(10));
  b.ints[ServerInt.OPERATIONAL] = 2;
  one.block.ints[ProxyInt.VERSION]!++;
  seen = '';
  for (let i = 0; i < 5; i++) seen += pickOf(other) + pickOf(one);
  strictEqual([...seen].filter((name) => name === 'b').length, 5, seen);
});
