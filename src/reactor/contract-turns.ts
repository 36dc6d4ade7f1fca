// The part of the contract that is about sockets which take turns for a while and then do something else: a reactor may
// have learned their habit. See contract.ts.

import { ok, strictEqual } from 'node:assert/strict';
import type { Reactor } from './reactor.ts';
import { Probe, SLAB, fill, submit, until, type World } from './contract.ts';

type Check = (title: string, body: (world: World) => void) => void;

/** More than any reactor needs to see. */
const TURNS = 20;

class Player {
  readonly world: World;
  readonly reactor: Reactor;
  readonly fd: number;
  readonly peer: number;
  readonly receiving = new Probe();
  readonly sending = new Probe();
  /** Where the peer's bytes come from. */
  readonly source: number;

  constructor(world: World, fd: number, peer: number) {
    this.world = world;
    this.reactor = world.reactor;
    this.fd = fd;
    this.peer = peer;
    this.source = world.memory.offsetOf(world.memory.take());
  }

  /** The peer sends `length` bytes that start with `seed`; they are on their way. */
  give(length: number, seed: number): void {
    fill(this.world, this.source, length, seed);
    const { sending } = this;
    const before = sending.results.length;
    submit(() => this.reactor.send(this.peer, this.source, length, false, sending));
    until(this.reactor, () => sending.results.length > before);
    strictEqual(sending.last, length);
  }

  receive(): void {
    submit(() => this.reactor.recv(this.fd, this.receiving));
  }

  /** Waits for the receive that was submitted; the number of its bytes, which begin with `seed`. */
  take(seed: number): number {
    const { memory } = this.world;
    const { receiving } = this;
    until(this.reactor, () => receiving.slot === -1);
    ok(receiving.last > 0, `received ${receiving.last}`);
    const from = memory.offsetOf(receiving.slab);
    strictEqual(memory.bytes[from], seed & 255);
    memory.release(receiving.slab);
    return receiving.last;
  }

  play(turns: number): void {
    for (let turn = 0; turn < turns; turn++) {
      this.receive();
      this.give(100, turn);
      strictEqual(this.take(turn), 100);
    }
  }

  settle(): void {
    for (let turn = 0; turn < 6; turn++) this.reactor.tick(1, 64);
  }
}

