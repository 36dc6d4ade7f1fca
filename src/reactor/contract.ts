// What every reactor owes its users, as one suite. A backend's test is one call of `contract`.

import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { MappedSlabs } from '../core/slab-memory.ts';
import { largeContract } from './contract-large.ts';
import { turnsContract } from './contract-turns.ts';
import { spliceContract } from './contract-splice.ts';
import type { Reactor } from './reactor.ts';
import { Operation, POLLIN, POLLOUT, TimerOperation } from './reactor.ts';

export const SLAB = 4096;
export const SLABS = 32;

/** What a backend brings to be tested. */
export interface World {
  readonly reactor: Reactor;
  readonly memory: MappedSlabs;
  /** Two connected stream sockets. */
  pair(): [number, number];
  /** Two connected datagram sockets. */
  datagrams(): [number, number];
  /** Two connected TCP sockets; neither is closed by the world. */
  streams(): [number, number];
  /** Pipes in use, pipes kept. */
  pipes(): [number, number];
  /** A listening stream socket, and the place of its address in `memory`. */
  listener(): { fd: number; at: number; length: number };
  /** A stream socket that can connect to `listener()`. */
  socket(): number;
  /** Closes so that the other end sees a reset. Only for sockets of connect and accept. */
  reset(fd: number): void;
  /** Whether `fd` is a socket still. */
  isOpen(fd: number): boolean;
}

/** Remembers what it was told. */
export class Probe extends Operation {
  readonly results: number[] = [];
  depth = 0;
  then: ((result: number) => void) | null = null;
  override onComplete(result: number): void {
    strictEqual(insideSubmit, false, 'a completion ran inside the call that submitted it');
    this.results.push(result);
    this.then?.(result);
  }
  get last(): number {
    return this.results.at(-1) ?? Number.NaN;
  }
}

class Alarm extends TimerOperation {
  readonly #ring: () => void;
  constructor(ring: () => void) {
    super();
    this.#ring = ring;
  }
  override onTimeout(): void {
    this.#ring();
  }
}

let insideSubmit = false;
/** Submits while completions are forbidden. */
export function submit(work: () => void): void {
  insideSubmit = true;
  try {
    work();
  } finally {
    insideSubmit = false;
  }
}

/** Turns the reactor until `done`, at most five seconds. */
export function until(reactor: Reactor, done: () => boolean): void {
  const end = reactor.now + 5000;
  while (!done()) {
    reactor.tick(20, 256);
    ok(reactor.now < end, 'nothing happened for five seconds');
  }
}

export function fill(world: World, at: number, length: number, seed: number): void {
  for (let i = 0; i < length; i++) world.memory.bytes[at + i] = (i * 31 + (i >> 8) + seed) & 255;
}

