import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Diagnostics } from './diagnostics.ts';
import { Environment } from './environment.ts';
import { FileStore } from './files.ts';
import { settleFullconn } from './check.ts';
import { loadConfig } from './load.ts';
import { loadText } from '../testing/load.ts';
import type { Config, ProxyConfig } from './model.ts';

const TIMEOUTS = 'defaults\n timeout client 1s\n timeout server 2s\n timeout connect 3s\n';

function load(text: string, names: Record<string, string> = {}): Config {
  const { config, messages } = loadText(text, { names });
  assert.notEqual(config, null, messages.join('\n'));
  return config!;
}

const proxyOf = (config: Config, name: string): ProxyConfig => config.byName.get(name)!;

test('a usual configuration fills the model', () => {
  const config = load(
    `global\n maxconn 500\n nbthread 2\n log 127.0.0.1 local0 info\n${TIMEOUTS} mode http\n log global\n` +
      'frontend www\n bind :8080,127.0.0.1:8081-8082 name web\n default_backend app\n' +
      'backend app\n balance source\n server a 10.0.0.1:80 weight 5 check inter 1s\n server b srv:81 backup\n',
    { srv: '10.0.0.2' },
  );
  assert.equal(config.global.maxconn, 500);
  const www = proxyOf(config, 'www');
  const app = proxyOf(config, 'app');
  assert.equal(www.mode, 'http');
  assert.equal(www.defaultBackend, app);
  assert.deepEqual(
    www.binds.map(({ address, id }) => [address.ip, address.portLow, id]),
    [
      ['0.0.0.0', 8080, 1],
      ['127.0.0.1', 8081, 2],
      ['127.0.0.1', 8082, 3],
    ],
  );
  assert.deepEqual([www.id, app.id], [2, 3]);
  assert.equal(www.logTargets.length, 1);
  assert.equal(app.balance.algorithm, 'source');
  const [a, b] = app.servers;
  assert.deepEqual([a!.weight, a!.interMs, a!.check, a!.port], [5, 1000, true, 80]);
  assert.deepEqual([b!.backup, b!.address.ip, b!.address.family], [true, '10.0.0.2', 'ipv4']);
});

test('values that nobody sets are those of the manual', () => {
  const config = load(`${TIMEOUTS}backend b\n mode http\n server s 1.2.3.4:80\nbackend t\n`);
  const backend = proxyOf(config, 'b');
  assert.deepEqual([backend.balance.algorithm, backend.balance.draws], ['random', 2]);
  assert.deepEqual([backend.retries, backend.httpReuse, backend.redispatch], [3, 'safe', 0]);
  assert.ok(backend.options.has('abortonclose'));
  assert.ok(!proxyOf(config, 't').options.has('abortonclose'));
  const [server] = backend.servers;
  assert.deepEqual([server!.weight, server!.rise, server!.fall, server!.interMs], [1, 2, 3, 2000]);
  assert.equal(server!.poolPurgeDelayMs, 5000);
});

test('no option abortonclose holds in HTTP mode, also from defaults', () => {
  const config = load(
    `${TIMEOUTS} mode http\n no option abortonclose\nbackend b\nbackend c\n option abortonclose\n`,
  );
  assert.deepEqual([...proxyOf(config, 'b').options], []);
  assert.deepEqual([...proxyOf(config, 'c').options], ['abortonclose']);
});

test('what a section changes of its defaults stays in that section', () => {
  const config = load(
    `${TIMEOUTS.replace('defaults', 'defaults d')} mode http\n option redispatch\n errorloc 503 /sorry\n` +
      ' acl local src 127.0.0.1\n default-server inter 5s rise 7\n retry-on 503\n' +
      'backend one from d\n acl local src 10.0.0.1\n timeout server 9s\n errorloc 404 /x\n no option redispatch\n' +
      ' default-server rise 9\n server s 1.2.3.4:80\n retry-on none\n' +
      'backend two from d\n server s 1.2.3.4:80\n',
  );
  const one = proxyOf(config, 'one');
  const two = proxyOf(config, 'two');
  assert.deepEqual([one.timeouts.server, two.timeouts.server], [9000, 2000]);
  assert.deepEqual([one.redispatch, two.redispatch], [0, -1]);
  assert.deepEqual([one.errors.size, two.errors.size], [2, 1]);
  assert.deepEqual([one.servers[0]!.rise, two.servers[0]!.rise], [9, 7]);
  assert.deepEqual([one.servers[0]!.interMs, two.servers[0]!.interMs], [5000, 5000]);
  assert.deepEqual([[...one.retryOn], [...two.retryOn]], [[], ['503']]);
  assert.notEqual(one.acls.get('local'), two.acls.get('local'));
});

