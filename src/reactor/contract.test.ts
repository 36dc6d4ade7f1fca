// The real reactors over loopback sockets.

import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { MappedSlabs } from '../core/slab-memory.ts';
import type { SlabMemory } from '../core/slab.ts';
import { encodeAddress } from '../sys/address.ts';
import { bindListener } from '../sys/options.ts';
import * as socket from '../sys/socket.ts';
import { chooseReactor } from './choose.ts';
import type { World } from './contract.ts';
import { SLAB, SLABS, contract } from './contract.ts';
import { EpollReactor } from './epoll.ts';
import type { Reactor } from './reactor.ts';
import { UringReactor } from './uring.ts';

function real(make: (memory: SlabMemory) => Reactor): () => World {
  return () => {
    const memory = new MappedSlabs({ slabSize: SLAB, slabCount: SLABS, largeSize: 1 << 20, largeCount: 2 });
    return {
      reactor: make(memory),
      memory,
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
