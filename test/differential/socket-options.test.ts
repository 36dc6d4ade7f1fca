// The options of the sockets themselves, read from the kernel, beside Debian's haproxy: bind's v4v6, v6only, tfo,
// defer-accept, mss, tcp-ut and noreuseport, keep-alives, marks and types of service, for both sides of a proxy.

import { deepEqual, equal, match, notEqual } from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import net from 'node:net';
import { answering, ok, serve, sleep, until } from '../scenario/harness.ts';
import { optionsOf, socketsOf, type KernelSocket } from '../scenario/kernel-sockets.ts';
import { haproxyMissing, startTwins, type Twin } from './twins.ts';

const skip =
  haproxyMissing() || (process.getuid!() === 0 ? false : 'only root may look at the sockets of a process');

const LISTENING = {
  reusePort: [1, 15],
  v6only: [41, 26],
  maxSegment: [6, 2],
  deferAccept: [6, 9],
  fastOpen: [6, 23],
  userTimeout: [6, 18],
} as const;

const CONNECTED = {
  keepAlive: [1, 9],
  keepAliveCount: [6, 6],
  keepAliveIdle: [6, 4],
  keepAliveInterval: [6, 5],
  noDelay: [6, 1],
  userTimeout: [6, 18],
  mark: [1, 36],
  tos: [0, 1],
  tclass: [41, 67],
} as const;

const KEEP_ALIVE = `  clitcpka-cnt 3
  clitcpka-idle 10
  clitcpka-intvl 1m
  srvtcpka-cnt 4
  srvtcpka-idle 1500ms
  srvtcpka-intvl 21s`;

const HEAD = (global = ''): string => `global
  nbthread 1
  maxconn 500
  stats socket STATS
  ${global}
defaults
  timeout connect 2s
  timeout client 5s
  timeout server 5s
`;

test('listening sockets', { skip }, async (t) => {
  const [haproxy, hawser] = await startTwins(
    t,
    8,
    (ports) => `${HEAD()}
listen l
  mode tcp
  maxconn 44
  bind 127.0.0.1:${ports[0]} defer-accept tfo mss 1000 tcp-ut 3s
  bind :::${ports[1]} v4v6
  bind :::${ports[2]} v6only
  bind :::${ports[3]}
  bind ::1:${ports[4]}
  bind :::${ports[5]} v4v6 v6only
  bind :${ports[6]}
  server s 127.0.0.1:9
listen b
  mode tcp
  backlog 33
  bind 127.0.0.1:${ports[7]} tfo
  server s 127.0.0.1:9
`,
  );
  const seen = ({ child, ports }: Twin): Record<string, number>[] =>
    ports.map((port) => {
      const socket = socketsOf(child.pid!).find(
        ({ listening, localPort }) => listening && localPort === port,
      );
      return optionsOf(child.pid!, socket!, LISTENING);
    });
  const theirs = seen(haproxy);
  equal(theirs[0]!['deferAccept'], 1);
  equal(theirs[0]!['fastOpen'], 44);
  equal(theirs[7]!['fastOpen'], 33);
  deepEqual(
    theirs.slice(1, 6).map(({ v6only }) => v6only),
    [0, 1, 0, 1, 1],
  );
  deepEqual(seen(hawser), theirs);
});

