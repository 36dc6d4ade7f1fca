import { test } from 'node:test';
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import type { CheckSettings, ProxyConfig } from '../../config/model.ts';
import { ServerInt } from '../../core/shared.ts';
import { Checker, startChecks } from './checker.ts';
import { HttpExchange, httpCheckRequest } from './http.ts';
import { checkName } from './status.ts';
import { house } from './testing.ts';

const settings = (
  more: Partial<CheckSettings> = {},
  request: Partial<CheckSettings['http']> = {},
): CheckSettings => {
  return {
    kind: 'http',
    http: { method: 'OPTIONS', uri: '/', version: 'HTTP/1.0', host: null, headers: [], body: '', ...request },
    expects: [],
    inheritsRequest: false,
    inheritsExpects: false,
    sends: false,
    disableOn404: false,
    sendState: false,
    ...more,
  };
};

const answer = (status: string, body = ''): string =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

test('requests: the classic one, and headers with a body', () => {
  strictEqual(httpCheckRequest(settings(), null), 'OPTIONS / HTTP/1.0\r\n\r\n');
  const request = { method: 'POST', uri: '/p', version: 'HTTP/1.1', body: 'abc' };
  const headers = [
    { name: 'X-A', value: 'b' },
    { name: 'Host', value: 'hh' },
  ];
  strictEqual(
    httpCheckRequest(settings({}, { ...request, headers }), null),
    'POST /p HTTP/1.1\r\nx-a: b\r\nhost: hh\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc',
  );
});

test('judgement of answers', () => {
  const judge = (received: string, more: Partial<CheckSettings> = {}, running = true) => {
    const verdict = new HttpExchange(settings(more), null, running).judge(received, true)!;
    return `${checkName(verdict.status)} ${verdict.code} ${verdict.info}`;
  };
  const expect = (kind: 'status' | 'rstatus' | 'string' | 'rstring', pattern: string, negate = false) => {
    const ranges = kind === 'status' ? [[200, 204] as const] : [];
    const regex = kind.startsWith('r') ? new RegExp(pattern) : null;
    return { expects: [{ kind, pattern, regex, negate, ranges }] };
  };
  strictEqual(judge(answer('200 OK')), 'L7OK 200 OK'.replace(' OK', ' ').trim() + ' ');
  strictEqual(judge(answer('302 Found')), 'L7OK 302 ');
  strictEqual(judge(answer('500 Internal Server Error')), 'L7STS 500 Internal Server Error');
  strictEqual(judge('junk\r\n\r\n'), 'L7RSP 0 ');
  strictEqual(judge(''), 'L7RSP 0 ');
  strictEqual(judge(answer('404 Not Found'), { disableOn404: true }), 'L7OKC 404 ');
  strictEqual(judge(answer('404 Not Found'), { disableOn404: true }, false), 'L7STS 404 Not Found');
  strictEqual(judge(answer('200 OK'), expect('status', '200-204', true)), 'L7STS 200 OK');
  strictEqual(judge(answer('404 No'), expect('rstatus', '^4')), 'L7OK 404 ');
  const body = answer('200 OK', 'hello world');
  strictEqual(judge(body, expect('string', 'world')), 'L7OK 200 ');
  strictEqual(judge(body, expect('string', 'moon')), 'L7RSP 0 HTTP content check did not match');
  strictEqual(judge(body, expect('rstring', '^hello')), 'L7OK 200 ');
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n';
  strictEqual(judge(chunked, expect('rstring', '^hello$')), 'L7OK 200 ');
});

test('up and down: rise, fall, intervals and every log line', () => {
  const spec = {
    name: 's1',
    check: true,
    interMs: 1000,
    fastinterMs: 100,
    downinterMs: 5000,
    rise: 2,
    fall: 2,
  };
  const { environment, fake, timers, lines, backend } = house([spec, { name: 'bk', backup: true }], {
    options: new Set(['log-health-checks']),
    check: settings({ disableOn404: true }),
  });
  fake.peer = answer('200 OK');
  const [checker] = startChecks(
    environment,
    [backend],
    () => null,
    () => null,
  ).health.values();
  timers.pass(10);
  strictEqual(checker!.healthText(), '2/2 UP');
  fake.peer = answer('500 Bad Luck');
  timers.pass(1200);
  strictEqual(backend.servers[0]!.usable, false);
  fake.peer = answer('404 Gone');
  timers.pass(5000);
  fake.peer = answer('200 OK');
  timers.pass(5200);
  fake.peer = answer('404 Gone');
  timers.pass(1000);
  strictEqual(backend.servers[0]!.usable, false);
  strictEqual(backend.servers[0]!.acceptsPersistent, true);
  fake.peer = answer('200 OK');
  timers.pass(1000);
  const head = '5 Health check for server h/s1';
  const good = 'reason: Layer7 check passed, code: 200, check duration: 0ms';
  const bad = 'reason: Layer7 wrong status, code: 500, info: "Bad Luck", check duration: 0ms';
  const onBackup = 'Running on backup. 0 sessions';
  deepStrictEqual(lines, [
    `${head} succeeded, ${good}, status: 2/2 UP.`,
    `${head} failed, ${bad}, status: 1/2 UP.`,
    `${head} failed, ${bad}, status: 0/2 DOWN.`,
    `1 Server h/s1 is DOWN. 0 active and 1 backup servers left. ${onBackup} active, 0 requeued, 0 remaining in queue.`,
    `${head} succeeded, ${good}, status: 1/2 DOWN.`,
    `${head} succeeded, ${good}, status: 2/2 UP.`,
    '5 Server h/s1 is UP. 1 active and 1 backup servers online. 0 sessions requeued, 0 total in queue.',
    `${head} conditionally succeeded, reason: Layer7 check conditionally passed, code: 404, check duration: 0ms, status: 2/2 UP.`,
    `5 Server h/s1 is stopping. 0 active and 1 backup servers online. ${onBackup} requeued, 0 total in queue.`,
    `${head} succeeded, ${good}, status: 2/2 UP.`,
    '5 Server h/s1 is UP. 1 active and 1 backup servers online. 0 sessions requeued, 0 total in queue.',
  ]);
  deepStrictEqual(
    fake.dialled.map((line) => Number(line.split(' ')[0])),
    [0, 1000, 1100, 6100, 11100, 11200, 12200, 13200],
  );
});

