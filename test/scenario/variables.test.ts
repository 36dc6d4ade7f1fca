// Variables: those of the process over all data threads and the stats socket, and what tune.vars.* allows
// (manual 2.8 and 3.2, management 9.3).

import { test, type TestContext } from 'node:test';
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { join } from 'node:path';
import { exchange, freePorts, PREAMBLE, start } from './harness.ts';
import { askSocket } from './stats-socket.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';
const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4);

async function run(t: TestContext, global: string, front: string): Promise<() => Promise<string>> {
  const [port] = await freePorts(1);
  const body = '"%[var(sess.a)] %[var(txn.a)] %[var(req.a)] %[var(req.b)] %[var(proc.a)]"';
  await start(
    t,
    `${PREAMBLE}
global
    ${global}
frontend fe
    bind 127.0.0.1:${port}
    ${front}
    http-request return content-type text/plain lf-string ${body}
`,
    [port!],
  );
  return async () => bodyOf(await exchange(t, port!, GET));
}

const ALL = ['sess.a', 'txn.a', 'req.a', 'req.b', 'proc.a']
  .map((name) => `http-request set-var(${name}) str(x)`)
  .join('\n');

test('variables beyond tune.vars limits are not set, in the narrow scope and in those around it', async (t) => {
  // Each takes 81 bytes.
  strictEqual(await (await run(t, '', ALL))(), 'x x x x x');
  strictEqual(await (await run(t, 'tune.vars.reqres-max-size 100', ALL))(), 'x x x  x');
  strictEqual(await (await run(t, 'tune.vars.txn-max-size 170', ALL))(), 'x x x  x');
  strictEqual(await (await run(t, 'tune.vars.sess-max-size 170', ALL))(), 'x x   x');
  strictEqual(await (await run(t, 'tune.vars.proc-max-size 250', ALL))(), 'x x x  ');
  strictEqual(await (await run(t, 'tune.vars.global-max-size 80', ALL))(), '    ');
});

test('what a session took is given back when it ends', async (t) => {
  const ask = await run(t, 'tune.vars.proc-max-size 330', ALL.replace(/.*proc.*/, ''));
  for (let round = 0; round < 20; round++) strictEqual(await ask(), 'x x x x ');
});

test('unset-var and shorter values give room back', async (t) => {
  const long = 'http-request set-var(txn.a) str(0123456789012345678901234567890123456789)';
  const ask = await run(
    t,
    'tune.vars.txn-max-size 170',
    `${long}
    http-request set-var(req.a) str(0123456789)
    http-request set-var(txn.a) str(0)
    http-request set-var(req.b) str(3)
    http-request unset-var(txn.a)
    http-request set-var(req.a) str(1)`,
  );
  strictEqual(await ask(), '  1 3 ');
});

test('variables of the process: one set for all threads, the global section and the stats socket', async (t) => {
  const [port] = await freePorts(1);
  const program = await start(
    t,
    `global
    nbthread 3
    stats socket unix@s.sock level admin
    set-var proc.n int(5),add(2)
    set-var proc.s str(hello)
    set-var proc.l var(proc.s),length
    set-var proc.ip ipv4(1.2.3.4)
    set-var proc.b bool(true)
    set-var proc.bin bin(0001)
    set-var-fmt proc.f "%[var(proc.s)] you"
defaults
    mode http
    timeout client 2s
frontend fe
    bind 127.0.0.1:${port}
    http-request set-var(proc.count) var(proc.count,0),add(1) if { path /count }
    http-request return content-type text/plain lf-string "%[var(proc.f)] %[var(proc.n)] %[var(proc.x)] %[var(proc.count)]"
`,
    [port!],
  );
  const ask = async (path: string): Promise<string> =>
    bodyOf(await exchange(t, port!, GET.replace('/', path)));
  const socket = join(program.directory, 's.sock');
  strictEqual(await ask('/'), 'hello you 7  ');
  for (let round = 0; round < 30; round++) await ask('/count');
  strictEqual(await ask('/'), 'hello you 7  30');
  const answers: [string, string][] = [
    ['get var proc.n', 'proc.n: type=sint value=<7>'],
    ['get var proc.l', 'proc.l: type=sint value=<5>'],
    ['get var proc.f', 'proc.f: type=str value=<hello you>'],
    ['get var proc.ip', 'proc.ip: type=ipv4 value=<1.2.3.4>'],
    ['get var proc.b', 'proc.b: type=bool value=<1>'],
    ['get var proc.bin', 'proc.bin: type=bin value=<>'],
    ['get var proc.count', 'proc.count: type=sint value=<30>'],
    ['get var proc.none', 'Variable not found.\n'],
    ['get var txn.a', 'Variable not found.\n'],
    ['get var', 'Missing process-wide variable identifier.\n'],
    ['set var proc.x int(1)', 'This command is restricted to experimental mode only.\n'],
    ['experimental-mode on; set var proc.y int(1)', '\n'],
    ['experimental-mode on; set var proc.x int(9),add(proc.n)', ''],
    ['get var proc.x', 'proc.x: type=sint value=<16>'],
    ['experimental-mode on; set var proc.x expr str(a\\ b)', ''],
    ['get var proc.x', 'proc.x: type=str value=<a b>'],
    ['experimental-mode on; set var proc.x fmt <%[var(proc.n)]>', ''],
    ['get var proc.x', 'proc.x: type=str value=<<7>>'],
    ['experimental-mode on; set var proc.x', "Missing either 'expr', 'fmt' or expression.\n"],
    [
      'experimental-mode on; set var proc.x foo int(1)',
      "'set var': arg type must be either 'expr' or 'fmt' but got 'foo'.",
    ],
    [
      'experimental-mode on; set var txn.a int(1)',
      "'set var': cannot set variable 'txn.a', only scope 'proc' is permitted here.",
    ],
    [
      'experimental-mode on; set var proc.x src',
      "fetch method 'set-var(proc.x)' extracts information from 'client address', none of which is available here",
    ],
    ['experimental-mode on; set var proc.x bogus', "unknown fetch method 'bogus'"],
    ['experimental-mode on; set var proc.x var(txn.a)', ''],
  ];
  const got: [string, string][] = [];
  // The answer to experimental-mode comes first, an empty line.
  for (const pair of answers)
    if (/^experimental.*set/.test(pair[0]) && pair[1] !== '\n') pair[1] = `\n${pair[1]}`;
  for (const [command] of answers) got.push([command, (await askSocket(socket, command)).replace(/\n$/, '')]);
  deepStrictEqual(got, answers);
  strictEqual(await ask('/'), 'hello you 7 <7> 30');
});
