// Converters that show what happens: debug writes to descriptors and rings, when lets values pass.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { match, strictEqual } from 'node:assert/strict';
import { exchange, freePorts, PREAMBLE, start, until } from './harness.ts';
import { askSocket } from './stats-socket.ts';

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`;

test('debug writes to stderr, buf0 and a ring; when tells refusals from errors', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const socket = join(folder, 'stats');
  const [port, closed] = await freePorts(2);
  const config = `${PREAMBLE.replace('global', `global\n  stats socket ${socket} level admin`)}
ring mine
  format raw
frontend fe
  bind 127.0.0.1:${port}
  log stdout format raw local0
  acl is_b path /b
  log-format "%HU error=%[str(y),when(error)] sent=%[str(y),when(forwarded)] b=%[str(y),when(acl,is_b)]"
  option dontlognull
  http-request set-var(txn.a) path,debug(to-stderr,stderr)
  http-request set-var(txn.a) int(7),debug
  http-request set-var(txn.a) src,debug(to-ring,mine)
  http-request return status 200 if is_b
  default_backend be
backend be
  retries 0
  server s 127.0.0.1:${closed}
`;
  const hawser = await start(t, config, [port!]);
  await exchange(t, port!, get('/b'));
  await exchange(t, port!, get('/c'));
  await until(() => hawser.stdout.includes('/c error'), 'both log lines');
  match(hawser.stdout, /^\/b error=- sent=- b=y$/m);
  match(hawser.stdout, /^\/c error=y sent=- b=-$/m);
  match(hawser.stderr, /^\[debug\] to-stderr: type=str <\/b>$/m);
  match(
    await askSocket(socket, 'show events buf0'),
    /^<0>\S+ \[debug\] : type=sint <7>\n<0>\S+ \[debug\] : type=sint <7>\n/,
  );
  strictEqual(
    await askSocket(socket, 'show events mine'),
    '[debug] to-ring: type=ipv4 <127.0.0.1>\n'.repeat(2) + '\n',
  );
});
