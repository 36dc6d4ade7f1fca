import { test } from 'node:test';
import assert from 'node:assert/strict';
import { loadText } from '../../testing/load.ts';
import type { ServerConfig } from '../model.ts';

const HEAD = 'defaults\n timeout client 1s\n timeout server 1s\n timeout connect 1s\nbackend b\n mode http\n';

function server(options: string): ServerConfig {
  const { config, messages } = loadText(`${HEAD} server s 10.0.0.1:80 ${options}\n`);
  assert.notEqual(config, null, messages.join('\n'));
  return config!.proxies[0]!.servers[0]!;
}

const cases: readonly (readonly [string, Partial<ServerConfig>])[] = [
  ['backup disabled', { backup: true, disabled: true }],
  [
    'check inter 1s fastinter 200ms downinter 5s rise 4 fall 5',
    { interMs: 1000, fastinterMs: 200, downinterMs: 5000, rise: 4, fall: 5 },
  ],
  ['maxconn 10 minconn 2 maxqueue 3', { maxconn: 10, minconn: 2, maxqueue: 3 }],
  ['slowstart 10s weight 0', { slowstartMs: 10_000, weight: 0 }],
  ['cookie abc', { cookie: 'abc' }],
  [
    'pool-max-conn -1 pool-low-conn 4 pool-purge-delay 7 max-reuse 9',
    { poolMaxConn: -1, poolLowConn: 4, poolPurgeDelayMs: 7000, maxReuse: 9 },
  ],
  [
    'send-proxy-v2 proxy-v2-options crc32c,unique-id',
    { sendProxy: 2, proxyV2Options: ['crc32c', 'unique-id'] },
  ],
  ['init-addr last,libc,none', { initAddr: ['last', 'libc', 'none'] }],
  ['on-marked-down shutdown-sessions', { onMarkedDown: 'shutdown-sessions' }],
  ['on-marked-up shutdown-backup-sessions', { onMarkedUp: 'shutdown-backup-sessions' }],
  ['hash-key addr-port id 42', { hashKey: 'addr-port', id: 42 }],
  ['port 8080 check-send-proxy', { checkPort: 8080, checkSendProxy: true }],
];

for (const [options, fields] of cases) {
  test(`server options: ${options}`, () => {
    const found = server(options);
    for (const [name, value] of Object.entries(fields)) {
      assert.deepEqual(found[name as keyof ServerConfig], value, name);
    }
  });
}

test('a port may follow that of the client', () => {
  const { config } = loadText(`${HEAD} server a 10.0.0.1:+10\n server b 10.0.0.1\n server c /run/s\n`);
  const [a, b, c] = config!.proxies[0]!.servers;
  assert.deepEqual([a!.portKind, a!.port], ['offset', 10]);
  assert.equal(b!.portKind, 'none');
  assert.equal(c!.address.kind, 'unix');
});

test('default-server gives what a server line does not', () => {
  const { config } = loadText(
    `${HEAD} default-server check inter 9s\n server a 10.0.0.1:80\n default-server no-check\n server b 10.0.0.1:81\n`,
  );
  const [a, b] = config!.proxies[0]!.servers;
  assert.deepEqual([a!.check, a!.interMs, b!.check, b!.interMs], [true, 9000, false, 9000]);
});
