// The real program, started as its users start it: exit statuses, pid file, signals, daemon, master, -x.

import { equal, match, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { SOCK_DGRAM, bindSocket, closeSocket, openSocket, setNonBlocking } from '../sys/socket.ts';
import { bindListener } from '../sys/options.ts';
import { localAddress } from '../sys/socket.ts';
import { receiveFds } from '../sys/pass-fds.ts';

const program = new URL('../../bin/hawser', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'hawser-'));
const file = (name: string): string => join(folder, name);
const started = new Set<number>();
let port = 0;

/** A port that was free a moment ago. */
function freePort(): number {
  const fd = bindListener({ address: { family: 'ipv4', address: '127.0.0.1', port: 0 }, backlog: 1 });
  const free = localAddress(fd)!.port;
  closeSocket(fd);
  return free;
}

const config = (status: number, global = ''): string =>
  `global\n  nbthread 1\n  maxconn 100\n${global}defaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n` +
  `  timeout connect 5s\nfrontend f\n  bind 127.0.0.1:${port}\n  http-request deny deny_status ${status}\n`;

before(() => {
  port = freePort();
  writeFileSync(file('good.cfg'), config(403));
  writeFileSync(file('bad.cfg'), 'frontend f\n  no-such-keyword\n');
});
after(() => {
  for (const pid of started) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended already, as it should.
    }
  }
  rmSync(folder, { recursive: true });
});

function run(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'latin1', timeout: 20_000 });
  return { status, out: stdout, err: stderr };
}

function start(args: string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'ignore'],
    env: { ...process.env, ...env },
  });
  started.add(child.pid!);
  return child;
}

const ended = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      started.delete(child.pid!);
      resolve(String(signal ?? code));
    });
  });

/** Sends `text` to an address and returns what comes back. */
function ask(where: number | string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = typeof where === 'number' ? connect(where, '127.0.0.1') : connect(where);
    let got = '';
    socket.on('data', (bytes) => (got += bytes.toString('latin1')));
    socket.on('error', reject);
    // A process that is killed while it shares a listening socket can take the wake-up for a connection with it: the
    // connection then waits for the next one.
    socket.setTimeout(2000, () => socket.destroy(new Error('no answer')));
    socket.on('close', () => resolve(got));
    socket.end(text);
  });
}

async function eventually<T>(what: string, attempt: () => Promise<T> | T): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === 200) throw new Error(`${what} did not come about: ${String(error)}`, { cause: error });
      await sleep(50);
    }
  }
}

const status = async (): Promise<string> =>
  (await ask(port, 'GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n')).slice(9, 12);

const serves = (code: string): Promise<void> =>
  eventually(`status ${code}`, async () => equal(await status(), code));

test('-v and -vv', () => {
  const short = run('-v');
  equal(short.status, 0);
  match(short.out, /^HAProxy version \d\S+ \d{4}\/\d\d\/\d\d - /);
  const long = run('-vv');
  equal(long.status, 0);
  match(long.out, /\n {2}TARGET {2}= linux-glibc\n/);
  match(long.out, /\nFeature list : .*\+EPOLL/);
});

test('-c says with its status whether a configuration is good', () => {
  const good = run('-c', '-f', file('good.cfg'));
  equal(good.status, 0);
  equal(good.out, '');
  match(run('-c', '-V', '-f', file('good.cfg')).out, /^Configuration file is valid\n$/);
  const bad = run('-c', '-f', file('bad.cfg'));
  equal(bad.status, 1);
  match(bad.err, /\[ALERT\].*bad\.cfg:2\]/);
});

test('-cc: true, false, not a condition', () => {
  equal(run('-cc', 'version_atleast(2.0)').status, 0);
  equal(run('-cc', 'streq(a,b)').status, 1);
  equal(run('-cc', 'nonsense(').status, 2);
});

test('without a configuration: the usage and status 1', () => {
  const { status: code, err } = run();
  equal(code, 1);
  match(err, /Usage : /);
});

test('a port that somebody else has is an alert and status 1', () => {
  const taken = bindListener({ address: { family: 'ipv4', address: '127.0.0.1', port: 0 }, backlog: 1 });
  writeFileSync(file('taken.cfg'), config(403).replace(String(port), String(localAddress(taken)!.port)));
  const { status: code, err } = run('-f', file('taken.cfg'));
  closeSocket(taken);
  equal(code, 1);
  match(err, /cannot bind socket \(Address already in use\) \[127\.0\.0\.1:\d+\]/);
});

test('plain: pid file, reload by SIGUSR2, soft stop by SIGUSR1', async () => {
  writeFileSync(file('run.cfg'), config(403));
  const child = start(['-f', file('run.cfg'), '-p', file('run.pid')]);
  await serves('403');
  equal(readFileSync(file('run.pid'), 'latin1'), `${child.pid}\n`);
  writeFileSync(file('run.cfg'), 'nonsense\n');
  child.kill('SIGUSR2');
  await sleep(500);
  equal(await status(), '403');
  writeFileSync(file('run.cfg'), config(410));
  child.kill('SIGUSR2');
  await serves('410');
  const end = ended(child);
  child.kill('SIGUSR1');
  equal(await end, '0');
});

