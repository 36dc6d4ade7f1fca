// `redir` on a server line (manual 5.2): what is answered stands in test/differential/messages.test.ts.

import { test } from 'node:test';
import { match, strictEqual } from 'node:assert/strict';
import { exchange, freePorts } from './harness.ts';
import { kinds, nameOf, observe } from './witness.ts';

for (const kind of kinds) {
  test(`redir: a place on the server is taken and given back, nothing connects (${nameOf(kind)})`, async (t) => {
    const [nobody] = await freePorts(1);
    const words = 'maxconn 1 redir http://elsewhere.example';
    const witness = await observe(t, { kind, server: nobody!, words });
    const ask = (): Promise<string> => exchange(t, witness.port, 'GET /x?y HTTP/1.1\r\nhost: a\r\n\r\n');
    const answers = await Promise.all(Array.from({ length: 20 }, ask));
    for (const text of answers) {
      match(text, /^HTTP\/1\.1 302 Found\r\n/);
      match(text, /\r\nlocation: http:\/\/elsewhere\.example\/x\?y\r\n/);
    }
    await witness.quiet();
    strictEqual(await witness.stat('be', 's1', 'stot'), 20);
    strictEqual(await witness.stat('be', 's1', 'connect'), 0);
    strictEqual(await witness.stat('be', 'BACKEND', 'hrsp_3xx'), 20);
    match(
      await exchange(t, witness.port, 'DELETE / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'),
      / 503 /,
    );
  });
}
