// What TCP configurations do with the first bytes of a connection: servers by TLS name and by RDP cookie.

import { test } from 'node:test';
import { deepStrictEqual, ok as truth, strictEqual } from 'node:assert/strict';
import { PREAMBLE, connect, exchange, freePorts, serve, sleep, start } from './harness.ts';
import type { Peer } from './harness.ts';
import { clientHello } from '../../src/testing/tls.ts';

/** A server that says its name as soon as it got anything. */
const named =
  (name: string) =>
  async (peer: Peer): Promise<void> => {
    await peer.bytes(1);
    peer.socket.end(name);
  };

const rdp = (cookie: string): string =>
  `\x03\0\0\x2f\x2a\xe0\0\0\0\0\0Cookie: ${cookie}\r\n\x01\0\x08\0\x0b\0\0\0`;

/** 127.0.0.1 and a port as terminal servers write them. */
const token = (port: number): string => `16777343.${((port & 255) << 8) | (port >> 8)}.0000`;

test('req.ssl_sni chooses the backend once the hello is whole', async (t) => {
  const [shop, mail, plain] = [
    await serve(t, named('shop')),
    await serve(t, named('mail')),
    await serve(t, named('plain')),
  ];
  const [port] = await freePorts(1);
  const config = `${PREAMBLE}
frontend front
    mode tcp
    bind 127.0.0.1:${port}
    tcp-request inspect-delay 2s
    tcp-request content reject if { req.ssl_sni bad.example.com }
    tcp-request content accept if { req.ssl_hello_type 1 }
    use_backend shop if { req.ssl_sni -i shop.example.com }
    use_backend mail if { req.ssl_sni -m end .mail.example.com }
    default_backend plain
backend shop
    mode tcp
    server s 127.0.0.1:${shop.port}
backend mail
    mode tcp
    server s 127.0.0.1:${mail.port}
backend plain
    mode tcp
    server s 127.0.0.1:${plain.port}
`;
  await start(t, config, [port!]);
  const ask = async (bytes: string): Promise<string> => exchange(t, port!, bytes);
  strictEqual(await ask(clientHello({ name: 'Shop.example.com' })), 'shop');
  strictEqual(await ask(clientHello({ name: 'in.mail.example.com' })), 'mail');
  strictEqual(await ask(clientHello({ name: 'other.example.com' })), 'plain');
  strictEqual(await ask(clientHello({ name: 'bad.example.com' })), '');
  const from = Date.now();
  strictEqual(await ask('SSH-2.0-x\r\n'), 'plain');
  truth(Date.now() - from < 1500, 'what is no hello is not waited for');
  // In pieces: the first ones decide nothing.
  const hello = clientHello({ name: 'shop.example.com' });
  const client = await connect(t, port!);
  for (const [begin, end] of [
    [0, 3],
    [3, 60],
    [60, hello.length - 1],
  ] as const) {
    client.send(hello.slice(begin, end));
    await sleep(50);
    strictEqual(shop.peers.length, 1);
  }
  client.send(hello.slice(-1));
  strictEqual(await client.all(), 'shop');
});

test('persist rdp-cookie and balance rdp-cookie', async (t) => {
  const servers = [await serve(t, named('a')), await serve(t, named('b')), await serve(t, named('c'))];
  const [port, strict] = await freePorts(2);
  const list = (words: string): string =>
    servers.map((one, index) => `    server ${'abc'[index]} 127.0.0.1:${one.port} ${words}`).join('\n');
  const config = `${PREAMBLE}
defaults
    mode tcp
    timeout client 5s
    timeout server 5s
    timeout connect 5s
    persist rdp-cookie
listen terminals
    bind 127.0.0.1:${port}
    tcp-request inspect-delay 2s
    tcp-request content accept if RDP_COOKIE
    balance rdp-cookie
${list('')}
listen ignoring
    bind 127.0.0.1:${strict}
    tcp-request inspect-delay 2s
    tcp-request content accept if RDP_COOKIE
    ignore-persist if { src 127.0.0.1 }
    balance first
${list('')}
`;
  await start(t, config, [port!, strict!]);
  const ask = (cookie: string, at = port!): Promise<string> => exchange(t, at, rdp(cookie));
  for (const [index, { port: wanted }] of servers.entries()) {
    strictEqual(await ask(`msts=${token(wanted)}`), 'abc'[index]);
    strictEqual(await ask(`msts=${token(wanted)}`, strict!), 'a');
  }
  // The same user comes to the same server; the users are spread.
  const chosen = new Map<string, string>();
  for (const user of ['u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7', 'u8']) {
    chosen.set(user, await ask(`mstshash=${user}`));
    strictEqual(await ask(`mstshash=${user}`), chosen.get(user));
  }
  deepStrictEqual([...new Set(chosen.values())].toSorted(), ['a', 'b', 'c']);
});
