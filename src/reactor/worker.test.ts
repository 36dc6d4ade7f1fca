// A reactor inside a worker: Node's own sockets talk to it, another thread stops it, and the worker ends by itself.

import { strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { bindListener } from '../sys/options.ts';
import { closeSocket, localAddress } from '../sys/socket.ts';
import { makeWakeFd, wakeThread } from './waker.ts';

for (const uring of [true, false]) {
  test(`an echo server in a worker, ${uring ? 'io_uring where allowed' : 'epoll'}`, async () => {
    const listener = bindListener({ address: { family: 'ipv4', address: '127.0.0.1', port: 0 } });
    const wakeFd = makeWakeFd();
    const worker = new Worker(new URL('./echo-worker.ts', import.meta.url), {
      workerData: { listener, uring, wakeFd },
    });
    const ended = once(worker, 'exit');
    await once(worker, 'message');
    const client = connect(localAddress(listener)!.port, '127.0.0.1');
    for (const text of ['one', 'two', 'x'.repeat(4000)]) {
      client.write(text);
      let answer = '';
      while (answer.length < text.length) answer += String((await once(client, 'data'))[0]);
      strictEqual(answer, text);
    }
    client.end();
    await once(client, 'close');
    wakeThread(wakeFd);
    const [code] = (await ended) as [number];
    strictEqual(code, 0);
    closeSocket(wakeFd);
    closeSocket(listener);
  });
}
