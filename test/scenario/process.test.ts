// What the running process asked of the kernel for itself.

import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { strictEqual } from 'node:assert/strict';
import { freePorts, PREAMBLE, start } from './harness.ts';

for (const [wanted, locked] of [
  ['', '1'],
  ['global\n    insecure-setuid-wanted\n', '0'],
] as const) {
  test(`no program gains privilege${wanted === '' ? '' : ', unless insecure-setuid-wanted'}`, async (t) => {
    const [port] = await freePorts(1);
    const config = `${PREAMBLE}
frontend web
    bind 127.0.0.1:${port}
${wanted}`;
    const program = await start(t, config, [port!]);
    const status = readFileSync(`/proc/${program.child.pid}/status`, 'utf8');
    strictEqual(/NoNewPrivs:\t(\d)/.exec(status)?.[1], locked);
  });
}
