// option accept-unsafe-violations-in-http-response: what is refused without it and taken with it (manual 4.2).

import { equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { PREAMBLE, connect, freePorts, serve, start } from './harness.ts';
import { askSocket } from './stats-socket.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BODY = '\r\n\r\nyes';
const HANDSHAKE =
  'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

const FINE = `HTTP/1.1 200 OK\r\ncontent-length: 3${BODY}`;

/** Path, the answer of the server, what a client gets with the option. */
const CASES: readonly (readonly [path: string, answer: string, relaxed: RegExp])[] = [
  ['/status', `HTTP/1.1 2000 Fine\r\ncontent-length: 3${BODY}`, /^HTTP\/1\.1 2000 Fine\r\n[^]*yes$/],
  [
    '/name',
    `HTTP/1.1 200 OK\r\nx y: 1\r\nx-z: 2\r\ncontent-length: 3${BODY}`,
    /^(?![^]*x y)[^]*x-z: 2[^]*yes$/,
  ],
  ['/null-name', `HTTP/1.1 200 OK\r\nx\0y: 1\r\ncontent-length: 3${BODY}`, /^(?![^]*y: 1)[^]*yes$/],
  ['/null', `HTTP/1.1 200 OK\r\nx-n: a\0b\r\ncontent-length: 3${BODY}`, /x-n: a\0b\r\n[^]*yes$/],
  [
    '/coding',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, chunked\r\n\r\n3\r\nyes\r\n0\r\n\r\n',
    /yes\r\n0\r\n\r\n$/,
  ],
  ['/empty', 'HTTP/1.1 200 OK\r\ntransfer-encoding:\r\nconnection: close\r\n\r\nyes', /yes/],
  ['/version', `RTSP/1.0 200 OK\r\ncontent-length: 3${BODY}`, /200 OK\r\n[^]*yes$/],
  ['/digits', `HTTP/11.10 200 OK\r\ncontent-length: 3${BODY}`, /200 OK\r\n[^]*yes$/],
  [
    '/socket',
    'HTTP/1.1 101 Go\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nyes',
    /^HTTP\/1\.1 101 Go\r\n[^]*yes$/,
  ],
];

test('answers that break the rules: 502, or with the option as the server meant them', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'invalid-answers-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const seen: string[] = [];
  const server = await serve(t, async (peer) => {
    const head = await peer.head();
    seen.push(head);
    const path = head.split(' ')[1];
    peer.send(CASES.find(([one]) => one === path)?.[1] ?? FINE);
    if (path === '/empty') peer.socket.end();
  });
  const [strict, relaxed, asking] = await freePorts(3);
  const listen = (name: string, port: number, words: string): string =>
    `listen ${name}\n    bind 127.0.0.1:${port}\n    ${words}\n    server s 127.0.0.1:${server.port}\n`;
  const socket = join(folder, 'stats');
  await start(
    t,
    PREAMBLE.replace('global\n', `global\n    stats socket ${socket}\n`) +
      listen('strict', strict!, '') +
      listen('relaxed', relaxed!, 'option accept-unsafe-violations-in-http-response') +
      listen('asking', asking!, 'option accept-unsafe-violations-in-http-request'),
    [strict!, relaxed!, asking!],
  );
  const get = async (port: number, path: string, until: RegExp): Promise<string> => {
    const client = await connect(t, port);
    client.send(`GET ${path} HTTP/1.1\r\nhost: a\r\n${path === '/socket' ? HANDSHAKE : ''}\r\n`);
    const text = await client.seen(until);
    client.socket.destroy();
    return text;
  };
  for (const [path, , wanted] of CASES) {
    ok((await get(strict!, path, /\r\n\r\n/)).startsWith('HTTP/1.1 502 '), path);
    match(await get(relaxed!, path, wanted), wanted, path);
  }
  // What was refused can be looked at; what was taken in spite of a fault too.
  const errors = await askSocket(socket, 'show errors');
  match(errors, /backend strict \(#\d\): invalid response/);
  match(errors, /backend relaxed \(#\d\): invalid response/);
  equal(errors.includes('invalid request'), false);
  const client = await connect(t, asking!);
  client.send('GET /fine HTTP/1.1\r\nhost: a\r\nx y: 1\r\n\r\n');
  await client.seen(/yes$/);
  match(await askSocket(socket, 'show errors'), /frontend asking \(#\d\): invalid request[^]*x y: 1/);
  equal(seen.at(-1)!.includes('x y'), false);
});
