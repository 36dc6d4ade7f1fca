// A thread whose owner of bytes has a bug: it throws where `where` says, with sockets, an accept and a receive open.

import { parentPort, workerData } from 'node:worker_threads';
import { MappedSlabs } from '../core/slab-memory.ts';
import { chooseReactor } from './choose.ts';
import { Operation, TimerOperation } from './reactor.ts';
import { Waker } from './waker.ts';

const { listener, uring, where, wakeFd } = workerData as {
  listener: number;
  uring: boolean;
  where: string;
  wakeFd: number;
};
const memory = new MappedSlabs({ slabSize: 4096, slabCount: 64 });
const { reactor } = chooseReactor({ memory, uring, epoll: true });
reactor.onSettled = () => {
  memory.destroy();
  parentPort!.postMessage('settled');
};

const bug = (): never => {
  throw new Error(`a bug in ${where}`);
};

class Faulty extends Operation {
  override onComplete(result: number): void {
    if (where === 'onComplete') bug();
    if (result > 0) memory.release(this.slab);
  }
}
class Acceptor extends Operation {
  override onComplete(result: number): void {
    if (where === 'defer') reactor.defer(new Deferred());
    reactor.recv(result, new Faulty());
  }
}
class Deferred extends Operation {
  override onComplete(): void {
    bug();
  }
}
class Alarm extends TimerOperation {
  override onTimeout(): void {
    bug();
  }
}

process.once('uncaughtException', (error) => {
  if (reactor.isStopped)
    setImmediate(() => {
      throw error;
    });
  else reactor.fail(error);
});
const waker = new Waker(reactor, wakeFd, bug);
reactor.accept(listener, new Acceptor());
reactor.start();
parentPort!.on('message', () => {
  if (where === 'timer') reactor.at(reactor.now + 1, new Alarm());
  else if (where === 'waker') waker.wake();
  else if (where === 'message') bug();
});
parentPort!.postMessage({ kind: reactor.kind });
