// What HTTP health checks send, and what becomes of rules that a `defaults` section brings: beside Debian's haproxy.

import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { ok, serve, until, type Peer } from '../scenario/harness.ts';
import { haproxyMissing, startTwins } from './twins.ts';

/** Lines of a backend behind a `defaults` section with a request and an expectation of its own. */
const CASES = [
  '',
  'option httpchk',
  'http-check send hdr X y',
  'option httpchk GET /e\n  http-check send hdr X y',
  'http-check send hdr X y\n  option httpchk GET /f',
  'http-check send meth POST\n  http-check expect status 200',
  'http-check send meth PUT ver HTTP/1.1 hdr Connection keep-alive hdr Host h\n  http-check expect status 200',
  'http-check disable-on-404',
  'option httpchk HEAD /i HTTP/1.1\n  http-check send hdr Host other',
  'option httpchk\n  http-check send meth DELETE uri /x body abc',
  'option httpchk GET /1\n  option httpchk GET /2',
];

const WORDS = 'check inter 300ms rise 1 fall 1';

test('requests of checks, and their verdicts', { skip: haproxyMissing() }, async (t) => {
  const requests: string[][] = [];
  const record = (at: number) => async (peer: Peer) => {
    await peer.seen(/\r\n\r\n/);
    (requests[at] ??= []).push(peer.text);
    peer.send(ok(''));
    peer.socket.end();
  };
  const servers = await Promise.all(CASES.map((_lines, at) => serve(t, record(at))));
  const config = (): string =>
    `global
  stats socket STATS
defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
  option httpchk GET /d HTTP/1.1
  http-check send hdr Host dh body bb
  http-check expect status 299
` +
    CASES.map(
      (lines, at) => `backend b${at}\n  ${lines}\n  server s 127.0.0.1:${servers[at]!.port} ${WORDS}\n`,
    ).join('');
  const seen: string[][] = [];
  for (const which of [0, 1]) {
    requests.length = 0;
    const twins = await startTwins(t, 0, config);
    twins[1 - which]!.child.kill('SIGKILL');
    requests.length = 0;
    await until(() => CASES.every((_lines, at) => (requests[at]?.length ?? 0) > 2), 'checks');
    const rows = await twins[which]!.stat();
    seen.push(
      CASES.map((lines, at) => `${lines}\n${rows.get(`b${at}/s`)!['status']}\n${requests[at]!.at(-1)}`),
    );
    twins[which]!.child.kill('SIGKILL');
  }
  deepEqual(seen[1], seen[0]);
});
