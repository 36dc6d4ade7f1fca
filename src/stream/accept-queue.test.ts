// Threads that give each other connections: several sides over one buffer.

import { test } from 'node:test';
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import {
  AcceptQueue,
  abandonedConnections,
  closeAcceptQueue,
  createAcceptQueues,
  type AcceptPolicy,
} from './accept-queue.ts';

class World {
  readonly ref = createAcceptQueues(4);
  readonly woken: number[] = [];
  readonly rows = [0, 2, 3];
  readonly sides: AcceptQueue[];
  constructor(policy: AcceptPolicy = 'least') {
    this.sides = this.rows.map((row) => this.side(row, policy));
  }
  side(row: number, policy: AcceptPolicy): AcceptQueue {
    const peers = this.rows.filter((other) => other !== row);
    return new AcceptQueue(this.ref, row, peers, policy, (other) => this.woken.push(other));
  }
}

function drained(side: AcceptQueue): string[] {
  const found: string[] = [];
  side.drain((listener, fd) => found.push(`${listener}:${fd}`));
  return found;
}

test('connections go to the thread with the fewest', () => {
  const all = new World();
  const [first, second, third] = all.sides;
  let kept = 0;
  for (let fd = 10; fd < 40; fd++) {
    const row = first!.choose();
    if (row < 0) {
      kept++;
      first!.begun();
    } else strictEqual(first!.give(row, fd % 3, fd), true);
  }
  deepStrictEqual([kept, drained(second!).length, drained(third!).length], [10, 10, 10]);
  deepStrictEqual([second!.isEmpty, third!.isEmpty], [true, true]);
  for (let i = 0; i < 3; i++) third!.ended();
  deepStrictEqual(
    [0, 0, 0].map(() => (first!.give(first!.choose(), 0, 9), 0)),
    [0, 0, 0],
  );
  strictEqual(drained(third!).length, 3);
});

test('the ring keeps order and bounds, and wakes its thread', () => {
  const { sides, woken } = new World();
  const [first, second] = sides;
  let given = 0;
  while (first!.give(2, 7, 100 + given)) given++;
  strictEqual(given, 256);
  deepStrictEqual([woken.length, woken[0]], [256, 2]);
  deepStrictEqual(drained(second!).slice(0, 2), ['7:100', '7:101']);
  strictEqual(first!.give(2, 1, 5), true);
  deepStrictEqual(drained(second!), ['1:5']);
});

test('in turn', () => {
  const { sides } = new World('fair');
  deepStrictEqual(
    Array.from({ length: 6 }, () => sides[1]!.choose()),
    [0, 3, -1, 0, 3, -1],
  );
});

test('a thread that stops takes what was given and no more; its successor opens again', () => {
  const all = new World();
  const [first, second] = all.sides;
  first!.give(2, 0, 50);
  second!.close();
  deepStrictEqual([first!.give(2, 0, 51), second!.isEmpty], [false, false]);
  deepStrictEqual(drained(second!), ['0:50']);
  strictEqual(second!.isEmpty, true);
  closeAcceptQueue(all.ref, 3);
  strictEqual(first!.give(3, 0, 60), false);
  const heir = all.side(3, 'least');
  strictEqual(first!.give(3, 0, 61), true);
  deepStrictEqual(drained(heir), ['0:61']);
});

test('positions begin anew', () => {
  const { ref, sides } = new World();
  const words = new Int32Array(ref.buffer);
  const at = 2 * (3 + 2 * 256);
  words[at] = words[at + 1] = 0x3fff_fffe;
  const [first, second] = sides;
  for (let fd = 1; fd < 5; fd++) first!.give(2, 0, fd);
  deepStrictEqual(drained(second!), ['0:1', '0:2', '0:3', '0:4']);
  strictEqual(second!.isEmpty, true);
});

test('what waits for a thread without an heir is taken out for its end, once', () => {
  const { ref, sides } = new World();
  for (const fd of [7, 8]) strictEqual(sides[0]!.give(2, 1, fd), true);
  closeAcceptQueue(ref, 2);
  deepStrictEqual(abandonedConnections(ref, 3), []);
  deepStrictEqual(abandonedConnections(ref, 2), [7, 8]);
  deepStrictEqual(abandonedConnections(ref, 2), []);
});
