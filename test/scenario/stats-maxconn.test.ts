// stats maxconn: connections beyond it wait for their turn, as in HAProxy.

import { test } from 'node:test';
import { match, strictEqual } from 'node:assert/strict';
import net from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answering, ok, Peer, proxy, serve, sleep } from './harness.ts';

test('connections to the stats socket beyond its maxconn wait', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'hawser-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 's');
  const server = await serve(t, answering(ok('x')));
  const { program } = await proxy(t, server, { global: `stats socket ${path}\n    stats maxconn 3` });
  const open = async (): Promise<Peer> => {
    const socket = net.connect({ path });
    t.after(() => socket.destroy());
    const peer = new Peer(socket);
    await new Promise((done, fail) => socket.once('connect', done).once('error', fail));
    return peer;
  };
  const first: Peer[] = [];
  for (let i = 0; i < 3; i++) {
    const peer = await open();
    peer.send('prompt\n');
    await peer.seen(/> $/);
    first.push(peer);
  }
  const late = [await open(), await open()];
  for (const peer of late) peer.send('show version\n');
  await sleep(200);
  for (const peer of late) strictEqual(`${peer.text}${peer.closed}`, 'false');
  // One that gave up is passed over; each that ends makes room for the next.
  const gone = await open();
  gone.socket.destroy();
  first[0]!.send('quit\n');
  for (const peer of late) match(await peer.all(), /^\d+\.\d+/);
  strictEqual(program.ended, null);
});
