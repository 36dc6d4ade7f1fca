// maxconnrate, maxsessrate (manual 3.2), rate-limit sessions (manual 4.2) and `set rate-limit` (management.txt).

import { test, type TestContext } from 'node:test';
import { ok as yes, strictEqual } from 'node:assert/strict';
import { answering, connect, ok, serve, until } from './harness.ts';
import { kinds, nameOf, observe, type Setup, type Witness } from './witness.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';

/** Starts `count` requests at once; gives how many are answered at a time. */
async function burst(t: TestContext, witness: Witness, count: number): Promise<() => number> {
  const clients = await Promise.all(Array.from({ length: count }, () => connect(t, witness.port)));
  for (const client of clients) client.send(GET);
  return () => clients.filter((client) => client.text.endsWith('x')).length;
}

const LIMITS: readonly Partial<Setup>[] = [
  { global: 'maxconnrate 8' },
  { global: 'maxsessrate 8' },
  { front: 'rate-limit sessions 8' },
];

for (const kind of kinds) {
  for (const lines of LIMITS) {
    const name = lines.global ?? lines.front!;
    test(`${name}: others wait and are served in later seconds (${nameOf(kind)})`, async (t) => {
      const server = await serve(t, answering(ok('x')));
      const witness = await observe(t, { kind, server: server.port, ...lines });
      await until(async () => (await witness.stat('fe', 'FRONTEND', 'conn_rate')) === 0, 'a second of rest');
      const from = performance.now();
      const answered = await burst(t, witness, 20);
      await until(() => answered() === 20, 'all of them in the end');
      // At most 8 in any second, and 20 of them: at least one and a half seconds.
      yes(performance.now() - from > 1200, `${performance.now() - from} ms`);
      const column = name.includes('conn') ? 'conn_rate_max' : 'rate_max';
      // Each thread may find room at the same moment.
      yes((await witness.stat('fe', 'FRONTEND', column)) <= 8 + kind.threads, 'the highest rate');
      strictEqual(await witness.stat('fe', 'FRONTEND', 'rate_lim'), lines.front === undefined ? 0 : 8);
    });
  }
}

test('set rate-limit holds at once, for connections and for sessions', async (t) => {
  const server = await serve(t, answering(ok('x')));
  const witness = await observe(t, { kind: kinds[0]!, server: server.port, global: 'maxconnrate 1000' });
  strictEqual(await witness.info('ConnRateLimit'), 1000);
  for (const what of ['connections', 'sessions']) {
    await until(async () => (await witness.stat('fe', 'FRONTEND', 'conn_rate')) === 0, 'a second of rest');
    strictEqual(await witness.ask(`set rate-limit ${what} global 2`), '\n');
    strictEqual(await witness.info(what === 'sessions' ? 'SessRateLimit' : 'ConnRateLimit'), 2);
    const answered = await burst(t, witness, 12);
    await until(() => answered() >= 2, 'the first two');
    yes(answered() < 12, 'the others wait');
    await witness.ask(`set rate-limit ${what} global 0`);
    await until(() => answered() === 12, 'all of them', 1000);
  }
  const usage = await witness.ask('set rate-limit nonsense global 2');
  yes(usage.startsWith("'set rate-limit' only supports :\n"), usage);
  strictEqual(await witness.ask('set rate-limit sessions global x'), 'Expects an integer value.\n\n');
  strictEqual(await witness.ask('set rate-limit sessions global -1'), 'Value out of range.\n\n');
});
