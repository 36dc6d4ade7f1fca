// Answers of the stats socket, beside haproxy's: `show errors` after the same faults, refusals by level, wrong words.

import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { connect, exchange, ok as answer, serve, until } from '../scenario/harness.ts';
import { haproxyMissing, startTwins, type Twin } from './twins.ts';

const CONFIG = (port: number, server: number): string => `
global
    nbthread 1
    maxconn 100
    stats socket STATS level admin
defaults
    mode http
    balance roundrobin
    timeout connect 1s
    timeout client 5s
    timeout server 5s
frontend fe
    bind 127.0.0.1:${port}
    default_backend be
backend be
    server s1 127.0.0.1:${server}
    server s2 127.0.0.1:${server} disabled
    server ag 127.0.0.1:${server} disabled agent-check agent-port ${server} agent-inter 1m
`;

/** What both say alike. */
const SAME = `show env NOPE
user;show env
user;show errors
user;show sess
user;clear counters
operator;clear counters
operator;clear counters all
user;set server be/s1 state maint
operator;set weight be/s1 4
user;shutdown session 0x1
operator;disable frontend fe
user;show cli level;operator;show cli level
operator;show cli level
show errors nope
show servers conn nope
show backend
shutdown session
shutdown session 0x12
get weight be/s1
get weight be/nope
get weight nope/x
set weight be/s1 257
set weight be/s1 x
set weight be/s1
disable frontend nope
disable server be/nope
enable health be/s2
enable agent be/s2
set server be/s1 state
set server be/s1 state foo
set server be/s1 addr x
set server be/s1 agent up
set server be/ag agent foo
set server be/ag agent-addr
set server be/ag agent-addr 127.0.0.1 port x
set server be/ag agent-port 70000
set server be/ag agent-port x
set server be/ag agent-port
set server be/s1 check-addr 127.0.0.1
set server be/s1 check-port 80
set server be/ag agent down
set server be/ag agent up
disable agent be/ag
enable agent be/ag
shutdown sessions server be/nope
set timeout foo
set severity-output number;set server be/s1 state foo`.split('\n');

/** Without what differs by nature: dates, ports, and lines about HAProxy's own structures. */
function bare(text: string): string {
  return text
    .replace(/\[\d+\/.*?\]/g, '[date]')
    .replace(/(src 127\.0\.0\.1):\d+/g, '$1')
    .replace(/wraps at \d+/g, 'wraps')
    .replace(/^ {2}H1 .*\n/gm, '');
}

test('answers of the stats socket', { skip: haproxyMissing(), timeout: 60_000 }, async (t) => {
  const web = await serve(t, async (peer) => {
    const head = await peer.head();
    if (head.startsWith('GET /bad')) {
      peer.send(`HTTP/1.1 200 OK\r\nbad header\x01: x\r\nfoo: ${'y'.repeat(100)}\r\n\r\nbody`);
      peer.socket.end();
    } else if (!head.startsWith('GET /hang')) peer.send(answer('x'));
  });
  const twins = await startTwins(t, 1, ([port]) => CONFIG(port!, web.port));
  const errors = async (twin: Twin): Promise<string[]> => {
    const long = 'z'.repeat(90);
    await exchange(
      t,
      twin.ports[0]!,
      `GET / HTTP/1.1\r\nhost: a\r\nx-long: ${long}\r\nbad name: \t\x01\\v\r\n\r\n`,
    );
    await exchange(t, twin.ports[0]!, 'GET /bad HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    const questions = ['', ' -1 response', ' fe request', ' be', ' 3 response', ' 2 request'];
    return Promise.all(questions.map(async (words) => bare(await twin.ask(`show errors${words}`))));
  };
  const [theirs, ours] = await Promise.all(twins.map(errors));
  deepEqual(ours, theirs);
  match(ours![0]!, /error at position 128\n/);

  for (const line of SAME) {
    const [theirAnswer, ourAnswer] = await Promise.all(twins.map((twin) => twin.ask(line)));
    // Some of HAProxy's answers lack their line end.
    equal(ourAnswer!.trimEnd(), theirAnswer!.trimEnd(), line);
  }

  // Sessions: ids serve for `shutdown session`.
  const [, hawser] = twins;
  const client = await connect(t, hawser.ports[0]!);
  client.send('GET /hang HTTP/1.1\r\nhost: a\r\n\r\n');
  await until(async () => (await hawser.ask('show sess server be/s1')).includes('srv=s1'), 'the session');
  const list = await hawser.ask('show sess frontend fe');
  const id = /^(0x[0-9a-f]+): proto=tcpv4 src=127\.0\.0\.1:\d+ fe=fe be=be srv=s1 /m.exec(list)?.[1];
  ok(id !== undefined, list);
  equal(await hawser.ask('show sess backend nope'), '\n');
  equal(await hawser.ask('show sess older 60'), '\n');
  ok((await hawser.ask(`show sess ${id}`)).startsWith(`${id}: `));
  equal(await hawser.ask('show sess 0x123'), 'Session not found.\n\n');
  equal(await hawser.ask(`shutdown session ${id}`), '\n');
  await client.all();
  await until(async () => !(await hawser.ask('show sess')).includes(`${id}:`), 'the end of the session');
});
