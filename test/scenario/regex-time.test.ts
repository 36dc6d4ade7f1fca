// Expressions that could take for ever on a hostile subject: other clients of the same thread do not notice.

import { test } from 'node:test';
import { ok, strictEqual } from 'node:assert/strict';
import { exchange, freePorts, PREAMBLE, start } from './harness.ts';

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`;

test('a hostile path does not stall a data thread', async (t) => {
  const [port] = await freePorts(1);
  const config = `${PREAMBLE.replace('global', 'global\n  nbthread 1')}
frontend fe
  bind 127.0.0.1:${port}
  acl nested path_reg ^/(a+)+$
  acl looking path_reg ^/(?!b)(a+)+(?=c)$
  acl again path_reg ^/(a+)+\\1$
  acl many path_reg -i ^/.*a.*a.*a.*a.*b$
  http-request return status 200 content-type text/plain string nested if nested
  http-request return status 200 content-type text/plain string other if looking or again or many
  http-request return status 200 content-type text/plain string none
`;
  await start(t, config, [port!]);
  const hostile = get(`/${'a'.repeat(7000)}!`);
  let running = true;
  const attack = (async () => {
    for (let i = 0; i < 12; i++) ok((await exchange(t, port!, hostile)).endsWith('none'));
    running = false;
  })();
  let longest = 0;
  let asked = 0;
  while (running) {
    const before = performance.now();
    ok((await exchange(t, port!, get('/aaa'))).endsWith('nested'));
    longest = Math.max(longest, performance.now() - before);
    asked++;
  }
  await attack;
  ok(asked >= 3, `${asked} requests in the meantime`);
  ok(longest < 1000, `one took ${longest} ms`);
  strictEqual((await exchange(t, port!, get('/b'))).endsWith('none'), true);
});
