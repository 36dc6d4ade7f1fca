// The log thread: rings that are sent on, log backends, log-forward sections, and what a reload makes of them.

import net from 'node:net';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { deepStrictEqual, match, rejects, strictEqual } from 'node:assert/strict';
import { connect, exchange, freePorts, PREAMBLE, serve, start, until, type Peer } from './harness.ts';
import { askSocket } from './stats-socket.ts';

const close = (path = '/'): string => `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`;

/** A UDP socket that keeps what it is sent, and sends. */
async function udp(t: TestContext, port = 0): Promise<Udp> {
  const socket = createSocket('udp4');
  const lines: string[] = [];
  socket.on('message', (bytes) => lines.push(bytes.toString('latin1').trimEnd()));
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  const send = (text: string, to: number): void => socket.send(Buffer.from(text, 'latin1'), to, '127.0.0.1');
  return { port: socket.address().port, lines, send };
}

interface Udp {
  readonly port: number;
  readonly lines: string[];
  send(text: string, to: number): void;
}

/** A TCP server that keeps what each connection sent. */
async function collector(t: TestContext): Promise<{ port: number; peers: Peer[]; text(): string }> {
  const peers: Peer[] = [];
  const server = await serve(t, async (peer) => {
    peers.push(peer);
    await peer.all(60_000).catch(() => '');
  });
  return { port: server.port, peers, text: () => peers.map((peer) => peer.text).join('') };
}

const frontend = (port: number, logs: string): string => `
frontend fe
  bind 127.0.0.1:${port}
  ${logs}
  log-format "uri %HU"
  option dontlognull
  http-request return status 200
`;

test('rings with servers: framed by line or by count, kept while no server is there, sent after a loss', async (t) => {
  const lines = await collector(t);
  const [port, late] = await freePorts(2);
  const config = `${PREAMBLE}
ring lines
  server s1 127.0.0.1:${lines.port}
ring counts
  format priority
  timeout connect 1s
  timeout server 5s
  server s1 127.0.0.1:${late} log-proto octet-count
${frontend(port!, `log ring@lines local0\n  log ring@counts local0\n  log tcp@127.0.0.1:${lines.port} format short local0`)}`;
  const program = await start(t, config, [port!]);
  await exchange(t, port!, close('/1'));
  await until(() => lines.text().includes('uri /1\n') && lines.text().includes('<6>uri /1\n'), 'lines');
  const counted = createServerAt(t, late!);
  await until(() => counted.text === '11 <134>uri /1', `the count, got ${counted.text}`);
  for (const peer of lines.peers) peer.socket.destroy();
  await exchange(t, port!, close('/2'));
  await exchange(t, port!, close('/3'));
  await until(() => lines.text().includes('<6>uri /3\n'), 'lines after a loss');
  program.signal('SIGUSR1');
  strictEqual(await program.end(), 0);
  match(counted.text, /^(11 <134>uri \/\d){3}$/);
});

test('a log backend: round robin, sticky and hash, over UDP and TCP, by the state of its servers', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'hawser-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const stats = join(directory, 'stats');
  const [a, b, c] = await Promise.all([udp(t), udp(t), udp(t)]);
  const [tcp, moved] = await Promise.all([collector(t), collector(t)]);
  const [port] = await freePorts(1);
  const servers = `server a udp@127.0.0.1:${a.port}\n  server b udp@127.0.0.1:${b.port}`;
  const config = `${PREAMBLE.replace('global', `global\n  stats socket ${stats} level admin`)}
backend turns
  mode log
  balance roundrobin
  ${servers}
backend sticks
  mode log
  balance sticky
  ${servers}
  server c udp@127.0.0.1:${c.port} backup
backend hashes
  mode log
  balance log-hash 'field(-1,/)'
  hash-type map-based none
  ${servers}
backend tcp
  mode log
  server one tcp@127.0.0.1:${tcp.port} log-proto octet-count
${frontend(
  port!,
  ['turns', 'sticks', 'hashes']
    .map((name) => `log backend@${name} format raw sample 1:1 local0`)
    .concat('log backend@tcp format raw local0')
    .join('\n  '),
)}`;
  await start(t, config, [port!]);
  const count = (): string => [a, b, c].map(({ lines }) => lines.length).join();
  const ask = async (path: string, expected: string): Promise<void> => {
    for (const { lines } of [a, b, c]) lines.length = 0;
    await exchange(t, port!, close(path));
    await until(() => count() === expected, `${expected} after ${path}, got ${count()}`);
  };
  await ask('/0', '3,0,0');
  await ask('/1', '1,2,0');
  await askSocket(stats, 'disable server sticks/a');
  await ask('/2', '2,1,0');
  await askSocket(stats, 'enable server sticks/a');
  await ask('/4', '1,2,0');
  await askSocket(stats, 'disable server sticks/b');
  await ask('/6', '3,0,0');
  await askSocket(stats, 'disable server sticks/a');
  await ask('/8', '1,1,1');
  await askSocket(stats, `set server tcp/one addr 127.0.0.1 port ${moved.port}`);
  await askSocket(stats, 'enable server sticks/b');
  await ask('/9', '1,2,0');
  await until(() => moved.text() === '6 uri /9', `the server that moved, got ${moved.text()}`);
  await until(() => tcp.text() === '012468'.replace(/./g, '6 uri /$&'), `TCP, got ${tcp.text()}`);
});

