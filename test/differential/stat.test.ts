// The same traffic through haproxy and through Hawser must move the same figures of `show stat` and `show info`.

import { deepEqual, equal, ok } from 'node:assert/strict';
import net from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect, exchange, freePorts, ok as answer, serve, sleep, type Peer } from '../scenario/harness.ts';
import { haproxyMissing, startTwins, type Twin } from './twins.ts';

/**
 * Columns that may differ: times and what a moment decides (how many sessions stood side by side), ports, and these:
 * HAProxy counts HTTP bytes in its internal form, keeps fewer idle connections by its own estimate, and 2.6 has no
 * figure for what backends intercept.
 */
const FREE =
  /^(lastsess|[qcrt]time|[qcrt]time_max|(conn_|req_)?rate(_max)?|smax|addr|check_duration|srv_icur|idle_conn_cur|safe_conn_cur|need_conn_est|intercepted|lastchg|downtime)$/;

async function webServer(peer: Peer): Promise<void> {
  while (!peer.closed) {
    const head = await peer.head();
    const path = head.split(' ')[1]!;
    if (path.startsWith('/status/')) {
      peer.send(`HTTP/1.1 ${path.slice(8)} X\r\ncontent-length: 2\r\n\r\nhi`);
    } else if (path === '/bad') {
      peer.send('HTTP/1.1 200 OK\r\nbad header: x\r\n\r\n');
      peer.socket.end();
    } else if (path === '/empty') {
      peer.socket.end();
    } else if (path === '/cut') {
      peer.send('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhi');
      peer.socket.end();
    } else if (path === '/slow') {
      await sleep(300);
      peer.send(answer('slow'));
    } else if (path === '/post') {
      await peer.bytes(Number(/content-length: (\d+)/i.exec(head)![1]));
      peer.send(answer('posted'));
    } else {
      peer.send(answer('hello'));
    }
  }
}

async function echoServer(peer: Peer): Promise<void> {
  await peer.seen(/\n/);
  peer.send('pong\n');
  await peer.all();
  peer.socket.end();
}

async function twins(t: TestContext): Promise<readonly [Twin, Twin]> {
  const web = await serve(t, webServer);
  const echo = await serve(t, echoServer);
  const [dead] = await freePorts(1);
  return startTwins(
    t,
    4,
    ([http, raw, refused, denied]) => `
global
    nbthread 1
    maxconn 500
    stats socket STATS level admin
    log stdout format raw local0
defaults
    log global
    mode http
    balance roundrobin
    timeout connect 1s
    timeout client 5s
    timeout server 5s
    timeout queue 500ms
    no option abortonclose
frontend web
    bind 127.0.0.1:${http} name one
    option socket-stats
    option httplog
    http-request deny if { path /denied }
    http-request redirect location /x if { path /redir }
    http-response deny if { capture.req.uri /rdeny }
    monitor-uri /mon
    use_backend none if { path /none }
    use_backend dead if { path /dead }
    use_backend lost if { path /lost }
    use_backend limited if { path /limited }
    default_backend app
backend app
    cookie SRV insert indirect
    server a 127.0.0.1:${web.port} cookie ca weight 10 check inter 200ms
    server b 127.0.0.1:${web.port} cookie cb maxconn 30
    server bk 127.0.0.1:${web.port} backup
    server off 127.0.0.1:${web.port} disabled
backend none
backend dead
    retries 1
    server d 127.0.0.1:${dead}
backend lost
    option redispatch
    retries 2
    server d 127.0.0.1:${dead}
    server ok 127.0.0.1:${web.port}
backend limited
    server l 127.0.0.1:${web.port} maxconn 1
    server m 127.0.0.1:${dead} check inter 100ms fall 2 disabled
listen raw
    mode tcp
    option tcplog
    bind 127.0.0.1:${raw}
    server t 127.0.0.1:${echo.port}
listen refused
    mode tcp
    bind 127.0.0.1:${refused}
    tcp-request connection reject
listen denied
    bind 127.0.0.1:${denied}
    tcp-request session reject
`,
  );
}

