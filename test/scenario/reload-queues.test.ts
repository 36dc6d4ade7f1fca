// Streams that wait for a server while a reload is under way: the old and the new generation share its slots.

import { test } from 'node:test';
import { strictEqual, ok as yes } from 'node:assert/strict';
import { connect, ok, serve, until } from './harness.ts';
import { kinds, nameOf, observe } from './witness.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const HOLD = 'GET /hold HTTP/1.1\r\nhost: a\r\n\r\n';

for (const kind of kinds) {
  test(`a slot that one generation frees goes to who waits in the other (${nameOf(kind)})`, async (t) => {
    const held: (() => void)[] = [];
    const server = await serve(t, async (peer) => {
      for (;;) {
        const head = await peer.head();
        if (head.startsWith('GET /hold')) await new Promise<void>((done) => held.push(done));
        peer.send(ok('x'));
      }
    });
    const witness = await observe(t, {
      kind,
      server: server.port,
      words: 'maxconn 1 pool-max-conn 0',
      defaults: 'timeout queue 8s',
    });
    const reload = async (): Promise<void> => {
      const loaded = (): number => witness.program.stderr.split('Loading success').length;
      const before = loaded();
      witness.program.signal('SIGUSR2');
      await until(() => loaded() > before, 'a reload');
    };
    const queued = (): Promise<number> => witness.stat('be', 'BACKEND', 'qcur');
    // Old: one holds the server, another waits.
    const holder = await connect(t, witness.port);
    holder.send(HOLD);
    await until(() => held.length === 1, 'the holder');
    const waiter = await connect(t, witness.port);
    waiter.send(HOLD);
    await until(async () => (await queued()) === 1, 'one in the queue');
    await reload();
    // New: one more waits for what the old generation holds.
    const newcomer = await connect(t, witness.port);
    newcomer.send(GET);
    await until(async () => (await queued()) === 2, 'two in the queues');
    held[0]!();
    await until(() => held.length === 2, 'the one that waited in the old generation');
    strictEqual(newcomer.text, '');
    held[1]!();
    const before = Date.now();
    await newcomer.seen(/x$/);
    yes(Date.now() - before < 2000, 'soon after the slot was free');
    for (const client of [holder, waiter, newcomer]) client.socket.destroy();
    await witness.quiet();
  });
}
