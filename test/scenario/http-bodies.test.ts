// Messages as they pass through the running program: kept connections, bodies, answers without one.

import { test } from 'node:test';
import { deepStrictEqual, match, ok as holds, strictEqual } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { answering, connect, exchange, ok, proxy, serve, sleep, type Peer } from './harness.ts';

const sha = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex');

/** Text that repeats late, so that a shifted or doubled piece is noticed. */
function noise(length: number): string {
  const bytes = Buffer.allocUnsafe(length);
  let state = 12345;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes.toString('latin1');
}

/** Takes a chunked body off a peer: the content without its framing. */
async function dechunk(peer: Peer): Promise<string> {
  let content = '';
  for (;;) {
    await peer.seen(/^[0-9a-f]+\r\n/i);
    const line = peer.text.slice(0, peer.text.indexOf('\r\n') + 2);
    await peer.bytes(line.length);
    const size = Number.parseInt(line, 16);
    content += (await peer.bytes(size + 2)).slice(0, size);
    if (size === 0) return content;
  }
}

test('requests of one connection are answered on it, and the server connection is kept', async (t) => {
  const server = await serve(
    t,
    answering((head) => ok(head.split(' ')[1]!)),
  );
  const { port } = await proxy(t, server, { back: 'http-reuse always' });
  const client = await connect(t, port);
  for (const path of ['/1', '/22', '/333']) {
    client.send(`GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`);
    match(await client.head(), /^HTTP\/1\.1 200 OK\r\n/);
    strictEqual(await client.bytes(path.length), path);
  }
  strictEqual(server.peers.length, 1);
  strictEqual(client.finished, false);
});

