// The part of the contract that is about receiving into large slabs: see contract.ts.

import { ok, strictEqual } from 'node:assert/strict';
import { Probe, SLAB, fill, submit, until, type World } from './contract.ts';

type Check = (title: string, body: (world: World) => void) => void;

/** More than a slab of the suite (SLAB) holds. */
const LENGTH = 12_293;

/** Sends LENGTH bytes to `peer`'s other end and waits until they are there. */
function sendLong(world: World, peer: number): number {
  const { reactor, memory } = world;
  const large = memory.takeLarge();
  const at = memory.offsetOfLarge(large);
  fill(world, at, LENGTH, 7);
  const sending = new Probe();
  submit(() => reactor.send(peer, at, LENGTH, false, sending));
  until(reactor, () => sending.last === LENGTH);
  return large;
}

export function largeContract(check: Check): void {
  check('what waits for long bytes holds no memory, and gets them in one large slab', (world) => {
    const { reactor, memory } = world;
    const [mine, peer] = world.pair();
    const receiving = new Probe();
    submit(() => reactor.recvLarge(mine, receiving));
    for (let turn = 0; turn < 4; turn++) reactor.tick(1, 64);
    strictEqual(receiving.results.length, 0);
    strictEqual(memory.freeLarge, memory.largeCount);
    const sent = sendLong(world, peer);
    until(reactor, () => receiving.results.length === 1);
    const large = receiving.slab - memory.slabCount;
    ok(large >= 0 && large < memory.largeCount && large !== sent, `slab ${receiving.slab}`);
    // A reactor may have been told of the first bytes before the last ones came.
    let got = receiving.last;
    const at = memory.offsetOfLarge(large);
    const rest = new Probe();
    rest.then = (count) => {
      ok(count > 0);
      got += count;
      if (got < LENGTH) reactor.recvInto(mine, at + got, LENGTH - got, rest);
    };
    if (got < LENGTH) reactor.recvInto(mine, at + got, LENGTH - got, rest);
    until(reactor, () => got === LENGTH);
    const from = memory.offsetOfLarge(sent);
    ok(Buffer.from(memory.bytes.slice(at, at + LENGTH)).equals(memory.bytes.slice(from, from + LENGTH)));
    memory.releaseLarge(large);
    memory.releaseLarge(sent);
    reactor.close(mine);
    reactor.close(peer);
  });

  check('without a free large slab, long bytes come in a slab', (world) => {
    const { reactor, memory } = world;
    const [mine, peer] = world.pair();
    const receiving = new Probe();
    submit(() => reactor.recvLarge(mine, receiving));
    for (let turn = 0; turn < 4; turn++) reactor.tick(1, 64);
    const taken: number[] = [];
    while (memory.freeLarge > 1) taken.push(memory.takeLarge());
    taken.push(sendLong(world, peer));
    until(reactor, () => receiving.results.length === 1);
    ok(receiving.slab >= 0 && receiving.slab < memory.slabCount, `slab ${receiving.slab}`);
    ok(receiving.last > 0 && receiving.last <= SLAB);
    memory.release(receiving.slab);
    for (const large of taken) memory.releaseLarge(large);
    reactor.close(mine);
    reactor.close(peer);
  });

  check('a wait for long bytes is cancelled once, and hears of the end', (world) => {
    const { reactor, memory } = world;
    const [mine, peer] = world.pair();
    const receiving = new Probe();
    submit(() => reactor.recvLarge(mine, receiving));
    for (let turn = 0; turn < 4; turn++) reactor.tick(1, 64);
    submit(() => reactor.cancel(receiving));
    until(reactor, () => receiving.results.length === 1);
    strictEqual(receiving.last, -125);
    submit(() => reactor.recvLarge(mine, receiving));
    reactor.close(peer);
    until(reactor, () => receiving.results.length === 2);
    strictEqual(receiving.last, 0);
    strictEqual(memory.freeLarge, memory.largeCount);
    reactor.close(mine);
  });
}