/** Runs the suite; `make` gives a fresh world for each test. */
export function contract(name: string, make: () => World): void {
  const check = (title: string, body: (world: World) => void): void => {
    test(`${name}: ${title}`, () => {
      const world = make();
      body(world);
      world.reactor.stop();
    });
  };

  spliceContract(check);
  largeContract(check);
  turnsContract(check);

  check('accept, connect, bytes both ways, end of stream', (world) => {
    const { reactor, memory } = world;
    const listener = world.listener();
    const accepting = new Probe();
    const connecting = new Probe();
    const client = world.socket();
    submit(() => reactor.accept(listener.fd, accepting));
    submit(() => reactor.connect(client, listener.at, listener.length, connecting));
    until(reactor, () => accepting.results.length === 1 && connecting.results.length === 1);
    strictEqual(connecting.last, 0);
    const server = accepting.last;
    ok(server >= 0);
    const at = memory.offsetOf(memory.take());
    memory.buffer.write('ping', at);
    const sending = new Probe();
    const receiving = new Probe();
    submit(() => reactor.recv(server, receiving));
    submit(() => reactor.send(client, at, 4, false, sending));
    until(reactor, () => sending.results.length === 1 && receiving.results.length === 1);
    strictEqual(sending.last, 4);
    strictEqual(receiving.last, 4);
    const from = memory.offsetOf(receiving.slab);
    strictEqual(memory.buffer.toString('latin1', from, from + 4), 'ping');
    memory.release(receiving.slab);
    submit(() => reactor.recv(client, receiving));
    submit(() => reactor.close(server));
    until(reactor, () => receiving.results.length === 2);
    strictEqual(receiving.last, 0);
    strictEqual(receiving.slab, -1);
    submit(() => reactor.cancel(accepting));
    until(reactor, () => accepting.results.length === 2);
    ok(accepting.last < 0);
    reactor.close(client);
    reactor.close(listener.fd);
  });

  check('many connections through one accept', (world) => {
    const { reactor } = world;
    const listener = world.listener();
    const accepting = new Probe();
    const clients: number[] = [];
    const connecting: Probe[] = [];
    reactor.accept(listener.fd, accepting);
    for (let i = 0; i < 50; i++) {
      const fd = world.socket();
      const probe = new Probe();
      clients.push(fd);
      connecting.push(probe);
      reactor.connect(fd, listener.at, listener.length, probe);
    }
    until(reactor, () => accepting.results.length === 50 && connecting.every((probe) => probe.last === 0));
    strictEqual(new Set(accepting.results).size, 50);
    reactor.cancel(accepting);
    until(reactor, () => accepting.results.length === 51);
    for (const fd of [...clients, ...accepting.results.slice(0, 50), listener.fd]) reactor.close(fd);
  });

  check('a refused connection says so', (world) => {
    const { reactor } = world;
    const listener = world.listener();
    reactor.close(listener.fd);
    reactor.tick(0, 64);
    const client = world.socket();
    const connecting = new Probe();
    reactor.connect(client, listener.at, listener.length, connecting);
    until(reactor, () => connecting.results.length === 1);
    strictEqual(connecting.last, -111);
    reactor.close(client);
  });

  check('a reset reaches the waiting receive', (world) => {
    const { reactor } = world;
    const listener = world.listener();
    const accepting = new Probe();
    const connecting = new Probe();
    const client = world.socket();
    reactor.accept(listener.fd, accepting);
    reactor.connect(client, listener.at, listener.length, connecting);
    until(reactor, () => accepting.results.length === 1 && connecting.results.length === 1);
    const receiving = new Probe();
    reactor.recv(client, receiving);
    reactor.tick(0, 64);
    world.reset(accepting.last);
    until(reactor, () => receiving.results.length === 1);
    strictEqual(receiving.last, -104);
    reactor.cancel(accepting);
    until(reactor, () => accepting.results.length === 2);
    reactor.close(client);
    reactor.close(listener.fd);
  });

  check('a socket that was let go goes on where it is adopted', (world) => {
    const { reactor, memory } = world;
    const [mine, peer] = world.pair();
    const receiving = new Probe();
    reactor.recv(mine, receiving);
    for (let turn = 0; turn < 4; turn++) reactor.tick(1, 64);
    reactor.cancel(receiving);
    until(reactor, () => receiving.last === -125);
    reactor.letGo(mine);
    // What comes while nobody has it waits in the socket.
    const sending = new Probe();
    const at = memory.permanent(64);
    reactor.send(peer, at, 5, false, sending);
    until(reactor, () => sending.last === 5);
    for (let turn = 0; turn < 4; turn++) reactor.tick(1, 64);
    reactor.adopt(mine);
    reactor.recv(mine, receiving);
    until(reactor, () => receiving.last === 5);
    memory.release(receiving.slab);
    const answering = new Probe();
    reactor.send(mine, at, 7, false, answering);
    until(reactor, () => answering.last === 7);
    reactor.close(mine);
    reactor.close(peer);
  });

  check('cancel completes an operation exactly once', (world) => {
    const { reactor } = world;
    const [mine, peer] = world.pair();
    const receiving = new Probe();
    submit(() => reactor.recv(mine, receiving));
    submit(() => reactor.cancel(receiving));
    submit(() => reactor.cancel(receiving));
    for (let turn = 0; turn < 8; turn++) reactor.tick(1, 64);
    strictEqual(receiving.results.join(), '-125');
    strictEqual(receiving.slot, -1);
    reactor.recv(mine, receiving);
    for (let turn = 0; turn < 4; turn++) reactor.tick(1, 64);
    submit(() => reactor.cancel(receiving));
    until(reactor, () => receiving.results.length === 2);
    for (let turn = 0; turn < 4; turn++) reactor.tick(1, 64);
    strictEqual(receiving.results.join(), '-125,-125');
    reactor.cancel(receiving);
    throws(() => {
      reactor.recv(mine, receiving);
      reactor.recv(mine, receiving);
    });
    reactor.cancel(receiving);
    until(reactor, () => receiving.results.length === 3);
    reactor.close(mine);
    reactor.close(peer);
  });

  check(
    'a socket closes behind a receive that was cancelled, and the number serves again at once',
    (world) => {
      const { reactor, memory } = world;
      const [mine, peer] = world.pair();
      const receiving = new Probe();
      const ending = new Probe();
      reactor.recv(mine, receiving);
      reactor.recv(peer, ending);
      for (let turn = 0; turn < 4; turn++) reactor.tick(1, 64);
      reactor.cancel(receiving);
      reactor.close(mine);
      const [next, other] = world.pair();
      const successor = new Probe();
      reactor.recv(next, successor);
      until(reactor, () => receiving.results.length === 1 && ending.results.length === 1);
      strictEqual(ending.last, 0);
      const at = memory.permanent(64);
      const sending = new Probe();
      reactor.send(other, at, 9, false, sending);
      until(reactor, () => successor.last === 9 && sending.last === 9);
      for (let turn = 0; turn < 4; turn++) reactor.tick(1, 64);
      deepStrictEqual([receiving.results.length, successor.results.length], [1, 1]);
      memory.release(successor.slab);
      for (const fd of [peer, next, other]) reactor.close(fd);
    },
  );

  check('a large send finishes fully against a slow reader', (world) => {
    const { reactor, memory } = world;
    const [mine, peer] = world.pair();
    const length = memory.largeSize;
    const at = memory.offsetOfLarge(memory.takeLarge());
    fill(world, at, length, 7);
    const sending = new Probe();
    reactor.send(mine, at, length, false, sending);
    for (let turn = 0; turn < 5; turn++) reactor.tick(1, 64);
    let received = 0;
    const receiving = new Probe();
    receiving.then = (count) => {
      ok(count > 0 && count <= SLAB);
      const from = memory.offsetOf(receiving.slab);
      for (let i = 0; i < count; i++) {
        if (memory.bytes[from + i] !== memory.bytes[at + received + i])
          throw new Error(`byte ${received + i} differs`);
      }
      received += count;
      memory.release(receiving.slab);
      if (received < length) reactor.recv(peer, receiving);
    };
    reactor.recv(peer, receiving);
    until(reactor, () => received === length && sending.results.length === 1);
    strictEqual(sending.results.join(), String(length));
    reactor.close(mine);
    reactor.close(peer);
  });

  check('a stuck send can be cancelled', (world) => {
    const { reactor, memory } = world;
    const [mine, peer] = world.pair();
    const at = memory.offsetOfLarge(memory.takeLarge());
    const sending = new Probe();
    let sent = 0;
    sending.then = (result) => {
      sent++;
      if (result > 0) reactor.send(mine, at, memory.largeSize, false, sending);
    };
    reactor.send(mine, at, memory.largeSize, false, sending);
    for (let turn = 0; turn < 10; turn++) reactor.tick(1, 64);
    const before = sent;
    reactor.cancel(sending);
    until(reactor, () => sent > before);
    ok(sending.last < 0);
    reactor.close(mine);
    reactor.close(peer);
  });

  check('receives wait while no slab is free and go on after a release', (world) => {
    const { reactor, memory } = world;
    const pairs = Array.from({ length: SLABS + 8 }, () => world.pair());
    const at = memory.permanent(16);
    const receiving = pairs.map(([mine]) => {
      const probe = new Probe();
      reactor.recv(mine, probe);
      return probe;
    });
    const sending = pairs.map(([, peer]) => {
      const probe = new Probe();
      reactor.send(peer, at, 16, false, probe);
      return probe;
    });
    const arrived = (): number => receiving.filter((probe) => probe.results.length > 0).length;
    until(reactor, () => arrived() === SLABS && sending.every((probe) => probe.last === 16));
    for (let turn = 0; turn < 5; turn++) reactor.tick(1, 64);
    strictEqual(arrived(), SLABS);
    const waiting = receiving.filter((probe) => probe.results.length === 0);
    reactor.cancel(waiting[0]!);
    until(reactor, () => waiting[0]!.results.length === 1);
    strictEqual(waiting[0]!.last, -125);
    for (const probe of receiving.filter((each) => each.last > 0).slice(0, 8)) {
      submit(() => memory.release(probe.slab));
    }
    until(reactor, () => waiting.every((probe) => probe.results.length === 1));
    ok(waiting.slice(1).every((probe) => probe.last === 16));
    for (const pair of pairs) for (const fd of pair) reactor.close(fd);
  });

  check("recvInto fills the caller's bytes", (world) => {
    const { reactor, memory } = world;
    const [mine, peer] = world.pair();
    const at = memory.permanent(32);
    memory.buffer.write('hello', at);
    const receiving = new Probe();
    const sending = new Probe();
    submit(() => reactor.recvInto(mine, at + 16, 16, receiving));
    submit(() => reactor.send(peer, at, 5, false, sending));
    until(reactor, () => receiving.results.length === 1 && sending.results.length === 1);
    strictEqual(memory.buffer.toString('latin1', at + 16, at + 16 + receiving.last), 'hello');
    reactor.close(mine);
    reactor.close(peer);
  });

  check('datagrams keep their borders', (world) => {
    const { reactor, memory } = world;
    const [mine, peer] = world.datagrams();
    const at = memory.permanent(64);
    const sending = new Probe();
    reactor.sendDatagram(peer, at, 10, sending);
    until(reactor, () => sending.results.length === 1);
    reactor.sendDatagram(peer, at, 20, sending);
    until(reactor, () => sending.results.length === 2);
    strictEqual(sending.results.join(), '10,20');
    const receiving = new Probe();
    receiving.then = () => {
      memory.release(receiving.slab);
      if (receiving.results.length < 2) reactor.recv(mine, receiving);
    };
    reactor.recv(mine, receiving);
    until(reactor, () => receiving.results.length === 2);
    strictEqual(receiving.results.join(), '10,20');
    reactor.close(mine);
    reactor.close(peer);
  });

  check('several datagrams may be under way on one socket', (world) => {
    const { reactor, memory } = world;
    const [mine, peer] = world.datagrams();
    const at = memory.permanent(64);
    const sending = Array.from({ length: 8 }, () => new Probe());
    submit(() => sending.forEach((probe, i) => reactor.sendDatagram(peer, at, i + 1, probe)));
    until(reactor, () => sending.every((probe) => probe.results.length === 1));
    strictEqual(sending.map((probe) => probe.last).join(), '1,2,3,4,5,6,7,8');
    const receiving = new Probe();
    receiving.then = () => {
      memory.release(receiving.slab);
      if (receiving.results.length < 8) reactor.recv(mine, receiving);
    };
    reactor.recv(mine, receiving);
    until(reactor, () => receiving.results.length === 8);
    // The kernel may take them in another order.
    strictEqual(
      receiving.results.reduce((sum, count) => sum + 2 ** count, 0),
      2 ** 9 - 2,
    );
    reactor.close(mine);
    reactor.close(peer);
  });

  check('poll tells readable and writable', (world) => {
    const { reactor, memory } = world;
    const [mine, peer] = world.pair();
    const polling = new Probe();
    submit(() => reactor.poll(mine, POLLOUT, polling));
    until(reactor, () => polling.results.length === 1);
    strictEqual(polling.last & POLLOUT, POLLOUT);
    submit(() => reactor.poll(mine, POLLIN, polling));
    for (let turn = 0; turn < 4; turn++) reactor.tick(1, 64);
    strictEqual(polling.results.length, 1);
    const sending = new Probe();
    reactor.send(peer, memory.permanent(16), 1, false, sending);
    until(reactor, () => polling.results.length === 2 && sending.results.length === 1);
    strictEqual(polling.last & POLLIN, POLLIN);
    reactor.close(mine);
    reactor.close(peer);
  });

  check('timers run in order, once, not before their time, and obey clear', (world) => {
    const { reactor } = world;
    const order: string[] = [];
    const start = reactor.now;
    const alarm = (label: string): Alarm =>
      new Alarm(() => {
        order.push(label);
        ok(reactor.now >= start + Number(label), `${label} ran at ${reactor.now - start}`);
      });
    const never = alarm('5');
    const moved = alarm('70');
    for (const delay of ['30', '3', '20', '10']) reactor.at(start + Number(delay), alarm(delay));
    reactor.at(start + 5, never);
    reactor.at(start + 4, moved);
    reactor.at(start + 70, moved);
    reactor.clear(never);
    reactor.clear(never);
    const forgotten = alarm('6');
    reactor.at(start + 6, forgotten);
    reactor.forget(forgotten);
    reactor.forget(forgotten);
    until(reactor, () => order.length === 5);
    strictEqual(order.join(), '3,10,20,30,70');
    strictEqual(moved.deadline, 0);
    const earlier = alarm('80');
    reactor.at(start + 100_000, earlier);
    reactor.at(start + 80, earlier);
    until(reactor, () => order.length === 6);
  });

  check('deferred work runs after the completions, and not in the call', (world) => {
    const { reactor } = world;
    const task = new Probe();
    submit(() => reactor.defer(task));
    strictEqual(task.results.length, 0);
    let again = 0;
    task.then = () => {
      if (again++ < 2) submit(() => reactor.defer(task));
    };
    until(reactor, () => task.results.length === 3);
    strictEqual(task.results.join(), '0,0,0');
  });

  check('stop closes its sockets, takes back what is in flight, and leaves what was let go', (world) => {
    const { reactor } = world;
    const listener = world.listener();
    const connecting = [new Probe(), new Probe()];
    const accepting = new Probe();
    const clients = connecting.map((probe) => {
      const fd = world.socket();
      reactor.connect(fd, listener.at, listener.length, probe);
      return fd;
    });
    reactor.accept(listener.fd, accepting);
    until(reactor, () => accepting.results.length === 2 && connecting.every((probe) => probe.last === 0));
    const waiting = new Probe();
    reactor.recv(clients[0]!, waiting);
    reactor.letGo(clients[1]!);
    reactor.tick(1, 64);
    reactor.stop();
    strictEqual(waiting.results.length, 0, 'nobody is told after the stop');
    const open = [...accepting.results, ...clients].map((fd) => world.isOpen(fd));
    strictEqual(open.join(), 'false,false,false,true');
    world.reset(clients[1]!);
    world.reset(listener.fd);
  });

  check('an error of the other end comes as a result, not as a signal', (world) => {
    const { reactor, memory } = world;
    const [mine, peer] = world.pair();
    reactor.close(peer);
    reactor.tick(0, 16);
    const sending = new Probe();
    reactor.send(mine, memory.permanent(16), 16, false, sending);
    until(reactor, () => sending.results.length === 1);
    strictEqual(sending.last, -32);
    reactor.close(mine);
  });

  check('more operations than the queue has places', (world) => {
    const { reactor, memory } = world;
    const [mine, peer] = world.pair();
    const at = memory.permanent(16);
    const probes = Array.from({ length: 300 }, () => new Probe());
    const tasks = Array.from({ length: 300 }, () => new Probe());
    for (const task of tasks) reactor.defer(task);
    let next = 0;
    const go = (): void => {
      if (next < probes.length) reactor.send(mine, at, 1, false, probes[next++]!);
    };
    for (const probe of probes) probe.then = go;
    go();
    let received = 0;
    const receiving = new Probe();
    receiving.then = (count) => {
      received += count;
      memory.release(receiving.slab);
      if (received < 300) reactor.recv(peer, receiving);
    };
    reactor.recv(peer, receiving);
    until(reactor, () => received === 300 && probes.every((probe) => probe.last === 1));
    ok(tasks.every((task) => task.results.length === 1));
    reactor.close(mine);
    reactor.close(peer);
  });
}
