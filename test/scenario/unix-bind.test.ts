// unix-bind: paths, owners and modes of the unix sockets of `bind` lines; fd-hard-limit: the most descriptors.

import { deepEqual, match } from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { answering, connect, freePorts, ok, serve, start } from './harness.ts';

test('unix sockets below a prefix, with the mode and owner of the process', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'unix-bind-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const server = await serve(t, answering(ok('through')));
  const [port] = await freePorts(1);
  const root = process.getuid!() === 0;
  const program = await start(
    t,
    `global
  nbthread 1
  fd-hard-limit 900
  unix-bind prefix ${folder}/ mode 640 ${root ? 'uid 65534 gid 65533' : ''}
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend inner
  bind unix@one
  bind unix@two mode 600 ${root ? 'uid 0' : ''}
  default_backend be
backend be
  server s 127.0.0.1:${server.port}
listen outer
  bind 127.0.0.1:${port}
  server one unix@${folder}/one
`,
    [port!],
  );
  const seen = (name: string): readonly number[] => {
    const { mode, uid, gid } = statSync(join(folder, name));
    return root ? [mode & 0o777, uid, gid] : [mode & 0o777];
  };
  deepEqual(seen('one'), root ? [0o640, 65534, 65533] : [0o640]);
  deepEqual(seen('two'), root ? [0o600, 0, 65533] : [0o600]);
  const client = await connect(t, port!);
  client.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  await client.seen(/through$/);
  const maxconn = Number(/setting global.maxconn to (\d+)/.exec(program.stderr)?.[1]);
  match(String(maxconn), /^(3[5-9]\d|4[0-4]\d)$/);
});