test('pipelined requests are answered in their order', async (t) => {
  const server = await serve(
    t,
    answering((head) => ok(head.split(' ')[1]!)),
  );
  const { port } = await proxy(t, server);
  const paths = Array.from({ length: 20 }, (_, index) => `/number-${index}`);
  const client = await connect(t, port);
  client.send(paths.map((path) => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`).join(''));
  const got: string[] = [];
  for (const path of paths) {
    await client.head();
    got.push(await client.bytes(path.length));
  }
  deepStrictEqual(got, paths);
});

test('chunked bodies pass both ways', async (t) => {
  let received = '';
  const server = await serve(t, async (peer) => {
    match(await peer.head(), /transfer-encoding: chunked/i);
    received = await dechunk(peer);
    peer.send('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n');
    peer.send('6;name=value\r\n world\r\n0\r\nx-trailer: 1\r\n\r\n');
  });
  const { port } = await proxy(t, server);
  const client = await connect(t, port);
  client.send('POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n');
  client.send('A\r\n0123456789\r\n0\r\n\r\n');
  match(await client.head(), /transfer-encoding: chunked/i);
  await client.seen(/x-trailer: 1\r\n\r\n$/);
  match(client.text, /^5(;[^\r]*)?\r\nhello\r\n6(;[^\r]*)?\r\n world\r\n0\r\n/);
  strictEqual(received, 'abc0123456789');
});

test('a body waits for 100 Continue of the server', async (t) => {
  const server = await serve(t, async (peer) => {
    match(await peer.head(), /expect: 100-continue/i);
    strictEqual(peer.text, '');
    peer.send('HTTP/1.1 100 Continue\r\n\r\n');
    peer.send(ok(await peer.bytes(4)));
  });
  const { port } = await proxy(t, server);
  const client = await connect(t, port);
  client.send('PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\nexpect: 100-continue\r\n\r\n');
  match(await client.head(), /^HTTP\/1\.1 100 /);
  client.send('body');
  match(await client.head(), /^HTTP\/1\.1 200 /);
  strictEqual(await client.bytes(4), 'body');
});

test('HEAD, 204 and 304 end with their head', async (t) => {
  const server = await serve(
    t,
    answering((head) => {
      if (head.startsWith('HEAD')) return 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n';
      if (head.includes('/204')) return 'HTTP/1.1 204 No Content\r\n\r\n';
      if (head.includes('/304')) return 'HTTP/1.1 304 Not Modified\r\ncontent-length: 7\r\netag: "x"\r\n\r\n';
      return ok('end');
    }),
  );
  const { port } = await proxy(t, server);
  const client = await connect(t, port);
  client.send('HEAD / HTTP/1.1\r\nhost: a\r\n\r\n');
  match(await client.head(), /^HTTP\/1\.1 200 [^]*content-length: 1000/i);
  client.send('GET /204 HTTP/1.1\r\nhost: a\r\n\r\n');
  match(await client.head(), /^HTTP\/1\.1 204 /);
  client.send('GET /304 HTTP/1.1\r\nhost: a\r\n\r\n');
  match(await client.head(), /^HTTP\/1\.1 304 [^]*etag: "x"/i);
  client.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  match(await client.head(), /^HTTP\/1\.1 200 /);
  strictEqual(await client.bytes(3), 'end');
});

test('an answer before the end of the request reaches the client', async (t) => {
  const server = await serve(t, async (peer) => {
    await peer.head();
    peer.send('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno');
    peer.socket.end();
  });
  const { port } = await proxy(t, server);
  const client = await connect(t, port);
  client.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\nsome');
  match(await client.head(), /^HTTP\/1\.1 403 /);
  strictEqual(await client.bytes(2), 'no');
});

test('10 MB go up and down unchanged', async (t) => {
  const size = 10_000_000;
  const body = noise(size);
  let up = '';
  const server = await serve(t, async (peer) => {
    await peer.head();
    const pieces = createHash('sha256');
    let left = size;
    peer.socket.removeAllListeners('data');
    const first = peer.text;
    pieces.update(first, 'latin1');
    left -= first.length;
    while (left > 0) {
      const piece = await new Promise<Buffer>((done) => peer.socket.once('data', done));
      pieces.update(piece);
      left -= piece.length;
    }
    strictEqual(left, 0);
    up = pieces.digest('hex');
    peer.send(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
    peer.send(body);
  });
  const { port } = await proxy(t, server);
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    method: 'POST',
    body: Buffer.from(body, 'latin1'),
  });
  const down = Buffer.from(await response.arrayBuffer());
  strictEqual(down.length, size);
  strictEqual(createHash('sha256').update(down).digest('hex'), sha(body));
  strictEqual(up, sha(body));
});

test('who closes a connection follows version, headers and options', async (t) => {
  const server = await serve(t, answering(ok('x')));
  await t.test('connection: close from the client', async () => {
    const { port } = await proxy(t, server);
    const all = await exchange(t, port, 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    match(all, /connection: close\r\n([^]*\r\n)?\r\nx$/i);
  });
  await t.test('HTTP/1.0 without keep-alive', async () => {
    const { port } = await proxy(t, server);
    match(await exchange(t, port, 'GET / HTTP/1.0\r\nhost: a\r\n\r\n'), /^HTTP\/1\.1 200 [^]*\r\n\r\nx$/);
  });
  await t.test('HTTP/1.0 with keep-alive', async () => {
    const { port } = await proxy(t, server);
    const client = await connect(t, port);
    client.send('GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n');
    match(await client.head(), /connection: keep-alive/i);
    await client.bytes(1);
    client.send('GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n');
    match(await client.head(), /^HTTP\/1\.1 200 /);
  });
  await t.test('option httpclose', async () => {
    const { port } = await proxy(t, server, { front: 'option httpclose' });
    const all = await exchange(t, port, 'GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    match(all, /connection: close\r\n([^]*\r\n)?\r\nx$/i);
  });
});

test('an answer without a length ends with the connection', async (t) => {
  const server = await serve(t, async (peer) => {
    await peer.head();
    peer.send('HTTP/1.1 200 OK\r\n\r\nuntil the ');
    await new Promise((done) => setTimeout(done, 30));
    peer.socket.end('end');
  });
  const { port } = await proxy(t, server);
  const all = await exchange(t, port, 'GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  holds(all.startsWith('HTTP/1.1 200 OK\r\n'));
  // HTTP/1.1 clients may get it in chunks, which tells a whole answer from a broken one.
  match(
    all.replace(/\r\n[0-9a-f]+\r\n/gi, (line, at: number) => (at > 30 ? '' : line)),
    /until the/,
  );
  match(all, /end/);
});

test('option http-server-close closes only the server side', async (t) => {
  const server = await serve(t, answering(ok('x')));
  const { port } = await proxy(t, server, { front: 'option http-server-close' });
  const before = server.peers.length;
  const client = await connect(t, port);
  for (let turn = 0; turn < 2; turn++) {
    client.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    await client.head();
    await client.bytes(1);
  }
  strictEqual(server.peers.length - before, 2);
  strictEqual(client.finished, false);
});

test('chunks cut at the very end of a large read', async (t) => {
  // A read that ends within a chunk's frame keeps the frame's beginning: there has to be room behind it.
  let body = '';
  for (let i = 0; body.length < 1 << 24; i++) {
    const size = 1 + (((i * 2654435761) >>> 7) % 300);
    body += `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`;
  }
  body += '0\r\n\r\n';
  const server = await serve(t, async (peer) => {
    await peer.head();
    peer.send(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${body}`);
  });
  const { program, port } = await proxy(t, server);
  const client = await connect(t, port);
  client.send('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
  const answer = await client.all();
  strictEqual(answer.length - answer.indexOf('\r\n\r\n') - 4, body.length);
  await program.logs(/ 200 \d+ - - ---- /);
});

