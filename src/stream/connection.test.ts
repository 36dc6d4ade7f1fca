// Interim answers beside an owner's sends, over a network that takes a part of each write.

import { test } from 'node:test';
import { strictEqual } from 'node:assert/strict';
import { Connection } from './connection.ts';
import { MappedSlabs } from '../core/slab-memory.ts';
import { Prng } from '../core/prng.ts';
import { SimNetwork, type SimSocket } from '../reactor/sim-network.ts';
import { SimReactor } from '../reactor/sim.ts';

const SLABS = 4;
const HINTS = `HTTP/1.1 103 Early Hints\r\nlink: ${'x'.repeat(800)}\r\n\r\n`;
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const ANSWER = `HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n${'y'.repeat(500)}`;

interface Stage {
  readonly memory: MappedSlabs;
  readonly connection: Connection;
  readonly peer: SimSocket;
  /** Results of the owner's sends. */
  readonly sent: number[];
  /** What the peer has read so far. */
  readonly read: () => string;
  /** Until nothing can happen, or for `most` steps. */
  readonly run: (most?: number) => void;
}

function stageOf(seed: number): Stage {
  const prng = new Prng(seed);
  const network = new SimNetwork(prng);
  const memory = new MappedSlabs({ slabSize: 1024, slabCount: SLABS, permanentBytes: 64, plain: true });
  const reactor = new SimReactor(memory, network);
  const listener = network.listen('127.0.0.1', 80);
  const fd = reactor.sockets.open(2);
  network.connect(network.sockets.get(fd)!, listener.address);
  const peer = listener.backlog[0]!;
  const connection = new Connection(reactor);
  const sent: number[] = [];
  connection.open(fd, {
    onReceived() {},
    onConnected() {},
    onSent: (_connection, result) => sent.push(result),
  });
  let text = '';
  const run = (most = Infinity): void => {
    for (
      let step = 0;
      step < most && (peer.arriving || peer.inbox.length > 0 || reactor.readyCount > 0);
      step++
    ) {
      const count = reactor.readyCount;
      if (count > 0 && prng.chance(50)) reactor.progress(prng.below(count));
      else if (peer.arriving) network.deliver(peer);
      else text += Buffer.from(network.read(peer, prng.between(1, 200))).toString('latin1');
    }
  };
  return { memory, connection, peer, sent, read: () => text, run };
}

function answerFrom({ memory }: Stage): number {
  const at = memory.offsetOf(memory.take());
  memory.buffer.latin1Write(ANSWER, at, ANSWER.length);
  return at;
}

test('texts beside the answer come whole, in order and before it', () => {
  for (let seed = 1; seed <= 100; seed++) {
    const stage = stageOf(seed);
    const { connection, memory, sent } = stage;
    const at = answerFrom(stage);
    strictEqual(connection.sendAside(HINTS), true);
    stage.run(seed % 5);
    strictEqual(connection.sendAside(CONTINUE), true);
    strictEqual(connection.busySending, false);
    stage.run(seed % 3);
    connection.send(at, at + ANSWER.length, false);
    strictEqual(connection.busySending, true);
    stage.run();
    strictEqual(stage.read(), HINTS + CONTINUE + ANSWER, `seed ${seed}`);
    strictEqual(sent.join(), String(ANSWER.length));
    strictEqual(memory.free, SLABS - 1);
    connection.close();
    strictEqual(memory.free, SLABS - 1);
  }
});

test('an end while a text is on its way gives the memory back and sends nothing after it', () => {
  for (let seed = 1; seed <= 100; seed++) {
    const stage = stageOf(seed);
    const { connection, memory, sent } = stage;
    const at = answerFrom(stage);
    connection.sendAside(HINTS);
    const follows = seed % 2 === 0;
    if (follows) connection.send(at, at + ANSWER.length, false);
    if (follows && seed % 4 === 0) connection.cancelSending();
    else connection.close();
    stage.run();
    strictEqual(memory.free, SLABS - 1, `seed ${seed}`);
    strictEqual(stage.read().includes('HTTP/1.1 200'), false, `seed ${seed}`);
    if (follows && seed % 4 === 0) strictEqual(sent.length === 1 && sent[0]! < 0, true);
    else strictEqual(sent.length, 0);
  }
});

test('a text without memory is not sent, nor one that is too long', () => {
  const stage = stageOf(1);
  strictEqual(stage.connection.sendAside('x'.repeat(1025)), false);
  while (stage.memory.free > 0) stage.memory.take();
  strictEqual(stage.connection.sendAside(CONTINUE), false);
  stage.run();
  strictEqual(stage.read(), '');
});
