// TCP mode: bytes pass untouched, and each side may end before the other.

import { test } from 'node:test';
import { match, strictEqual } from 'node:assert/strict';
import {
  connect,
  freePorts,
  PREAMBLE,
  serve,
  sleep,
  start,
  until,
  type ScriptedServer,
  type Hawser,
} from './harness.ts';
import type { TestContext } from 'node:test';

async function listen(
  t: TestContext,
  server: ScriptedServer,
  lines = '',
): Promise<{ readonly program: Hawser; readonly port: number }> {
  const [port] = await freePorts(1);
  const config = `${PREAMBLE.replace('option httplog', 'option tcplog')}
listen raw
    mode tcp
    bind 127.0.0.1:${port}
    ${lines}
    server s1 127.0.0.1:${server.port}
`;
  return { program: await start(t, config, [port!]), port: port! };
}

test('an echo, and an end of the client that the server answers', async (t) => {
  const server = await serve(t, async (peer) => {
    const text = await peer.seen(/ping/);
    peer.send(`${text}!`);
    await peer.all();
    peer.socket.end('goodbye');
  });
  const { program, port } = await listen(t, server);
  const client = await connect(t, port);
  client.send('\x00\xffping');
  strictEqual(await client.bytes(7), '\x00\xffping!');
  client.socket.end();
  strictEqual(await client.all(), 'goodbye');
  match((await program.logs(/ raw\/s1 \d+\/\d+\/\d+ 14 /))[0]!, / raw raw\/s1 \d+\/\d+\/\d+ 14 -- /);
});

test('a server that ends first leaves the way up open', async (t) => {
  let late = '';
  const server = await serve(t, async (peer) => {
    peer.socket.end('all I have');
    late = await peer.all();
  });
  const { port } = await listen(t, server);
  const client = await connect(t, port);
  strictEqual(await client.all(), 'all I have');
  client.socket.end('still speaking');
  await until(() => late === 'still speaking', 'the late bytes');
});

test('a silent client is cut after timeout client: cD', async (t) => {
  const server = await serve(t, () => {});
  const { program, port } = await listen(t, server, 'timeout client 150ms');
  const client = await connect(t, port);
  await client.all();
  match((await program.logs(/ cD /))[0]!, / raw raw\/s1 /);
});

test('bytes that content rules waited for are counted as uploaded', async (t) => {
  const server = await serve(t, async (peer) => {
    await peer.seen(/0123456789abcde/);
    peer.socket.end('ok');
  });
  const lines = `log-format "up=%U down=%B %ts"
    tcp-request inspect-delay 5s
    tcp-request content accept if { req.len ge 12 }`;
  const { program, port } = await listen(t, server, lines);
  const client = await connect(t, port);
  client.send('0123456789');
  await sleep(50);
  client.send('abcde');
  strictEqual(await client.all(), 'ok');
  client.socket.end();
  match((await program.logs(/up=/))[0]!, /up=15 down=2 --/);
});

test('what comes with the PROXY header is counted, the header is not', async (t) => {
  const server = await serve(t, async (peer) => {
    await peer.seen(/hello/);
    peer.socket.end('ok');
  });
  const [port] = await freePorts(1);
  const program = await start(
    t,
    `${PREAMBLE}
listen raw
    mode tcp
    bind 127.0.0.1:${port} accept-proxy
    log-format "up=%U down=%B %ts"
    server s1 127.0.0.1:${server.port}
`,
    [port!],
  );
  const client = await connect(t, port!);
  client.send('PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\nhello');
  strictEqual(await client.all(), 'ok');
  client.socket.end();
  match((await program.logs(/up=5/))[0]!, /up=5 down=2 --/);
});
