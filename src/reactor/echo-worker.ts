// A thread that echoes what it receives until it is told to stop: the smallest user of a reactor, for tests.

import { parentPort, workerData } from 'node:worker_threads';
import { MappedSlabs } from '../core/slab-memory.ts';
import { chooseReactor } from './choose.ts';
import type { Reactor } from './reactor.ts';
import { Operation } from './reactor.ts';
import { Waker } from './waker.ts';

class Echo extends Operation {
  readonly #reactor: Reactor;
  readonly #fd: number;
  #sending = false;
  #held = -1;

  constructor(reactor: Reactor, fd: number) {
    super();
    this.#reactor = reactor;
    this.#fd = fd;
    reactor.recv(fd, this);
  }

  override onComplete(result: number): void {
    const { memory } = this.#reactor;
    if (this.#sending) memory.release(this.#held);
    if (result <= 0) {
      this.#reactor.close(this.#fd);
      return;
    }
    this.#sending = !this.#sending;
    if (this.#sending) {
      this.#held = this.slab;
      this.#reactor.send(this.#fd, memory.offsetOf(this.#held), result, false, this);
    } else this.#reactor.recv(this.#fd, this);
  }
}

class Acceptor extends Operation {
  readonly #reactor: Reactor;
  readonly #onEnd: () => void;
  constructor(reactor: Reactor, onEnd: () => void) {
    super();
    this.#reactor = reactor;
    this.#onEnd = onEnd;
  }
  override onComplete(result: number): void {
    if (result >= 0) new Echo(this.#reactor, result);
    else this.#onEnd();
  }
}

const { listener, uring, wakeFd } = workerData as { listener: number; uring: boolean; wakeFd: number };
const memory = new MappedSlabs({ slabSize: 4096, slabCount: 64 });
const { reactor } = chooseReactor({ memory, uring, epoll: true });
const acceptor = new Acceptor(reactor, () => {
  waker.close();
  // The cancelled poll of the waker completes first; then nothing is in flight.
  setTimeout(() => reactor.stop(), 10);
});
const waker = new Waker(reactor, wakeFd, () => reactor.cancel(acceptor));
reactor.accept(listener, acceptor);
reactor.start();
parentPort!.postMessage({ kind: reactor.kind });
parentPort!.close();