test('log-forward: messages by datagram and by connection, in the format that each target asks for', async (t) => {
  const [keeps, modern, severe] = await Promise.all([udp(t), udp(t), udp(t)]);
  const [stream, datagram, raw] = await freePorts(3);
  const config = `${PREAMBLE}
log-forward in
  bind 127.0.0.1:${stream}
  dgram-bind 127.0.0.1:${datagram}
  timeout client 10s
  log 127.0.0.1:${keeps.port} local7
  log 127.0.0.1:${modern.port} format rfc5424 local7
  log 127.0.0.1:${severe.port} format priority local7 err err
log-forward raw
  dgram-bind 127.0.0.1:${raw}
  option dont-parse-log
  option host keep
  log 127.0.0.1:${keeps.port} format raw local7
`;
  await start(t, config, [stream!]);
  const old = '<134>Nov 23 17:59:53 haproxy[34]: ';
  keeps.send(`${old}one`, datagram!);
  await until(() => keeps.lines.length === 1, 'the datagram');
  const client = await connect(t, stream!);
  client.send(`<10>two\n11 <131>three\n\n`);
  await until(() => keeps.lines.length === 3, 'two messages of the stream');
  keeps.send('<1>1 kept as it is \xe9', raw!);
  await until(() => keeps.lines.length === 4, 'the raw message');
  deepStrictEqual(keeps.lines, [
    '<134>Nov 23 17:59:53 127.0.0.1 haproxy[34]: one',
    '<10>two',
    '<131>three',
    '<1>1 kept as it is \xe9',
  ]);
  match(modern.lines[0]!, /^<134>1 \d{4}-11-23T17:59:53-00:00 127\.0\.0\.1 haproxy 34 - - one$/);
  deepStrictEqual(severe.lines, ['<11>two', '<131>three']);
});

test('log-forward: maxconn makes connections wait, option assume-rfc6587-ntf reads lines alone', async (t) => {
  const got = await udp(t);
  const [stream] = await freePorts(1);
  const config = `${PREAMBLE}
log-forward in
  bind 127.0.0.1:${stream}
  maxconn 1
  option assume-rfc6587-ntf
  log 127.0.0.1:${got.port} local7
`;
  await start(t, config, [stream!]);
  const first = await connect(t, stream!);
  first.send('3 <1\n');
  await until(() => got.lines.length === 1, 'the first line');
  const second = await connect(t, stream!);
  second.send('<13>second\n');
  first.send('<13>first\n');
  await until(() => got.lines.length === 2, 'the second line of the first');
  first.socket.destroy();
  await until(() => got.lines.length === 3, 'the line of the second');
  deepStrictEqual(got.lines, ['3 <1', '<13>first', '<13>second']);
});

