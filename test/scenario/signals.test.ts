// Stopping and reloading while requests are on their way.

import { test, type TestContext } from 'node:test';
import { deepStrictEqual, match, rejects, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { answering, connect, freePorts, ok, PREAMBLE, proxy, serve, sleep, start, until } from './harness.ts';

test('SIGTERM ends at once', async (t) => {
  const server = await serve(t, answering(ok('x')));
  const { program } = await proxy(t, server);
  program.signal('SIGTERM');
  strictEqual(await program.end(), 'SIGTERM');
});

test('SIGUSR1 lets a request finish, refuses new connections and ends', async (t) => {
  let answer = (): void => {};
  const server = await serve(t, async (peer) => {
    await peer.head();
    await new Promise<void>((done) => (answer = done));
    peer.send(ok('late but whole'));
  });
  const { program, port } = await proxy(t, server);
  const client = await connect(t, port);
  client.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  await until(() => server.peers.length === 1, 'the request at the server');
  await sleep(50);
  program.signal('SIGUSR1');
  await until(
    async () =>
      connect(t, port).then(
        () => false,
        () => true,
      ),
    'refused connections',
  );
  await rejects(connect(t, port));
  strictEqual(program.ended, null);
  answer();
  match(await client.all(), /^HTTP\/1\.1 200 [^]*late but whole$/);
  strictEqual(await program.end(), 0);
});

async function reloadUnderLoad(
  t: TestContext,
  clients: readonly Record<string, string>[],
  front: string,
): Promise<void> {
  const [port] = await freePorts(1);
  const text = (say: string): string => `${PREAMBLE.replace('nbthread 1', 'nbthread 2')}
frontend fe
    bind 127.0.0.1:${port}
    ${front}
    http-request return status 200 content-type text/plain lf-string ${say} if { path /who }
    default_backend be
backend be
    server s1 127.0.0.1:${server.port}
`;
  const server = await serve(t, answering(ok('fine')));
  const program = await start(t, text('first'), [port!]);
  const who = async (): Promise<string> =>
    (await fetch(`http://127.0.0.1:${port}/who`, { headers: { connection: 'close' } })).text();
  strictEqual(await who(), 'first');
  const faults: string[] = [];
  let answered = 0;
  let running = true;
  const load = clients.map(async (headers) => {
    while (running) {
      try {
        const response = await fetch(`http://127.0.0.1:${port}/`, { headers });
        const body = await response.text();
        if (response.status !== 200 || body !== 'fine') faults.push(`${response.status} ${body}`);
        answered++;
      } catch (error) {
        const { cause } = error as Error & { cause?: { code?: string } };
        faults.push(cause?.code ?? String(error));
      }
    }
  });
  for (const say of ['second', 'third']) {
    await sleep(150);
    writeFileSync(program.file, text(say));
    program.signal('SIGUSR2');
    await until(async () => (await who()) === say, `the ${say} configuration`);
  }
  await sleep(150);
  running = false;
  await Promise.all(load);
  deepStrictEqual(faults, []);
  strictEqual(answered > 20, true);
  match(program.stderr, /Loading success/);
}

test('SIGUSR2 reloads under load without a failed request', (t) =>
  reloadUnderLoad(t, [{ connection: 'close' }, { connection: 'close' }], ''));

// An idle connection is closed by a soft stop (manual 4.2, option idle-close-on-response); the option prevents it.
test('kept connections outlive a reload', (t) => reloadUnderLoad(t, [{}], 'option idle-close-on-response'));

test('a reload with a broken file leaves everything as it is', async (t) => {
  const server = await serve(t, answering(ok('x')));
  const { program, port } = await proxy(t, server);
  writeFileSync(program.file, 'frontend fe\n    no such keyword\n');
  program.signal('SIGUSR2');
  await until(() => /present configuration stays in use/.test(program.stderr), 'the alert');
  strictEqual((await fetch(`http://127.0.0.1:${port}/`)).status, 200);
  strictEqual(program.ended, null);
});
