// First bytes of TCP connections through haproxy and Hawser: both must let the same ones pass.

import { test } from 'node:test';
import { deepStrictEqual, ok as truth } from 'node:assert/strict';
import net from 'node:net';
import { haproxyMissing, startTwins } from './twins.ts';
import { serve } from '../scenario/harness.ts';
import type { Peer } from '../scenario/harness.ts';
import { clientHello, extensionBytes } from '../../src/testing/tls.ts';

const CONDITIONS = [
  'req.ssl_hello_type 1',
  'req.ssl_ver 3.3',
  'req.ssl_ver 3.1:3.2',
  'req.ssl_sni -m found',
  'req.ssl_sni a.example.com',
  'req.ssl_alpn h2',
  'req.ssl_st_ext 1:2',
  'req.ssl_st_ext 0',
  'req.ssl_ec_ext',
  'req.rdp_cookie -m found',
  'req.rdp_cookie(mstshash) -m str user',
  'req.rdp_cookie_cnt gt 0',
  'req.payload_lv(0,1) -m found',
  'req.payload_lv(3,1,+1) -m str bc',
  'distcc_param(DOTI) -m found',
  'distcc_body(ARGV,2) -m str a.c',
];

const protocols = (text: string): string =>
  extensionBytes(16, `\0${String.fromCharCode(text.length)}${text}`);
const rdp = (line: string): string => `\x03\0\0\x2f\x2a\xe0\0\0\0\0\0${line}`;
const PAYLOADS = [
  clientHello({ name: 'a.example.com', extensions: protocols('\x02h2\x08http/1.1') }),
  clientHello({
    name: 'b.example.com',
    extensions: extensionBytes(35, '') + extensionBytes(10, '\0\x02\0\x1d'),
  }),
  clientHello({ extensions: extensionBytes(35, 'ticket') }),
  clientHello({ bare: true }),
  clientHello({ name: 'a.example.com', version: 0x0301 }),
  // Of an extension that is cut short haproxy gives what is there; ours is not found, so the cut is in another one.
  clientHello({ name: 'a.example.com', version: 0x0302, extensions: extensionBytes(99, 'cut') }).slice(0, -1),
  clientHello({ name: 'a.example.com' }).slice(0, 50),
  `${clientHello({ name: 'a.example.com' })}more`,
  '\x15\x03\x01\0\x02\x01\0',
  '\x80\x2e\x01\x03\x01\0\x15\0\0\0\x10' + '\0'.repeat(37),
  '\x80\x2e\x01\x03\x01' + '\0'.repeat(43),
  rdp('Cookie: mstshash=user\r\n'),
  rdp('cookie:MSTSHASH=user\r\n'),
  rdp('Cookie: mstshash=user'),
  rdp('Cookie: msts=1.2.3\r\n'),
  rdp('Token: a=b\r\n'),
  '\x05ab\x02.bcdef',
  '\0ab\x02.bc',
  'DIST00000001ARGC00000002ARGV00000002ccARGV00000003a.cDOTI00000004body',
  'DIST00000001ARGV00000002ccARGV00000003a.c',
  'GET / HTTP/1.1\r\n\r\n',
];

/** Everything that comes until the end. */
function ask(port: number, bytes: string): Promise<string> {
  return new Promise((done) => {
    let text = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    socket.on('data', (data: Buffer) => (text += data.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => done(text));
  });
}

test('conditions over raw bytes hold for the same inputs', { skip: haproxyMissing() }, async (t) => {
  const server = await serve(t, async (peer: Peer) => {
    await peer.bytes(1);
    peer.socket.end('yes');
  });
  const twins = await startTwins(t, CONDITIONS.length, (ports) => {
    const listens = CONDITIONS.map(
      (condition, index) => `listen l${index}
 bind 127.0.0.1:${ports[index]}
 tcp-request inspect-delay 300ms
 tcp-request content accept if WAIT_END { ${condition} }
 tcp-request content reject if WAIT_END
 server s 127.0.0.1:${server.port}
`,
    );
    const head = 'defaults\n mode tcp\n timeout client 9s\n timeout server 9s\n timeout connect 9s\n';
    return `global\n stats socket STATS\n${head}${listens.join('')}`;
  });
  // One condition after the other: under load the bytes would come when the delay is over.
  for (const [index, condition] of CONDITIONS.entries()) {
    const [theirs, ours] = await Promise.all(
      twins.map(({ ports }) => Promise.all(PAYLOADS.map((bytes) => ask(ports[index]!, bytes)))),
    );
    deepStrictEqual(ours, theirs, condition);
    truth(theirs!.includes('yes') && theirs!.includes(''), condition);
  }
});
