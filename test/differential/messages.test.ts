// What rules, options and captures make of requests, answers and log lines: the same through Debian's haproxy and Hawser.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { deepStrictEqual, ok } from 'node:assert/strict';
import { connect, serve, until } from '../scenario/harness.ts';
import { haproxyMissing, startTwins, type Twin } from './twins.ts';

const skip = haproxyMissing();

const DEFAULTS = `
global
    nbthread 1
    stats socket STATS level admin
    log-send-hostname box
defaults
    mode http
    timeout connect 1s
    timeout client 2s
    timeout server 2s
`;

/** One proxy on its own port, and the requests it is asked. */
interface Story {
  readonly lines: string;
  readonly requests: readonly string[];
  /** Behind `server s1 ADDRESS`. */
  readonly server?: string;
}

const request = (line: string, ...headers: string[]): string =>
  `${[line, 'host: www.example.com', ...headers, 'connection: close'].join('\r\n')}\r\n\r\n`;
const get = (path: string, ...headers: string[]): string => request(`GET ${path} HTTP/1.1`, ...headers);

const STORIES: Readonly<Record<string, Story>> = {
  'structured data and missing values': {
    lines: `log LOGS format rfc5424 local0
    log-format "%ST %{-M}[var(txn.x)]|%[var(txn.x)]|%{+E,+Q}HU|%{-M}CC|%{+Q}sslv|%sslc"
    log-format-sd "[a@1 u=\\"%{+E}HU\\"]"
    http-request return status 200 if { path_beg /a }`,
    requests: [get('/a]'), get('/b')],
  },
  'option httpslog without TLS': {
    lines: `log LOGS local0
    option httpslog`,
    requests: [get('/a')],
  },
  'redir on the server line': {
    lines: `log LOGS local0
    option httplog
    cookie SRV insert indirect nocache
    http-request set-path /changed if { path /change }
    http-request set-method POST if { path /posted }
    http-response set-header x-never 1
    http-after-response set-header x-always 1`,
    server: 'cookie k redir http://images.example.com',
    requests: [
      get('/a?b=c'),
      get('/change?x'),
      get('/posted'),
      get('/a', 'cookie: SRV=k'),
      request('GET http://www.example.com/abs?q HTTP/1.1'),
      request('GET /old HTTP/1.0'),
      request('HEAD /a HTTP/1.1'),
      `${request('POST /a HTTP/1.1', 'content-length: 2')}ab`,
      request('OPTIONS * HTTP/1.1'),
    ],
  },
  'replace-value, replace-header, add-header, del-header': {
    lines: `http-request replace-value x-list ^a(.)$ <\\1>
    http-request replace-header x-whole (.*)1(.*) \\2-\\1
    http-request add-header x-new %[path]
    http-request del-header x-gone
    http-response replace-value x-answer b B
    http-response replace-header x-one ^(.)(.)$ \\2\\1
    http-response del-header x-secret`,
    requests: [
      get('/p', 'x-list: a1, b2, a3', 'x-list: a4', 'x-whole: ab1cd', 'x-gone: 1', 'x-gone: 2', 'x-stays: y'),
    ],
  },
  'replace-path, set-path': {
    lines: `http-request replace-path /old/(.*) /new/\\1
    http-request set-path /set%[path] if { path_beg /plain }`,
    requests: [get('/old/a?x=1'), get('/plain'), get('/other?old=1')],
  },
  'replace-pathq, replace-uri': {
    lines: `http-request replace-pathq /a(.*)\\?q=(.) /b\\2\\1 if { path_beg /a }
    http-request replace-uri ^/u(.*) /v\\1/w if { path_beg /u }`,
    requests: [get('/aXY?q=7'), get('/u/x?y'), get('/none')],
  },
  'set-method, set-uri, set-pathq, set-query': {
    lines: `http-request set-method PUT if { path_beg /method }
    http-request set-header x-get %[method] if { method GET }
    http-request set-header x-put %[method] if { method PUT }
    http-request set-header x-any %[method,lower] if METH_GET { path_beg /m }
    http-request set-uri /uri?%[query] if { path /u }
    http-request set-pathq /pathq?a=%[path] if { path /pq }
    http-request set-query y=%[query] if { path /q }`,
    requests: [get('/method'), get('/u?a=1'), get('/pq?b=2'), get('/q?c=3'), get('/q')],
  },
  redirects: {
    lines: `redirect location /to code 303 if { path /303 }
    http-request redirect prefix https://p.example if { path_beg /prefix }
    http-request redirect prefix / drop-query append-slash if { path_beg /slash }
    http-request redirect location https://%[hdr(host)]%[path]?x code 308 set-cookie A=1 if { path /308 }
    http-request redirect scheme https code 307 clear-cookie B= if { path_beg /scheme }`,
    requests: ['/303', '/prefix/a?b=1', '/slash/a?b=1', '/308', '/scheme?z'].map((path) => get(path)),
  },
  errorloc: {
    lines: `errorloc302 403 http://err/302
    errorloc303 429 http://err/303
    errorloc 400 http://err/400
    http-request deny deny_status 429 if { path /429 }
    http-request deny deny_status 400 if { path /400 }
    http-request deny`,
    requests: ['/403', '/429', '/400'].map((path) => get(path)),
  },
  'deny statuses, tarpit': {
    lines: `timeout tarpit 100
    http-request tarpit deny_status 500 if { path /tarpit }
    http-request deny deny_status 401 if { path /401 }
    http-request deny deny_status 404 if { path /404 }
    http-request deny deny_status 410 if { path /410 }
    http-request deny deny_status 503 if { path /503 }
    http-response deny if { res.hdr(x-none) -m found }`,
    requests: ['/tarpit', '/401', '/404', '/410', '/503'].map((path) => get(path)),
  },
  return: {
    lines: `http-request return status 200 content-type text/plain lf-string "you: %[src] %[path]" hdr x-a %[method] if { path /lf }
    http-request return status 418 content-type text/x string "tea pot" if { path /tea }
    http-request return status 404 if { path /404 }
    http-request return status 204`,
    requests: ['/lf', '/tea', '/404', '/204'].map((path) => get(path)),
  },
  'answers by rules, their status and their logs': {
    lines: `log LOGS local0
    option httplog
    http-error status 405
    http-error status 410 hdr a b
    http-error status 403 content-type text/plain lf-string "no %[path]" hdr x-a %[method]
    http-request return status 405 default-errorfiles if { path /405 }
    http-request return status 410 default-errorfiles if { path /410 }
    http-request deny deny_status 410 if { path /denied }
    http-request deny status 418 if { path /bare }
    http-request deny status 418 hdr x-a b if { path /header }
    http-request deny status 404 content-type text/plain string x if { path /own }
    http-request deny if { path /page }
    http-request auth if { path /auth }
    http-request auth realm "a b" if { path /realm }
    http-request return hdr x-a %[path] hdr x-b %[req.hdr(nope)] content-type text/plain string y if { path /hdr }
    http-request return status 299 if { path /299 }
    http-request return status 302 if { path /302 }
    http-request return status 499 if { path /499 }
    http-request return status 511`,
    requests: [
      ...['/405', '/410', '/denied', '/bare', '/header', '/own', '/page', '/auth', '/realm', '/hdr', '/299'],
      ...['/302', '/499', '/511'],
    ].map((path) => get(path)),
  },
  'conditions of set-var, slots of captures, early hints, redirect options': {
    lines: `log LOGS local0
    log-format "%ST %tsc %hr %hs %HP"
    declare capture request len 5
    declare capture response len 4
    capture request header User-Agent len 6
    capture response header Server len 3
    http-request early-hint Link "<%[path]>" if { path_beg /hint }
    http-request early-hint X-B two if { path /hint2 }
    http-request set-header x y if { path /hint2 }
    http-request early-hint X-C three if { path /hint2 }
    http-request capture path id 0
    http-request capture req.hdr(host) len 3
    http-request set-var(txn.a) int(5)
    http-request set-var(txn.a,ifgt) int(3) if { path /c1 }
    http-request set-var(txn.a,iflt) int(3) if { path /c2 }
    http-request set-var(txn.a,ifnotexists) int(9) if { path /c3 }
    http-request set-var(txn.a,ifexists,ifgt) int(7) if { path /c4 }
    http-request set-var(txn.a,ifnotempty) req.hdr(none) if { path /c5 }
    http-request set-var(txn.a,ifempty) str() if { path /c6 }
    http-request set-var-fmt(txn.a,ifempty) "%[req.hdr(none)]" if { path /c7 }
    http-request set-var(txn.b,ifset) int(1) if { path /c8 }
    http-request set-var(txn.a,ifgt) str(a) if { path /c9 }
    http-request set-var(txn.n,ifgt) int(7) if { path /d2 }
    http-request set-var(txn.n,iflt) int(7) if { path /d3 }
    http-request unset-var(txn.a) if { path /d4 }
    http-request redirect location /x clear-cookie A code 301 if { path /r2 }
    http-request redirect prefix /p drop-query append-slash set-cookie A=1 if { path /r4 }
    http-request redirect prefix /p append-slash if { path_beg /r5 }
    http-request redirect location %[req.hdr(none)] ignore-empty if { path /r7 }
    http-request redirect location %[req.hdr(none)] if { path /r8 }
    http-request return content-type text/plain lf-string "%[var(txn.a)] %[var(txn.n)] %[var(txn.b)] %[capture.req.hdr(0)] %[capture.req.hdr(1)] %[capture.req.hdr(2)]" hdr Server apache`,
    requests: [
      ...[
        '/hint',
        '/hint2',
        '/c1',
        '/c2',
        '/c3',
        '/c4',
        '/c5',
        '/c6',
        '/c7',
        '/c8',
        '/c9',
        '/d2',
        '/d3',
        '/d4',
      ],
      ...['/r2', '/r4?a=b', '/r5', '/r5?x=y', '/r5/?x', '/r7', '/r8'],
    ].map((path) => get(path, 'user-agent: abcdefghij')),
  },
  'cookie insert with attributes': {
    lines:
      'cookie SRV insert indirect nocache httponly secure domain .example.com attr SameSite=Strict maxidle 30m maxlife 8h',
    requests: [get('/', 'cookie: a=1'), get('/', 'cookie: SRV=one; b=2')],
    server: 'cookie one',
  },
  'cookie insert postonly preserve': {
    lines: 'cookie SRV insert postonly preserve',
    requests: [get('/'), request('POST / HTTP/1.1', 'content-length: 0'), get('/keeps')],
    server: 'cookie one',
  },
  'cookie prefix and rewrite': {
    lines: 'cookie JS prefix nocache',
    requests: [get('/session'), get('/session', 'cookie: x=1; JS=one~abc')],
    server: 'cookie one',
  },
  'cookie rewrite': {
    lines: 'cookie JS rewrite',
    requests: [get('/session'), get('/')],
    server: 'cookie one',
  },
  'captures in the log': {
    lines: `capture request header host len 6
    capture request header x-none len 9
    capture response header x-answer len 20
    capture cookie JS= len 12
    declare capture request len 10
    declare capture response len 10
    http-request capture req.hdr(x-more) id 2
    http-request capture path len 5
    http-response capture res.hdr(x-one) id 1
    option httplog
    log LOGS local0`,
    requests: [get('/session', 'x-more: much more than ten', 'cookie: JS=12345678901234567890')],
  },
  'forwardfor, originalto': {
    lines: `option forwardfor except 127.0.0.9 header X-Client if-none
    option originalto except 10.0.0.0/8 header X-Dst`,
    requests: [get('/'), get('/', 'x-client: 1.2.3.4')],
  },
  'expect, unsafe names and methods': {
    lines: `option accept-invalid-http-request
    http-request set-header x-m %[method]`,
    requests: [
      request('POST / HTTP/1.1', 'expect: 100-continue', 'content-length: 0'),
      request('PURGE /x HTTP/1.1', 'X_Odd.Name!: 1'),
      get('/sp|ace{}'),
    ],
  },
  'unique ids': {
    lines: `unique-id-format %{+X}o-%ci-%fi
    unique-id-header X-Id
    http-request set-header x-copy %[unique-id]`,
    requests: [get('/')],
  },
  'dontlog-normal, log-separate-errors': {
    lines: `option httplog
    option dontlog-normal
    option log-separate-errors
    http-request deny if { path /no }
    log LOGS local3`,
    requests: [get('/'), get('/no')],
  },
  'log formats': {
    lines: `log-format "%{+Q}o %HM %HP %HQ %HU %HV %r %ST %B %CC %CS %tsc %hr %hs %ft %b %s %{-Q}si %{+X}o %%"
    capture request header user-agent len 10
    log LOGS len 300 local1 debug
    log LOGS format rfc3164 local2
    log LOGS format rfc5424 local4
    log LOGS format short local5
    log LOGS format raw local6
    log LOGS format priority local7`,
    requests: [get('/PaTh?q=1&"x"', 'user-agent: some agent', 'cookie: a=1')],
  },
  clf: {
    lines: `option httplog clf
    capture request header user-agent len 10
    log LOGS local1`,
    requests: [get('/c')],
  },
  // The last one: connections whose requests never end stay for a while.
  'bodies in chunks are looked at without their framing': {
    lines: `http-request wait-for-body time 200ms at-least 5
    http-request deny deny_status 404 if { req.body -m sub needle }
    http-request return content-type text/plain lf-string "%[req.body] %[req.body_len]"`,
    requests: [
      ...['3\r\nabc\r\n0\r\n\r\n', '3\r\nnee\r\n3;x=y\r\ndle\r\n0\r\n\r\n', '6\r\nabcdef\r\n'],
      ...['3\r\nabc\r\n', 'a\r\n0123456'],
    ].map((body) => `${request('POST / HTTP/1.1', 'transfer-encoding: chunked')}${body}`),
  },
};

