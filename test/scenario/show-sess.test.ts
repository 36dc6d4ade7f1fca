// `show sess` over the running program (management.txt, "show sess"); what HAProxy prints was read off its 2.6.

import { test } from 'node:test';
import { match, strictEqual } from 'node:assert/strict';
import { connect, serve, until } from './harness.ts';
import { observe } from './witness.ts';

const kind = { uring: true, threads: 2 };

test('show sess: threads count from 0, backend and timeouts, the URI as it came', async (t) => {
  const server = await serve(t, async () => {});
  const witness = await observe(t, { kind, server: server.port, front: 'http-request set-path /other' });
  const clients = await Promise.all([1, 2, 3, 4].map(() => connect(t, witness.port)));
  for (const client of clients) client.send('GET /some/path?x="1 HTTP/1.1\r\nhost: a\r\n\r\n');
  await until(async () => (await witness.stat('be', 's1', 'scur')) === 4, 'four streams');
  const threads = await witness.threads();
  strictEqual([...new Set(threads.values())].sort().join(), '0,1');
  const all = await witness.ask('show sess all');
  const [row] = all.split(/\n(?=0x)/);
  match(
    row!,
    /^0x[0-9a-f]+: \[\d\d\/\w{3}\/\d{4}(:\d\d){3}\.\d{3}\] id=\d+ proto=tcpv4 source=127\.0\.0\.1:\d+\n/,
  );
  match(
    row!,
    new RegExp(
      `\n  frontend=fe \\(id=2 mode=http\\), listener=\\? \\(id=1\\) addr=127.0.0.1:${witness.port}\n`,
    ),
  );
  match(row!, /\n {2}backend=be \(id=3 mode=http\) addr=127\.0\.0\.1:\d+\n/);
  match(row!, new RegExp(`\n  server=s1 \\(id=1\\) addr=127.0.0.1:${server.port}\n`));
  match(row!, /\n {2}task \(state=0x00 exp=[123]s tid=([01])\(1\/\1\) age=[0-9]s\)\n/);
  const withUri = await witness.ask('show sess show-uri');
  strictEqual(withUri.match(/ uri=\/some\/path\?x=#221$/gm)?.length, 4, withUri);
  strictEqual((await witness.ask('show sess')).includes('uri='), false);
});

test('show sess susp: only streams that nothing will end', async (t) => {
  const server = await serve(t, async () => {});
  const front = 'timeout client 0';
  const witness = await observe(t, { kind, server: server.port, front, back: 'timeout server 0' });
  const client = await connect(t, witness.port);
  client.send('GET /forever HTTP/1.1\r\nhost: a\r\n\r\n');
  await until(async () => (await witness.stat('be', 's1', 'scur')) === 1, 'the stream');
  await until(async () => (await witness.ask('show sess susp')).includes(' srv=s1 '), 'a suspicious stream');
  match(await witness.ask('show sess susp'), / exp=\n/);

  const limited = await observe(t, { kind, server: server.port });
  const other = await connect(t, limited.port);
  other.send('GET /soon HTTP/1.1\r\nhost: a\r\n\r\n');
  await until(async () => (await limited.stat('be', 's1', 'scur')) === 1, 'the stream');
  match(await limited.ask('show sess'), / srv=s1 /);
  strictEqual(await limited.ask('show sess susp'), '\n');
});