export function turnsContract(check: Check): void {
  const play = (title: string, body: (player: Player, world: World) => void): void => {
    check(`after turns, ${title}`, (world) => {
      const free = world.memory.free;
      const [fd, peer] = world.streams();
      const player = new Player(world, fd, peer);
      player.play(TURNS);
      body(player, world);
      player.settle();
      strictEqual(world.memory.free, free - 1);
    });
  };
  const close = ({ reactor, fd, peer }: Player): void => {
    reactor.close(fd);
    reactor.close(peer);
  };

  play('bytes that nobody asked for stay in order', (player) => {
    for (let i = 0; i < 4; i++) {
      player.give(1000, 50 + i);
      player.settle();
    }
    let got = 0;
    while (got < 4000) {
      player.receive();
      // How they are cut is the reactor's affair.
      until(player.reactor, () => player.receiving.slot === -1);
      const { memory } = player.world;
      const from = memory.offsetOf(player.receiving.slab);
      for (let i = 0; i < player.receiving.last; i++) {
        const n = (got + i) % 1000;
        strictEqual(
          memory.bytes[from + i],
          (n * 31 + (n >> 8) + 50 + Math.floor((got + i) / 1000)) & 255,
          `${got + i}`,
        );
      }
      got += player.receiving.last;
      memory.release(player.receiving.slab);
    }
    player.play(TURNS * 6);
    close(player);
  });

  play('more than anybody reads does not take all slabs', (player, world) => {
    const before = world.memory.free;
    for (let i = 0; i < 12; i++) {
      player.give(SLAB, i);
      player.settle();
    }
    ok(world.memory.free >= before / 2, `${world.memory.free} of ${before} slabs are left`);
    let got = 0;
    while (got < 12 * SLAB) {
      player.receive();
      until(player.reactor, () => player.receiving.slot === -1);
      ok(player.receiving.last > 0);
      got += player.receiving.last;
      world.memory.release(player.receiving.slab);
    }
    strictEqual(got, 12 * SLAB);
    close(player);
  });

  play('bytes that nobody asks for go with the descriptor', (player) => {
    player.give(1000, 1);
    player.settle();
    close(player);
  });

  play('a receive into own memory gets what is there, in parts', (player, world) => {
    const at = world.memory.permanent(600);
    const into = new Probe();
    player.give(500, 9);
    player.settle();
    for (const [from, length] of [
      [at, 200],
      [at + 200, 200],
      [at + 400, 200],
    ] as const) {
      submit(() => player.reactor.recvInto(player.fd, from, length, into));
      until(player.reactor, () => into.slot === -1);
    }
    strictEqual(into.results.join(), '200,200,100');
    for (let i = 0; i < 500; i++) strictEqual(world.memory.bytes[at + i], (i * 31 + (i >> 8) + 9) & 255);
    // The next ones wait for bytes, not the other way round.
    submit(() => player.reactor.recvInto(player.fd, at, 600, into));
    player.settle();
    strictEqual(into.results.length, 3);
    player.give(100, 77);
    until(player.reactor, () => into.slot === -1);
    strictEqual(into.last, 100);
    strictEqual(world.memory.bytes[at], 77);
    close(player);
  });

  play('long bytes come as asked for', (player, world) => {
    const large = world.memory.freeLarge;
    submit(() => player.reactor.recvLarge(player.fd, player.receiving));
    player.settle();
    strictEqual(player.receiving.results.length, TURNS);
    player.give(3000, 4);
    until(player.reactor, () => player.receiving.slot === -1);
    strictEqual(player.receiving.last, 3000);
    const { slab } = player.receiving;
    if (slab < world.memory.slabCount) world.memory.release(slab);
    else world.memory.releaseLarge(slab - world.memory.slabCount);
    strictEqual(world.memory.freeLarge, large);
    player.play(3);
    close(player);
  });

  play('a splice gets the bytes', (player, world) => {
    const { pipes } = player.reactor;
    submit(() => player.reactor.spliceIn(player.fd, 5000, player.receiving));
    player.settle();
    player.give(300, 4);
    until(player.reactor, () => player.receiving.slot === -1);
    strictEqual(player.receiving.last, 300);
    const { slab } = player.receiving;
    if (slab >= 0) world.memory.release(slab);
    else pipes!.drop(-2 - slab);
    close(player);
  });

  play('a receive that is cancelled ends, and another one goes on', (player) => {
    player.receive();
    player.settle();
    submit(() => player.reactor.cancel(player.receiving));
    until(player.reactor, () => player.receiving.slot === -1);
    ok(player.receiving.last < 0);
    strictEqual(player.receiving.slab, -1);
    player.play(TURNS);
    close(player);
  });

  play('a cancelled receive that got bytes all the same does not end the next one', (player) => {
    player.receive();
    player.settle();
    player.give(100, 3);
    submit(() => player.reactor.cancel(player.receiving));
    until(player.reactor, () => player.receiving.slot === -1);
    if (player.receiving.last > 0) player.world.memory.release(player.receiving.slab);
    else {
      player.receive();
      strictEqual(player.take(3), 100);
    }
    player.receive();
    player.settle();
    player.give(100, 5);
    strictEqual(player.take(5), 100);
    close(player);
  });

  play('cancel and close in one turn leave nothing', (player) => {
    player.receive();
    player.settle();
    player.reactor.cancel(player.receiving);
    player.reactor.close(player.fd);
    until(player.reactor, () => player.receiving.slot === -1);
    ok(player.receiving.last < 0);
    // The peer sees the end although a receive had been going on.
    const peer = new Probe();
    submit(() => player.reactor.recv(player.peer, peer));
    until(player.reactor, () => peer.slot === -1);
    strictEqual(peer.last, 0);
    player.reactor.close(player.peer);
  });

  play('a close that nobody announced is seen by the peer', (player) => {
    player.reactor.close(player.fd);
    const peer = new Probe();
    submit(() => player.reactor.recv(player.peer, peer));
    until(player.reactor, () => peer.slot === -1);
    strictEqual(peer.last, 0);
    player.reactor.close(player.peer);
  });

  play('the end of the stream is told, before and after it was asked for', (player) => {
    player.give(10, 8);
    player.settle();
    player.reactor.close(player.peer);
    player.settle();
    player.receive();
    strictEqual(player.take(8), 10);
    for (let i = 0; i < 2; i++) {
      player.receive();
      until(player.reactor, () => player.receiving.slot === -1);
      strictEqual(player.receiving.last, 0);
      strictEqual(player.receiving.slab, -1);
    }
    player.reactor.close(player.fd);
  });

  play('a reset that nobody waited for is told', (player, world) => {
    player.settle();
    player.reactor.letGo(player.peer);
    world.reset(player.peer);
    player.settle();
    player.receive();
    until(player.reactor, () => player.receiving.slot === -1);
    ok(player.receiving.last < 0, `${player.receiving.last}`);
    player.reactor.close(player.fd);
  });

  play('a socket can be let go and come back', (player) => {
    player.receive();
    player.settle();
    submit(() => player.reactor.cancel(player.receiving));
    until(player.reactor, () => player.receiving.slot === -1);
    player.reactor.letGo(player.fd);
    player.reactor.adopt(player.fd);
    player.give(50, 2);
    player.settle();
    player.receive();
    strictEqual(player.take(2), 50);
    close(player);
  });
}
