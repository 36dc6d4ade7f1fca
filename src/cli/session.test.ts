import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Counter, ServerInt } from '../core/shared.ts';
import type { Command } from './command.ts';
import { commands } from './commands/index.ts';
import { fakeView } from './fake.ts';
import { parseLine } from './line.ts';
import { CliServer } from './server.ts';
import { CliSession, type Sink } from './session.ts';
import type { ControlView, Level, ServerControl } from './view.ts';

/** Sends bytes, ends the write side and returns everything answered. */
function talk(
  text: string,
  level: Level = 'admin',
  view: ControlView = fakeView(2),
  table: readonly Command[] = commands,
): Promise<string> {
  return new Promise((resolve) => {
    let got = '';
    const sink: Sink = {
      write: (bytes) => ((got += bytes.toString('latin1')), true),
      drained: () => Promise.resolve(true),
      end: () => resolve(got),
      pause() {},
      resume() {},
    };
    const session = new CliSession(view, table, sink, { level, timeoutMs: 1000 });
    session.receive(Buffer.from(text, 'latin1'));
    session.receiveEnd();
  });
}

// What HAProxy 2.6 answers to the same lines.
const golden: readonly (readonly [string, string])[] = [
  ['disable server', "Require 'backend/server'.\n\n"],
  ['disable server b', "Require 'backend/server'.\n\n"],
  ['disable server b/zz', 'No such server.\n\n'],
  ['disable server zz/s1', 'No such backend.\n\n'],
  ['disable server b/s2', '\n'],
  ['set server b/s1 state foo', "'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n\n"],
  ['set server b/s1 weight', 'Require <weight> or <weight%>.\n\n'],
  ['set server b/s1 weight 300', 'Absolute weight can only be between 0 and 256 inclusive.\n\n'],
  ['set server b/s1 agent up', 'agent checks are not enabled on this server.\n\n'],
  ['set server b/s1 addr zz', "Invalid addr 'zz' by 'stats socket command'\n\n"],
  [
    'set server b/s1 addr 127.0.0.5',
    "IP changed from '127.0.0.1' to '127.0.0.5' by 'stats socket command'\n\n",
  ],
  ['set server b/s1 addr 127.0.0.1', "no need to change the addr by 'stats socket command'\n\n"],
  ['get weight b/s1', '1 (initial 1)\n\n'],
  ['set maxconn server b/s1', 'Require <maxconn>.\n\n'],
  ['set maxconn frontend zz 1', 'No such frontend.\n\n'],
  ['set maxconn global 99999999', 'Value out of range.\n\n'],
  ['set timeout cli zz', 'Invalid timeout value.\n\n'],
  ['show sess', '0x1: proto=tcpv4 src=127.0.0.1:5 fe=f be=b srv=s1 ts=00 age=1m1s rqb=51 rpb=0 exp=24s\n\n'],
  [
    'show sess 0x1',
    '0x1: [03/Feb/2026:04:05:06.007] id=3 proto=tcpv4 source=127.0.0.1:5\n' +
      '  conn_retries=1\n' +
      '  frontend=f (id=2 mode=http), listener=? (id=1) addr=127.0.0.1:80\n' +
      '  backend=b (id=3 mode=http) addr=127.0.0.1:4000\n' +
      '  server=s1 (id=1) addr=127.0.0.2:80\n' +
      '  task (state=0x00 exp=24s tid=1(1/1) age=1m1s)\n' +
      '  req (total=51)\n' +
      '  res (total=0)\n\n',
  ],
  ['show sess susp', '\n'],
  ['show sess older 61', '\n'],
  ['show sess older', "'older' expects a value.\n\n"],
  ['show sess nonsense', "Unsupported option 'nonsense'. Try 'show sess help'.\n\n"],
  [
    'show sess older 60 show-uri server b/s1',
    '0x1: proto=tcpv4 src=127.0.0.1:5 fe=f be=b srv=s1 ts=00 age=1m1s rqb=51 rpb=0 exp=24s uri=/a?b=c\n\n',
  ],
  ['shutdown session 0x9', "No such session (use 'show sess').\n\n"],
  ['show servers state zz', "Can't find backend.\n\n"],
  ['show backend', '# name\nb\n\n'],
  ['clear counters server b/zz', 'No such server.\n\n'],
  ['expert-mode on;operator;user;expert-mode', '\n\n\nPermission denied\n\n'],
  ['expert-mode; experimental-mode', 'expert-mode is OFF\n\nexperimental-mode is OFF\n\n'],
];

