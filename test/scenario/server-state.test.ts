// States of servers go from one process to the next through a file.

import { test } from 'node:test';
import { match, strictEqual } from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, start, until } from './harness.ts';
import { askSocket } from './stats-socket.ts';

test('what "show servers state" printed holds in the next process; a reload keeps what is there', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'states-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [port, other] = await freePorts(2);
  const socket = join(folder, 'stats');
  const file = join(folder, 'states');
  const config = (at: number): string => `global
  stats socket ${socket} level admin
  server-state-file ${file}
defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
  load-server-state-from-file global
frontend fe
  bind 127.0.0.1:${at}
  default_backend be
backend be
  server s1 127.0.0.1:1 weight 10
  server s2 127.0.0.1:2 weight 20
  server s3 127.0.0.1:3 weight 30
  server s4 127.0.0.1:4 weight 40 check inter 20ms fall 1
`;
  /** The fields up to the configured weight, by server. */
  const states = async (): Promise<string> =>
    (await askSocket(socket, 'show servers state be'))
      .split('\n')
      .filter((line) => line.includes(' be '))
      .map((line) => line.split(' ').slice(3, 9).join(' '))
      .join('\n');
  const first = await start(t, config(port!), [port!]);
  match(first.stderr, /Can't open global server state file '.*states': No such file or directory/);
  await askSocket(socket, 'set server be/s1 state maint');
  await askSocket(socket, 'set server be/s2 state drain');
  await askSocket(socket, 'set server be/s3 weight 7');
  await askSocket(socket, 'set server be/s3 addr 127.0.0.1 port 33');
  const wanted = [
    's1 127.0.0.1 0 1 10 10',
    's2 127.0.0.1 2 8 20 20',
    's3 127.0.0.1 2 0 7 30',
    's4 127.0.0.1 0 0 40 40',
  ].join('\n');
  await until(async () => (await states()) === wanted, 'the failed check');
  writeFileSync(file, await askSocket(socket, 'show servers state'));
  first.signal('SIGTERM');
  await first.end();

  const second = await start(t, config(other!), [other!]);
  // The traffic port listens before the stats socket does.
  await until(async () => (await states().catch(() => '')) !== '', 'the stats socket');
  strictEqual(await states(), wanted);
  match(await askSocket(socket, 'show servers state be'), / s3 .* - 33 - /);
  match(second.stderr, /Server be\/s4 is DOWN, changed from server-state after a reload\. /);
  match(second.stderr, /Server be\/s2 remains in forced drain mode\./);

  // The file is old by then: s1 has left maintenance. A server that the process does not know takes its state from it.
  await askSocket(socket, 'set server be/s1 state ready');
  writeFileSync(
    file,
    readFileSync(file, 'latin1').replace(
      /^.* s4 .*$/m,
      (line) => `${line}\n${line.replace(' s4 ', ' s5 ').replace(' 0 0 40 40 ', ' 0 1 50 50 ')}`,
    ),
  );
  writeFileSync(second.file, `${config(other!)}  server s5 127.0.0.1:5 weight 50\n`);
  second.signal('SIGUSR2');
  await until(() => second.stderr.includes('Loading success'), 'a reload');
  strictEqual(
    await states(),
    `${wanted.replace('s1 127.0.0.1 0 1', 's1 127.0.0.1 2 0')}\ns5 127.0.0.1 0 1 50 50`,
  );
});