test('log-forward: accept-proxy names the host, maxconn of a bind line holds for it alone', async (t) => {
  const got = await udp(t);
  const [proxied, plain] = await freePorts(2);
  const config = `${PREAMBLE}
log-forward in
  bind 127.0.0.1:${proxied} accept-proxy maxconn 1
  bind 127.0.0.1:${plain}
  option host replace
  log 127.0.0.1:${got.port} format rfc5424 local7
`;
  await start(t, config, [plain!]);
  const first = await connect(t, proxied!);
  first.send('PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\n<13>fi');
  first.send('rst\n');
  await until(() => got.lines.length === 1, 'the first line');
  match(got.lines[0]!, /^<13>1 \S+ 192\.0\.2\.7 /);
  const second = await connect(t, proxied!);
  second.send('PROXY UNKNOWN\r\n<13>second\n');
  const third = await connect(t, plain!);
  third.send('<13>third\n');
  await until(() => got.lines.length === 2, 'the line of the other socket');
  match(got.lines[1]!, / 127\.0\.0\.1 .*third$/);
  first.socket.destroy();
  await until(() => got.lines.length === 3, 'the line that waited');
  match(got.lines[2]!, / 127\.0\.0\.1 .*second$/);
  second.socket.destroy();
  const bad = await connect(t, proxied!);
  bad.send('<13>no header\n');
  await until(() => bad.closed || bad.finished, 'the end of the connection');
  strictEqual(got.lines.length, 3);
});

test('a reload changes what the log thread does; its sockets stay', async (t) => {
  const [one, two] = await Promise.all([udp(t), udp(t)]);
  const [datagram, other, stream] = await freePorts(3);
  const config = (to: number): string => `${PREAMBLE}
log-forward in
  bind 127.0.0.1:${stream}
  dgram-bind 127.0.0.1:${datagram}
  log 127.0.0.1:${to} local7
listen x
  bind 127.0.0.1:${other}
`;
  const program = await start(t, config(one.port), [other!]);
  const arrives = async (at: Udp, text: string): Promise<void> => {
    await until(() => {
      one.send(text, datagram!);
      return at.lines.includes(text);
    }, text);
  };
  await arrives(one, '<13>before');
  const client = await connect(t, stream!);
  client.send('<13>held\n');
  await until(() => one.lines.includes('<13>held'), 'the line of a connection');
  writeFileSync(program.file, readFileSync(program.file, 'utf8').replace(`:${one.port}`, `:${two.port}`));
  program.signal('SIGUSR2');
  await arrives(two, '<13>after');
  client.send('<13>still held\n');
  await until(() => one.lines.includes('<13>still held'), 'the line of an old connection');
});

test('what cannot be is refused', async (t) => {
  const refused = async (lines: string, pattern: RegExp): Promise<void> => {
    await rejects(start(t, `${PREAMBLE}\n${lines}`, [1]), pattern);
  };
  await refused('frontend f\n  bind :1\n  log ring@nix local0\n', /unable to find ring 'nix'/);
  await refused('frontend f\n  bind :1\n  log backend@nix local0\n', /unable to find log backend 'nix'/);
  await refused(
    'backend b\nfrontend f\n  bind :1\n  log backend@b local0\n',
    /backend 'b' is not in log mode/,
  );
  await refused('backend b\n  mode log\n  balance leastconn\n', /'leastconn' is not usable in log mode/);
  await refused('backend b\n  server s udp@127.0.0.1:1\n', /only for servers of backends in log mode/);
  await refused(
    'ring r\n  backing-file /nowhere/x\n',
    /cannot create backing-file '\/nowhere\/x' for ring 'r'/,
  );
  await refused('ring r\n  server s 127.0.0.1:1 cookie c\n', /server cannot have cookie or redirect prefix/);
  await refused(
    'ring r\n  server s 127.0.0.1:1 source 0.0.0.0 usesrc client\n',
    /'usesrc' for servers of logs is known/,
  );
  await refused('log-forward f\n  option host nix\n', /expects one of 'replace', 'fill', 'keep' or 'append'/);
  await refused('frontend f\n  mode log\n', /'mode log' is only for backends/);
});

/** A TCP server on a port that was free before; gives what it got. */
function createServerAt(t: TestContext, port: number): { text: string } {
  const got = { text: '' };
  const server = net.createServer((socket) => {
    socket.on('data', (data) => (got.text += data.toString('latin1')));
    socket.on('error', () => {});
    t.after(() => socket.destroy());
  });
  server.listen(port, '127.0.0.1');
  t.after(() => server.close());
  return got;
}
