import { test } from 'node:test';
import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import { ProxyInt, ServerInt, Share, takeShareBack } from '../core/shared.ts';
import type { StreamContext } from '../sample/context.ts';
import { Pick } from './backend.ts';
import { Entered, QueueEntry } from './queue.ts';
import { Node } from './waiters.ts';
import { Operational, type Server } from './server.ts';
import { FirstFree, backendConfig, makeBackend, makeGround, type Ground } from './testing.ts';

const stream = {} as StreamContext;

class Waiter extends QueueEntry {
  readonly name: string;
  readonly story: string[];
  server: Server | null = null;
  constructor(name: string, story: string[]) {
    super();
    this.name = name;
    this.story = story;
  }
  override onGranted(server: Server): void {
    this.server = server;
    this.story.push(`${this.name}>${server.name}`);
  }
  override onRedistributed(): void {
    this.story.push(`${this.name} moved`);
  }
}

const states = (ints: Int32Array): Int32Array => ints.filter((_, at) => at % Node.SIZE === Node.STATE);

function threads(ground: Ground, count: number) {
  const told = new Set<number>();
  const all = Array.from({ length: count }, (_, thread) =>
    makeBackend(
      ground,
      thread,
      (other) => told.add(other),
      (farm) => new FirstFree(farm),
    ),
  );
  const deliver = (): void => {
    for (const thread of Array.from(told)) {
      told.delete(thread);
      all[thread]!.waiters.drain();
    }
  };
  return { all, told, deliver };
}

test('what a dead thread held or waited for goes to the others', () => {
  const { all, told, deliver } = threads(makeGround(backendConfig([{ maxconn: 2 }]), 3, 8), 3);
  const story: string[] = [];
  const [living, dead, control] = all as [(typeof all)[0], (typeof all)[0], (typeof all)[0]];
  const enter = (thread: (typeof all)[0], name: string): void => {
    strictEqual(thread.backend.pick(stream, null), Pick.QUEUE);
    strictEqual(thread.backend.queue.enter(new Waiter(name, story), null, 1000), Entered.WAITING);
  };
  strictEqual(living.backend.pick(stream, null), Pick.RESERVED);
  strictEqual(dead.backend.pick(stream, null), Pick.RESERVED);
  for (const name of ['granted', 'waiting']) enter(dead, name);
  for (const name of ['x', 'y']) enter(living, name);
  const server = living.backend.picked ?? living.backend.servers[0]!;
  server.release();
  // The thread dies with one slot in use, one granted by a letter that it never read, and one place in the queue.
  told.clear();
  strictEqual(server.current, 2);
  strictEqual(living.backend.ints[ProxyInt.QUEUED], 3);
  strictEqual(takeShareBack(dead.backend.servers[0]!.block, Share.CURRENT, ServerInt.CURRENT), 1);
  control.waiters.forget(1, () => control.backend.queue);
  strictEqual(server.current, 0);
  strictEqual(living.backend.ints[ProxyInt.QUEUED], 2);
  control.backend.queue.pumpAll();
  deliver();
  deepStrictEqual(story, ['x>s1', 'y>s1']);
  strictEqual(server.current, 2);
  server.release();
  server.release();
  strictEqual(server.current, 0);
  strictEqual(living.backend.servers[0]!.block.counters[Share.CURRENT], 0);
  // Nothing is left for the thread that takes its row.
  strictEqual(states(control.waiters.ints).slice(8, 16).join(''), '00000000');
});

test('a bug under the lock of a queue does not lock the other threads out', () => {
  const { all } = threads(makeGround(backendConfig([{ maxconn: 1 }]), 2, 8), 2);
  const [one, other] = all as [(typeof all)[0], (typeof all)[0]];
  Object.defineProperty(one.backend.servers[0]!, 'acceptsPersistent', {
    get: () => {
      throw new Error('a bug');
    },
  });
  throws(() => one.backend.queue.pump(one.backend.servers[0]!), /a bug/);
  strictEqual(other.backend.pick(stream, null), Pick.RESERVED);
  strictEqual(other.backend.queue.enter(new Waiter('a', []), null, 1000), Entered.WAITING);
});

