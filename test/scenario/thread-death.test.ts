// A data thread dies of a bug: it is reported with its stack and replaced, and what it held is free again.

import { test } from 'node:test';
import { match, ok as yes, strictEqual } from 'node:assert/strict';
import { answering, connect, ok, serve, sleep, until, type Peer } from './harness.ts';
import { nameOf, observe, type Witness } from './witness.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const two = [
  { uring: true, threads: 2 },
  { uring: false, threads: 2 },
];

async function kill(witness: Witness, thread: number, where = 'turn'): Promise<void> {
  const deaths = (): number => witness.program.stderr.split(' died of a bug and is replaced').length;
  const before = deaths();
  const order = `expert-mode on; debug dev bug ${thread} ${where}`;
  // One that died before may not have been replaced yet.
  await until(async () => (await witness.ask(order)).trim() === '', `thread ${thread}`);
  await until(() => deaths() > before, `the death of thread ${thread}; stderr: ${witness.program.stderr}`);
}

const gone = (client: Peer): boolean => client.finished || client.closed;

for (const kind of two) {
  test(`a thread that dies is reported and replaced (${nameOf(kind)})`, async (t) => {
    const server = await serve(t, answering(ok('x')));
    const witness = await observe(t, { kind, server: server.port });
    match(await witness.ask('debug dev bug 1'), /restricted to expert mode/);
    match(await witness.ask('expert-mode on; debug dev bug 9'), /No such thread/);
    for (let round = 0; round < 4; round++) {
      const idle = await Promise.all(Array.from({ length: 8 }, () => connect(t, witness.port)));
      for (const client of idle) client.send(GET);
      await until(() => idle.every((client) => client.text.endsWith('x')), 'answers');
      const where = round % 2 === 0 ? 'turn' : 'message';
      await kill(witness, (round % 2) + 1, where);
      match(
        witness.program.stderr,
        new RegExp(`thread ${(round % 2) + 1} died of a bug and is replaced:
Error: debug dev bug, in a (message|reactor's turn)
    at `),
      );
      // Those of the other thread are served on; those of the dead one were closed.
      await sleep(20);
      const alive = idle.filter((client) => !gone(client));
      for (const client of alive) {
        client.text = '';
        client.send(GET);
      }
      await until(() => alive.every((client) => client.text.endsWith('x')), 'answers of the other thread');
      for (const client of idle) client.socket.destroy();
    }
    await witness.quiet();
  });

  test(`the slot of a server that a dead thread held goes to the next (${nameOf(kind)})`, async (t) => {
    const server = await serve(t, async (peer) => {
      for (;;) {
        const head = await peer.head();
        if (!head.startsWith('GET /hold')) peer.send(ok('x'));
      }
    });
    const witness = await observe(t, { kind, server: server.port, words: 'maxconn 1 pool-max-conn 0' });
    const holder = await connect(t, witness.port);
    holder.send('GET /hold HTTP/1.1\r\nhost: a\r\n\r\n');
    await until(async () => (await witness.stat('be', 's1', 'scur')) === 1, 'the holder');
    const thread = await threadOf(witness, holder);
    const mine: Peer[] = [];
    const others: Peer[] = [];
    while (mine.length === 0 || others.length < 2) {
      yes(mine.length + others.length < 50, 'the threads share the connections');
      const client = await connect(t, witness.port);
      client.send(GET);
      await until(async () => (await threadOf(witness, client)) > 0, 'a session');
      ((await threadOf(witness, client)) === thread ? mine : others).push(client);
    }
    const queued = (): Promise<number> => witness.stat('be', 'BACKEND', 'qcur');
    await until(async () => (await queued()) === mine.length + others.length, 'all of them in the queue');
    await kill(witness, thread);
    await until(() => gone(holder) && mine.every(gone), 'the end of the connections of the dead thread');
    await until(() => others.every((client) => client.text.endsWith('x')), 'the turn of the others');
    strictEqual(mine.map(({ text }) => text).join(''), '');
    for (const client of others) client.socket.destroy();
    await witness.quiet();
  });

  test(`limits stay exact when threads die (${nameOf(kind)})`, async (t) => {
    const server = await serve(t, answering(ok('x')));
    const witness = await observe(t, { kind, server: server.port, front: 'maxconn 6' });
    for (let round = 0; round < 2; round++) {
      const clients = await Promise.all(Array.from({ length: 8 }, () => connect(t, witness.port)));
      for (const client of clients) client.send(GET);
      const served = (): number => clients.filter((client) => client.text.endsWith('x')).length;
      await until(() => served() === 6, 'six answers');
      await sleep(50);
      strictEqual(served(), 6);
      strictEqual(await witness.stat('fe', 'FRONTEND', 'scur'), 6);
      strictEqual(await witness.info('CurrConns'), 6);
      await kill(witness, 1);
      await kill(witness, 2);
      for (const client of clients) client.socket.destroy();
      await until(async () => (await witness.info('CurrConns')) === 0, 'nothing held');
    }
    await witness.quiet();
  });
}

/** The thread that serves a client, from 1. 0: none yet. */
async function threadOf(witness: Witness, client: Peer): Promise<number> {
  return ((await witness.threads()).get(client.socket.localPort!) ?? -1) + 1;
}

test('a bug in the control thread is reported, and everything goes on', async (t) => {
  const server = await serve(t, answering(ok('x')));
  const witness = await observe(t, { kind: { uring: true, threads: 1 }, server: server.port });
  const client = await connect(t, witness.port);
  strictEqual((await witness.ask('expert-mode on; debug dev bug control')).trim(), '');
  const said =
    /the control thread met a bug and goes on:\nError: debug dev bug, in the control thread\n +at /;
  await until(() => said.test(witness.program.stderr), 'the report');
  client.send(GET);
  await client.seen(/x$/);
  witness.program.signal('SIGUSR2');
  await until(() => witness.program.stderr.includes('Loading success'), 'a reload');
  client.socket.destroy();
  await witness.quiet();
});

test('the only thread dies young, and the process waits for the next', async (t) => {
  const server = await serve(t, answering(ok('x')));
  const witness = await observe(t, { kind: { uring: true, threads: 1 }, server: server.port });
  for (let round = 1; round <= 2; round++) await kill(witness, 1);
  const served = async (): Promise<boolean> => {
    const client = await connect(t, witness.port);
    client.send(GET);
    return (await client.head()).startsWith('HTTP/1.1 200');
  };
  await until(() => served().catch(() => false), 'an answer of the next thread');
  strictEqual(witness.program.ended, null);
});

test('a process whose threads die again and again keeps its memory and descriptors', async (t) => {
  const server = await serve(t, answering(ok('x'.repeat(5000))));
  const witness = await observe(t, { kind: { uring: true, threads: 1 }, server: server.port });
  const round = async (): Promise<void> => {
    const client = await connect(t, witness.port);
    client.send(GET);
    await client.bytes(5000);
    await kill(witness, 1);
    client.socket.destroy();
    await until(
      () =>
        connect(t, witness.port)
          .then((peer) => peer.socket.destroy())
          .then(
            () => true,
            () => false,
          ),
      'accepting',
    );
  };
  for (let i = 0; i < 2; i++) await round();
  const before = witness.resident();
  for (let i = 0; i < 5; i++) await round();
  const grown = (witness.resident() - before) / 1048576;
  yes(grown < 25, `grew by ${grown} MiB`);
  await witness.quiet();
});
