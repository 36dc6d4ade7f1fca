// The configuration that `npm start` runs, on other ports.

import { test } from 'node:test';
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect, freePorts, start } from './harness.ts';

test('npm start: round robin over three servers, TCP, a log line, SIGTERM', async (t) => {
  const used = [8080, 8081, 8082, 8083, 8090];
  const free = await freePorts(used.length);
  let config = readFileSync(new URL('../../examples/quickstart.cfg', import.meta.url), 'utf8');
  used.forEach(
    (port, index) => (config = config.replaceAll(`127.0.0.1:${port}`, `127.0.0.1:${free[index]}`)),
  );
  const program = await start(t, config, [free[0]!, free[4]!]);
  const names: (string | null)[] = [];
  for (let turn = 0; turn < 6; turn++) {
    const response = await fetch(`http://127.0.0.1:${free[0]}/`);
    strictEqual(response.status, 200);
    const name = response.headers.get('x-served-by');
    strictEqual(await response.text(), `I am server ${name}.\n`);
    names.push(name);
  }
  deepStrictEqual([...names].sort(), ['one', 'one', 'three', 'three', 'two', 'two']);
  const raw = await connect(t, free[4]!);
  raw.send('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
  match(await raw.all(), /^HTTP\/1\.1 200 [^]*I am server \w+\.\n$/);
  const [line] = await program.logs(/GET \//);
  match(
    line!,
    / web servers\/\w+ \d+\/\d+\/\d+\/\d+\/\d+ 200 \d+ - - ---- [0-9/]+ 0\/0 "GET \/ HTTP\/1\.1"$/,
  );
  program.signal('SIGTERM');
  strictEqual(await program.end(), 'SIGTERM');
});