test('a freed slot goes to the oldest waiter, whichever thread it lives on', () => {
  const { all, deliver } = threads(makeGround(backendConfig([{ maxconn: 1 }]), 3, 8), 3);
  const story: string[] = [];
  const holder = all[0]!.backend;
  strictEqual(holder.pick(stream, null), Pick.RESERVED);
  const server = holder.picked!;
  for (const [name, thread] of [
    ['a', 2],
    ['b', 1],
    ['c', 2],
    ['d', 0],
  ] as const) {
    strictEqual(all[thread]!.backend.pick(stream, null), Pick.QUEUE);
    strictEqual(all[thread]!.backend.picked, null);
    strictEqual(all[thread]!.backend.queue.enter(new Waiter(name, story), null, 1000), Entered.WAITING);
  }
  strictEqual(holder.block.ints[ProxyInt.QUEUED], 4);
  server.release();
  strictEqual(server.current, 1, 'handed over, not released');
  deliver();
  for (let i = 0; i < 4; i++) {
    server.release();
    deliver();
  }
  deepStrictEqual(story, ['a>s1', 'b>s1', 'c>s1', 'd>s1']);
  strictEqual(server.current, 0);
  strictEqual(holder.block.ints[ProxyInt.QUEUED], 0);
  strictEqual(holder.block.ints[ProxyInt.QUEUED_MAX], 4);
});

test('priority: class first, then time plus offset; both queues of a server are merged', () => {
  const { all, deliver } = threads(makeGround(backendConfig([{ maxconn: 1 }]), 1, 8), 1);
  const { backend } = all[0]!;
  const story: string[] = [];
  backend.pick(stream, null);
  const server = backend.picked!;
  const add = (name: string, at: Server | null, now: number, priorityClass: number, offset: number): void => {
    const entry = new Waiter(name, story);
    entry.priorityClass = priorityClass;
    entry.priorityOffset = offset;
    strictEqual(backend.queue.enter(entry, at, now), Entered.WAITING);
  };
  add('plain', null, 100, 0, 0);
  add('late', null, 110, 0, 50);
  add('own', server, 120, 0, 0);
  add('early', null, 130, 0, -100);
  add('low', null, 10, 5, 0);
  add('high', server, 140, -5, 0);
  for (let i = 0; i < 6; i++) {
    server.release();
    deliver();
  }
  deepStrictEqual(
    story.map((line) => line.slice(0, -3)),
    ['high', 'early', 'plain', 'own', 'late', 'low'],
  );
});

test('leaving: a waiter is forgotten, a slot already granted goes to the next', () => {
  const { all, deliver } = threads(makeGround(backendConfig([{ maxconn: 1 }]), 2, 8), 2);
  const story: string[] = [];
  all[0]!.backend.pick(stream, null);
  const server = all[0]!.backend.picked!;
  const [a, b, c] = ['a', 'b', 'c'].map((name) => new Waiter(name, story)) as [Waiter, Waiter, Waiter];
  all[1]!.backend.queue.enter(a, null, 1);
  all[1]!.backend.queue.enter(b, null, 2);
  all[0]!.backend.queue.enter(c, null, 3);
  all[1]!.backend.queue.leave(a);
  server.release();
  all[1]!.backend.queue.leave(b);
  strictEqual(server.current, 1);
  deliver();
  deliver();
  deepStrictEqual(story, ['c>s1']);
  strictEqual(c.servedBefore, 1);
  strictEqual(server.current, 1);
  strictEqual(all[0]!.backend.block.ints[ProxyInt.QUEUED], 0);
});

