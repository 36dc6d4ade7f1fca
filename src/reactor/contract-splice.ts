// The part of the contract that is about splicing: see contract.ts.

import { ok, strictEqual } from 'node:assert/strict';
import { Probe, SLAB, fill, submit, until, type World } from './contract.ts';
import { SPLICE_MAX } from './pipes.ts';
import { pipeIn } from './reactor.ts';

type Check = (title: string, body: (world: World) => void) => void;

/** Pipes that the worlds of the suite have. */
export const PIPES = 2;

export function spliceContract(check: Check): void {
  check('bytes pass through pipes unharmed, from a slow writer to a slow reader', (world) => {
    const { reactor, memory } = world;
    const [client, front] = world.streams();
    const [back, server] = world.streams();
    const length = memory.largeSize;
    const at = memory.offsetOfLarge(memory.takeLarge());
    const to = memory.offsetOfLarge(memory.takeLarge());
    fill(world, at, length, 5);
    const sending = new Probe();
    let sent = 0;
    sending.then = (count) => {
      sent += count;
      if (sent < length) reactor.send(client, at + sent, Math.min(100_000, length - sent), false, sending);
    };
    sending.then(0);
    const filling = new Probe();
    const emptying = new Probe();
    let pieces = 0;
    let spliced = 0;
    let pipe = -1;
    filling.then = (count) => {
      ok(count > 0, 'bytes come');
      ok(filling.slab < -1, 'in a pipe');
      pipe = pipeIn(filling.slab);
      strictEqual(world.pipes()[0], 1);
      pieces++;
      spliced += count;
      submit(() => reactor.spliceOut(pipe, back, count, spliced < length, emptying));
    };
    emptying.then = (count) => {
      strictEqual(count, filling.last, 'all of the pipe goes, however the socket takes it');
      reactor.pipes!.give(pipe);
      if (spliced < length) submit(() => reactor.spliceIn(front, SPLICE_MAX, filling));
    };
    submit(() => reactor.spliceIn(front, SPLICE_MAX, filling));
    const receiving = new Probe();
    let received = 0;
    receiving.then = (count) => {
      received += count;
      if (received < length)
        reactor.recvInto(server, to + received, Math.min(30_000, length - received), receiving);
    };
    // For a while nobody reads: everything stands still.
    for (let turn = 0; turn < 30; turn++) reactor.tick(1, 64);
    receiving.then(0);
    until(reactor, () => received === length);
    for (let i = 0; i < length; i++)
      if (memory.bytes[at + i] !== memory.bytes[to + i]) throw new Error(`byte ${i} differs`);
    ok(pieces > 1);
    strictEqual(world.pipes().join(), '0,1', 'one pipe was enough, and is kept');
    for (const fd of [client, front, back, server]) reactor.close(fd);
  });

  check('spliceIn takes no more than it is asked for, then says the end', (world) => {
    const { reactor, memory } = world;
    const [mine, peer] = world.streams();
    const at = memory.permanent(16);
    const sending = new Probe();
    const filling = new Probe();
    reactor.send(peer, at, 16, false, sending);
    reactor.spliceIn(mine, 10, filling);
    until(reactor, () => filling.results.length === 1 && sending.last === 16);
    strictEqual(filling.last, 10);
    reactor.pipes!.drop(pipeIn(filling.slab));
    reactor.spliceIn(mine, 10, filling);
    until(reactor, () => filling.results.length === 2);
    strictEqual(filling.last, 6);
    reactor.pipes!.drop(pipeIn(filling.slab));
    reactor.spliceIn(mine, 10, filling);
    for (let turn = 0; turn < 4; turn++) reactor.tick(1, 64);
    strictEqual(filling.results.length, 2, 'it waits');
    strictEqual(world.pipes()[0], 0, 'without a pipe');
    reactor.close(peer);
    until(reactor, () => filling.results.length === 3);
    strictEqual(filling.last, 0);
    strictEqual(filling.slab, -1);
    strictEqual(world.pipes()[0], 0);
    reactor.close(mine);
  });

  check('where no pipe can be had the bytes come in a slab', (world) => {
    const { reactor, memory } = world;
    const at = memory.permanent(SLAB);
    const held = Array.from({ length: PIPES }, () => reactor.pipes!.take());
    ok(held.every((pipe) => pipe >= 0));
    strictEqual(reactor.pipes!.take(), -1, 'the limit holds');
    const [mine, peer] = world.streams();
    const sending = new Probe();
    const filling = new Probe();
    reactor.spliceIn(mine, SPLICE_MAX, filling);
    reactor.send(peer, at, 100, false, sending);
    until(reactor, () => filling.results.length === 1 && sending.last === 100);
    strictEqual(filling.last, 100);
    ok(filling.slab >= 0);
    memory.release(filling.slab);
    for (const pipe of held) reactor.pipes!.give(pipe);
    strictEqual(world.pipes().join(), `0,${PIPES}`);
    reactor.send(peer, at, 100, false, sending);
    reactor.spliceIn(mine, SPLICE_MAX, filling);
    until(reactor, () => filling.results.length === 2 && sending.results.length === 2);
    ok(filling.slab < -1);
    reactor.pipes!.drop(pipeIn(filling.slab));
    reactor.close(mine);
    reactor.close(peer);
  });

  check('splices can be cancelled, waiting for bytes and waiting for room', (world) => {
    const { reactor, memory } = world;
    const [client, front] = world.streams();
    const [back, server] = world.streams();
    const filling = new Probe();
    submit(() => reactor.spliceIn(front, SPLICE_MAX, filling));
    for (let turn = 0; turn < 4; turn++) reactor.tick(1, 64);
    submit(() => reactor.cancel(filling));
    until(reactor, () => filling.results.length === 1);
    strictEqual(filling.last, -125);
    strictEqual(filling.slab, -1);
    strictEqual(world.pipes()[0], 0);
    const at = memory.offsetOfLarge(memory.takeLarge());
    const sending = new Probe();
    sending.then = (count) => {
      if (count > 0) reactor.send(client, at, memory.largeSize, false, sending);
    };
    sending.then(1);
    const emptying = new Probe();
    let pipe = -1;
    filling.then = (count) => {
      pipe = pipeIn(filling.slab);
      reactor.spliceOut(pipe, back, count, false, emptying);
    };
    emptying.then = (count) => {
      if (count < 0) return;
      reactor.pipes!.give(pipe);
      reactor.spliceIn(front, SPLICE_MAX, filling);
    };
    reactor.spliceIn(front, SPLICE_MAX, filling);
    // Nobody reads at the far end: it fills.
    for (let turn = 0; turn < 400 || emptying.slot < 0; turn++) reactor.tick(1, 64);
    submit(() => reactor.cancel(emptying));
    until(reactor, () => emptying.last < 0);
    strictEqual(emptying.last, -125);
    reactor.pipes!.drop(pipe);
    strictEqual(world.pipes()[0], 0);
    reactor.cancel(sending);
    until(reactor, () => sending.last < 0);
    for (const fd of [client, front, back, server]) reactor.close(fd);
  });

  check(
    'a socket closes behind a splice that was cancelled, and the number serves again at once',
    (world) => {
      const { reactor, memory } = world;
      const [mine, peer] = world.streams();
      const filling = new Probe();
      reactor.spliceIn(mine, SPLICE_MAX, filling);
      for (let turn = 0; turn < 4; turn++) reactor.tick(1, 64);
      reactor.cancel(filling);
      reactor.close(mine);
      const [next, other] = world.streams();
      const successor = new Probe();
      const sending = new Probe();
      reactor.spliceIn(next, SPLICE_MAX, successor);
      reactor.send(other, memory.permanent(16), 9, false, sending);
      until(reactor, () => successor.last === 9 && sending.last === 9 && filling.results.length === 1);
      ok(filling.last < 0);
      for (let turn = 0; turn < 4; turn++) reactor.tick(1, 64);
      strictEqual(successor.results.length, 1);
      strictEqual(world.pipes()[0], 1);
      reactor.pipes!.drop(pipeIn(successor.slab));
      for (const fd of [peer, next, other]) reactor.close(fd);
    },
  );

  check('a reset comes as a result of either splice', (world) => {
    const { reactor, memory } = world;
    const [client, front] = world.streams();
    const [back, server] = world.streams();
    const at = memory.permanent(16);
    const sending = new Probe();
    const filling = new Probe();
    reactor.send(client, at, 16, false, sending);
    reactor.spliceIn(front, SPLICE_MAX, filling);
    until(reactor, () => filling.last === 16 && sending.last === 16);
    const pipe = pipeIn(filling.slab);
    world.reset(server);
    reactor.tick(1, 64);
    const emptying = new Probe();
    // The first may meet a socket that does not know yet.
    reactor.spliceOut(pipe, back, 16, false, emptying);
    until(reactor, () => emptying.results.length === 1);
    ok(emptying.last === -104 || emptying.last === -32, String(emptying.last));
    reactor.pipes!.drop(pipe);
    reactor.spliceIn(front, SPLICE_MAX, filling);
    reactor.tick(1, 64);
    world.reset(client);
    until(reactor, () => filling.results.length === 2);
    strictEqual(filling.last, -104);
    strictEqual(world.pipes()[0], 0);
    reactor.close(front);
    reactor.close(back);
  });

  check('stop closes pipes, free or lent', (world) => {
    const { reactor, memory } = world;
    const [mine, peer] = world.streams();
    const filling = new Probe();
    const sending = new Probe();
    reactor.pipes!.give(reactor.pipes!.take());
    reactor.send(peer, memory.permanent(16), 16, false, sending);
    reactor.spliceIn(mine, SPLICE_MAX, filling);
    until(reactor, () => filling.last === 16 && sending.last === 16);
    reactor.pipes!.give(pipeIn(filling.slab));
    reactor.pipes!.take();
    strictEqual(world.pipes().join(), '1,0');
    reactor.stop();
    strictEqual(world.pipes().join(), '0,0');
  });
}
