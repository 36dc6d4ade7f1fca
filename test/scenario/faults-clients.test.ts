// Clients that misbehave: slow ones, those that vanish, and one that sends ten thousand requests at once.

import net from 'node:net';
import { test, type TestContext } from 'node:test';
import { match, ok as yes, strictEqual } from 'node:assert/strict';
import { connect, ok, serve, sleep, until, type Peer } from './harness.ts';
import { kinds, nameOf, observe, type Witness } from './witness.ts';

const AT_ONCE = 8;
const ROUNDS = 2;
const GROWTH_MIB = 20;
/** More than the buffers of sockets hold. */
const LARGE = Buffer.from(ok('L'.repeat(12_000_000)));
const PIPELINED = 10_000;

type Behaviour = (client: Peer) => Promise<void>;

const GET = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`;
const POST = (length: number): string =>
  `POST /post HTTP/1.1\r\nhost: a\r\ncontent-length: ${length}\r\n\r\n`;

const behaviours: Readonly<Record<string, Behaviour>> = {
  async drips(client) {
    const text = `POST /drip HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 20\r\n\r\n${'d'.repeat(20)}`;
    client.socket.setNoDelay(true);
    for (const byte of text) {
      client.send(byte);
      await sleep(1);
    }
    match(await client.all(), /^HTTP\/1\.1 200 [^]*\r\n\r\nPOST \/drip 20$/);
  },
  async dripsChunks(client) {
    const head = 'POST /drip HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n';
    client.socket.setNoDelay(true);
    for (const byte of `${head}a;x=y\r\n0123456789\r\n5\r\nabcde\r\n0\r\nt: u\r\n\r\n`) {
      client.send(byte);
      await sleep(1);
    }
    match(await client.all(), /^HTTP\/1\.1 200 [^]*\r\n\r\nPOST \/drip 15$/);
  },
  async leavesInHead(client) {
    client.send('GET /half HTTP/1.1\r\nhos');
    await sleep(10);
    client.socket.end();
  },
  async resetsInHead(client) {
    client.send('GET /half HTTP/1.1\r\nhos');
    await sleep(10);
    client.socket.resetAndDestroy();
  },
  async leavesInBody(client) {
    client.send(`${POST(100)}half`);
    await sleep(30);
    client.socket.end();
  },
  async resetsInBody(client) {
    client.send(`${POST(100)}half`);
    await sleep(30);
    client.socket.resetAndDestroy();
  },
  async resetsBeforeAnswer(client) {
    client.send(GET('/slow'));
    await sleep(30);
    client.socket.resetAndDestroy();
  },
  async resetsInAnswer(client) {
    client.send(GET('/large'));
    await client.seen(/\r\n\r\nL/);
    client.socket.resetAndDestroy();
  },
  async closesInAnswer(client) {
    client.send(GET('/large'));
    await client.seen(/\r\n\r\nL/);
    client.socket.destroy();
  },
  async stopsReading(client) {
    client.socket.pause();
    client.send(GET('/large'));
    await sleep(50);
  },
};

/** Answers with what it read; `/large` with more than sockets hold, `/slow` late. */
async function echo(peer: Peer): Promise<void> {
  while (!peer.closed) {
    const head = await peer.head();
    const [, method, path] = /^(\S+) (\S+) /.exec(head)!;
    let body = '';
    const length = /content-length: (\d+)/i.exec(head);
    if (length !== null) body = await peer.bytes(Number(length[1]));
    else if (/transfer-encoding/i.test(head)) {
      for (let size = -1; size !== 0;) {
        await peer.seen(/\r\n/);
        size = Number.parseInt(peer.text, 16);
        await peer.bytes(peer.text.indexOf('\r\n') + 2);
        if (size > 0) body += (await peer.bytes(size + 2)).slice(0, size);
      }
      await peer.head();
    }
    if (path === '/slow') await sleep(300);
    if (path === '/large') peer.socket.write(LARGE);
    else peer.send(ok(`${method} ${path} ${body.length}`));
  }
}

async function misbehave(t: TestContext, witness: Witness): Promise<void> {
  const runs = Object.values(behaviours).flatMap((behaviour) =>
    Array.from({ length: AT_ONCE }, async () => {
      const client = await connect(t, witness.port);
      client.socket.on('error', () => {});
      await behaviour(client);
      // Nobody reads on: where bytes are left that is a reset.
      if (behaviour !== behaviours['stopsReading']) client.socket.destroy();
    }),
  );
  await Promise.all(runs);
}

for (const kind of kinds) {
  test(`clients that misbehave (${nameOf(kind)})`, async (t) => {
    const server = await serve(t, echo);
    const witness = await observe(t, { kind, server: server.port, defaults: 'timeout client 1500ms' });
    await misbehave(t, witness);
    await witness.quiet();
    const before = witness.resident();
    for (let round = 0; round < ROUNDS; round++) await misbehave(t, witness);
    await witness.quiet();
    const grown = (witness.resident() - before) / 1048576;
    yes(grown < GROWTH_MIB, `grew by ${grown} MiB`);
    // Each is in the log for what it did.
    for (const flags of ['cD--', 'CR--', 'CD--', '----']) {
      yes(witness.program.stdout.includes(` ${flags} `), `${flags} in the log`);
    }
  });

  test(`ten thousand requests in one breath (${nameOf(kind)})`, async (t) => {
    const server = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (data) => {
        const path = /^GET (\/\d+) /.exec(String(data))![1]!;
        socket.write(ok(`GET ${path} 0`));
      });
    });
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
    t.after(() => server.close());
    const { port } = server.address() as net.AddressInfo;
    const witness = await observe(t, { kind, server: port, words: 'pool-purge-delay 1s pool-max-conn 1' });
    const client = await connect(t, witness.port);
    let text = '';
    for (let i = 1; i <= PIPELINED; i++) text += `GET /${i} HTTP/1.1\r\nhost: a\r\n\r\n`;
    client.send(text);
    const last = `GET /${PIPELINED} 0`;
    await until(() => client.closed || client.text.endsWith(last), 'the last answer', 60_000);
    const bodies = client.text.match(/GET \/\d+ 0/g) ?? [];
    strictEqual(bodies.length, PIPELINED);
    bodies.forEach((body, i) => strictEqual(body, `GET /${i + 1} 0`));
    client.socket.destroy();
    await witness.quiet();
  });
}
