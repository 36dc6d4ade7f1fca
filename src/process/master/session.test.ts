import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { commands } from '../../cli/commands/index.ts';
import { fakeView } from '../../cli/fake.ts';
import { CliSession, type Sink } from '../../cli/session.ts';
import type { Level } from '../../cli/view.ts';
import { processTable, uptime } from './commands.ts';
import { MasterSession, splitCommands } from './session.ts';
import type { MasterView, ReloadResult, WorkerRow } from './view.ts';

const inside = fakeView(2);
const version = inside.facts().version;

function view(change: Partial<MasterView> = {}): MasterView & { reloaded: boolean[] } {
  const reloaded: boolean[] = [];
  return {
    reloaded,
    pid: 1162,
    version,
    startedMs: 0,
    reloads: 0,
    failedReloads: 0,
    workers: () => [{ pid: 1162, reloads: 0, startedMs: 0, version, leaving: false }],
    reload: (hard): Promise<ReloadResult> => {
      reloaded.push(hard);
      return Promise.resolve({ ok: true, text: '[NOTICE]   (1162) : Loading success.\n' });
    },
    startupLogs: () => '[NOTICE]   (1162) : said\n',
    openWorker: (sink, level) => new CliSession(inside, commands, sink, { level, timeoutMs: 1000 }),
    ...change,
  };
}

/** Sends `text` in pieces of `size` bytes, half-closes and returns all that was answered. */
function talk(
  text: string,
  master: MasterView = view(),
  level: Level = 'admin',
  size = 1e6,
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
    const session = new MasterSession(master, sink, { level, timeoutMs: 1000 });
    for (let at = 0; at < text.length; at += size)
      session.receive(Buffer.from(text.slice(at, at + size), 'latin1'));
    session.receiveEnd();
  });
}

// The same lines were asked of HAProxy 2.6's master.
const golden: readonly (readonly [string, string])[] = [
  ['show version\n', `${version}\n\n`],
  ['@1 show version\n', `${version}\n\n`],
  ['@!1162 show version\n', `${version}\n\n`],
  ['@master show version\n', `${version}\n\n`],
  ['@0 show version\n', `${version}\n\n`],
  ['show version; show version\n', `${version}\n\n${version}\n\n`],
  ['@1; show version; show version\n', `${version}\n\n${version}\n\n`],
  ['@1 show version;@1 show version\n', `${version}\n\n${version}\n\n`],
  ['@2 show info\n', "Can't find the target PID matching the prefix '@2'\n"],
  ['@!99999 show info\n', "Can't find the target PID matching the prefix '@!99999'\n"],
  ['@\n', ''],
  ['user\n', ''],
  ['expert-mode\n', ''],
  ['prompt\n@1\n@\nexpert-mode on\nquit\n', 'master> 1162> master> master(e)> '],
];
for (const [line, answer] of golden)
  test(`master: ${JSON.stringify(line)}`, async () => {
    equal(await talk(line), answer);
    equal(await talk(line, view(), 'admin', 1), answer, 'byte by byte');
  });

test('the table of processes', () => {
  const worker = (reloads: number, leaving: boolean): WorkerRow => ({
    pid: 1162,
    reloads,
    startedMs: 0,
    version: '3.5.0',
    leaving,
  });
  const table = processTable(
    view({ version: '3.5.0', reloads: 5, workers: () => [worker(0, false), worker(3, true)] }),
    127_000,
  );
  equal(
    table,
    '#<PID>          <type>          <reloads>       <uptime>        <version>      \n' +
      '1162            master          5 [failed: 0]   0d00h02m07s     3.5.0          \n' +
      '# workers\n1162            worker          0               0d00h02m07s     3.5.0          \n' +
      '# old workers\n1162            worker          3               0d00h02m07s     3.5.0          \n',
  );
});

test('uptime counts days', () => equal(uptime(90061_000), '1d01h01m01s'));

test('reload answers with its success and the logs, and is the last command', async () => {
  const master = view();
  equal(
    await talk('prompt\nreload; show version\nshow version\n', master),
    'master> Success=1\n--\n[NOTICE]   (1162) : Loading success.\n\n',
  );
  deepEqual(master.reloaded, [false]);
  const failing = view({ reload: () => Promise.resolve({ ok: false, text: '' }) });
  equal(await talk('hard-reload\n', failing), 'Success=0\n--\n\n');
});

test('reload is not for users, and a level can only be lowered', async () => {
  equal(await talk('reload\n', view(), 'user'), 'Permission denied\n\n');
  match(await talk('user; reload\n', view(), 'admin'), /Permission denied/);
  equal(await talk('user; show cli level\n'), 'user\n\n');
  equal(await talk('operator\n', view(), 'user'), 'Permission denied\n\n');
  equal(await talk('@1 show cli level\n', view(), 'operator'), 'operator\n\n');
});

test('modes are handed to the worker and shown in the prompt', async () => {
  match(await talk('prompt\nexperimental-mode on\nexpert-mode on\nmcli-debug-mode on\n'), /master\(xed\)> $/);
  match(await talk('prompt\n', view({ failedReloads: 1 })), /^master\[ReloadFailed\]> /);
  match(await talk('expert-mode on; @1 expert-mode\n'), /expert-mode is ON/);
});

test('mcli-debug-mode gives the commands of the worker to the master', async () => {
  match(await talk('show info\n'), /^Unknown command/);
  match(await talk('mcli-debug-mode on; show info\n'), /^Name: /);
});

test('@@ delivers the whole line, or opens a session', async () => {
  equal(await talk('@@1 show version; show version\n'), `${version}\n\n${version}\n\n`);
  equal(await talk('@@1\nshow version\nquit\n'), `${version}\n\n`);
  equal(await talk('@@7\n'), "Can't find the target PID matching the prefix '@@7'\n");
});

test('a payload goes to the worker with its line', async () => {
  for (const size of [1, 1e6])
    equal(await talk('@1 echo a <<\nx;y\n\n', view(), 'admin', size), await direct('echo a <<\nx;y\n\n'));
});

function direct(text: string): Promise<string> {
  return talk(`@@1 ${text}`);
}

test('a backslash protects a semicolon', () => {
  deepEqual(splitCommands('a; b\\;c ;; d'), ['a', ' b\\;c ', ' d']);
  deepEqual(splitCommands('a <<\nx;y'), ['a <<\nx;y']);
  deepEqual(splitCommands(' ; '), ['']);
});
