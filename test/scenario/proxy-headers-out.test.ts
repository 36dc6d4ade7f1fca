// PROXY headers by rule and with TLVs of our own: tcp-request connection expect-proxy, server option
// set-proxy-v2-tlv-fmt; and option forwarded.

import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { PREAMBLE, answering, connect, exchange, freePorts, ok, serve, start } from './harness.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';

test('expect-proxy layer4: a header for whom the rule names, none for others', async (t) => {
  const server = await serve(
    t,
    answering((head) => ok(/x-src: (\S+)/.exec(head)![1]!)),
  );
  const [port] = await freePorts(1);
  const program = await start(
    t,
    `${PREAMBLE}
listen l
    bind 127.0.0.1:${port}
    tcp-request connection expect-proxy layer4 if { src 127.0.0.2 }
    http-request set-header x-src %[src]:%[src_port]
    server s 127.0.0.1:${server.port}
`,
    [port!],
  );
  match(await exchange(t, port!, GET), /127\.0\.0\.1:\d+$/);
  const from = (text: string): Promise<string> => exchange(t, port!, text, '127.0.0.2');
  match(await from(`PROXY TCP4 192.0.2.7 192.0.2.8 7777 80\r\n${GET}`), /192\.0\.2\.7:7777$/);
  equal(await from(GET), '');
  await program.logs(/l\/1: Received something which does not look like a PROXY protocol header/);
  // Who is not to send one does not get away with it.
  match(await exchange(t, port!, `PROXY TCP4 192.0.2.7 192.0.2.8 7777 80\r\n${GET}`), /^HTTP\/1\.1 400 /);
});

test('set-proxy-v2-tlv-fmt: TLVs with what formats say', async (t) => {
  const seen: Buffer[] = [];
  const server = await serve(t, async (peer) => {
    await peer.seen(/\r\n\r\n$/);
    seen.push(Buffer.from(peer.text, 'latin1'));
    peer.send(ok('x'));
  });
  const [port] = await freePorts(1);
  await start(
    t,
    `${PREAMBLE}
listen l
    bind 127.0.0.1:${port}
    http-request set-var(txn.who) req.hdr(x-who)
    server s 127.0.0.1:${server.port} send-proxy-v2 set-proxy-v2-tlv-fmt(0xE1) "%[var(txn.who)] of %[be_name]" set-proxy-v2-tlv-fmt(0xE2) %[req.hdr(x-none)]
`,
    [port!],
  );
  await exchange(t, port!, GET.replace('host', 'x-who: me\r\nhost'));
  const [bytes] = seen;
  equal(bytes!.readUInt32BE(12) >>> 16, 0x2111, 'version 2, PROXY, TCP over IPv4');
  const tlvs: (readonly [number, string])[] = [];
  for (let at = 28; at < 16 + bytes!.readUInt16BE(14); at += 3 + bytes!.readUInt16BE(at + 1)) {
    tlvs.push([bytes![at]!, bytes!.toString('latin1', at + 3, at + 3 + bytes!.readUInt16BE(at + 1))]);
  }
  deepEqual(
    tlvs.filter(([type]) => type >= 0xe0),
    [
      [0xe1, 'me of l'],
      [0xe2, ''],
    ],
  );
});

test('option forwarded: the header of RFC 7239 with the parts that were asked for', async (t) => {
  const server = await serve(
    t,
    answering((head) => ok(/forwarded: ([^\r]*)/.exec(head)?.[1] ?? 'none')),
  );
  const cases: readonly (readonly [string, RegExp])[] = [
    ['option forwarded', /proto=http;for=127\.0\.0\.1$/],
    ['option forwarded proto', /\nproto=http$/],
    [
      'option forwarded host by by_port for for_port',
      /host="a";by="127\.0\.0\.1:\d+";for="127\.0\.0\.1:\d+"$/,
    ],
    [
      'option forwarded host-expr str(some.host) for-expr src,ipmask(8)',
      /host="some.host";for=127\.0\.0\.0$/,
    ],
    ['no option forwarded', /none$/],
  ];
  const ports = await freePorts(cases.length);
  await start(
    t,
    PREAMBLE +
      cases
        .map(
          ([words], at) =>
            `listen l${at}\n    bind 127.0.0.1:${ports[at]}\n    ${words}\n    server s 127.0.0.1:${server.port}\n`,
        )
        .join(''),
    ports,
  );
  for (const [at, [words, wanted]] of cases.entries())
    match(await exchange(t, ports[at]!, GET), wanted, words);
  const client = await connect(t, ports[0]!);
  client.send(GET.replace('host', 'Forwarded: for=1.2.3.4\r\nhost'));
  match(await client.all(), /for=/);
});
