// Threads that ask each other for idle connections: played by several `Takeovers` over one buffer and fake pools.

import { test } from 'node:test';
import { deepStrictEqual, match, strictEqual, throws } from 'node:assert/strict';
import {
  Takeovers,
  createTakeovers,
  openLetters,
  unreadDescriptors,
  type Asker,
  type TakeoverHome,
} from './takeover.ts';
import { Share } from '../core/shared.ts';
import { ECANCELED, ECONNRESET } from '../sys/errno.ts';
import { backendConfig, makeGround, makeServers } from '../backend/testing.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import type { IdlePool } from './server-connection.ts';
import type { Server } from '../backend/server.ts';

/** A connection as takeovers see it; its receive ends when the test says so. */
class FakeConnection {
  owner: ConnectionOwner | null = null;
  letter = -1;
  readonly fd: number;
  readonly requests: number;
  cancelled = false;
  closed = false;
  constructor(fd: number, requests: number) {
    this.fd = fd;
    this.requests = requests;
  }
  stopReceiving(): void {
    this.cancelled = true;
  }
  letGo(): number {
    return this.fd;
  }
  close(): void {
    this.closed = true;
  }
  receiveEnds(result: number): void {
    this.owner!.onReceived(this as unknown as Connection, result);
  }
}

class Thread implements TakeoverHome, Asker {
  readonly server: Server;
  readonly idle: FakeConnection[] = [];
  readonly told: string[] = [];
  readonly takeovers: Takeovers;
  readonly pool: IdlePool;
  constructor(world: World, row: number) {
    this.server = makeServers(world.ground, row)[0]!;
    const { server } = this;
    const giveAway = (least: number): FakeConnection | null => {
      const at = this.idle.findLastIndex(({ requests }) => requests >= least);
      if (at < 0) return null;
      server.block.counters[Share.IDLE]! -= 1;
      return this.idle.splice(at, 1)[0]!;
    };
    this.pool = { server, giveAway } as unknown as IdlePool;
    const peers = world.rows.filter((other) => other !== row);
    this.takeovers = new Takeovers(world.ref, row, peers, this, (other) => world.woken.push(other));
  }
  keep(connection: FakeConnection): void {
    this.idle.push(connection);
    this.server.block.counters[Share.IDLE]! += 1;
  }
  idlePool(backend: number, server: number): IdlePool | null {
    return backend === this.server.config.backend.id && server === 0 ? this.pool : null;
  }
  keepIdle(_pool: IdlePool, fd: number, requests: number): void {
    this.told.push(`kept ${fd} ${requests}`);
  }
  takenOver(fd: number, requests: number): void {
    this.told.push(`got ${fd} ${requests}`);
  }
  ask(least = 0): number {
    return this.takeovers.ask(this, this.pool, least);
  }
}

class World {
  readonly rows = [0, 1, 2];
  readonly ground = makeGround(backendConfig([{}]), 3, 1);
  readonly ref = createTakeovers(3);
  readonly woken: number[] = [];
  readonly threads = this.rows.map((row) => new Thread(this, row));
}

function world(): { all: World; asker: Thread; owner: Thread } {
  const all = new World();
  return { all, asker: all.threads[0]!, owner: all.threads[2]! };
}

test('an idle connection goes to the thread that asked', () => {
  const { all, asker, owner } = world();
  strictEqual(asker.ask(), -1, 'nobody has one, nobody is asked');
  const connection = new FakeConnection(40, 3);
  owner.keep(connection);
  strictEqual(asker.ask() >= 0, true);
  deepStrictEqual(all.woken, [2]);
  // The owner's count falls when it reads its letters: until then others are sent to it in vain.
  asker.ask();
  asker.ask();
  owner.takeovers.drain();
  strictEqual(connection.cancelled, true);
  connection.receiveEnds(-ECANCELED);
  deepStrictEqual(all.woken, [2, 0], 'one wake-up for all letters of a box');
  asker.takeovers.drain();
  deepStrictEqual(asker.told.toSorted(), ['got -1 0', 'got -1 0', 'got 40 3']);
});