const get = (path: string, more = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${more}\r\n`;

async function drive(t: TestContext, { ports }: Twin): Promise<void> {
  const [http, raw, refused, denied] = ports as [number, number, number, number];
  const send = (text: string): Promise<string> => exchange(t, http, text).catch(() => '');
  for (const path of '/ / /status/204 /status/301 /status/404 /status/503 /denied /redir /rdeny /mon'.split(
    ' ',
  ))
    await send(get(path));
  for (const path of '/none /dead /lost /lost /bad /empty /cut'.split(' ')) await send(get(path));
  await Promise.all([send(get('/limited')), send(get('/limited')), send(get('/limited'))]);
  await send(get('/', 'cookie: SRV=cb\r\n'));
  await send('BAD\r\n\r\n');
  await send('GET / HTTP/1.1\r\nho st: x\r\n\r\n');
  await send('POST /post HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\nconnection: close\r\n\r\nabcde');
  const kept = await connect(t, http);
  for (let count = 0; count < 3; count++) {
    kept.send('GET /ka HTTP/1.1\r\nhost: a\r\n\r\n');
    await kept.seen(/hello$/);
    kept.text = '';
  }
  kept.socket.end();
  // A client that leaves while its answer is made, one that never asks, and one that stops in the middle.
  const impatient = await connect(t, http);
  impatient.send('GET /slow HTTP/1.1\r\nhost: a\r\n\r\n');
  await sleep(100);
  impatient.socket.destroy();
  await sleep(400);
  const silent = await connect(t, http);
  silent.socket.end();
  await silent.all();
  const half = await connect(t, http);
  half.send('GET / HT');
  await sleep(30);
  half.socket.end();
  await half.all();
  const ping = await connect(t, raw);
  ping.send('ping\n');
  await ping.seen(/pong/);
  ping.socket.end();
  await ping.all();
  for (const port of [refused, denied]) {
    const socket = net.connect(port, '127.0.0.1');
    await new Promise((done) =>
      socket
        .on('error', () => {})
        .on('close', done)
        .resume(),
    );
  }
  // Refused requests linger for a second, so that their clients can read the answer.
  await sleep(1300);
}

test('the figures of show stat and show info', { skip: haproxyMissing(), timeout: 60_000 }, async (t) => {
  const [haproxy, hawser] = await twins(t);
  await Promise.all([drive(t, haproxy), drive(t, hawser)]);
  const theirs = await haproxy.stat();
  const ours = await hawser.stat();
  deepEqual([...ours.keys()], [...theirs.keys()]);
  const modes = new Map<string, string>();
  const kept = (row: Record<string, string>, known: Record<string, string>): Record<string, string> => {
    modes.set(row['pxname']!, row['mode']!);
    // A star marks a check that runs just now.
    row['check_status'] = row['check_status']!.replace('* ', '');
    const isHttp = row['mode'] === 'http';
    return Object.fromEntries(
      Object.entries(row).filter(
        // The columns that both have, without those of modules, which stand last.
        ([name]) =>
          name in known && !FREE.test(name) && !(isHttp && /^b(in|out)$/.test(name)) && !/_.*_/.test(name),
      ),
    );
  };
  for (const [name, row] of theirs) deepEqual(kept(ours.get(name)!, row), kept(row, ours.get(name)!), name);
  equal(modes.get('raw'), 'tcp');

  // What 3.5 has beyond 2.6, of the same traffic.
  const web = ours.get('web/FRONTEND')!;
  deepEqual([web['h1_sess'], web['sess_other'], web['h1req']], [web['stot'], '0', web['req_tot']]);
  const raw = ours.get('raw/FRONTEND')!;
  deepEqual([raw['h1_sess'], raw['sess_other'], raw['req_other']], ['0', '1', '1']);
  deepEqual([raw['reqbin'], raw['reqbout'], raw['resbin'], raw['resbout']], ['5', '5', '5', '5']);
  const slow = ours.get('app/BACKEND')!;
  ok(Number(slow['rtime_max']) >= 300 && Number(slow['ttime_max']) >= 300, JSON.stringify(slow));
  ok(Number(slow['reqbout']) > 0 && Number(slow['resbin']) > 0);

  const info = async (twin: Twin): Promise<Map<string, string>> =>
    new Map(
      (await twin.ask('show info'))
        .trim()
        .split('\n')
        .map((line) => line.split(': ') as [string, string]),
    );
  const known = await info(haproxy);
  const mine = await info(hawser);
  // 2.6 spells one name differently; TotalWarnings is newer.
  const names = [...known.keys()].map((name) => name.replace('Splicded', 'Spliced'));
  deepEqual([...mine.keys()], [...names, 'TotalWarnings']);
  // HAProxy's figures hold the stats socket's connections too.
  for (const name of ['CumConns', 'CumReq', 'MaxConnRate', 'MaxSessRate', 'TotalBytesOut'])
    ok(Number(mine.get(name)) > 0, name);
  equal(mine.get('CurrConns'), '0');
  equal(mine.get('Listeners'), known.get('Listeners'));
  equal(mine.get('Jobs'), known.get('Jobs'));
});
