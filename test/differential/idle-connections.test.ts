// How many connections a server sees, and how many stay open, through HAProxy and through ours. Needs `haproxy` on PATH.

import { test, type TestContext } from 'node:test';
import { deepStrictEqual } from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, freePorts, ok, serve, sleep, until, type Peer } from '../scenario/harness.ts';

const HAWSER = join(import.meta.dirname, '../../bin/hawser');
const REQUEST = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';
const installed = spawnSync('haproxy', ['-v']).status === 0;

/** [open, accepted so far] at the server after each step of the story. */
async function story(t: TestContext, program: string): Promise<string[]> {
  const server = await serve(t, async (peer) => {
    while (!peer.finished) {
      await peer.head();
      await sleep(50);
      peer.send(ok('hello'));
    }
  });
  const [port] = (await freePorts(1)) as [number];
  const directory = mkdtempSync(join(tmpdir(), 'idle-'));
  const file = join(directory, 'c.cfg');
  // A high maxconn: HAProxy keeps less where idle connections take a fifth of all descriptors.
  const config = `global\n  nbthread 1\n  maxconn 4000\ndefaults\n  mode http\n  timeout connect 5s\n  timeout client 60s
  timeout server 60s\nlisten f\n  bind 127.0.0.1:${port}\n  server s 127.0.0.1:${server.port}\n`;
  writeFileSync(file, config);
  const child = spawn(program, ['-f', file], { stdio: 'ignore' });
  t.after(() => {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });
  await until(async () => {
    try {
      (await connect(t, port)).socket.destroy();
      return true;
    } catch {
      return false;
    }
  }, `${program} listens`);
  const clients: Peer[] = [];
  const ask = async (client: Peer): Promise<void> => {
    client.send(REQUEST);
    await client.seen(/hello$/);
    client.text = '';
  };
  const newcomer = async (): Promise<void> => {
    const client = await connect(t, port);
    clients.push(client);
    await ask(client);
  };
  const told: string[] = [];
  const tell = async (step: string): Promise<void> => {
    await sleep(300);
    const open = server.peers.filter((peer) => !peer.finished && !peer.closed).length;
    told.push(`${step}: ${open} of ${server.peers.length}`);
  };
  for (let i = 0; i < 5; i++) await newcomer();
  await tell('one after another');
  for (let batch = 0; batch < 3; batch++) await Promise.all(Array.from({ length: 6 }, newcomer));
  await tell('three times six');
  await Promise.all(clients.slice(0, 12).map(ask));
  await tell('twelve ask again');
  for (let i = 0; i < 8; i++) await ask(clients[i]!);
  await tell('eight ask again one by one');
  return told;
}

test('as many idle connections are kept as HAProxy keeps', { skip: !installed }, async (t) => {
  const [theirs, ours] = await Promise.all([story(t, 'haproxy'), story(t, HAWSER)]);
  deepStrictEqual(ours, theirs);
  deepStrictEqual(theirs.at(-1), 'eight ask again one by one: 12 of 29');
});
