// SIGHUP's dump of server states, beside haproxy's.

import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { connect, freePorts, ok as answer, serve, sleep, until } from '../scenario/harness.ts';
import { haproxyMissing, startTwins, type Twin } from './twins.ts';

test('SIGHUP dumps the states of servers', { skip: haproxyMissing(), timeout: 60_000 }, async (t) => {
  const web = await serve(t, async (peer) => {
    await peer.head();
    peer.send(answer('x'));
  });
  const [dead] = await freePorts(1);
  const twins = await startTwins(
    t,
    1,
    ([port]) => `
global
    nbthread 1
    maxconn 100
    stats socket STATS level admin
    log stdout format raw local0
defaults
    log global
    mode http
    timeout connect 1s
    timeout client 5s
    timeout server 5s
frontend f
    bind 127.0.0.1:${port}
    default_backend b
backend b
    server up 127.0.0.1:${web.port}
    server down 127.0.0.1:${dead} check inter 100ms
    server off 127.0.0.1:${web.port} disabled
backend spare
    server d 127.0.0.1:${dead} check inter 100ms
    server s 127.0.0.1:${web.port} backup
backend none
    server d 127.0.0.1:${dead} disabled
`,
  );
  const dump = async (twin: Twin): Promise<string[]> => {
    await until(async () => {
      const rows = await twin.stat();
      return rows.get('b/down')!['status'] === 'DOWN' && rows.get('spare/d')!['status'] === 'DOWN';
    }, `servers of ${twin.name} to be down`);
    const client = await connect(t, twin.ports[0]!);
    client.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    await client.seen(/x$/);
    await sleep(200);
    twin.child.kill('SIGHUP');
    const lines = (): string[] => twin.said.text.split('\n').filter((line) => line.includes('SIGHUP'));
    await until(() => lines().filter((line) => line.includes('Proxy none')).length === 2, 'the dump', 5000);
    await sleep(100);
    // HAProxy lists its internal proxies too.
    return lines()
      .map((line) => line.replace(/\(\d+\)/, '(pid)'))
      .filter((line) => !/GLOBAL|HTTPCLIENT/.test(line))
      .sort();
  };
  const [theirs, ours] = await Promise.all(twins.map(dump));
  deepEqual(ours, theirs);
});