test('HEAD that a rule turned into GET: the body of the answer is thrown away', async (t) => {
  const server = await serve(
    t,
    answering((head) => {
      const length = Number(/^GET \/(\d+)/.exec(head)![1]);
      if (length % 2 === 0) return ok(noise(length));
      const half = noise((length - 1) / 2);
      const chunk = `${half.length.toString(16)}\r\n${half}\r\n`;
      return `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunk}${chunk}0\r\n\r\n`;
    }),
  );
  const { port } = await proxy(t, server, {
    front: `http-request set-method GET
    http-request return status 404 content-type text/plain string gone if { path /gone }`,
    back: 'http-reuse always',
  });
  const client = await connect(t, port);
  for (const path of ['/12', '/900000', '/700001', '/gone', '/41', '/0']) {
    client.send(`HEAD ${path} HTTP/1.1\r\nhost: a\r\n\r\n`);
    match(await client.head(), path === '/gone' ? /^HTTP\/1\.1 404 / : /^HTTP\/1\.1 200 /);
    strictEqual(client.text, '');
  }
  client.send('GET /6 HTTP/1.1\r\nhost: a\r\n\r\n');
  match(await client.head(), /^HTTP\/1\.1 200 /);
  strictEqual(await client.bytes(6), noise(6));
  strictEqual(client.text, '');
  strictEqual(server.peers.length, 1, 'the server connection was used again');
});

test('a chunk is passed on with its last line end, both ways, however long the next one takes', async (t) => {
  const server = await serve(t, async (peer) => {
    await peer.head();
    // The request's chunk is complete although nothing follows it.
    await peer.seen(/^5\r\nfirst\r\n$/);
    peer.send('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
    peer.send('3\r\none\r\n');
    await peer.seen(/0\r\n\r\n$/);
    peer.send('3\r\ntwo\r\n0');
    await peer.seen(/never/, 500).catch(() => {});
    peer.send('\r\n\r\n');
  });
  for (const front of ['', 'option splice-request\n    option splice-response']) {
    const { port } = await proxy(t, server, { front });
    const client = await connect(t, port);
    client.send('POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n');
    await client.head();
    await client.seen(/^3\r\none\r\n$/);
    client.send('0\r\n\r\n');
    await client.seen(/^3\r\none\r\n3\r\ntwo\r\n$/);
    strictEqual(await client.bytes(16), '3\r\none\r\n3\r\ntwo\r\n');
    strictEqual(await client.bytes(5), '0\r\n\r\n');
  }
});

test('an offer of HTTP/2 by Upgrade ends here, with all that belongs to it', async (t) => {
  const server = await serve(
    t,
    answering((head) => `HTTP/1.1 200 OK\r\nupgrade: foo\r\nconnection: Upgrade\r\n${ok(head).slice(17)}`),
  );
  const { port } = await proxy(t, server);
  const client = await connect(t, port);
  const cases = [
    [
      'connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\nhttp2-settings: x\r\n',
      '',
    ],
    ['connection: x, upgrade\r\nupgrade: H2C\r\n', 'connection: x\r\n'],
    ['connection: Upgrade\r\nupgrade: h2c, foo\r\n', 'connection: Upgrade\r\nupgrade: foo\r\n'],
    ['connection: Upgrade\r\n', 'connection: Upgrade\r\n'],
  ] as const;
  for (const [sent, passed] of cases) {
    client.send(`GET / HTTP/1.1\r\nhost: a\r\n${sent}\r\n`);
    // An answer that offers another protocol keeps what RFC 9110 section 7.8 asks for.
    match(await client.head(), /\r\nupgrade: foo\r\nconnection: Upgrade\r\n/i);
    const head = `GET / HTTP/1.1\r\nhost: a\r\n${passed}\r\n`;
    strictEqual(await client.bytes(head.length), head);
  }
});

test('what a client sends behind CONNECT before it is accepted reaches the server whole', async (t) => {
  const early = noise(6_000_000);
  let got = '';
  const server = await serve(t, async (peer) => {
    await peer.head();
    // More is on its way than sockets hold: a piece waits in Hawser when the tunnel begins.
    peer.socket.pause();
    await sleep(300);
    peer.send('HTTP/1.1 200 OK\r\n\r\nhello');
    await sleep(300);
    peer.socket.resume();
    got = await peer.all();
    peer.socket.end('bye');
  });
  const { port } = await proxy(t, server);
  const client = await connect(t, port);
  client.send(`CONNECT a:80 HTTP/1.1\r\nhost: a:80\r\n\r\n`);
  client.socket.end(early, 'latin1');
  match(await client.all(), /^HTTP\/1\.1 200 OK\r\n\r\nhellobye$/);
  strictEqual(got.length, early.length);
  strictEqual(sha(got), sha(early));
});

test('a request that came with the end of a long body leaves the memory of others alone', async (t) => {
  const server = await serve(t, async (peer) => {
    const head = await peer.head();
    await peer.bytes(Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0));
    peer.socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok`);
  });
  const { port } = await proxy(t, server);
  const client = await connect(t, port);
  const body = noise(2_000_000);
  const get = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
  client.send(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}${get}`);
  await client.seen(/^HTTP[^]*ok[^]*ok$/);
  // What arrives next has a place of its own.
  const next = body.slice(0, 250_000);
  client.send(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${next.length}\r\n\r\n${next}${get}`);
  const last = await client.seen(/^(HTTP[^]*?(ok|<\/html>\s*)){4}$/);
  strictEqual(last.match(/HTTP\/1\.1 200 OK/g)?.length, 4, last);
});
