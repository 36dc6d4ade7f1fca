import { equal, match } from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import type { LogTarget } from '../config/model.ts';
import type { Operation, Reactor } from '../reactor/reactor.ts';
import { LogSender } from './sender.ts';

/** Only what the sender uses; `send` gets the bytes of each datagram and its operation. */
function reactorWith(send: (bytes: Buffer, operation: Operation) => void): Reactor & { now: number } {
  const buffer = Buffer.alloc(65536);
  let used = 0;
  const permanent = (length: number): number => (used += length) - length;
  const memory = { bytes: buffer, buffer, permanent };
  const sendDatagram = (_fd: number, at: number, length: number, operation: Operation): void =>
    send(buffer.subarray(at, at + length), operation);
  return { memory, now: 5000, wallMs: Date.now(), sendDatagram, close() {} } as unknown as Reactor & {
    now: number;
  };
}

function target(transport: LogTarget['transport'], fd: number): LogTarget {
  const position = { file: 't', line: 1 };
  return {
    transport,
    address: null,
    fd,
    length: 1024,
    format: 'local',
    facility: 16,
    level: 6,
    minLevel: 0,
    profile: null,
    formatGiven: false,
    ring: null,
    sample: null,
    position,
  };
}

test('a line reaches a UDP socket; a debug line is filtered', async () => {
  const receiver = createSocket('udp4');
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address();
  const outgoing = createSocket('udp4');
  const reactor = reactorWith((bytes, operation) =>
    outgoing.send(bytes, port, '127.0.0.1', (_error, count) => operation.onComplete(count)),
  );
  const sender = new LogSender([target('udp', -1)], {
    tag: 'hawser',
    hostname: null,
    pid: 9,
    reactor,
    openSocket: () => 50,
    write: () => 0,
    dropped() {},
    slots: 2,
  });
  sender.send(7, 'not this');
  sender.send(6, 'caf\xe9');
  const [line] = (await once(receiver, 'message')) as [Buffer];
  match(line.toString('latin1'), /^<134>\w{3} [ \d]\d \d\d:\d\d:\d\d hawser\[9\]: caf\xe9\n$/);
  receiver.close();
  outgoing.close();
});

test('without a free slot lines are dropped and counted; a lost unix socket is opened again', () => {
  const flying: Operation[] = [];
  const reactor = reactorWith((_bytes, operation) => flying.push(operation));
  let drops = 0;
  let opened = 0;
  const sender = new LogSender([target('unix', -1)], {
    tag: 'h',
    hostname: null,
    pid: 9,
    reactor,
    openSocket: () => 50 + opened++,
    write: () => 0,
    dropped: () => void drops++,
    slots: 2,
  });
  for (let count = 0; count < 3; count++) sender.send(6, 'x');
  equal(drops, 1);
  for (const operation of flying.splice(0)) operation.onComplete(-111);
  equal(drops, 3);
  sender.send(6, 'again');
  equal(opened, 2);
  equal(flying.length, 1);
});

test('a descriptor that takes less than a line counts a drop', () => {
  let drops = 0;
  const lengths: number[] = [];
  const write = (_fd: number, _at: number, length: number): number =>
    lengths.push(length) === 1 ? length : -11;
  const sender = new LogSender([target('fd', 1)], {
    tag: 'h',
    hostname: null,
    pid: 9,
    reactor: reactorWith(() => {}),
    openSocket: () => -1,
    write,
    dropped: () => void drops++,
  });
  sender.send(6, 'x');
  sender.send(6, 'x');
  equal(lengths.length, 2);
  equal(drops, 1);
});
