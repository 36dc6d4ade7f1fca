// inspect-delay: rules that cannot be decided yet wait for more, and not longer than they must.

import { test } from 'node:test';
import { ok as truth, match, strictEqual } from 'node:assert/strict';
import { PREAMBLE, connect, exchange, freePorts, ok, serve, start } from './harness.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';
const PART = 'POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 10\r\n\r\nabc';

test('tcp-request and tcp-response content in HTTP mode wait for a message that is not complete', async (t) => {
  const server = await serve(t, async (peer) => {
    await peer.head();
    peer.send(ok('hello'));
  });
  const [asks, answers, behind, refuses, late] = await freePorts(5);
  const config = `${PREAMBLE}
listen asks
    bind 127.0.0.1:${asks}
    tcp-request inspect-delay 1500ms
    tcp-request content reject unless WAIT_END
    server s 127.0.0.1:${server.port}
listen answers
    bind 127.0.0.1:${answers}
    tcp-response inspect-delay 1500ms
    tcp-response content reject unless WAIT_END
    server s 127.0.0.1:${server.port}
frontend front
    bind 127.0.0.1:${behind}
    default_backend back
backend back
    tcp-request inspect-delay 1500ms
    tcp-request content accept if WAIT_END
    server s 127.0.0.1:${server.port}
listen refuses
    bind 127.0.0.1:${refuses}
    tcp-request content reject if WAIT_END
    server s 127.0.0.1:${server.port}
listen late
    bind 127.0.0.1:${late}
    http-request deny deny_status 429 if WAIT_END
    server s 127.0.0.1:${server.port}
`;
  const program = await start(t, config, [asks!, answers!, behind!, refuses!, late!]);
  const timed = async (port: number, bytes: string): Promise<number> => {
    const from = Date.now();
    match(await exchange(t, port, bytes), /^HTTP\/1\.1 200 /);
    return Date.now() - from;
  };
  for (const port of [asks!, answers!, behind!]) {
    const took = await timed(port, GET);
    truth(took < 1200, `a whole message is decided: ${took} ms for ${[asks, answers, behind].indexOf(port)}`);
  }
  // The rest of the body may still come.
  const waits = await Promise.all([timed(asks!, PART), timed(behind!, PART)]);
  truth(Math.min(...waits) >= 1490, `${waits.join()} ms`);
  strictEqual(await exchange(t, refuses!, GET), '', 'without inspect-delay nothing waits');
  await program.logs(/ refuses refuses\/<NOSRV> .* PR-- /);
  match(await exchange(t, late!, GET), /^HTTP\/1\.1 429 /, 'http-request rules are never undecided');
});

test('the wait ends when the body is whole', async (t) => {
  const server = await serve(t, async (peer) => {
    await peer.head();
    peer.send(ok('hello'));
  });
  const [port] = await freePorts(1);
  const config = `${PREAMBLE}
listen asks
    bind 127.0.0.1:${port}
    tcp-request inspect-delay 9s
    tcp-request content reject unless WAIT_END
    server s 127.0.0.1:${server.port}
`;
  await start(t, config, [port!]);
  const client = await connect(t, port!);
  client.send(PART);
  const from = Date.now();
  setTimeout(() => client.send('defghij'), 100);
  match(await client.all(), /^HTTP\/1\.1 200 /);
  truth(Date.now() - from < 5000);
});