test('maxqueue, exhausted nodes and servers out of service refuse', () => {
  const { all } = threads(makeGround(backendConfig([{ maxconn: 1, maxqueue: 1 }]), 1, 2), 1);
  const { backend } = all[0]!;
  const story: string[] = [];
  strictEqual(backend.take(backend.servers[0]!), Pick.RESERVED);
  strictEqual(backend.take(backend.servers[0]!), Pick.QUEUE);
  strictEqual(backend.queue.enter(new Waiter('a', story), backend.servers[0]!, 1), Entered.WAITING);
  strictEqual(backend.take(backend.servers[0]!), Pick.NONE);
  strictEqual(backend.queue.enter(new Waiter('b', story), backend.servers[0]!, 1), Entered.FULL);
  strictEqual(backend.queue.enter(new Waiter('c', story), null, 1), Entered.WAITING);
  strictEqual(backend.queue.enter(new Waiter('d', story), null, 1), Entered.FULL);
  backend.servers[0]!.ints[ServerInt.OPERATIONAL] = Operational.STOPPED;
  backend.block.ints[ProxyInt.VERSION]!++;
  strictEqual(backend.pick(stream, null), Pick.NONE);
  strictEqual(backend.take(backend.servers[0]!), Pick.NONE);
});

test('a server that goes away sends its waiters to choose again, except those bound to it', () => {
  const { all, deliver } = threads(makeGround(backendConfig([{ maxconn: 1 }, {}]), 2, 8), 2);
  const story: string[] = [];
  const { backend } = all[0]!;
  backend.take(backend.servers[0]!);
  const bound = new Waiter('bound', story);
  bound.movable = false;
  all[1]!.backend.queue.enter(new Waiter('free', story), all[1]!.backend.servers[0]!, 1);
  all[0]!.backend.queue.enter(bound, backend.servers[0]!, 2);
  backend.servers[0]!.ints[ServerInt.OPERATIONAL] = Operational.STOPPED;
  backend.block.ints[ProxyInt.VERSION]!++;
  strictEqual(backend.queue.redistribute(backend.servers[0]!), 1);
  strictEqual(backend.queue.enter(new Waiter('late', story), backend.servers[0]!, 3), Entered.REFUSED);
  backend.servers[0]!.release();
  deliver();
  deepStrictEqual(story, ['free moved']);
  strictEqual(backend.servers[0]!.queued, 1);
});

