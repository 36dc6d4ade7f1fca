import { test } from 'node:test';
import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { Pick } from '../backend/backend.ts';
import { backendConfig, balanceSettings, makeBackend, makeGround } from '../backend/testing.ts';
import type { ServerConfig } from '../config/model.ts';
import type { Expression } from '../sample/expression.ts';
import { Sample, Type } from '../sample/sample.ts';
import type { BalanceSettings } from './balance.ts';
import { createBalancer } from './create.ts';
import { avalanche, crc32, djb2, hasher, numeric, sdbm } from './hash.ts';
import { ExpressionKey, keyBytes } from './hash-expression.ts';
import { mainDomain } from './hdr.ts';
import { fakeStream } from './testing.ts';
import { parameterValue } from './url-param.ts';

test('hash functions: values seen at HAProxy', () => {
  deepStrictEqual([sdbm('a'), djb2('a'), crc32('a')], [97, 177670, 3904355907]);
  deepStrictEqual([sdbm('hello'), djb2('hello'), crc32('hello')], [684824882, 261238937, 907060870]);
  deepStrictEqual(
    [97, 684824882, 177670, 3904355907].map(avalanche),
    [1830748055, 2061535398, 3548763807, 1288200982],
  );
  deepStrictEqual(['12x', '-1', '', '4294967297'].map(numeric), [12, 4294967295, 0, 1]);
  throws(() => hasher('wt6'), /not supported/);
});

test('keys: domain labels, parameters, sample bytes', () => {
  const labels = ['haproxy.1wt.eu', 'localhost', '.com', 'com.', 'a.com.', 'a..b', '..', 'a.bb.ccc:99'];
  deepStrictEqual(labels.map(mainDomain), ['1wt', 'localhost', '.com', 'com', 'com', 'a.', '.', 'bb']);
  const values = ['p=1', 'x=1&p=5&p=6', 'pp=1&p=8', 'p', 'p=a%20b&q=1', 'p=1;q=2', ''];
  deepStrictEqual(
    values.map((text) => parameterValue(text, 0, 'p')),
    ['1', '5', '8', null, 'a%20b', '1;q=2', null],
  );
  const sample = new Sample();
  sample.setInt(-2);
  strictEqual(keyBytes(sample), '\xff\xff\xff\xff\xff\xff\xff\xfe');
  sample.setIpv4(0xc0000201);
  strictEqual(keyBytes(sample), '\xc0\0\x02\x01');
  const expression = { evaluate: (_: unknown, out: Sample) => out.setStr('k'), type: Type.STR } as unknown;
  strictEqual(new ExpressionKey(expression as Expression, sdbm).hash(fakeStream({})), sdbm('k'));
});

function farm(servers: Partial<ServerConfig>[], settings: Partial<BalanceSettings>, options: string[] = []) {
  const balance = balanceSettings('uri', settings);
  const config = backendConfig(servers, { balance, options: new Set(options) });
  return makeBackend(
    makeGround(config, 1, 8),
    0,
    () => {},
    (one) => createBalancer(one),
  ).backend;
}

const url = fakeStream({ target: '/test-url' });

test('hash-preserve-affinity: always queues, maxconn and maxqueue move on', () => {
  for (const consistent of [true, false]) {
    const servers = [1, 2].map(() => ({ maxconn: 1, maxqueue: 1 }));
    const always = farm(servers, { consistent });
    strictEqual(always.pick(url, null), Pick.RESERVED);
    const home = always.picked;
    strictEqual(always.pick(url, null), Pick.QUEUE);
    strictEqual(always.picked, home);
    const moving = farm(servers, { consistent, preserveAffinity: 'maxconn' });
    strictEqual(moving.pick(url, null), Pick.RESERVED);
    strictEqual(moving.picked!.name, home!.name);
    strictEqual(moving.pick(url, null), Pick.RESERVED);
    strictEqual(moving.picked!.name === home!.name, false);
    strictEqual(moving.pick(url, null), Pick.QUEUE);
  }
});

test('hash-balance-factor bounds the load of one key', () => {
  const backend = farm([{}, {}, {}], { consistent: true, hashBalanceFactor: 150 });
  for (let i = 0; i < 30; i++) strictEqual(backend.pick(url, null), Pick.RESERVED);
  const loads = backend.servers.map((server) => server.current);
  strictEqual(Math.max(...loads) <= 16, true, loads.join());
  strictEqual(Math.max(...loads) > 10, true, loads.join());
});

test('backups: the first one alone, or all of them', () => {
  const servers = [{ weight: 0 }, { backup: true }, { backup: true }];
  const one = farm(servers, { algorithm: 'roundrobin' });
  const all = farm(servers, { algorithm: 'roundrobin' }, ['allbackups']);
  const names = (backend: ReturnType<typeof farm>): string =>
    [1, 2, 3, 4].map(() => (backend.pick(url, null), backend.picked!.name)).join(' ');
  strictEqual(names(one), 's2 s2 s2 s2');
  strictEqual(names(all), 's2 s3 s2 s3');
});
