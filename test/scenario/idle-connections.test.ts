// How many idle server connections are kept: what the service needed at once of late, as HAProxy keeps them.

import { test } from 'node:test';
import { strictEqual } from 'node:assert/strict';
import { answering, connect, ok, proxy, serve, sleep, until, type Peer } from './harness.ts';
import type { ScriptedServer } from './harness.ts';

const REQUEST = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';
/** Less than the time after which the server's script gives an idle connection up. */
const SOON_MS = 5000;

async function ask(client: Peer): Promise<void> {
  client.send(REQUEST);
  await client.seen(/hello$/);
  client.text = '';
}

const open = (server: ScriptedServer): number =>
  server.peers.filter((peer) => !peer.finished && !peer.closed).length;

test('clients that come one after another leave one idle server connection, not one each', async (t) => {
  const server = await serve(t, answering(ok('hello')));
  const { port } = await proxy(t, server);
  const clients: Peer[] = [];
  for (let i = 0; i < 10; i++) {
    const client = await connect(t, port);
    await ask(client);
    clients.push(client);
  }
  strictEqual(server.peers.length, 10, 'a first request has a connection of its own');
  await until(() => open(server) === 1, 'the connections that nobody needs are closed', SOON_MS);
  for (const client of clients) await ask(client);
  strictEqual(server.peers.length, 10, 'the one is enough for requests that follow one another');
});

test('as many idle connections are kept as were needed at once, until they are needed no more', async (t) => {
  const held: Peer[] = [];
  const server = await serve(t, async (peer) => {
    while (!peer.closed) {
      await peer.head();
      held.push(peer);
    }
  });
  const { port } = await proxy(t, server, { words: 'pool-purge-delay 1s' });
  const together = async (clients: readonly Peer[]): Promise<void> => {
    for (const client of clients) client.send(REQUEST);
    await until(() => held.length === clients.length, 'all requests are at the server');
    for (const peer of held.splice(0)) peer.send(ok('hello'));
    await Promise.all(clients.map((client) => client.seen(/hello$/)));
    for (const client of clients) client.text = '';
  };
  const clients = await Promise.all(Array.from({ length: 8 }, () => connect(t, port)));
  await together(clients);
  strictEqual(open(server), 8);
  await together(clients);
  strictEqual(server.peers.length, 8, 'all of them served again');
  await until(() => open(server) < 8, 'some are given up');
  await until(() => open(server) === 0, 'and then the rest', 12_000);
});

test('pool-purge-delay 0 keeps no idle connection, pool-low-conn keeps its number', async (t) => {
  const server = await serve(t, answering(ok('hello')));
  const none = await proxy(t, server, { words: 'pool-purge-delay 0' });
  const client = await connect(t, none.port);
  await ask(client);
  await until(() => open(server) === 0, 'the connection is closed', SOON_MS);
  const other = await serve(t, answering(ok('hello')));
  const low = await proxy(t, other, { words: 'pool-low-conn 3 pool-purge-delay 1s' });
  for (let i = 0; i < 5; i++) await ask(await connect(t, low.port));
  await until(() => open(other) === 3, 'three are kept though one was needed', SOON_MS);
  await sleep(2500);
  strictEqual(open(other), 3);
});
