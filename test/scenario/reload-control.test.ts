// What an operator changed or holds open survives a reload: server addresses, where checks go, stats sockets; and so do
// captured errors.

import { equal, match, ok } from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  PREAMBLE,
  answering,
  exchange,
  freePorts,
  ok as answer,
  Peer,
  serve,
  start,
  until,
} from './harness.ts';
import { askSocket as ask } from './stats-socket.ts';

test('a reload keeps changed addresses and stats sockets, opens new ones and closes old ones', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'hawser-sockets-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const socket = (name: string): string => join(directory, name);
  const one = await serve(t, answering(answer('one')));
  const two = await serve(t, answering(answer('two')));
  const three = await serve(t, answering(answer('three')));
  const [port] = await freePorts(1);
  const config = (sockets: string, movedPort: number): string => `
global
    nbthread 2
${sockets}
defaults
    mode http
    timeout connect 1s
    timeout client 5s
    timeout server 5s
frontend fe
    bind 127.0.0.1:${port}
    use_backend moved if { path /moved }
    default_backend be
backend be
    server s 127.0.0.1:${one.port}
backend moved
    server s 127.0.0.1:${movedPort}
`;
  const before = `    stats socket ${socket('kept')} level admin\n    stats socket ${socket('gone')} level admin`;
  const program = await start(t, config(before, one.port), [port!]);
  const get = (path: string): Promise<string> =>
    exchange(t, port!, `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
  // Traffic ports listen first.
  await until(() => existsSync(socket('gone')), 'the stats sockets');
  const held = new Peer(net.connect(socket('kept')));
  t.after(() => held.socket.destroy());
  held.send('prompt\n');
  await held.seen(/> $/);
  for (const name of ['be', 'moved'])
    match(await ask(socket('gone'), `set server ${name}/s addr 127.0.0.1 port ${two.port}`), /port changed/);
  await until(async () => (await get('/')).endsWith('two'), 'the new address');

  // The second configuration gives `moved` another address, which wins; a socket goes, one comes, one changes.
  const after = `    stats socket ${socket('kept')} level user\n    stats socket ${socket('fresh')} level admin`;
  writeFileSync(program.file, config(after, three.port));
  program.signal('SIGUSR2');
  await until(() => existsSync(socket('fresh')) && !existsSync(socket('gone')), 'the new sockets');
  await until(async () => (await get('/moved')).endsWith('three'), 'the configured address');
  for (let count = 0; count < 4; count++) ok((await get('/')).endsWith('two'));
  match(await ask(socket('fresh'), 'show servers state be'), new RegExp(` ${two.port} `));

  // The connection that was open goes on with its level; new ones have the new one.
  held.text = '';
  held.send('show cli level\n');
  match(await held.seen(/> $/), /^admin\n/);
  equal(await ask(socket('kept'), 'show cli level'), 'user\n\n');
  equal(
    await ask(socket('fresh'), 'show cli sockets'),
    `# socket lvl processes\nunix@${socket('kept')} user all\nunix@${socket('fresh')} admin all\n\n`,
  );

  // A configuration whose sockets cannot be had changes nothing.
  const bad = `    stats socket ${socket('other')} level admin\n    stats socket ${directory}/none/x level admin`;
  writeFileSync(program.file, config(bad, three.port));
  program.signal('SIGUSR2');
  await until(() => program.stderr.includes('cannot bind UNIX socket'), 'the alert');
  equal(existsSync(socket('other')), false);
  equal(await ask(socket('kept'), 'show cli level'), 'user\n\n');
});

test('more data threads than there is room for need a restart, and a reload says so', async (t) => {
  const server = await serve(t, answering(answer('one')));
  const [port] = await freePorts(1);
  const config = (threads: number): string => `
global
    nbthread ${threads}
defaults
    mode http
    timeout connect 1s
    timeout client 5s
    timeout server 5s
listen l
    bind 127.0.0.1:${port}
    server s 127.0.0.1:${server.port}
`;
  const program = await start(t, config(2), [port!]);
  const request = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';
  writeFileSync(program.file, config(31));
  program.signal('SIGUSR2');
  await until(
    () => program.stderr.includes('nbthread 31 needs a restart: beside its 2 data threads'),
    'the refusal',
  );
  match(await exchange(t, port!, request), /one$/);
  writeFileSync(program.file, config(3));
  program.signal('SIGUSR2');
  await until(() => program.stderr.includes('Loading success.'), 'the reload');
  match(await exchange(t, port!, request), /one$/);
});

