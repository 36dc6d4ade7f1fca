// Which server HAProxy chooses and which one ours does, for many requests. Needs a `haproxy` on PATH.

import { test, type TestContext } from 'node:test';
import { deepStrictEqual } from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pick, type Backend } from '../../src/backend/backend.ts';
import { backendConfig, balanceSettings, makeBackend, makeGround } from '../../src/backend/testing.ts';
import type { BalanceSettings } from '../../src/balance/balance.ts';
import { createBalancer } from '../../src/balance/create.ts';
import { fakeStream } from '../../src/balance/testing.ts';
import { freePorts } from '../scenario/harness.ts';

interface Request {
  readonly target: string;
  readonly key: string;
  readonly source: string;
}

interface Case {
  readonly name: string;
  /** `balance` and its arguments, `hash-type` and its arguments or ''. */
  readonly balance: string;
  readonly hashType: string;
  readonly settings: Partial<BalanceSettings> & { algorithm: string };
}

const algorithms: readonly [string, Partial<BalanceSettings> & { algorithm: string }][] = [
  ['uri', { algorithm: 'uri' }],
  ['uri whole', { algorithm: 'uri', uriWhole: true }],
  ['uri len 9', { algorithm: 'uri', uriLength: 9 }],
  ['uri depth 2', { algorithm: 'uri', uriDepth: 2 }],
  ['uri len 12 depth 1', { algorithm: 'uri', uriLength: 12, uriDepth: 1 }],
  ['uri path-only', { algorithm: 'uri', uriPathOnly: true }],
  ['url_param p', { algorithm: 'url_param', name: 'p' }],
  ['hdr(x-k)', { algorithm: 'hdr', name: 'X-K' }],
  ['hdr(x-k) use_domain_only', { algorithm: 'hdr', name: 'x-k', useDomainOnly: true }],
  ['source', { algorithm: 'source' }],
];
const hashTypes: readonly [string, Partial<BalanceSettings>][] = [
  ['', {}],
  ['map-based djb2', { hashFunction: 'djb2' }],
  ['map-based crc32 avalanche', { hashFunction: 'crc32', avalanche: true }],
  ['consistent', { consistent: true, avalanche: true }],
  ['consistent sdbm', { consistent: true }],
  ['consistent djb2 avalanche', { consistent: true, hashFunction: 'djb2', avalanche: true }],
  ['map-based sdbm avalanche', { avalanche: true }],
  ['consistent crc32', { consistent: true, hashFunction: 'crc32' }],
];
const cases: Case[] = algorithms.flatMap(([balance, settings], a) =>
  hashTypes.map(([hashType, more], h) => {
    return { name: `b${a}_${h}`, balance, hashType, settings: { ...settings, ...more } };
  }),
);
for (const algorithm of ['roundrobin', 'static-rr', 'leastconn']) {
  cases.push({ name: algorithm, balance: algorithm, hashType: '', settings: { algorithm } });
}

const servers = [
  { name: 'a', weight: 3, id: 1 },
  { name: 'b', weight: 2, id: 7 },
  { name: 'c', weight: 1, id: 3000000 },
  { name: 'd', weight: 5, id: 4 },
  { name: 'e', weight: 5, id: 5 },
];

const requests: Request[] = Array.from({ length: 40 }, (_, i) => {
  const hosts = [`host${i}.example.com`, `n${i * 31}.fr`, `alone${i}`, `10.${i}.2.3`, `x${i}.org:80${i}`];
  const paths = [
    `/img/${i * i}/p${i}.png`,
    `/a/b${i}/c`,
    `/q?x=1&p=v${i}`,
    `/${i}//y`,
    `/p${i}?p=${i}&p=2`,
    `/?pp=1`,
  ];
  const target = paths[i % paths.length]!;
  const source = i % 3 === 0 ? `2001:db8:${i}::${i * 77}` : `192.0.${i}.${(i * 37) % 256}`;
  return { target, key: hosts[i % hosts.length]!, source };
});

function configuration(port: number, end: number): string {
  const lines = [
    'global',
    ' nbthread 1',
    'defaults',
    ' mode http',
    ' timeout client 5s',
    ' timeout server 5s',
    ' timeout connect 1s',
    'frontend end',
    ` bind 127.0.0.1:${end}`,
    ' http-request return status 200',
    'frontend start',
    ` bind 127.0.0.1:${port} accept-proxy`,
    ' use_backend %[hdr(x-be)]',
  ];
  for (const one of cases) {
    lines.push(`backend ${one.name}`, ` balance ${one.balance}`, ' http-response set-header x-s %s');
    if (one.hashType !== '') lines.push(` hash-type ${one.hashType}`);
    for (const server of servers) {
      lines.push(` server ${server.name} 127.0.0.1:${end} weight ${server.weight} id ${server.id}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Sends one request through a PROXY protocol header; the chosen server's name. */
function ask(port: number, backend: string, request: Request): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    let answer = '';
    socket.on('error', reject);
    socket.on('data', (bytes) => {
      answer += bytes.toString('latin1');
      if (answer.includes('\r\n\r\n')) {
        socket.destroy();
        resolve(/^x-s: (.*)\r$/m.exec(answer)?.[1] ?? answer);
      }
    });
    // The key is not the last header: HAProxy 2.6 was seen to look beyond the end of it with use_domain_only.
    const family = request.source.includes(':') ? '6' : '4';
    const to = family === '6' ? '::1' : '127.0.0.1';
    socket.write(
      `PROXY TCP${family} ${request.source} ${to} 1000 80\r\n` +
        `GET ${request.target} HTTP/1.1\r\nx-k: ${request.key}\r\nx-be: ${backend}\r\nhost: x\r\n\r\n`,
    );
  });
}

function ours(one: Case): Backend {
  const config = backendConfig(servers, { balance: balanceSettings(one.settings.algorithm, one.settings) });
  return makeBackend(
    makeGround(config, 1, 1),
    0,
    () => {},
    (farm) => createBalancer(farm),
  ).backend;
}

async function connectable(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const up = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.unref();
    });
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('haproxy does not listen');
}

test('the same server as HAProxy for every algorithm and hash type', async (t: TestContext) => {
  if (spawnSync('haproxy', ['-v']).status !== 0) return t.skip('haproxy is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'hawser-balance-'));
  const [port, end] = (await freePorts(2)) as [number, number];
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, configuration(port, end));
  const haproxy = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' });
  try {
    await connectable(end);
    for (const one of cases) {
      const backend = ours(one);
      const theirs: string[] = [];
      const mine: string[] = [];
      for (const request of requests) {
        theirs.push(await ask(port, one.name, request));
        const stream = fakeStream({
          target: request.target,
          headers: { 'x-k': request.key },
          source: request.source,
        });
        const answer = backend.pick(stream, null);
        mine.push(answer === Pick.RESERVED ? backend.picked!.name : 'none');
        backend.picked?.release();
      }
      deepStrictEqual(mine, theirs, `balance ${one.balance} / hash-type ${one.hashType}`);
    }
  } finally {
    haproxy.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});