test('a server that fails its first check is down at once, and the reason is in that line', () => {
  const { environment, fake, timers, lines, backend } = house([
    { name: 'q1', check: true, interMs: 200, checkPort: 81, checkSendProxy: true },
  ]);
  fake.peer = 'ECONNREFUSED';
  startChecks(
    environment,
    [backend],
    () => '192.0.2.77',
    () => null,
  );
  timers.pass(1);
  deepStrictEqual(lines, [
    '1 Server h/q1 is DOWN, reason: Layer4 connection problem, info: "ECONNREFUSED returned by OS", check duration: 0ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
    '0 backend h has no server available!',
  ]);
  deepStrictEqual(fake.dialled, ['0 192.0.2.77:81']);
  fake.peer = 'mute';
  timers.pass(500);
  strictEqual(fake.sent[0], 'PROXY TCP4 192.0.2.200 192.0.2.77 5555 81\r\n');
  strictEqual(
    lines[2]!.startsWith('5 Server h/q1 is UP, reason: Layer4 check passed, check duration: 0ms. 1'),
    true,
  );
});

test('timeouts: inter for everything, or timeout check once connected', () => {
  const run = (peer: string, check: number): string => {
    const { environment, fake, timers, backend } = house([{ check: true, interMs: 500, fall: 9 }], {
      check: settings(),
      timeouts: { connect: 300, check } as ProxyConfig['timeouts'],
    });
    fake.peer = peer;
    const [checker] = startChecks(
      environment,
      [backend],
      () => null,
      () => null,
    ).health.values();
    timers.pass(500);
    const early = checkName(checker!.server.ints[ServerInt.CHECK_STATUS]!);
    timers.pass(1);
    const { ints } = checker!.server;
    return `${early} ${checkName(ints[ServerInt.CHECK_STATUS]!)} ${ints[ServerInt.CHECK_DURATION]}`;
  };
  strictEqual(run('hang', 0), 'INI L4TOUT 501');
  strictEqual(run('mute', 0), 'INI L7TOUT 501');
  strictEqual(run('hang', 100), 'L4TOUT L4TOUT 301');
  strictEqual(run('mute', 100), 'L7TOUT L7TOUT 101');
});

test('maintenance stops checks; the state header tells how the server is seen', () => {
  const { environment, fake, timers, keeper, backend } = house(
    [{ check: true, interMs: 100, weight: 3, fall: 2 }],
    { check: settings({ sendState: true }) },
  );
  fake.peer = answer('200 OK');
  startChecks(
    environment,
    [backend],
    () => null,
    () => null,
  );
  timers.pass(150);
  const state = (word: string): string =>
    `OPTIONS / HTTP/1.0\r\nx-haproxy-server-state: ${word}; address=192.0.2.1; port=80; name=h/s1; ` +
    'node=vm; weight=3/3; scur=0/0; qcur=0\r\n\r\n';
  deepStrictEqual(fake.sent, [state('UP 1/2'), state('UP')]);
  keeper.setMaintenance(backend.servers[0]!);
  timers.pass(1000);
  strictEqual(fake.sent.length, 2);
  keeper.setReady(backend.servers[0]!);
  timers.pass(100);
  strictEqual(fake.sent[2], state('UP 1/2'));
});

test('starts are spread, intervals get noise', () => {
  const servers = Array.from({ length: 4 }, () => ({ check: true, interMs: 400 }));
  const { environment, fake, timers, backend } = house(servers);
  startChecks(
    environment,
    [backend],
    () => null,
    () => null,
  );
  timers.pass(399);
  deepStrictEqual(
    fake.dialled.map((line) => Number(line.split(' ')[0])),
    [0, 100, 200, 300],
  );
  const noisy = { ...environment, spreadPercent: 50, random: () => 1 };
  strictEqual(new Checker(noisy, backend.servers[0]!, null).interval(), 600);
});