test('fake threads in any order: maxconn holds, nobody is forgotten, order is kept', () => {
  for (let seed = 1; seed <= 60; seed++) {
    let state = seed;
    const below = (n: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 4294967296) * n);
    };
    const limits = [1 + below(3), 1 + below(2)];
    const config = backendConfig(limits.map((maxconn) => ({ maxconn })));
    const { all, told } = threads(makeGround(config, 3, 64), 3);
    const story: string[] = [];
    const waiting: Waiter[] = [];
    const active: Server[] = [];
    const order: string[] = [];
    let name = 0;
    const collect = (): void => {
      for (const waiter of waiting.filter((one) => one.server !== null)) {
        active.push(waiter.server!);
        waiting.splice(waiting.indexOf(waiter), 1);
      }
    };
    for (let step = 0; step < 400; step++) {
      const { backend, waiters } = all[below(3)]!;
      const what = step < 300 ? below(10) : 5 + below(5);
      if (what < 4) {
        const answer = backend.pick(stream, null);
        if (answer === Pick.RESERVED) {
          strictEqual(backend.queue.length, 0, `seed ${seed}: overtook`);
          active.push(backend.picked!);
        } else {
          const waiter = new Waiter(`${name++}`, story);
          waiter.queue = backend.queue;
          strictEqual(backend.queue.enter(waiter, backend.picked, 5), Entered.WAITING);
          waiting.push(waiter);
          order.push(waiter.name);
        }
      } else if (what < 5 && waiting.length > 0) {
        const waiter = waiting.splice(below(waiting.length), 1)[0]!;
        waiter.queue!.leave(waiter);
        order.splice(order.indexOf(waiter.name), 1);
      } else if (what < 8 && active.length > 0) {
        const server = active.splice(below(active.length), 1)[0]!;
        backend.servers[server.index]!.release();
      } else if (told.delete(waiters.thread)) {
        waiters.drain();
        collect();
      }
      for (const [index, limit] of limits.entries()) {
        ok(all[0]!.backend.servers[index]!.current <= limit, `seed ${seed}: above maxconn`);
      }
      if (all[0]!.backend.queue.length > 0 && told.size === 0) {
        strictEqual(
          all[0]!.backend.servers.every((one) => one.full),
          true,
          `seed ${seed}: a slot is idle`,
        );
      }
    }
    for (let turn = 0; turn < 500 && (told.size > 0 || active.length > 0); turn++) {
      for (const thread of Array.from(told)) {
        told.delete(thread);
        all[thread]!.waiters.drain();
      }
      collect();
      active.shift()?.release();
    }
    strictEqual(waiting.length, 0, `seed ${seed}: forgotten`);
    for (const server of all[0]!.backend.servers) strictEqual(server.current, 0, `seed ${seed}`);
    // One thread's deliveries keep the order; a letter in another thread's box may be read later.
    strictEqual(new Set(story).size, story.length);
    deepStrictEqual(
      story.map((line) => Number(line.split('>')[0])).toSorted((one, other) => one - other),
      order.map(Number),
    );
  }
});

test('real threads: maxconn holds and nobody is forgotten', { timeout: 30000 }, async () => {
  const ground = makeGround(backendConfig([{ maxconn: 2 }, { maxconn: 1 }]), 3, 64);
  const flags = new SharedArrayBuffer(16);
  const source = `
    const { workerData, parentPort } = require('node:worker_threads');
    import(workerData.module).then(({ hammer }) => parentPort.postMessage(hammer(workerData)));`;
  const module = new URL('./queue.hammer.ts', import.meta.url).href;
  const { config, ...shared } = ground;
  void config;
  const results = await Promise.all(
    [0, 1, 2].map(
      (thread) =>
        new Promise<{ worst: number; served: number }>((resolve, reject) => {
          const worker = new Worker(source, {
            eval: true,
            workerData: { module, thread, flags, shared, rounds: 3000 },
          });
          worker.once('message', resolve);
          worker.once('error', reject);
        }),
    ),
  );
  deepStrictEqual(
    results.map((one) => one.served),
    [3000, 3000, 3000],
  );
  ok(
    results.every((one) => one.worst <= 0),
    'more sessions than maxconn',
  );
  const { backend } = threads(ground, 1).all[0]!;
  strictEqual(backend.servers[0]!.current + backend.servers[1]!.current, 0);
  strictEqual(backend.block.ints[ProxyInt.QUEUED], 0);
});

test('a thread that missed the return of a server still hands its slot on', () => {
  const { all, deliver } = threads(makeGround(backendConfig([{ maxconn: 1 }, { maxconn: 1 }]), 2, 8), 2);
  const story: string[] = [];
  const [near, far] = [all[0]!.backend, all[1]!.backend];
  near.take(near.servers[0]!);
  near.take(near.servers[1]!);
  near.servers[0]!.ints[ServerInt.OPERATIONAL] = Operational.STOPPED;
  near.block.ints[ProxyInt.VERSION]!++;
  near.sync();
  far.servers[0]!.ints[ServerInt.OPERATIONAL] = Operational.RUNNING;
  far.block.ints[ProxyInt.VERSION]!++;
  far.queue.enter(new Waiter('a', story), null, 1);
  strictEqual(near.servers[0]!.inUse, false);
  near.servers[0]!.release();
  deliver();
  deepStrictEqual(story, ['a>s1']);
});
