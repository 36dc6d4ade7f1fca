// Choices that depend on the load: connections that stay open and end in any order, through HAProxy and through our
// balancers. Needs a `haproxy` on PATH.

import { test, type TestContext } from 'node:test';
import { deepStrictEqual } from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pick } from '../../src/backend/backend.ts';
import { backendConfig, balanceSettings, makeBackend, makeGround } from '../../src/backend/testing.ts';
import { randomSource } from '../../src/balance/random.ts';
import type { BalanceSettings } from '../../src/balance/balance.ts';
import type { ServerConfig } from '../../src/config/model.ts';
import type { Server } from '../../src/backend/server.ts';
import { createBalancer } from '../../src/balance/create.ts';
import { fakeStream } from '../../src/balance/testing.ts';
import { freePorts, sleep, until } from '../scenario/harness.ts';

interface Case {
  readonly name: string;
  readonly lines: readonly string[];
  readonly settings: Partial<BalanceSettings> & { algorithm: string };
  readonly servers: readonly Partial<ServerConfig>[];
}

const weights = (...list: number[]): Partial<ServerConfig>[] =>
  list.map((weight, i) => ({ name: 'abcdefgh'[i]!, weight }));
const consistent = { algorithm: 'source', consistent: true, avalanche: true };

const cases: readonly Case[] = [
  {
    name: 'leastconn, equal weights',
    lines: ['balance leastconn'],
    settings: { algorithm: 'leastconn' },
    servers: weights(1, 1, 1, 1),
  },
  {
    name: 'leastconn, weights',
    lines: ['balance leastconn'],
    settings: { algorithm: 'leastconn' },
    servers: weights(3, 1, 2, 3),
  },
  {
    name: 'hash-balance-factor 120',
    lines: ['balance source', 'hash-type consistent sdbm avalanche', 'hash-balance-factor 120'],
    settings: { ...consistent, hashBalanceFactor: 120 },
    servers: weights(1, 1, 1, 1),
  },
  {
    name: 'hash-balance-factor 175, weights',
    lines: ['balance source', 'hash-type consistent sdbm avalanche', 'hash-balance-factor 175'],
    settings: { ...consistent, hashBalanceFactor: 175 },
    servers: weights(7, 3, 1, 5),
  },
];

/** What to do: the source address of a connection to open, or which of the open ones to close. */
type Step = { readonly source: string } | { readonly close: number };

function story(seed: number, steps: number): Step[] {
  const random = randomSource(seed);
  const list: Step[] = [];
  for (let open = 0; list.length < steps;) {
    if (open > 0 && random() % 5 < 2) {
      list.push({ close: random() % open-- });
    } else {
      open++;
      list.push({ source: `192.0.2.${random() % 8}` });
    }
  }
  return list;
}

function ours(one: Case, steps: readonly Step[]): string {
  const config = backendConfig(one.servers, {
    balance: balanceSettings(one.settings.algorithm, one.settings),
  });
  const { backend } = makeBackend(
    makeGround(config, 1, 8),
    0,
    () => {},
    (farm) => createBalancer(farm),
  );
  const open: Server[] = [];
  let seen = '';
  for (const step of steps) {
    if ('close' in step) {
      open.splice(step.close, 1)[0]!.release();
      continue;
    }
    if (backend.pick(fakeStream({ source: step.source }), null) !== Pick.RESERVED) return `${seen}!`;
    open.push(backend.picked!);
    seen += backend.picked!.name;
  }
  return seen;
}

async function theirs(port: number, servers: readonly Listening[], steps: readonly Step[]): Promise<string> {
  const open: { socket: net.Socket; server: Listening }[] = [];
  let seen = '';
  for (const step of steps) {
    if ('close' in step) {
      const { socket, server } = open.splice(step.close, 1)[0]!;
      const before = server.closed;
      socket.destroy();
      await until(() => server.closed > before, 'a close');
      await sleep(2);
      continue;
    }
    const before = servers.map(({ accepted }) => accepted);
    const socket = net.connect(port, '127.0.0.1');
    socket.write(`PROXY TCP4 ${step.source} 127.0.0.1 1000 80\r\nx`);
    await until(() => servers.some(({ accepted }, i) => accepted > before[i]!), 'a connection');
    const chosen = servers.find(({ accepted }, i) => accepted > before[i]!)!;
    open.push({ socket, server: chosen });
    seen += chosen.name;
  }
  for (const { socket, server } of open) {
    const before = server.closed;
    socket.destroy();
    await until(() => server.closed > before, 'a close');
  }
  return seen;
}

interface Listening {
  readonly name: string;
  readonly server: net.Server;
  accepted: number;
  closed: number;
}

function listen(name: string): Promise<Listening> {
  return new Promise((done) => {
    const server = net.createServer((socket) => {
      one.accepted++;
      socket.on('error', () => {});
      socket.on('data', () => {});
      socket.on('close', () => one.closed++);
    });
    const one: Listening = { name, server, accepted: 0, closed: 0 };
    server.listen(0, '127.0.0.1', () => done(one));
  });
}

test('the same server as HAProxy under a load that comes and goes', async (t: TestContext) => {
  if (spawnSync('haproxy', ['-v']).status !== 0) return t.skip('haproxy is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'hawser-held-'));
  const listening = await Promise.all(['a', 'b', 'c', 'd'].map(listen));
  const ports = await freePorts(cases.length);
  const lines = [
    'global',
    ' nbthread 1',
    'defaults',
    ' mode tcp',
    ' timeout client 20s',
    ' timeout server 20s',
  ];
  lines.push(' timeout connect 1s');
  cases.forEach((one, i) => {
    lines.push(
      `listen l${i}`,
      ` bind 127.0.0.1:${ports[i]} accept-proxy`,
      ...one.lines.map((line) => ` ${line}`),
    );
    one.servers.forEach((server, s) => {
      const { port } = listening[s]!.server.address() as net.AddressInfo;
      lines.push(` server ${server.name} 127.0.0.1:${port} weight ${server.weight}`);
    });
  });
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const haproxy = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' });
  try {
    await until(() => connects(ports.at(-1)!), 'haproxy');
    // The probe itself went through and ended.
    await sleep(50);
    for (const [i, one] of cases.entries()) {
      const steps = story(77 + i, 80);
      deepStrictEqual(ours(one, steps), await theirs(ports[i]!, listening, steps), one.name);
    }
  } finally {
    haproxy.kill('SIGKILL');
    for (const { server } of listening) server.close();
    rmSync(folder, { recursive: true });
  }
});

function connects(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}
