// Small things of answers and requests beside Debian's haproxy: cookies for servers without one, the connection header of
// an HTTP/1.0 errorfile, the order of headers that are added, request numbers.

import { deepEqual } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { answering, connect, ok, serve, sleep } from '../scenario/harness.ts';
import { haproxyMissing, startTwins } from './twins.ts';

const skip = haproxyMissing();
const HEAD = `global
  nbthread 1
  stats socket STATS
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
`;

/** What %rt made of it; haproxy counts the test's own questions to its stats socket too. */
const NUMBERS = /number (\d+(?:-\d+)?)/;

/** Both programs say the same to each text on a connection of its own. Gives what Hawser numbered these requests by. */
async function compare(
  t: TestContext,
  count: number,
  config: (ports: readonly number[]) => string,
  texts: readonly (readonly [port: number, text: string])[],
): Promise<string[]> {
  const seen: string[][] = [];
  const numbers: string[] = [];
  for (const { ports } of await startTwins(t, count, config)) {
    const answers: string[] = [];
    for (const [port, text] of texts) {
      const client = await connect(t, ports[port]!);
      client.send(text);
      await client.seen(/\r\n\r\n/);
      await sleep(60);
      answers.push(`${text}\n${client.text.replace(NUMBERS, 'number N')}${client.finished ? 'end' : ''}`);
      numbers.push(NUMBERS.exec(client.text)?.[1] ?? '');
      client.socket.destroy();
    }
    seen.push(answers);
  }
  deepEqual(seen[1], seen[0]);
  return numbers.slice(-texts.length);
}

test('insert: a server without a cookie takes away what the client has', { skip }, async (t) => {
  const server = await serve(t, answering(ok('x').replace('content', 'set-cookie: P=1\r\ncontent')));
  const words = [
    'DC insert',
    'DC insert indirect nocache secure',
    'DC insert postonly',
    'P insert',
    'P insert preserve',
    'DC rewrite',
    'DC prefix',
    'DC insert indirect httponly domain d.x maxidle 10m',
  ];
  const requests = ['', 'cookie: DC=a\r\n', 'cookie: P=b\r\n'].flatMap((cookie) =>
    ['GET', 'POST'].map((method) => `${method} / HTTP/1.1\r\nhost: a\r\n${cookie}content-length: 0\r\n\r\n`),
  );
  await compare(
    t,
    words.length,
    (ports) =>
      HEAD +
      words
        .map(
          (cookie, at) =>
            `listen l${at}\n  bind 127.0.0.1:${ports[at]}\n  cookie ${cookie}\n  server s 127.0.0.1:${server.port}\n`,
        )
        .join(''),
    words.flatMap((_cookie, at) => requests.map((request) => [at, request] as const)),
  );
});

test('answers of HTTP/1.0 from errorfiles and servers, to clients of either version', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'replies-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, '503.http');
  writeFileSync(file, 'HTTP/1.0 503 Old\r\ncontent-length: 1\r\n\r\nx');
  const lines = ['', 'connection: keep-alive\r\n', 'connection: close\r\n'];
  const texts = ['1.0', '1.1'].flatMap((version) =>
    lines.map((line) => `GET / HTTP/${version}\r\nhost: a\r\n${line}\r\n`),
  );
  const server = await serve(t, async (peer) => {
    await peer.head();
    peer.send('HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx');
    peer.socket.end();
  });
  await compare(
    t,
    3,
    (ports) => `${HEAD}frontend old
  bind 127.0.0.1:${ports[0]}
  errorfile 503 ${file}
frontend new
  bind 127.0.0.1:${ports[1]}
  http-request return status 200 content-type text/plain string y
listen server
  bind 127.0.0.1:${ports[2]}
  server s 127.0.0.1:${server.port}
`,
    [0, 1, 2].flatMap((port) => texts.map((text) => [port, text] as const)),
  );
});

test('requests are numbered; what is added to them stands in one order', { skip }, async (t) => {
  const server = await serve(
    t,
    answering((head) => ok(head.replace(/127\.0\.0\.1:\d+/, ''))),
  );
  const numbers = await compare(
    t,
    2,
    (ports) => `${HEAD}frontend first
  bind 127.0.0.1:${ports[0]}
  unique-id-format number\\ %rt-%{+X}o%rt
  unique-id-header x-id
  option forwardfor
  option originalto
  http-request set-header x-set 1
  default_backend b
frontend second
  bind 127.0.0.1:${ports[1]}
  http-request return status 200 content-type text/plain lf-string "number %rt"
backend b
  option httpclose
  server s 127.0.0.1:${server.port}
`,
    [0, 1, 1, 0].map((port) => [port, 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'] as const),
  );
  deepEqual(numbers, ['0-0000', '1', '2', '3-0003']);
});

test('httpclose and http-server-close: which side of which proxy closes', { skip }, async (t) => {
  const server = await serve(
    t,
    answering((head) => ok(/connection: close/.test(head) ? 'server closes' : 'server keeps')),
  );
  const modes = ['', 'option httpclose', 'option http-server-close'];
  const pairs = modes.flatMap((front) => modes.map((back) => [front, back] as const));
  const twice = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(2);
  await compare(
    t,
    pairs.length,
    (ports) =>
      HEAD +
      pairs
        .map(
          ([front, back], at) =>
            `frontend f${at}\n  bind 127.0.0.1:${ports[at]}\n  ${front}\n  default_backend b${at}\n` +
            `backend b${at}\n  ${back}\n  server s 127.0.0.1:${server.port}\n`,
        )
        .join(''),
    pairs.map((_pair, at) => [at, twice] as const),
  );
});
