// tcp-response content: when its rules look at what the server says, and `close` (manual 4.4; as observed on HAProxy 2.6).

import { test, type TestContext } from 'node:test';
import { match, ok as yes, strictEqual } from 'node:assert/strict';
import { connect, ok, serve, sleep, until, type ScriptedServer } from './harness.ts';
import { kinds, nameOf, observe, type Witness } from './witness.ts';

const TCP = 'mode tcp\n    option tcplog';

/** Says `ABC`, and `DEF` once it was asked for more. */
function talker(t: TestContext): Promise<ScriptedServer> {
  return serve(t, async (peer) => {
    await peer.seen(/hello/);
    peer.send('ABC');
    await peer.seen(/more/);
    peer.send('DEF');
  });
}

const logged = (witness: Witness, pattern: RegExp): Promise<void> =>
  until(() => pattern.test(witness.program.stdout), `a line ${pattern}`);

for (const kind of kinds) {
  test(`close: what the server said is with the client, the server is reset (${nameOf(kind)})`, async (t) => {
    const server = await talker(t);
    const back =
      'tcp-response inspect-delay 2s\n    tcp-response content close if { res.payload(0,3) -m str ABC }';
    const witness = await observe(t, { kind, server: server.port, defaults: TCP, back });
    const client = await connect(t, witness.port);
    client.send('hello');
    strictEqual(await client.all(), 'ABC');
    await until(() => server.peers.at(-1)!.reset, 'a reset');
    strictEqual(server.peers.at(-1)!.text, 'hello');
    await logged(witness, / be\/s1 \d+\/\d+\/\d+ 3 -- /);
    client.socket.end();
    await witness.quiet();
  });

  test(`close once the delay is over, and without one at once (${nameOf(kind)})`, async (t) => {
    const server = await talker(t);
    const back = 'tcp-response content close if WAIT_END';
    const late = await observe(t, {
      kind,
      server: server.port,
      defaults: TCP,
      back: `tcp-response inspect-delay 400ms\n    ${back}`,
    });
    const client = await connect(t, late.port);
    const from = performance.now();
    client.send('hello');
    strictEqual(await client.all(), 'ABC');
    yes(performance.now() - from > 350);
    const early = await observe(t, { kind, server: server.port, defaults: TCP, back });
    const other = await connect(t, early.port);
    other.send('hello');
    strictEqual(await other.all(), '');
    await logged(early, / 0 -- /);
    other.socket.end();
    await early.quiet();
  });

  test(`without a delay rules look when the server is reached, at nothing (${nameOf(kind)})`, async (t) => {
    const server = await talker(t);
    const never = await observe(t, {
      kind,
      server: server.port,
      defaults: TCP,
      back: 'tcp-response content reject if { res.payload(0,3) -m str ABC }\n    tcp-response content close if { res.len gt 0 }',
    });
    const client = await connect(t, never.port);
    client.send('hello');
    await client.seen(/ABC/);
    client.send('more');
    await client.seen(/ABCDEF/);
    client.socket.end();
    const { length } = server.peers;
    const refuses = await observe(t, {
      kind,
      server: server.port,
      defaults: TCP,
      back: 'tcp-response content reject',
    });
    const other = await connect(t, refuses.port);
    strictEqual(await other.all(), '');
    await logged(refuses, / 0 PD /);
    strictEqual(server.peers[length]!.text, '');
    await refuses.quiet();
  });

  test(`close in HTTP mode: a whole answer is one, of another a part goes out (${nameOf(kind)})`, async (t) => {
    const server = await serve(t, async (peer) => {
      while (!peer.closed) {
        const head = await peer.head();
        if (head.startsWith('GET /whole')) peer.send(ok('abcdef'));
        else {
          peer.send('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nabc');
          await sleep(300);
          peer.send('def');
        }
      }
    });
    const back = 'tcp-response inspect-delay 1s\n    tcp-response content close if { status 200 }';
    const witness = await observe(t, { kind, server: server.port, back });
    const client = await connect(t, witness.port);
    for (let i = 1; i <= 2; i++) {
      client.send('GET /whole HTTP/1.1\r\nhost: a\r\n\r\n');
      match(await client.head(), /^HTTP\/1.1 200/);
      strictEqual(await client.bytes(6), 'abcdef');
      await until(() => server.peers.at(-1)!.reset, 'a reset');
    }
    await logged(witness, / 200 \d+ - - ---- /);
    client.send('GET /part HTTP/1.1\r\nhost: a\r\n\r\n');
    match(await client.head(), /^HTTP\/1.1 200/);
    strictEqual(await client.all(), 'abc');
    await until(() => server.peers.at(-1)!.reset, 'a reset');
    await logged(witness, / 200 \d+ - - SD-- /);
    await witness.quiet();
  });
}
