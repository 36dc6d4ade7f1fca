// What several data threads share: places on servers, the queue for them, idle server connections.

import { test, type TestContext } from 'node:test';
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { connect, exchange, ok as answer, serve, sleep, until, type Peer } from './harness.ts';
import { observe, type Kind, type Witness } from './witness.ts';

const kinds: readonly Kind[] = [
  { uring: true, threads: 3 },
  { uring: false, threads: 3 },
];
const nameOf = ({ uring }: Kind): string => (uring ? 'io_uring where allowed' : 'epoll');

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`;
/** Arrivals of one instant may change places: threads read the clock once a turn. */
const NEIGHBOURS = 20;

for (const kind of kinds) {
  test(`100 clients, a server with maxconn 2: never three, all in turn (${nameOf(kind)})`, async (t) => {
    let now = 0;
    let most = 0;
    const order: number[] = [];
    const server = await serve(t, async (peer) => {
      while (!peer.closed) {
        const head = await peer.head();
        order.push(Number(/^GET \/(\d+) /.exec(head)![1]));
        most = Math.max(most, ++now);
        await sleep(15);
        now--;
        peer.send(answer('x'));
      }
    });
    const witness = await observe(t, { kind, server: server.port, words: 'maxconn 2' });
    const answers: Promise<string>[] = [];
    for (let i = 0; i < 100; i++) {
      answers.push(exchange(t, witness.port, get(`/${i}`)));
      await sleep(3);
    }
    for (const text of await Promise.all(answers)) match(text, /^HTTP\/1.1 200 /);
    strictEqual(most, 2);
    deepStrictEqual(
      order.toSorted((a, b) => a - b),
      Array.from({ length: 100 }, (_, i) => i),
    );
    const worst = Math.max(...order.map((number, place) => Math.abs(number - place)));
    ok(worst <= NEIGHBOURS, `somebody was served ${worst} places from his turn: ${order.join()}`);
    ok((await witness.stat('be', 's1', 'qmax')) + (await witness.stat('be', 'BACKEND', 'qmax')) > 20);
  });

  test(`threads have as many clients as each other, or take turns (${nameOf(kind)})`, async (t) => {
    const server = await serve(t, async (peer) => {
      await peer.head();
      peer.send(answer('x'));
    });
    for (const [policy, least, most] of [
      ['on', 8, 12],
      ['fair', 3, 20],
      ['off', 0, 30],
    ] as const) {
      const global = `tune.listener.multi-queue ${policy}`;
      const witness = await observe(t, { kind, server: server.port, global, words: ' ' });
      const clients: Peer[] = [];
      for (let i = 0; i < 30; i++) clients.push(await connect(t, witness.port));
      await until(async () => (await witness.stat('fe', 'FRONTEND', 'scur')) === 30, 'all are served');
      const threads = await threadsOf(witness, clients);
      for (const thread of [0, 1, 2]) {
        const count = threads.filter((one) => one === thread).length;
        ok(count >= least && count <= most, `${policy}: ${threads.join()}`);
      }
      for (const client of clients) client.socket.destroy();
      await until(async () => (await witness.stat('fe', 'FRONTEND', 'scur')) === 0, 'all are gone');
    }
  });

  test(`the queue's timeout is kept on every thread, maxconn may grow (${nameOf(kind)})`, async (t) => {
    const held: Peer[] = [];
    const server = await serve(t, async (peer) => {
      await peer.head();
      held.push(peer);
    });
    const back = 'timeout queue 400ms';
    const witness = await observe(t, { kind, server: server.port, back, words: 'maxconn 1' });
    const holder = exchange(t, witness.port, get('/holder'));
    await until(() => held.length === 1, 'the first request at the server');
    const waits = Array.from({ length: 9 }, async () => {
      const from = performance.now();
      const text = await exchange(t, witness.port, get('/late'));
      return { ms: performance.now() - from, status: text.slice(9, 12) };
    });
    for (const { ms, status } of await Promise.all(waits)) {
      strictEqual(status, '503');
      ok(ms > 395 && ms < 700, `${ms} ms in the queue`);
    }
    const later = Array.from({ length: 3 }, () => exchange(t, witness.port, get('/later')));
    await until(
      async () => (await witness.stat('be', 's1', 'qcur')) === 3 || (await queued()) === 3,
      'waiters',
    );
    const from = performance.now();
    await witness.ask('set maxconn server be/s1 4');
    await until(() => held.length === 4, 'the waiters at the server', 300);
    ok(performance.now() - from < 300);
    for (const peer of held) peer.send(answer('x'));
    for (const text of await Promise.all([holder, ...later])) match(text, /^HTTP\/1.1 200 /);

    function queued(): Promise<number> {
      return witness.stat('be', 'BACKEND', 'qcur');
    }
  });

  for (const shared of [true, false]) {
    const what = shared ? 'passed on' : 'kept with tune.idle-pool.shared off';
    test(`threads and idle server connections: ${what} (${nameOf(kind)})`, async (t) => {
      /** The clients that each server connection served. */
      const served: number[][] = [];
      const server = await serve(t, async (peer, index) => {
        served[index] = [];
        while (!peer.closed) {
          served[index].push(Number(/^GET \/(\d+) /.exec(await peer.head())![1]));
          peer.send(answer('x'));
        }
      });
      const global = shared ? '' : 'tune.idle-pool.shared off';
      const back = 'http-reuse always';
      const witness = await observe(t, { kind, server: server.port, global, back, words: ' ' });
      const clients = await connectAll(t, witness);
      const threads = await threadsOf(witness, clients);
      ok(new Set(threads).size > 1, 'the threads share the clients');
      for (const [i, client] of clients.entries()) {
        client.send(`GET /${i} HTTP/1.1\r\nhost: a\r\n\r\n`);
        await client.seen(/x$/);
        // The client has its answer a moment before the connection is idle.
        await sleep(3);
      }
      const users = served.map((list) => new Set(list.map((client) => threads[client])).size);
      if (shared) ok(Math.max(...users) > 1, 'no connection served clients of two threads');
      else strictEqual(Math.max(...users), 1);
      strictEqual(await witness.stat('be', 's1', 'reuse'), clients.length - served.length);
      strictEqual(await witness.stat('be', 's1', 'idle_conn_cur'), served.length);
    });
  }
}