test('plain: SIGINT and SIGTERM end it as if nobody had caught them', async () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const child = start(['-f', file('good.cfg')]);
    await serves('403');
    const end = ended(child);
    child.kill(signal);
    equal(await end, signal);
  }
});

test('hard-stop-after ends a soft stop that an idle connection holds up', async () => {
  writeFileSync(file('hard.cfg'), config(403, '  hard-stop-after 300ms\n'));
  const child = start(['-f', file('hard.cfg')]);
  await serves('403');
  const idle = connect(port, '127.0.0.1');
  idle.on('error', () => {});
  await new Promise<void>((resolve) => idle.once('connect', resolve));
  idle.write('GET / HTTP/1.1\r\n');
  await sleep(100);
  const end = ended(child);
  child.kill('SIGUSR1');
  equal(await end, '0');
  idle.destroy();
});

test('SIGTTOU frees the port and SIGTTIN takes it back', async () => {
  const child = start(['-f', file('good.cfg')]);
  await serves('403');
  child.kill('SIGTTOU');
  await eventually('a refused connection', async () => {
    const refused = await status().catch(() => 'refused');
    equal(refused, 'refused');
  });
  child.kill('SIGTTIN');
  await serves('403');
  const end = ended(child);
  child.kill('SIGTERM');
  equal(await end, 'SIGTERM');
});

test('-Ws: the first datagram is READY=1; the master CLI; status 130', async () => {
  const name = `hawser-program-test-${process.pid}`;
  const manager = openSocket(1, SOCK_DGRAM);
  setNonBlocking(manager);
  equal(bindSocket(manager, { family: 'abns', address: name, port: 0 }), 0);
  const heard = (): Promise<string> =>
    eventually('a notification', () => {
      const { result, payload } = receiveFds(manager);
      ok(result > 0);
      return payload.toString();
    });
  writeFileSync(file('master.cfg'), config(403));
  const args = ['-Ws', '-S', file('m.sock'), '-f', file('master.cfg'), '-p', file('m.pid')];
  const child = start(args, { NOTIFY_SOCKET: `@${name}` });
  match(await heard(), /^READY=1\n/);
  await serves('403');
  const master = (text: string): Promise<string> => ask(file('m.sock'), text);
  match(await master('@1 show info\n'), /\nPid: \d+\n/);
  match(await master('show proc\n'), new RegExp(`\n${child.pid} +master +0 \\[failed: 0\\]`));
  writeFileSync(file('master.cfg'), config(410));
  match(await master('reload\n'), /^Success=1\n--\n/);
  match(await heard(), /^RELOADING=1\nMONOTONIC_USEC=\d+/);
  match(await heard(), /^READY=1\n/);
  await serves('410');
  writeFileSync(file('master.cfg'), 'nonsense\n');
  match(await master('reload\n'), /^Success=0\n--\n[^]*nonsense/);
  match(await master('show proc\n'), /master +1 \[failed: 1\]/);
  equal(await status(), '410');
  const end = ended(child);
  child.kill('SIGINT');
  equal(await end, '130');
  closeSocket(manager);
});

test('-D: the caller gets the status, the pid file names the daemon, -sf replaces it', async () => {
  const first = run('-D', '-f', file('good.cfg'), '-p', file('d.pid'));
  equal(first.status, 0, first.err);
  const pid = Number(readFileSync(file('d.pid'), 'latin1'));
  started.add(pid);
  equal(await status(), '403');
  writeFileSync(file('next.cfg'), config(410, `  stats socket ${file('x.sock')} expose-fd listeners\n`));
  equal(run('-D', '-f', file('bad.cfg')).status, 1);
  const second = run('-D', '-dR', '-f', file('next.cfg'), '-p', file('d.pid'), '-sf', String(pid));
  equal(second.status, 0, second.err);
  await serves('410');
  await eventually('the end of the first daemon', () => {
    let alive = true;
    try {
      process.kill(pid, 0);
    } catch {
      alive = false;
    }
    ok(!alive);
  });
  started.delete(pid);
  const next = Number(readFileSync(file('d.pid'), 'latin1'));
  started.add(next);
  // Without SO_REUSEPORT and old processes to pause, only the passed socket can be listened on.
  const third = run('-D', '-dR', '-f', file('good.cfg'), '-p', file('d.pid'), '-x', file('x.sock'));
  equal(third.status, 0, third.err);
  process.kill(next, 'SIGTERM');
  started.delete(next);
  await serves('403');
  const last = Number(readFileSync(file('d.pid'), 'latin1'));
  started.add(last);
  process.kill(last, 'SIGTERM');
});
