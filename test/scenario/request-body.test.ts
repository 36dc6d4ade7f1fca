// Rules and options that want the request's body, and what clients with Expect or CONNECT meet there.

import { test, type TestContext } from 'node:test';
import { match, strictEqual } from 'node:assert/strict';
import { connect, freePorts, PREAMBLE, serve, start, type ScriptedServer } from './harness.ts';

const WAYS = ['option http-buffer-request', 'http-request wait-for-body time 5s'];

async function listen(t: TestContext, server: ScriptedServer, line: string): Promise<number> {
  const [port] = await freePorts(1);
  const config = `${PREAMBLE}
listen web
    mode http
    bind 127.0.0.1:${port}
    ${line}
    server s1 127.0.0.1:${server.port}
`;
  await start(t, config, [port!]);
  return port!;
}

const HEAD = 'POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n';

for (const line of WAYS) {
  test(`${line}: who expects 100 Continue is told to go on, and the server is not asked`, async (t) => {
    let asked = '';
    const server = await serve(t, async (peer) => {
      asked = await peer.seen(/abc$/);
      peer.send('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    });
    const client = await connect(t, await listen(t, server, line));
    client.send(HEAD);
    match(await client.seen(/\r\n\r\n/), /^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    client.send('abc');
    match(await client.seen(/ok$/), /HTTP\/1\.1 200 OK/);
    strictEqual(/expect/i.test(asked), false, asked);
  });

  test(`${line}: a body that came with its head gets its 100 Continue too`, async (t) => {
    const server = await serve(t, async (peer) => {
      await peer.seen(/abc$/);
      peer.send('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    });
    const client = await connect(t, await listen(t, server, line));
    client.send(`${HEAD}abc`);
    match(await client.seen(/ok$/), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
  });

  test(`${line}: CONNECT has no body to wait for`, async (t) => {
    const server = await serve(t, async (peer) => {
      await peer.seen(/\r\n\r\n/);
      peer.send('HTTP/1.1 200 OK\r\n\r\nhello');
      await peer.seen(/ping/);
      peer.socket.end('pong');
    });
    const client = await connect(t, await listen(t, server, line));
    client.send('CONNECT a:80 HTTP/1.1\r\nhost: a:80\r\n\r\n');
    await client.seen(/hello/);
    client.send('ping');
    await client.seen(/pong/);
  });
}
