// silent-drop in every rule set (manual 4.4): the connection is gone here, and the client hears no orderly end.

import { test } from 'node:test';
import { match, strictEqual } from 'node:assert/strict';
import { answering, connect, freePorts, ok, PREAMBLE, serve, sleep, start } from './harness.ts';
import { loadText } from '../../src/testing/load.ts';

test('silent-drop: nothing is answered, on requests, responses and TCP data, with and without rst-ttl', async (t) => {
  const server = await serve(t, answering(ok('hello')));
  const [http, tcp, back] = await freePorts(3);
  const program = await start(
    t,
    `${PREAMBLE}
frontend fe
    bind 127.0.0.1:${http}
    http-request silent-drop if { path /request }
    http-request silent-drop rst-ttl 3 if { path /ttl }
    http-response silent-drop if { capture.req.uri /response }
    default_backend be
backend be
    server s1 127.0.0.1:${server.port}
listen tcp
    mode tcp
    option tcplog
    bind 127.0.0.1:${tcp}
    tcp-request inspect-delay 1s
    tcp-request content silent-drop rst-ttl 2 if { req.payload(0,1) -m str x }
    server s1 127.0.0.1:${server.port}
listen tcp-back
    mode tcp
    option tcplog
    bind 127.0.0.1:${back}
    tcp-response inspect-delay 1s
    tcp-response content silent-drop if { res.payload(0,4) -m str HTTP }
    server s1 127.0.0.1:${server.port}
`,
    [http!, tcp!, back!],
  );
  const dropped = async (port: number, text: string): Promise<void> => {
    const client = await connect(t, port);
    client.send(text);
    await program.logs(/./, 1);
    await sleep(150);
    strictEqual(client.text, '', text);
    strictEqual(client.finished, false, `an end in order: ${text}`);
  };
  for (const path of ['/request', '/ttl', '/response']) {
    await dropped(http!, `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`);
    match((await program.logs(new RegExp(path)))[0]!, / P[RH]-- /);
  }
  await dropped(tcp!, 'xyz');
  await dropped(back!, 'GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  const client = await connect(t, http!);
  client.send('GET /passes HTTP/1.1\r\nhost: a\r\n\r\n');
  match(await client.seen(/hello/), /200 OK/);
});

test('rst-ttl takes 1 to 255 hops', () => {
  const check = (words: string): string => {
    const line = `http-request silent-drop ${words}`;
    const text = `defaults\n mode http\n timeout client 1s\nfrontend f\n bind 127.0.0.1:1\n ${line}\n`;
    return loadText(text).messages.join('\n');
  };
  for (const words of ['rst-ttl', 'rst-ttl 0', 'rst-ttl 256', 'rst-ttl x', 'rst-ttl -1']) {
    match(check(words), /'rst-ttl' expects a number of hops from 1 to 255/, words);
  }
  strictEqual(/ALERT/.test(check('rst-ttl 255 if TRUE')), false);
});
