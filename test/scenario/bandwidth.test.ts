// filter bwlim-in and bwlim-out with set-bandwidth-limit (manual 9.7): bytes pass no faster than the limit, all of them,
// in HTTP and TCP mode, whatever else the stream does.

import { test, type TestContext } from 'node:test';
import { ok as yes, match, strictEqual } from 'node:assert/strict';
import { type Peer, type ScriptedServer, connect, ok, serve, until } from './harness.ts';
import { kinds, nameOf, observe, type Witness } from './witness.ts';

/** Three periods' worth: 60,000 bytes at once, then as many in each period that follows. */
const SIZE = 180_000;
const LIMITS = 'default-limit 60000 default-period 400ms';
const LEAST_MS = 1000;
const MOST_MS = 5000;
const DOWN = `filter bwlim-out down ${LIMITS}`;
const UP = `filter bwlim-in up ${LIMITS}`;
const SPLICE = 'option splice-request\n    option splice-response';

/** Repeats late, so that a shifted or doubled piece is noticed. */
const DATA = Array.from({ length: SIZE / 10 }, (_, at) => String(at * 7919).padStart(10, '.')).join('');

/** Answers `GET /length`, `/chunked`, `/close` with DATA, and any other request with how much of its body was right. */
function origin(t: TestContext): Promise<ScriptedServer> {
  return serve(t, async (peer) => {
    while (!peer.closed) {
      const head = await peer.head();
      const length = /content-length: (\d+)/i.exec(head);
      if (length !== null) {
        peer.send(ok(`got ${(await peer.bytes(Number(length[1]))) === DATA}`));
      } else if (head.startsWith('GET /chunked')) {
        peer.send('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
        for (let at = 0; at < SIZE; at += 60_000) peer.send(`ea60\r\n${DATA.slice(at, at + 60_000)}\r\n`);
        peer.send('0\r\n\r\n');
      } else if (head.startsWith('GET /close')) {
        peer.send(`HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${DATA}`);
        peer.socket.end();
      } else if (head.startsWith('GET /small')) {
        peer.send(ok('small'));
      } else {
        peer.send(ok(DATA));
      }
    }
  });
}

/** Runs `work`, which has to take as long as three periods do. */
async function slowly(work: () => Promise<void>): Promise<void> {
  const from = performance.now();
  await work();
  const took = performance.now() - from;
  yes(took > LEAST_MS && took < MOST_MS, `${took} ms`);
}

async function download(client: Peer, path: string): Promise<void> {
  client.send(`GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`);
  const head = await client.head();
  match(head, /^HTTP\/1.1 200/);
  if (path === '/chunked') {
    const text = await client.seen(/\r\n0\r\n\r\n$/);
    client.text = '';
    strictEqual(text.replace(/\r\n0\r\n\r\n$/, '').replace(/(^|\r\n)[0-9a-f]+\r\n/gi, ''), DATA);
  } else if (path === '/close') strictEqual(await client.all(), DATA);
  else strictEqual(await client.bytes(SIZE), DATA);
}

async function log(witness: Witness, pattern: RegExp): Promise<void> {
  await until(() => pattern.test(witness.program.stdout), `a log line ${pattern}`);
}

for (const kind of kinds) {
  for (const path of ['/length', '/chunked', '/close']) {
    test(`a limited answer: ${path} (${nameOf(kind)})`, async (t) => {
      const server = await origin(t);
      const front = `${DOWN}\n    http-request set-bandwidth-limit down if { path ${path} }`;
      // What waits for its turn is no silence of either side: the timeouts are shorter than a period.
      const defaults = `${SPLICE}\n    timeout client 300ms\n    timeout server 300ms`;
      const witness = await observe(t, { kind, server: server.port, front, defaults });
      const client = await connect(t, witness.port);
      await slowly(() => download(client, path));
      await log(witness, / 200 \d+ - - ---- /);
      if (path === '/close') return;
      // The limit ends with its request.
      const from = performance.now();
      await download(client, '/other');
      yes(performance.now() - from < LEAST_MS);
      // (Spliced, so pipes stay open.)
      client.socket.end();
      await until(async () => (await witness.info('CurrConns')) === 0, 'the end');
    });
  }

  test(`a limited upload, and an answer that is not (${nameOf(kind)})`, async (t) => {
    const server = await origin(t);
    const defaults = `${SPLICE}\n    timeout client 300ms\n    timeout server 300ms`;
    const front = `${UP}\n    http-request set-bandwidth-limit up\n    http-request set-header x-long y`;
    const witness = await observe(t, { kind, server: server.port, front, defaults });
    const client = await connect(t, witness.port);
    await slowly(async () => {
      client.send(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${SIZE}\r\n\r\n${DATA}`);
      await client.seen(/got true$/);
    });
    await log(witness, / 200 \d+ - - ---- /);
    client.socket.end();
    await witness.quiet();
  });

  for (const [name, lines] of [
    ['tcp-request content', { front: `${DOWN}\n    ${UP}\n    tcp-request content set-bandwidth-limit` }],
    ['tcp-response content', { back: `${DOWN}\n    ${UP}\n    tcp-response content set-bandwidth-limit` }],
  ] as const) {
    test(`TCP mode, both ways, from ${name} (${nameOf(kind)})`, async (t) => {
      const server = await serve(t, async (peer) => {
        const text = await peer.bytes(SIZE);
        peer.send(text);
        peer.socket.end();
      });
      const defaults = `mode tcp\n    option tcplog\n    ${SPLICE}\n    timeout client 300ms\n    timeout server 300ms`;
      const side = Object.keys(lines)[0]!;
      const text = Object.values(lines)[0]!;
      const rule = /tcp-\w+ content set-bandwidth-limit/.exec(text)![0];
      const both = { [side]: `${text} down\n    ${rule} up` };
      const witness = await observe(t, { kind, server: server.port, defaults, ...both });
      const client = await connect(t, witness.port);
      const from = performance.now();
      client.send(DATA);
      client.socket.end();
      yes((await client.all(15_000)) === DATA, `${client.text.length} bytes`);
      const took = performance.now() - from;
      yes(took > 2 * LEAST_MS && took < 2 * MOST_MS, `${took} ms`);
      await log(witness, / -- \d+\/\d+/);
      await until(async () => (await witness.info('CurrConns')) === 0, 'the end');
    });
  }

  test(`limits of rules: expressions, several filters, min-size, the last rule (${nameOf(kind)})`, async (t) => {
    const server = await origin(t);
    const front = `filter bwlim-out a default-limit 1g default-period 1s
    filter bwlim-out b default-limit 100 default-period 10s min-size 20k
    filter bwlim-in up default-limit 1 default-period 1h
    http-request set-bandwidth-limit a
    http-request set-bandwidth-limit b if !{ path /small }
    http-request set-bandwidth-limit up`;
    const back = `filter bwlim-out b default-limit 1k default-period 1h
    http-response set-bandwidth-limit b if { status 404 }`;
    const expressions = `http-request set-bandwidth-limit b limit req.hdr(x-limit) period req.hdr(x-period),mul(1)`;
    const witness = await observe(t, {
      kind,
      server: server.port,
      front: `${front}\n    ${expressions} if { req.hdr(x-limit) -m found }`,
      back,
    });
    const client = await connect(t, witness.port);
    await slowly(async () => {
      client.send('GET / HTTP/1.1\r\nhost: a\r\nx-limit: 60000\r\nx-period: 400\r\n\r\n');
      match(await client.head(), /^HTTP\/1.1 200/);
      strictEqual(await client.bytes(SIZE), DATA);
    });
    // Less than the default limit passes at once, and the limit of a response rule that did not match is none.
    client.send('GET /small HTTP/1.1\r\nhost: a\r\n\r\n');
    await client.seen(/small$/, 1000);
  });

  test(`a tunnel behind an upgrade is limited as the exchange was (${nameOf(kind)})`, async (t) => {
    const server = await serve(t, async (peer) => {
      await peer.head();
      peer.send('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n');
      peer.send(await peer.bytes(SIZE));
    });
    const witness = await observe(t, {
      kind,
      server: server.port,
      front: `${UP}\n    ${DOWN}\n    http-request set-bandwidth-limit up`,
    });
    const client = await connect(t, witness.port);
    await slowly(async () => {
      client.send('GET / HTTP/1.1\r\nhost: a\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n');
      await client.head();
      client.send(DATA);
      strictEqual(await client.bytes(SIZE), DATA);
    });
  });

  test(`who leaves while bytes wait is gone at once (${nameOf(kind)})`, async (t) => {
    const server = await origin(t);
    const front = `filter bwlim-out down default-limit 1k default-period 1m
    filter bwlim-in up default-limit 1k default-period 1m
    http-request set-bandwidth-limit down\n    http-request set-bandwidth-limit up`;
    const witness = await observe(t, { kind, server: server.port, front });
    const reader = await connect(t, witness.port);
    reader.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    await reader.head();
    strictEqual(await reader.bytes(1024), DATA.slice(0, 1024));
    reader.socket.resetAndDestroy();
    await log(witness, / 200 \d+ - - CD-- /);
    const writer = await connect(t, witness.port);
    writer.send(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${SIZE}\r\n\r\n${DATA}`);
    await until(() => server.peers.some((peer) => peer.text.length === 1024), 'the first bytes');
    // The server leaves too.
    server.peers.at(-1)!.socket.destroy();
    match(await writer.head(), /^HTTP\/1.1 502/);
    await witness.quiet();
  });
}