test('a connection that breaks or speaks while it is given away is closed, and the next one given', () => {
  const { asker, owner } = world();
  const [sound, spoke, broke] = [41, 42, 43].map((fd) => new FakeConnection(fd, 1));
  for (const one of [sound!, spoke!, broke!]) owner.keep(one);
  asker.ask();
  owner.takeovers.drain();
  broke!.receiveEnds(-ECONNRESET);
  spoke!.receiveEnds(12);
  sound!.receiveEnds(-ECANCELED);
  asker.takeovers.drain();
  deepStrictEqual([broke!.closed, spoke!.closed, sound!.closed], [true, true, false]);
  deepStrictEqual(asker.told, ['got 41 1']);
});

test('who asks for a used connection gets none that is new', () => {
  const { asker, owner } = world();
  owner.keep(new FakeConnection(50, 1));
  asker.ask(2);
  owner.takeovers.drain();
  asker.takeovers.drain();
  deepStrictEqual(asker.told, ['got -1 0']);
  strictEqual(owner.idle.length, 1);
});

test('an answer that comes too late fills the pool', () => {
  const { asker, owner } = world();
  const connection = new FakeConnection(60, 5);
  owner.keep(connection);
  asker.takeovers.forget(asker.ask());
  owner.takeovers.drain();
  connection.receiveEnds(-ECANCELED);
  asker.takeovers.drain();
  deepStrictEqual(asker.told, ['kept 60 5']);
});

test('a thread that takes the place of a dead one answers what was asked of that, and keeps what comes', () => {
  const { all, asker, owner } = world();
  owner.keep(new FakeConnection(70, 1));
  asker.ask();
  // The owner dies with the question unread; its counts are given back.
  const connection = new FakeConnection(71, 2);
  asker.keep(connection);
  owner.server.block.counters[Share.IDLE] = 0;
  owner.ask();
  const heir = new Thread(all, 2);
  heir.takeovers.drain();
  asker.takeovers.drain();
  deepStrictEqual(asker.told, ['got -1 0']);
  connection.receiveEnds(-ECANCELED);
  heir.takeovers.drain();
  deepStrictEqual([heir.told, owner.told], [['kept 71 2'], []]);
});

test('what a dead thread had taken out of its mailbox is settled by the one in its place', () => {
  const { all, asker, owner } = world();
  owner.keep(new FakeConnection(80, 1));
  owner.keep(new FakeConnection(81, 1));
  asker.ask();
  asker.ask();
  // It dies before its receives end: both questions are in its hands, and nobody else knows of them.
  owner.takeovers.drain();
  const heir = new Thread(all, 2);
  heir.takeovers.recover();
  asker.takeovers.drain();
  deepStrictEqual(asker.told, ['got -1 0', 'got -1 0']);
  strictEqual(openLetters(all.ref), 0);

  // An asker dies over the first of its answers; the second is there.
  const connections = [new FakeConnection(82, 1), new FakeConnection(83, 2)];
  for (const one of connections) heir.keep(one);
  asker.ask();
  asker.ask();
  heir.takeovers.drain();
  for (const one of connections) one.receiveEnds(-ECANCELED);
  let answers = 0;
  asker.takenOver = () => {
    if (++answers === 1) throw new Error('a bug');
  };
  throws(() => asker.takeovers.drain(), /a bug/);
  const next = new Thread(all, 0);
  next.takeovers.recover();
  strictEqual(next.told.length, 1);
  match(next.told[0]!, /^kept 8[23] [12]$/);
  strictEqual(openLetters(all.ref), 0);
});

test('questions are bounded, and free again once answered', () => {
  const { asker, owner } = world();
  owner.keep(new FakeConnection(80, 1));
  let open = 0;
  while (asker.ask(9) >= 0) open++;
  strictEqual(open, 256);
  owner.takeovers.drain();
  asker.takeovers.drain();
  strictEqual(asker.told.length, open);
  strictEqual(asker.ask() >= 0, true);
});

test('what is given to a thread that has ended is found when all are gone', () => {
  const { all, asker, owner } = world();
  const connection = new FakeConnection(90, 1);
  owner.keep(connection);
  asker.takeovers.forget(asker.ask());
  deepStrictEqual([openLetters(all.ref), unreadDescriptors(all.ref)], [1, []]);
  owner.takeovers.drain();
  connection.receiveEnds(-ECANCELED);
  // The asker does not look any more.
  deepStrictEqual([openLetters(all.ref), unreadDescriptors(all.ref)], [1, [90]]);
  asker.takeovers.drain();
  deepStrictEqual([openLetters(all.ref), unreadDescriptors(all.ref)], [0, []]);
});
