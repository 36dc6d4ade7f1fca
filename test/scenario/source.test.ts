// source, usesrc and source ports: what servers see as the client's address.

import { test } from 'node:test';
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { PREAMBLE, connect, exchange, freePorts, ok, serve, sleep, start, until } from './harness.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';

test('servers and health checks see the source address; connections from it serve again', async (t) => {
  const sources: (string | undefined)[] = [];
  const server = await serve(t, async (peer) => {
    sources.push(peer.socket.remoteAddress);
    while (!peer.closed) {
      await peer.head();
      peer.send(ok(`${peer.socket.remoteAddress} ${peer.socket.remotePort}`));
    }
  });
  const [back, line] = await freePorts(2);
  const config = `${PREAMBLE}
listen back
    bind 127.0.0.1:${back}
    http-reuse always
    source 127.0.0.11
    server s1 127.0.0.1:${server.port} check inter 100ms
listen line
    bind 127.0.0.1:${line}
    source 127.0.0.12
    server s1 127.0.0.1:${server.port} source 127.0.0.13
`;
  await start(t, config, [back!, line!]);
  const bodyOf = async (port: number): Promise<string> =>
    (await exchange(t, port, GET)).split('\r\n\r\n')[1]!;
  const first = await bodyOf(back!);
  match(first, /^127\.0\.0\.11 /);
  strictEqual(await bodyOf(back!), first, 'the same connection');
  match(await bodyOf(line!), /^127\.0\.0\.13 /, 'the line of the server comes first');
  await until(() => sources.filter((source) => source === '127.0.0.11').length > 2, 'checks');
});

test('a range of source ports is used up, and ports come back', async (t) => {
  const server = await serve(t, async (peer) => {
    await peer.head();
    peer.send(ok(String(peer.socket.remotePort)));
  });
  const silent = await serve(t, () => {});
  const [port, held, low, next] = await freePorts(4);
  const config = `${PREAMBLE}
listen l
    bind 127.0.0.1:${port}
    server s1 127.0.0.1:${server.port} source 127.0.0.14:${low}-${low! + 1} pool-purge-delay 0
listen h
    bind 127.0.0.1:${held}
    retries 0
    server s1 127.0.0.1:${silent.port} source 127.0.0.15:${next}-${next! + 1}
`;
  const program = await start(t, config, [port!, held!]);
  const seen = new Set<string>();
  for (let i = 0; i < 2; i++) seen.add((await exchange(t, port!, GET)).split('\r\n\r\n')[1]!);
  deepStrictEqual([...seen].toSorted(), [String(low), String(low! + 1)]);
  // Both ports are held by requests whose answers do not come.
  const clients = [await connect(t, held!), await connect(t, held!)];
  for (const client of clients) client.send(GET);
  await until(() => silent.peers.length === 2, 'both are at the server');
  match(await exchange(t, held!, GET), /^HTTP\/1\.1 503 /);
  await program.logs(/ h h\/s1 .* 503 \d+ - - SC-- /);
  for (const client of clients) client.socket.destroy();
  const free = async (): Promise<boolean> => {
    const client = await connect(t, held!);
    client.send(GET);
    await sleep(50);
    client.socket.destroy();
    return silent.peers.length > 2;
  };
  await until(free, 'a port is free again');
});

const root = process.getuid?.() === 0;

test(
  'usesrc presents the client, a header or an address',
  { skip: root ? false : 'needs CAP_NET_ADMIN' },
  async (t) => {
    const server = await serve(t, async (peer) => {
      while (!peer.closed) {
        await peer.head();
        peer.send(ok(`${peer.socket.remoteAddress} ${peer.socket.remotePort}`));
      }
    });
    const [ip, whole, header, fixed] = await freePorts(4);
    const config = `${PREAMBLE}
listen ip
    bind 127.0.0.1:${ip}
    http-reuse always
    http-request set-src hdr(x-src) if { hdr(x-src) -m found }
    source 0.0.0.0 usesrc clientip
    server s1 127.0.0.1:${server.port}
listen whole
    bind 127.0.0.1:${whole}
    http-request set-src hdr(x-src)
    http-request set-src-port int(23456)
    source 0.0.0.0 usesrc client
    server s1 127.0.0.1:${server.port}
listen header
    bind 127.0.0.1:${header}
    http-reuse always
    server s1 127.0.0.1:${server.port} source 127.0.0.15 usesrc hdr_ip(x-forwarded-for)
listen fixed
    bind 127.0.0.1:${fixed}
    source 127.0.0.16 usesrc 127.0.0.17
    server s1 127.0.0.1:${server.port}
`;
    await start(t, config, [ip!, whole!, header!, fixed!]);
    const seen = async (port: number, lines = ''): Promise<string> => {
      const answer = await exchange(
        t,
        port,
        `GET / HTTP/1.1\r\nhost: a\r\n${lines}connection: close\r\n\r\n`,
      );
      return answer.split('\r\n\r\n')[1]!;
    };
    const one = await seen(ip!, 'x-src: 127.0.0.21\r\n');
    match(one, /^127\.0\.0\.21 /);
    match(
      await seen(ip!, 'x-src: 127.0.0.22\r\n'),
      /^127\.0\.0\.22 /,
      'not the connection of another client',
    );
    strictEqual(await seen(ip!, 'x-src: 127.0.0.21\r\n'), one, 'but that of the same');
    strictEqual(await seen(whole!, 'x-src: 127.0.0.23\r\n'), '127.0.0.23 23456');
    match(await seen(header!, 'x-forwarded-for: 127.0.0.24, 127.0.0.25\r\n'), /^127\.0\.0\.25 /);
    match(await seen(header!), /^127\.0\.0\.1 /, 'without the header nothing is bound');
    match(await seen(fixed!), /^127\.0\.0\.17 /);
  },
);
