// CPU time per request of the smallest HTTP server on a reactor: a fixed answer to each receive, keep-alive.
//   usage: bin/node bench/micro/reactor-echo.ts [io_uring|epoll] [seconds]     (needs wrk)
// The kernel's TCP work is most of the figure; what exceeds the other reactor's or a bare ring's is ours.

import { spawn } from 'node:child_process';
import { MappedSlabs } from '../../src/core/slab-memory.ts';
import { chooseReactor } from '../../src/reactor/choose.ts';
import { Operation, TimerOperation } from '../../src/reactor/reactor.ts';
import { bindListener } from '../../src/sys/options.ts';
import { TCP_NODELAY, SOL_TCP, localAddress, setOption } from '../../src/sys/socket.ts';

const uring = process.argv[2] !== 'epoll';
const seconds = Number(process.argv[3] ?? 4);
const memory = new MappedSlabs({ slabSize: 16384, slabCount: 1024 });
const { reactor, reason } = chooseReactor({ memory, uring, epoll: true });
const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\nHello world\n';
const at = memory.permanent(answer.length);
memory.buffer.write(answer, at, 'latin1');
let requests = 0;

class IdleTimeout extends TimerOperation {
  override onTimeout(): void {}
}

class Sending extends Operation {
  override onComplete(): void {}
}

class Connection extends Operation {
  readonly fd: number;
  readonly sending = new Sending();
  readonly timeout = new IdleTimeout();
  constructor(fd: number) {
    super();
    this.fd = fd;
  }
  override onComplete(result: number): void {
    if (result <= 0) {
      reactor.clear(this.timeout);
      reactor.close(this.fd);
      return;
    }
    requests++;
    memory.release(this.slab);
    reactor.at(reactor.now + 30_000, this.timeout);
    reactor.send(this.fd, at, answer.length, false, this.sending);
    reactor.recv(this.fd, this);
  }
}

class Acceptor extends Operation {
  override onComplete(fd: number): void {
    if (fd < 0) return;
    setOption(fd, SOL_TCP, TCP_NODELAY, 1);
    const connection = new Connection(fd);
    reactor.recv(fd, connection);
  }
}

const listener = bindListener({ address: { family: 'ipv4', address: '127.0.0.1', port: 0 } });
reactor.accept(listener, new Acceptor());
reactor.start();
const url = `http://127.0.0.1:${localAddress(listener)!.port}/`;
const wrk = spawn('wrk', ['-t1', '-c64', `-d${seconds}`, url], { stdio: 'ignore' });
setTimeout(() => {
  const before = process.cpuUsage();
  const count = requests;
  setTimeout(
    () => {
      const used = process.cpuUsage(before);
      const done = requests - count;
      const us = (value: number): string => (value / done).toFixed(2);
      const text = `${reason}: ${done} requests, CPU µs/request ${us(used.user + used.system)}, user ${us(used.user)}`;
      process.stdout.write(`${text}\n`);
      wrk.kill();
      process.exit(0);
    },
    (seconds - 1.5) * 1000,
  );
}, 1000);