/** Log lines that reached a UDP socket. */
async function logs(t: TestContext): Promise<{ readonly port: number; readonly lines: string[] }> {
  const lines: string[] = [];
  const socket = createSocket('udp4', (message) => lines.push(message.toString('latin1')));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return { port: socket.address().port, lines };
}

/** What differs from run to run: dates, ports, times, process ids. */
function settled(text: string, ports: readonly number[]): string {
  let plain = text;
  for (const [index, port] of ports.entries()) plain = plain.replaceAll(`:${port}`, `:<port ${index}>`);
  return (
    plain
      .replace(/\[\d+\]: /g, '[pid]: ')
      .replace(/ haproxy \d+ - - /g, ' haproxy pid - - ')
      .replace(/127\.0\.0\.1:\d+ \[[^\]]*\]/g, 'client [date]')
      .replace(/\[\d\d\/\w{3}\/\d{4}:[^\]]*\]/g, '[date]')
      .replace(/\w{3} [ \d]\d \d\d:\d\d:\d\d/g, 'date')
      .replace(/\d{4}-\d\d-\d\dT[\d:.+-]+/g, 'isodate')
      .replace(/ haproxy \d+ - /g, ' haproxy pid - ')
      .replace(/(\d+\/|-1\/){4}\d+ (?=\d{3})/g, 'times ')
      // 2.6 leaves the separators of headers out of the size.
      .replace(/( \d{3}) \d+ (?=[-"\w])/g, '$1 size ')
      .replace(/" "" \d+ \d{3} /g, '" "" port ms ')
      .replace(/(-1|\d+) (-1|\d+) (-1|\d+) (-1|\d+) (-1|\d+) (?=[-\w]{4} )/g, 'times ')
      .replace(/SRV=one!?[^;]*; Expires/g, 'SRV=one; Expires')
      .replace(/SRV=one\|[^;]*/g, 'SRV=one|dates')
  );
}

test('messages and log lines are the same', { skip, timeout: 80_000 }, async (t) => {
  const seen: string[] = [];
  const server = await serve(t, async (peer) => {
    while (!peer.closed) {
      const head = await peer.head();
      seen.push(head);
      const cookie = head.includes('/session') ? 'set-cookie: JS=abc; path=/\r\n' : '';
      const own = head.includes('/keeps') ? 'set-cookie: SRV=own\r\n' : '';
      peer.send(
        `HTTP/1.1 200 OK\r\nx-answer: b, c\r\nX-One: 12\r\nx-secret: s\r\n${cookie}${own}content-length: 2\r\n\r\nok`,
      );
    }
  });
  const names = Object.keys(STORIES);
  const log = await logs(t);
  const twins = await startTwins(t, names.length, (ports) => {
    const sections = names.map((name, index) => {
      const { lines, server: words = '' } = STORIES[name]!;
      return (
        `listen l${index}\n    bind 127.0.0.1:${ports[index]!}\n    http-reuse never\n` +
        `    ${lines.replaceAll('LOGS', `127.0.0.1:${log.port}`)}\n    server s1 127.0.0.1:${server.port} ${words}\n`
      );
    });
    return DEFAULTS + sections.join('');
  });
  const told = async (twin: Twin, index: number): Promise<Record<string, string[]>> => {
    const { requests, lines } = STORIES[names[index]!]!;
    seen.length = log.lines.length = 0;
    const answers: string[] = [];
    for (const text of requests) {
      const client = await connect(t, twin.ports[index]!);
      client.send(text);
      answers.push(await client.all(5000));
    }
    const targets = lines.split('LOGS').length - 1;
    const expected = names[index]!.startsWith('dontlog') ? 1 : targets * requests.length;
    await until(
      () => log.lines.length >= expected,
      `${expected} log lines of ${twin.name}: ${log.lines.join('')}`,
      3000,
    );
    const clean = (texts: readonly string[]): string[] => texts.map((text) => settled(text, twin.ports));
    return { seen: clean(seen), answers: clean(answers), logs: clean(log.lines).toSorted() };
  };
  const differences: string[] = [];
  for (const index of names.keys()) {
    const [theirs, ours] = [await told(twins[0], index), await told(twins[1], index)];
    try {
      deepStrictEqual(ours, theirs);
    } catch (error) {
      differences.push(`${names[index]!}: ${(error as Error).message}`);
    }
  }
  ok(differences.length === 0, differences.join('\n\n'));
});
