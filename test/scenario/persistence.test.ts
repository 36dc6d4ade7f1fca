// Persistence by cookies, from the request's cookie to the answer's.

import { test } from 'node:test';
import { match, strictEqual } from 'node:assert/strict';
import { answering, exchange, freePorts, ok, PREAMBLE, serve, start } from './harness.ts';

const get = (cookie: string): string => `GET / HTTP/1.1\r\nhost: a\r\n${cookie}connection: close\r\n\r\n`;

test('dynamic cookies: a value made of the key and the address, and it names the server', async (t) => {
  const one = await serve(t, answering(ok('one')));
  const two = await serve(t, answering(ok('two')));
  const [port] = await freePorts(1);
  const config = `${PREAMBLE}
listen web
    bind 127.0.0.1:${port}
    balance roundrobin
    cookie SRV insert dynamic
    dynamic-cookie-key secret
    server s1 127.0.0.1:${one.port}
    server s2 127.0.0.1:${two.port}
    server s3 127.0.0.1:${two.port} cookie mine weight 0
`;
  await start(t, config, [port!]);
  const first = await exchange(t, port!, get(''));
  const second = await exchange(t, port!, get(''));
  const values = [first, second].map(
    (answer) => /\r\nset-cookie: SRV=([0-9a-f]{16}); path=\/\r\n/.exec(answer)?.[1],
  );
  match(values[0] ?? '', /^[0-9a-f]{16}$/);
  strictEqual(new Set(values).size, 2);
  for (const [index, name] of ['one', 'two'].entries()) {
    for (let again = 0; again < 3; again++) {
      const answer = await exchange(t, port!, get(`cookie: SRV=${values[index]!}\r\n`));
      match(answer, new RegExp(`\r\n\r\n${name}$`));
    }
  }
  match(await exchange(t, port!, get('cookie: SRV=mine\r\n')), /\r\n\r\ntwo$/);
});
