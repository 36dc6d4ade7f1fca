// Framing that hops may read differently: the connection does not outlive it (RFC 9112 sections 6.1 and 6.3).

import { test } from 'node:test';
import { doesNotMatch, match, strictEqual } from 'node:assert/strict';
import { connect, ok, proxy, serve } from './harness.ts';

const CHUNKS = '5\r\nabcde\r\n0\r\n\r\n';
const cases: Readonly<Record<string, string>> = {
  'a coding and a length': `POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n${CHUNKS}`,
  'a coding in HTTP/1.0': `POST / HTTP/1.0\r\nhost: a\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n${CHUNKS}`,
};

for (const [name, request] of Object.entries(cases)) {
  test(`${name}: the length does not go on, and what follows is not a request`, async (t) => {
    let seen = '';
    const server = await serve(t, async (peer) => {
      seen += await peer.head();
      seen += await peer.bytes(CHUNKS.length);
      peer.send(ok('fine'));
      await peer.all();
      seen += peer.text;
    });
    const { port } = await proxy(t, server);
    const client = await connect(t, port);
    client.send(`${request}GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n`);
    const answer = await client.all();
    match(answer, /^HTTP\/1\.[01] 200 [^]*\r\n\r\nfine$/);
    strictEqual(answer.split('HTTP/1.').length, 2);
    doesNotMatch(seen, /content-length|smuggled/i);
    match(seen, /transfer-encoding: chunked\r\n/i);
  });
}
