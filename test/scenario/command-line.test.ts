// The command line with -c: exit status, streams and texts, as HAProxy gives them.

import { equal, match } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const HAWSER = fileURLToPath(new URL('../../bin/hawser', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'hawser-command-line-'));
after(() => rmSync(folder, { recursive: true }));

const DEFAULTS = 'defaults\n mode http\n timeout connect 5s\n timeout server 5s\n timeout client 5s\n';
const BACKEND = 'backend b\n server s 127.0.0.1:1\n';

mkdirSync(join(folder, 'dir'));
mkdirSync(join(folder, 'empty'));
writeFileSync(join(folder, 'dir', 'a.cfg'), DEFAULTS);
writeFileSync(join(folder, 'dir', 'b.cfg'), BACKEND);
writeFileSync(join(folder, 'dir', '.hidden.cfg'), 'garbage\n');
writeFileSync(join(folder, 'dir', 'notes.txt'), 'garbage\n');
writeFileSync(join(folder, 'good.cfg'), DEFAULTS + BACKEND);
writeFileSync(join(folder, 'warn.cfg'), BACKEND);
writeFileSync(join(folder, 'bad.cfg'), 'backend b\n mode foo\n');
writeFileSync(join(folder, 'peer.cfg'), '.notice "${HAPROXY_LOCALPEER}"\n');

interface Outcome {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

function run(...args: string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(HAWSER, args, { cwd: folder, encoding: 'latin1' });
  return { status, out: stdout, err: stderr.replace(/\(\d+\)/g, '(P)') };
}

function check(outcome: Outcome, status: number, out: RegExp, err: RegExp): void {
  match(outcome.out, out);
  match(outcome.err, err);
  equal(outcome.status, status);
}

const NOTHING = /^$/;

test('success is silent but for -V', () => {
  check(run('-c', '-f', 'good.cfg'), 0, NOTHING, NOTHING);
  check(run('-c', '-V', '-f', 'good.cfg'), 0, /^Configuration file is valid\n$/, NOTHING);
});

test('a folder stands for its .cfg files, -- for -f, -C for the place of both', () => {
  check(run('-c', '-f', 'dir'), 0, NOTHING, NOTHING);
  check(run('-c', '-C', 'dir', '--', 'a.cfg', 'b.cfg'), 0, NOTHING, NOTHING);
  check(run('-c', '-C', 'dir', '-f', 'a.cfg', '-f', 'b.cfg'), 0, NOTHING, NOTHING);
  check(run('-c', '-f', 'empty'), 1, NOTHING, /Usage : /);
});

test('what cannot be opened is named with the reason', () => {
  const place =
    /\[ALERT\] {4}\(P\) : config : Cannot open configuration file\/directory none.cfg : No such file or directory\n$/;
  check(run('-c', '-f', 'none.cfg'), 1, NOTHING, place);
  check(run('-c', '-f', 'good.cfg/'), 1, NOTHING, / : Not a directory\n$/);
  check(
    run('-c', '-C', 'none', '-f', 'x'),
    1,
    NOTHING,
    /\n\[ALERT\] {4}\(P\) : Could not change to directory none : No such file or directory\n$/,
  );
});

test('warnings leave the status 0, -dW makes them fatal', () => {
  check(
    run('-c', '-f', 'warn.cfg'),
    0,
    /^Warnings were found\.\n$/,
    /^\[WARNING\] {2}\(P\) : missing timeouts/,
  );
  check(run('-c', '-dW', '-f', 'warn.cfg'), 1, NOTHING, /'zero-warning' is set\. Aborting\.\n$/);
});

test('-q keeps quiet about errors too', () => {
  check(
    run('-c', '-f', 'bad.cfg'),
    1,
    NOTHING,
    /^\[NOTICE\] {3}\(P\) : haproxy version is .*\n\[NOTICE\] .*\n\[ALERT\]/,
  );
  check(run('-c', '-q', '-f', 'bad.cfg'), 1, NOTHING, NOTHING);
  check(run('-c', '-q', '-f', 'warn.cfg'), 0, NOTHING, NOTHING);
});

test('-L names the local peer, -dC shows what was read, -dK the keywords', () => {
  check(run('-c', '-L', 'me', '-f', 'peer.cfg'), 0, NOTHING, /'me'\.\n$/);
  check(
    run('-c', '-q', '-dC,line', '-f', 'warn.cfg'),
    0,
    /^\n1: backend b\n2: \tserver s 127\.0\.0\.1:1\n$/,
    NOTHING,
  );
  check(
    run('-c', '-q', '-dKcnv', '-f', 'good.cfg'),
    0,
    /^# List of registered sample converter functions:\n/,
    NOTHING,
  );
});

test('no file and unknown options show the usage', () => {
  check(run('-c'), 1, NOTHING, /Usage : /);
  check(run('-Z'), 1, NOTHING, /Usage : /);
});

test('what the command line switches off is off for conditions, too', () => {
  const splices = 'feature(LINUX_SPLICE) && enabled(SPLICE) && enabled(FAST-FORWARD)';
  equal(run('-cc', splices).status, 0);
  for (const word of ['-dS', '-dF', '-dZ']) equal(run(word, '-cc', splices).status, 1, word);
  equal(run('-de', '-cc', 'enabled(EPOLL)').status, 1);
  writeFileSync(join(folder, 'if.cfg'), '.if enabled(SPLICE)\n .alert "on"\n.else\n .alert "off"\n.endif\n');
  match(run('-c', '-f', 'if.cfg').err, /'on'/);
  match(run('-c', '-dS', '-f', 'if.cfg').err, /'off'/);
});