/** Connects until more than one thread has clients, or there are many: the kernel chooses which thread accepts. */
async function connectAll(t: TestContext, witness: Witness): Promise<Peer[]> {
  const clients: Peer[] = [];
  while (clients.length < 200) {
    clients.push(...(await Promise.all(Array.from({ length: 10 }, () => connect(t, witness.port)))));
    if (new Set(await threadsOf(witness, clients)).size > 1) break;
  }
  return clients;
}

/** The thread of each client, once all of them are accepted. */
async function threadsOf(witness: Witness, clients: readonly Peer[]): Promise<number[]> {
  let threads: (number | undefined)[] = [];
  await until(async () => {
    const byPort = await witness.threads();
    threads = clients.map(({ socket }) => byPort.get(socket.localPort!));
    return !threads.includes(undefined);
  }, 'all sessions');
  return threads as number[];
}

test('a server that closes idle connections while threads pass them on: every request is answered', async (t) => {
  const server = await serve(t, async (peer) => {
    for (let i = 0; i < 3; i++) {
      await peer.head();
      peer.send(answer('x'));
    }
    peer.socket.end();
  });
  const kind = { uring: true, threads: 3 };
  const witness = await observe(t, { kind, server: server.port, back: 'http-reuse always', words: ' ' });
  for (let round = 0; round < 40; round++) {
    const texts = await Promise.all([1, 2, 3, 4].map(() => exchange(t, witness.port, get('/'))));
    for (const text of texts) match(text, /^HTTP\/1.1 200 /);
  }
  ok((await witness.stat('be', 's1', 'reuse')) > 0);
});