/** Sends a request to `port` and gives the sockets of both sides while the connections are there. */
async function sides(
  t: TestContext,
  { child }: Twin,
  host: string,
  port: number,
  serverPort: number,
  wanted: Readonly<Record<string, readonly [number, number]>> = CONNECTED,
): Promise<{ client: Record<string, number>; server: Record<string, number> }> {
  const socket = net.connect(port, host, () => socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n'));
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  let answered = false;
  socket.on('data', () => (answered = true));
  await until(() => answered, `an answer from ${port}`);
  await sleep(20);
  const all = socketsOf(child.pid!).filter(({ listening }) => !listening);
  const options = (one: KernelSocket | undefined): Record<string, number> =>
    optionsOf(child.pid!, one!, wanted);
  return {
    client: options(all.find(({ localPort }) => localPort === port)),
    server: options(all.find(({ remotePort }) => remotePort === serverPort)),
  };
}

test('connections of both sides', { skip }, async (t) => {
  const cases: readonly (readonly [words: string, host: string, bind: string])[] = [
    ['mode tcp\n  option clitcpka', '127.0.0.1', '127.0.0.1'],
    ['mode tcp\n  option srvtcpka', '127.0.0.1', '127.0.0.1'],
    ['mode http\n  option tcpka\n  option nolinger', '127.0.0.1', '127.0.0.1'],
    [`mode tcp\n${KEEP_ALIVE}`, '127.0.0.1', '127.0.0.1'],
    [`mode tcp\n  option tcpka\n${KEEP_ALIVE}`, '127.0.0.1', '127.0.0.1'],
    [`mode http\n  option clitcpka\n${KEEP_ALIVE}`, '127.0.0.1', '127.0.0.1'],
    [
      'mode http\n  option tcpka\n  clitcpka-cnt 300\n  clitcpka-idle 40000\n  srvtcpka-idle 0\n  srvtcpka-cnt -1',
      '127.0.0.1',
      '127.0.0.1',
    ],
    ['mode tcp\n  tcp-request content set-tos 8\n  tcp-request content set-mark 3', '127.0.0.1', '127.0.0.1'],
    ['mode http\n  http-request set-tos 0x10\n  http-response set-mark 0x99', '127.0.0.1', '127.0.0.1'],
    ['mode http\n  http-request set-tos 0x10', '::1', '::1'],
    ['mode http\n  http-request set-tos 0x10', '127.0.0.1', '::'],
    ['mode http\n  http-request set-tos 0x10', '::1', '::'],
    ['mode http\n  http-response set-tos 0x14', '127.0.0.1', '127.0.0.1'],
  ];
  const servers = await Promise.all(cases.map(() => serve(t, answering(ok('x')))));
  const [haproxy, hawser] = await startTwins(
    t,
    cases.length,
    (ports) =>
      HEAD() +
      cases
        .map(
          ([words, , bind], at) => `listen l${at}
  ${words}
  bind ${bind}:${ports[at]} ${bind === '::' ? 'v4v6' : 'tcp-ut 4s'}
  server s 127.0.0.1:${servers[at]!.port} tcp-ut 6s
`,
        )
        .join(''),
  );
  for (const [at, [words, host]] of cases.entries()) {
    const theirs = await sides(t, haproxy, host, haproxy.ports[at]!, servers[at]!.port);
    const ours = await sides(t, hawser, host, hawser.ports[at]!, servers[at]!.port);
    deepEqual(ours, theirs, `${words} for ${host}`);
  }
});

test("sizes of the kernel's buffers", { skip }, async (t) => {
  const server = await serve(t, answering(ok('x')));
  for (const words of [
    '',
    'tune.rcvbuf.client 9000\n  tune.sndbuf.client 8192',
    'tune.rcvbuf.server 9000\n  tune.sndbuf.server 8192',
  ]) {
    const [haproxy, hawser] = await startTwins(
      t,
      1,
      (ports) =>
        `${HEAD(words)}listen l\n  mode http\n  bind 127.0.0.1:${ports[0]}\n  server s 127.0.0.1:${server.port}\n`,
    );
    const sizes = { receive: [1, 8], send: [1, 7] } as const;
    const theirs = await sides(t, haproxy, '127.0.0.1', haproxy.ports[0]!, server.port, sizes);
    const ours = await sides(t, hawser, '127.0.0.1', hawser.ports[0]!, server.port, sizes);
    for (const side of words.includes('client')
      ? (['client'] as const)
      : words === ''
        ? []
        : (['server'] as const)) {
      deepEqual(ours[side], theirs[side], words);
      deepEqual(ours[side], { receive: 18000, send: 16384 });
    }
    if (!words.includes('server')) notEqual(ours.server['send'], 16384);
    if (!words.includes('client')) notEqual(ours.client['send'], 16384);
  }
});

test('noreuseport: nobody else listens on the same port', { skip }, async (t) => {
  for (const word of ['noreuseport', 'maxconn 400']) {
    const [haproxy, hawser] = await startTwins(
      t,
      1,
      (ports) => `${HEAD(word)}listen l\n  mode tcp\n  bind 127.0.0.1:${ports[0]}\n  server s 127.0.0.1:9\n`,
    );
    for (const { child, ports } of [haproxy, hawser]) {
      const socket = socketsOf(child.pid!).find(({ localPort }) => localPort === ports[0]);
      const { reusePort } = optionsOf(child.pid!, socket!, LISTENING);
      equal(reusePort, word === 'noreuseport' ? 0 : 1);
    }
  }
});

test('a server with tfo in a backend that cannot retry: a warning', { skip }, async (t) => {
  const servers = ['', 'retry-on conn-failure', 'retry-on conn-failure empty-response response-timeout'];
  const twins = await startTwins(
    t,
    1,
    (ports) =>
      `${HEAD()}frontend f\n  mode http\n  bind 127.0.0.1:${ports[0]}\n` +
      servers
        .map((words, at) => `backend b${at}\n  mode http\n  ${words}\n  server s 127.0.0.1:9 tfo\n`)
        .join(''),
  );
  for (const { said } of twins) {
    match(
      said.text,
      /'server b0\/s' : server has tfo activated, the backend should be configured with at least/,
    );
    equal(said.text.match(/server has tfo activated/g)!.length, 2);
    equal(said.text.includes('b2/s'), false);
  }
});
