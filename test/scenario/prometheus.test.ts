// http-request use-service prometheus-exporter: the page in full, however long, to clients of all kinds.

import { test } from 'node:test';
import { match, ok as yes, strictEqual } from 'node:assert/strict';
import { answering, connect, exchange, ok, serve, until } from './harness.ts';
import { kinds, nameOf, observe } from './witness.ts';

const FRONT = `option socket-stats
    http-request use-service prometheus-exporter if { path /metrics }
    http-request use-service prometheus-exporter if { path /edited }
    http-after-response set-header x-edited yes if { path /edited }`;

/** More servers than a slab holds lines for. */
const servers = (port: number): string =>
  Array.from({ length: 40 }, (_, at) => `server t${at} 127.0.0.1:${port} disabled`).join('\n    ');

for (const kind of kinds) {
  test(`the metrics of the process, over and over (${nameOf(kind)})`, async (t) => {
    const server = await serve(t, answering(ok('x')));
    const witness = await observe(t, {
      kind,
      server: server.port,
      front: FRONT,
      back: servers(server.port),
    });
    const client = await connect(t, witness.port);
    const get = async (target: string, method = 'GET'): Promise<[string, string]> => {
      client.send(`${method} ${target} HTTP/1.1\r\nhost: a\r\n\r\n`);
      const head = await client.head();
      const length = Number(/content-length: (\d+)/.exec(head)![1]);
      return [head, method === 'HEAD' ? '' : await client.bytes(length)];
    };
    const [head, text] = await get('/metrics');
    match(head, /^HTTP\/1.1 200 OK\r\n/);
    match(head, /\r\ncontent-type: text\/plain; version=0.0.4\r\n/);
    yes(text.length > 100_000, `${text.length}`);
    yes(text.startsWith('# HELP haproxy_process_nbthread '));
    yes(text.endsWith('haproxy_server_uweight{proxy="be",server="s1"} 1\n'), text.slice(-100));
    match(text, new RegExp(`^haproxy_process_nbthread ${kind.threads}$`, 'm'));
    match(text, /^haproxy_server_status\{proxy="be",server="t39",state="MAINT"\} 1$/m);
    match(text, /^haproxy_listener_status\{proxy="fe",listener="sock-1",state="OPEN"\} 1$/m);
    // What passed since is counted.
    await exchange(t, witness.port, 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    const later = (await get('/metrics?scope=server'))[1];
    match(later, /^haproxy_server_http_responses_total\{proxy="be",server="s1",code="2xx"\} 1$/m);
    strictEqual((await get('/metrics?scope='))[1], '');
    match((await get('/metrics', 'HEAD'))[0], /content-length: [0-9]{6}\r\n/);
    match((await get('/edited?scope=global'))[0], /x-edited: yes/);
    strictEqual(await witness.stat('fe', 'FRONTEND', 'intercepted'), 5);
    await until(() => / "GET \/metrics\?scope= HTTP/.test(witness.program.stdout), 'its line');
    match(
      witness.program.stdout,
      / fe\/<PROMEX> \d+\/\d+\/\d+\/\d+\/\d+ 200 \d{6} - - LR-- .*"GET \/metrics HTTP/,
    );
    client.send('GET /metrics?scope HTTP/1.1\r\nhost: a\r\n\r\n');
    match(await client.all(), /^HTTP\/1.1 400 /);
    const old = await exchange(t, witness.port, 'GET /metrics?scope=backend HTTP/1.0\r\n\r\n');
    match(old, /\nhaproxy_backend_uweight\{proxy="be"\} 1\n[^]*state="PROCOK"\} 0\n$/);
  });

  test(`a client that leaves, and a reload, while a page is on its way (${nameOf(kind)})`, async (t) => {
    const server = await serve(t, answering(ok('x')));
    const setup = { kind, server: server.port, front: FRONT, back: servers(server.port) };
    const witness = await observe(t, setup);
    const readers = await Promise.all(Array.from({ length: 8 }, () => connect(t, witness.port)));
    for (const reader of readers)
      reader.send('GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    for (const reader of readers.slice(0, 4)) reader.socket.resetAndDestroy();
    witness.program.signal('SIGUSR2');
    for (const reader of readers.slice(4)) {
      match(await reader.all(), /haproxy_server_uweight\{proxy="be",server="s1"\} 1\n$/);
    }
    const ask = (): Promise<string> =>
      exchange(t, witness.port, 'GET /metrics?scope=global HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    match(await ask(), /haproxy_process_stopping 0/);
    strictEqual(witness.program.ended, null);
  });
}
