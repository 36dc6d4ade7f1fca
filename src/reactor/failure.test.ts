// A bug in a thread: its error reaches the parent, its sockets are closed, and the process lives.

import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { bindListener } from '../sys/options.ts';
import { closeSocket, localAddress } from '../sys/socket.ts';
import { makeWakeFd } from './waker.ts';

/** Unlike `once` of node:events it does not mind an `error` before. */
const happened = <T>(emitter: EventEmitter, event: string): Promise<T> =>
  new Promise((done) => emitter.once(event, done));

const descriptors = (): number => readdirSync('/proc/self/fd').length;

for (const uring of [true, false]) {
  for (const where of ['onComplete', 'defer', 'timer', 'waker', 'message']) {
    test(`a bug in ${where}, ${uring ? 'io_uring where allowed' : 'epoll'}`, async () => {
      const listener = bindListener({ address: { family: 'ipv4', address: '127.0.0.1', port: 0 } });
      const wakeFd = makeWakeFd();
      const before = descriptors();
      const worker = new Worker(new URL('./failing-worker.ts', import.meta.url), {
        workerData: { listener, uring, where, wakeFd },
      });
      const messages: unknown[] = [];
      worker.on('message', (message: unknown) => messages.push(message));
      const ended = happened(worker, 'exit');
      const failed = happened<Error>(worker, 'error');
      await happened(worker, 'message');
      const client = connect(localAddress(listener)!.port, '127.0.0.1');
      client.on('error', () => {});
      const closed = happened(client, 'close');
      await happened(client, 'connect');
      client.resume();
      client.write('bytes');
      await new Promise((done) => setTimeout(done, 20));
      worker.postMessage('now');
      match((await failed).stack!, new RegExp(`a bug in ${where}\\n +at `));
      await closed;
      await ended;
      deepStrictEqual(messages.slice(1), ['settled']);
      strictEqual(descriptors(), before);
      closeSocket(wakeFd);
      closeSocket(listener);
    });
  }
}