test('defaults do not start from defaults with rules', () => {
  const text = (head: string): string =>
    `defaults base\n tcp-response inspect-delay 5s\n tcp-response content accept\n${head}\n mode tcp\n`;
  for (const head of ['defaults from base', 'defaults next from base']) {
    const { config, messages } = loadText(text(head));
    assert.equal(config, null);
    assert.match(
      messages.join('\n'),
      /\[t\.cfg:4\] ?: a defaults section cannot inherit from a defaults section defining TCP\/HTTP rules \(defaults section at t\.cfg:1\)\./,
    );
  }
});

test('defaults may start from named defaults, and others start afresh', () => {
  const config = load(
    'defaults a\n timeout client 1s\n retries 7\ndefaults b from a\n timeout server 1s\n' +
      'backend x from b\nbackend y from a\ndefaults\n retries 1\nbackend z\n',
  );
  assert.deepEqual(
    ['x', 'y', 'z'].map((name) => {
      const { retries, timeouts } = proxyOf(config, name);
      return [retries, timeouts.client, timeouts.server];
    }),
    [
      [7, 1000, 1000],
      [7, 1000, 0],
      [1, 0, 0],
    ],
  );
});

test('a recording gives the same configuration without disk, resolver and environment', () => {
  const text =
    'global\n setenv PORT 8080\ndefaults\n mode http\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n' +
    ' errorfile 503 page.http\nlisten x\n bind "127.0.0.1:${PORT}"\n server s app:80\n';
  const page = 'HTTP/1.0 503 Service Unavailable\r\n\r\nsorry';
  const names = new Map([['app', '10.1.1.1']]);
  const first = FileStore.fromRecording({ files: [['page.http', { text: page }]], folders: [] });
  const read = (files: FileStore): Config => {
    const loaded = loadConfig({
      sources: [{ name: 'a.cfg', text }],
      environment: new Environment([]),
      files,
      resolver: { lookup: (name) => names.get(name) ?? null },
      diagnostics: new Diagnostics(),
    });
    return loaded!.config;
  };
  const one = read(first);
  const two = read(FileStore.fromRecording(structuredClone(first.record())));
  assert.deepEqual(JSON.stringify(summary(two)), JSON.stringify(summary(one)));
  assert.equal(proxyOf(two, 'x').binds[0]!.address.portLow, 8080);
  assert.match(proxyOf(two, 'x').errors.get(503)!.raw!, /content-length: 5\r\n\r\nsorry$/);
});

function summary(config: Config): unknown {
  return config.proxies.map(({ name, id, binds, servers, errors }) => [
    name,
    id,
    binds,
    servers.map(({ address, port }) => [address, port]),
    [...errors],
  ]);
}

test('a server without an address starts in maintenance where init-addr or -dr says so', () => {
  const config = load(`${TIMEOUTS}backend b\n server a nowhere:80 init-addr none\n`);
  assert.equal(proxyOf(config, 'b').servers[0]!.disabled, true);
});

test('keepLines gives the lines as they were read', () => {
  const loaded = loadConfig(
    {
      sources: [{ name: 'a', text: 'backend "b"\n retries 5 # five\n' }],
      environment: new Environment([]),
      files: FileStore.fromRecording({ files: [], folders: [] }),
      resolver: { lookup: () => null },
      diagnostics: new Diagnostics(),
    },
    true,
  );
  assert.deepEqual(
    loaded!.lines.map(({ words, isSection }) => [words.join(' '), isSection]),
    [
      ['backend b', true],
      ['retries 5', false],
    ],
  );
});

test('option httplog from defaults becomes the TCP format in TCP mode', () => {
  const config = load(
    `${TIMEOUTS} mode http\n log 127.0.0.1 local0\n option httplog\nlisten t\n mode tcp\n log global\n bind :1\n server s 127.0.0.1:2\n`,
  );
  const { logFormat, logFormatSource } = proxyOf(config, 't');
  assert.equal(logFormatSource, 'option tcplog');
  assert.notEqual(logFormat, null);
});

test('fullconn is a tenth of what the frontends may bring', () => {
  const config = load(
    `${TIMEOUTS} mode http\nfrontend f\n maxconn 300\n bind :1\n default_backend b\nfrontend g\n bind :2\n default_backend b\nbackend b\n`,
  );
  config.global.maxconn = 1001;
  settleFullconn(config);
  assert.equal(proxyOf(config, 'b').fullconn, 131);
});