test('a reload asked for during the start or another reload comes after it, and no more of them than needed', async (t) => {
  const server = await serve(t, answering(answer('one')));
  const [port] = await freePorts(1);
  const program = await start(
    t,
    `${PREAMBLE}\nlisten l\n bind 127.0.0.1:${port}\n server s 127.0.0.1:${server.port}\n`,
    [port!],
  );
  // It listens, but its threads may not have begun.
  program.signal('SIGUSR2');
  const loads = (): number => program.stderr.split('Loading success.').length - 1;
  await until(() => loads() === 1, 'the first reload');
  for (let i = 0; i < 3; i++) {
    program.signal('SIGUSR2');
    await sleep(2);
  }
  await until(() => loads() >= 3, 'the one that had begun and the one after it');
  await sleep(500);
  ok(loads() <= 4, `${loads()} reloads`);
  match(await exchange(t, port!, 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'), /one$/);
});

test('a reload keeps where checks go and what show errors has, as far as the configuration is the same', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'hawser-sockets-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const socket = join(directory, 's');
  const said: string[] = [];
  const agent = async (peer: Peer): Promise<void> => {
    said.push(await peer.seen(/./));
    peer.send('up\n');
    peer.socket.end();
  };
  const one = await serve(t, answering(answer('one')));
  const [first, second, moved] = [await serve(t, agent), await serve(t, agent), await serve(t, agent)];
  const checked = await serve(t, () => {});
  const [port, otherPort] = await freePorts(2);
  const config = (agentOf: number, front: string): string => `
global
    nbthread 2
    stats socket ${socket} level admin
defaults
    mode http
    timeout connect 1s
    timeout client 5s
    timeout server 5s
${front}
frontend fe
    bind 127.0.0.1:${port}
    default_backend be
backend be
    server s 127.0.0.1:${one.port} check inter 100ms agent-check agent-port ${first.port} agent-inter 100ms agent-send "hi\\n"
    server u 127.0.0.1:${one.port} agent-check agent-port ${agentOf} agent-inter 100ms agent-send "hi\\n"
`;
  const gone = `frontend gone\n    bind 127.0.0.1:${otherPort}\n    default_backend be`;
  const program = await start(t, config(first.port, gone), [port!, otherPort!]);
  await until(() => existsSync(socket), 'the stats socket');
  for (const line of [
    `be/s agent-port ${second.port}`,
    'be/s agent-send kept',
    `be/s check-port ${checked.port}`,
    'be/s check-addr 127.0.0.1',
    `be/u agent-port ${second.port}`,
  ]) {
    equal(await ask(socket, `set server ${line}`), '\n', line);
  }
  for (const to of [port!, otherPort!]) await exchange(t, to, `GET /${to} HTTP/1.1\r\nbad name: x\r\n\r\n`);
  const before = await ask(socket, 'show errors');
  match(before, /: 2\n[^]*frontend fe \(#3\)[^]*frontend gone \(#2\)/);

  writeFileSync(program.file, config(moved.port, ''));
  program.signal('SIGUSR2');
  await until(() => program.stderr.includes('Loading success.'), 'the reload');
  said.length = 0;
  const calls = (): string => [first, second, moved, checked].map(({ peers }) => peers.length).join();
  const counts = [first, second, moved, checked].map(({ peers }) => peers.length);
  await until(() => {
    const [, kept, fresh, health] = [first, second, moved, checked].map(
      ({ peers }, i) => peers.length - counts[i]!,
    );
    return kept! > 2 && fresh! > 2 && health! > 2;
  }, `checks at the changed places and at the newly configured one: ${calls()}`);
  equal(first.peers.length - counts[0]! <= 1, true, 'the configured agent of s is not asked again');
  ok(said.includes('kept'), said.join());
  match(await ask(socket, 'show servers state be'), new RegExp(` ${checked.port} `));

  // fe has another id now; the proxy that is gone takes its capture along.
  const after = await ask(socket, 'show errors');
  match(after, /^Total events captured on \[.*\] : 2\n \n\[.*\] frontend fe \(#2\): invalid request/);
  equal(after.includes('frontend gone'), false);
  await exchange(t, port!, 'GET /later HTTP/1.1\r\nbad name: x\r\n\r\n');
  match(await ask(socket, 'show errors fe'), /: 3\n[^]*GET \/later/);
});
