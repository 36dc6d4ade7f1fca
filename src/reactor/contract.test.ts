// The real reactors over loopback sockets.

import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { MappedSlabs } from '../core/slab-memory.ts';
import type { SlabMemory } from '../core/slab.ts';
import * as libc from '../sys/libc.ts';
import { ProcessInt } from '../core/shared.ts';
import { encodeAddress } from '../sys/address.ts';
import { bindListener } from '../sys/options.ts';
import * as socket from '../sys/socket.ts';
import { chooseReactor } from './choose.ts';
import type { World } from './contract.ts';
import { SLAB, SLABS, contract } from './contract.ts';
import { PIPES } from './contract-splice.ts';
import { EpollReactor } from './epoll.ts';
import type { LoopReactor } from './loop-reactor.ts';
import { SystemPipes } from './pipes.ts';
import { UringReactor } from './uring.ts';

function real(make: (memory: SlabMemory) => LoopReactor): () => World {
  return () => {
    const memory = new MappedSlabs({ slabSize: SLAB, slabCount: SLABS, largeSize: 1 << 20, largeCount: 2 });
    const processInts = new Int32Array(ProcessInt.SIZE);
    const reactor = make(memory);
    reactor.pipes = new SystemPipes({ processInts, most: PIPES, threads: 1, bytes: 0 });
    return {
      reactor,
      memory,
      streams() {
        const listener = bindListener({ address: { family: 'ipv4', address: '127.0.0.1', port: 0 } });
        const client = socket.openSocket(2, socket.SOCK_STREAM);
        const length = encodeAddress(socket.localAddress(listener)!, libc.scratch.bytes, 0);
        libc.connect(client, libc.scratch.address, length);
        let server = -1;
        while (server < 0) server = libc.accept4(listener, 0x80800);
        socket.closeSocket(listener);
        reactor.adopt(client);
        reactor.adopt(server);
        return [client, server];
      },
      pipes: () => [processInts[ProcessInt.PIPES_USED]!, processInts[ProcessInt.PIPES_FREE]!],
      pair: () => socket.socketPair(socket.SOCK_STREAM),
      datagrams: () => socket.socketPair(socket.SOCK_DGRAM),
      listener() {
        const fd = bindListener({ address: { family: 'ipv4', address: '127.0.0.1', port: 0 } });
        const address = socket.localAddress(fd)!;
        const at = memory.permanent(128);
        return { fd, at, length: encodeAddress(address, memory.bytes, at) };
      },
      socket: () => socket.openSocket(2, socket.SOCK_STREAM),
      isOpen: (fd) => socket.localAddress(fd) !== null,
      reset(fd) {
        socket.setLinger(fd, 0);
        socket.closeSocket(fd);
      },
    };
  };
}

const probe = chooseReactor({
  memory: new MappedSlabs({ slabSize: SLAB, slabCount: SLABS }),
  uring: true,
  epoll: true,
});
probe.reactor.stop();
if (probe.reactor.kind === 'io_uring') {
  contract(
    'io_uring',
    real((memory) => new UringReactor(memory, { entries: 16 })),
  );
  contract(
    'io_uring that reads on',
    real((memory) => new UringReactor(memory, { entries: 16, feedAfter: 0 })),
  );
  contract(
    'io_uring of old kernels',
    real((memory) => new UringReactor(memory, { legacy: true })),
  );
} else {
  test('io_uring', { skip: probe.reason }, () => {});
}
contract(
  'epoll',
  real((memory) => new EpollReactor(memory)),
);

test('without io_uring the choice says why', () => {
  const memory = new MappedSlabs({ slabSize: SLAB, slabCount: SLABS });
  const { reactor, reason } = chooseReactor({ memory, uring: false, epoll: true });
  strictEqual(reactor.kind, 'epoll');
  strictEqual(reason, 'io_uring disabled, using epoll');
  reactor.stop();
});