test('answers have the texts that tools know', async () => {
  for (const [line, answer] of golden) equal(await talk(`${line}\n`), answer, line);
});

test('a command that fails answers so, whether at once or in between, and the session goes on', async () => {
  const fail = (): never => {
    throw new Error('no luck');
  };
  const failing = (words: readonly string[], run: Command['run']): Command => {
    return { words, usage: words.join(' '), doc: '', level: 'user', run };
  };
  const own = [
    ...commands,
    failing(['fail', 'now'], fail),
    failing(['fail', 'later'], function* () {
      yield 'begun\n';
      fail();
    }),
  ];
  const answer = await talk('fail now; fail later; show cli level\n', 'admin', fakeView(1), own);
  equal(answer, 'Internal error: no luck\n\nbegun\nInternal error: no luck\n\nadmin\n\n');
});

test('levels: what is above them is refused', async () => {
  equal(await talk('disable server b/s1\n', 'operator'), 'Permission denied\n\n');
  equal(await talk('show env\n', 'user'), 'Permission denied\n\n');
  equal(await talk('user;show env\n'), '\nPermission denied\n\n');
});

test('prompt mode is what HAProxy shows, and the last line may lack its end', async () => {
  equal(
    await talk('prompt\nshow cli level\nset timeout cli 3; show cli level\n'),
    '\n> admin\n\n> \n> admin\n\n> ',
  );
  equal(await talk('prompt i\nshow cli level\nshow cli level'), '\nadmin\n\nadmin\n\n');
  equal(await talk('show cli level\nshow cli level\n'), 'admin\n\n', 'one line only without a mode');
});

test('words, escapes and payload marks', () => {
  deepEqual(parseLine('a b\\ c\\;d; e'), { commands: [['a', 'b c;d'], ['e']], payloadEnd: null });
  deepEqual(parseLine('set x <<end'), { commands: [['set', 'x']], payloadEnd: 'end' });
});

test('a payload ends at an empty line; a long line is refused', async () => {
  equal(await talk('echo x <<\none\ntwo\n\n'), 'x\n\n');
  equal(await talk('y'.repeat(20000)), 'The command line is too long.\n\n');
});

test('an unknown command gets the help text', async () => {
  match(
    await talk('foo bar\n'),
    /^Unknown command, but maybe one of the following ones is a better match:\n {2}/,
  );
});

test('ten thousand servers wait for a slow reader, over a real socket with half-close', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cli-'));
  const path = join(folder, 's');
  const server = CliServer.ofCommands(fakeView(10000), commands, { timeoutMs: 5000, maxconn: 5 });
  await server.listen({
    address: { kind: 'unix', path },
    level: 'admin',
    severity: 'none',
    mode: 0o600,
    uid: null,
    gid: null,
  });
  equal(statSync(path).mode & 0o777, 0o600);
  const answer = await new Promise<string>((resolve) => {
    const socket = connect({ path, allowHalfOpen: true });
    let got = '';
    socket.on('data', (bytes: Buffer) => {
      got += bytes.toString('latin1');
    });
    socket.on('end', () => resolve(got));
    socket.end('show stat\n');
  });
  ok(answer.endsWith('\n\n'));
  equal(answer.split('\n').length, 10000 + 2 + 1 + 2);
  server.close(true);
  rmSync(folder, { recursive: true });
});

test('clear counters server: that server alone, all of it', async () => {
  const view = fakeView(2);
  const [one, two] = view.proxies[1]!.servers;
  for (const { block } of [one!, two!]) {
    block.counters[Counter.SESSIONS] = 5;
    block.ints[ServerInt.CURRENT_MAX] = 3;
    block.ints[ServerInt.CHECK_DOWNS] = 2;
    block.ints[ServerInt.WEIGHT_USER] = 7;
  }
  equal(await talk('clear counters server b/s1\n', 'operator', view), 'Permission denied\n\n');
  equal(await talk('clear counters server b/s1\n', 'admin', view), 'Server counters cleared.\n\n');
  const figures = ({ block }: ServerControl): number[] => [
    block.total(Counter.SESSIONS),
    block.ints[ServerInt.CURRENT_MAX]!,
    block.ints[ServerInt.CHECK_DOWNS]!,
    block.ints[ServerInt.WEIGHT_USER]!,
  ];
  equal(String([figures(one!), figures(two!)]), '0,0,0,7,5,3,2,7');
});
