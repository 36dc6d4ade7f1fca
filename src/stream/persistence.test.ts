import { test } from 'node:test';
import { deepEqual, equal } from 'node:assert/strict';
import { assignServer } from './persistence.ts';
import { hideCookie } from '../http/cookies.ts';
import { setCookie } from '../http/set-cookie.ts';
import { unitsOf, writeDate } from '../http/cookie-dates.ts';
import { exchange, fakeServer, linesOf, plainCookie } from '../testing/exchange.ts';
import type { CookieSettings, ProxyConfig } from '../config/model.ts';

const servers = [
  fakeServer('a', 'aa'),
  fakeServer('b', 'bb'),
  fakeServer('d', 'dd', false),
  fakeServer('e', null),
];
const ALWAYS = { test: () => true } as never;
const NEVER = { test: () => false } as never;

interface Given {
  cookie?: string;
  set?: string[];
  settings: Partial<CookieSettings>;
  /** Who answers where no server was asked for. */
  answers?: string;
  method?: string;
  backend?: Partial<ProxyConfig>;
  lines?: string[];
}

/** One whole exchange as `who cookie-to-server letters | set-cookie lines`. */
function story(given: Given): string {
  const { settings, backend = {} } = given;
  const cookie = given.cookie === undefined ? '' : `\ncookie: ${given.cookie}`;
  const set = (given.set ?? []).map((line) => `\nset-cookie: ${line}`).join('');
  const { stream, asked } = exchange({
    request: `${given.method ?? 'GET'} / HTTP/1.1\nhost: x${cookie}`,
    response: `HTTP/1.1 200 OK${set}${(given.lines ?? []).map((line) => `\n${line}`).join('')}\ncontent-length: 0`,
    cookie: { ...plainCookie, ...settings },
    servers,
    backend,
  });
  assignServer(stream);
  const name = given.answers ?? asked[0]!.wanted ?? 'a';
  stream.server = servers.find((server) => server.name === name) as never;
  hideCookie(stream);
  setCookie(stream);
  const line = stream.request.find('cookie', 0);
  const seen = line < 0 ? '(none)' : stream.request.valueAt(line);
  const sent = linesOf(stream.response).filter((text) => /^(set-cookie|cache-control)/.test(text));
  return [`${name} ${seen} ${stream.cookieSeen}${stream.cookieAction}`, ...sent].join(' | ');
}

const insert = { mode: 'insert' } as const;
const indirect = { mode: 'insert', indirect: true } as const;

test('insert', () => {
  equal(story({ settings: insert }), 'a (none) NI | set-cookie: SRV=aa; path=/');
  equal(story({ settings: insert, cookie: 'SRV=bb' }), 'b SRV=bb VN');
  equal(
    story({ settings: insert, cookie: 'a=1; SRV=zz; b=2' }),
    'a a=1; SRV=zz; b=2 II | set-cookie: SRV=aa; path=/',
  );
  equal(
    story({ settings: insert, cookie: 'SRV=bb; b=2', set: ['SRV=app; path=/x', 'other=1'] }),
    'b SRV=bb; b=2 VD | set-cookie: other=1',
  );
  equal(story({ settings: insert, set: ['SRV=app'] }), 'a (none) NI | set-cookie: SRV=aa; path=/');
});

test('insert indirect hides the cookie from the server', () => {
  equal(story({ settings: indirect, cookie: 'a=1; SRV=bb; c=2' }), 'b a=1; c=2 VN');
  equal(story({ settings: indirect, cookie: 'a=1;SRV=bb' }), 'b a=1 VN');
  equal(story({ settings: indirect, cookie: 'SRV=bb;c=2' }), 'b c=2 VN');
  equal(story({ settings: indirect, cookie: 'SRV=bb; SRV=aa' }), 'b (none) VN');
  equal(story({ settings: indirect, cookie: 'SRV=zz; SRV=bb' }), 'b (none) VN');
  equal(story({ settings: indirect, cookie: 'SRV = bb' }), 'b (none) VN');
  equal(story({ settings: indirect, cookie: 'x, SRV=bb' }), 'b x VN');
  equal(story({ settings: indirect, cookie: '$Version=1; SRV=bb; $Path=/; q=1' }), 'b $Version=1; q=1 VN');
  equal(story({ settings: indirect, cookie: 'SRV=bb|AAAAA' }), 'b (none) VN');
  equal(story({ settings: indirect, cookie: 'SRV="bb"' }), 'a (none) II | set-cookie: SRV=aa; path=/');
  equal(story({ settings: indirect, cookie: 'SRV=' }), 'a (none) II | set-cookie: SRV=aa; path=/');
  equal(story({ settings: indirect, cookie: 'SRV=aa~x' }), 'a (none) II | set-cookie: SRV=aa; path=/');
  equal(story({ settings: indirect, cookie: 'q="SRV=x"; SRV=aa' }), 'a q="SRV=x" VN');
  equal(story({ settings: indirect, cookie: 'srv=aa' }), 'a srv=aa NI | set-cookie: SRV=aa; path=/');
});

test('postonly and preserve', () => {
  equal(story({ settings: { ...insert, postonly: true } }), 'a (none) NN');
  equal(story({ settings: { ...insert, postonly: true }, set: ['SRV=app'] }), 'a (none) ND');
  equal(
    story({ settings: { ...insert, postonly: true }, method: 'POST' }),
    'a (none) NI | set-cookie: SRV=aa; path=/',
  );
  const preserve = { ...insert, preserve: true };
  equal(story({ settings: preserve, set: ['SRV=app'] }), 'a (none) NP | set-cookie: SRV=app');
  equal(
    story({ settings: { ...preserve, indirect: true }, cookie: 'SRV=bb', set: ['SRV=app'] }),
    'b (none) VP | set-cookie: SRV=app',
  );
});

test('rewrite, prefix and passive', () => {
  const rewrite = { mode: 'rewrite' } as const;
  equal(story({ settings: rewrite }), 'a (none) NN');
  equal(story({ settings: rewrite, set: ['SRV=app; path=/x'] }), 'a (none) NR | set-cookie: SRV=aa; path=/x');
  equal(story({ settings: rewrite, cookie: 'SRV=bb', set: ['SRV=app'] }), 'b SRV=bb VR | set-cookie: SRV=bb');
  equal(story({ settings: rewrite, answers: 'e', set: ['SRV=app'] }), 'e (none) NP | set-cookie: SRV=app');
  const prefix = { mode: 'prefix' } as const;
  equal(story({ settings: prefix, cookie: 'a=1; SRV=bb~s; c=2' }), 'b a=1; SRV=s; c=2 VN');
  equal(story({ settings: prefix, cookie: 'SRV=zz~s' }), 'a SRV=s IN');
  equal(
    story({ settings: prefix, cookie: 'SRV=bb~s', set: ['SRV=new; path=/'] }),
    'b SRV=s VR | set-cookie: SRV=bb~new; path=/',
  );
  equal(story({ settings: { ...prefix, indirect: true }, cookie: 'SRV=bb~s', set: ['SRV=n'] }), 'b SRV=s VD');
  const passive = { mode: 'passive' } as const;
  equal(story({ settings: passive, cookie: 'SRV=bb', set: ['SRV=n'] }), 'b SRV=bb -- | set-cookie: SRV=n');
  equal(story({ settings: { ...passive, indirect: true }, cookie: 'SRV=bb', set: ['SRV=n'] }), 'b SRV=bb VD');
  equal(
    story({ settings: { ...passive, indirect: true }, set: ['SRV=n'] }),
    'a (none) NP | set-cookie: SRV=n',
  );
});

test('attributes', () => {
  const settings = {
    ...insert,
    domains: ['.a.com', 'b.com'],
    httponly: true,
    secure: true,
    attrs: ['SameSite=None', 'X'],
  };
  equal(
    story({ settings }),
    'a (none) NI | set-cookie: SRV=aa; path=/; domain=.a.com; domain=b.com; HttpOnly; Secure; SameSite=None; X',
  );
});

test('nocache marks only what a cache could keep', () => {
  const settings = { ...insert, nocache: true };
  const plain = 'a (none) NI | set-cookie: SRV=aa; path=/';
  equal(story({ settings }), plain);
  equal(story({ settings, lines: ['etag: "x"'] }), `${plain} | cache-control: private`);
  equal(story({ settings, lines: ['etag: "x"'], method: 'POST' }), plain);
  equal(
    story({ settings, lines: ['cache-control: MAX-AGE=30'] }),
    'a (none) NI | cache-control: MAX-AGE=30 | set-cookie: SRV=aa; path=/ | cache-control: private',
  );
  for (const directive of [
    'public',
    'no-store',
    'max-age=0',
    'max-age=30, private',
    's-maxage=0, max-age=3',
  ]) {
    equal(
      story({ settings, lines: [`cache-control: ${directive}`] }),
      `a (none) NI | cache-control: ${directive} | set-cookie: SRV=aa; path=/`,
    );
  }
});

test('dates', () => {
  const now = unitsOf(1795411000000);
  const date = (seconds: number) => writeDate(now - Math.floor(seconds / 4));
  const today = date(0);
  const idle = { ...insert, maxidle: 1800 };
  const life = { ...insert, maxlife: 28800 };
  const both = { ...insert, maxidle: 1800, maxlife: 28800 };
  equal(story({ settings: idle }), `a (none) NI | set-cookie: SRV=aa|${today}; path=/`);
  equal(story({ settings: both }), `a (none) NI | set-cookie: SRV=aa|${today}|${today}; path=/`);
  const updated = (settings: Partial<CookieSettings>, value: string): string =>
    story({ settings: { ...settings, indirect: true }, cookie: `SRV=${value}` });
  equal(updated(idle, `bb|${today}`), 'b (none) VN');
  equal(updated(idle, 'bb'), `b (none) VU | set-cookie: SRV=bb|${today}; path=/`);
  equal(updated(idle, 'bb|!!!!!'), `b (none) VU | set-cookie: SRV=bb|${today}; path=/`);
  equal(
    updated(both, `bb|${date(100)}|${date(200)}`),
    `b (none) VU | set-cookie: SRV=bb|${today}|${date(200)}; path=/`,
  );
  equal(updated(both, `bb|${date(3000)}`), `a (none) EI | set-cookie: SRV=aa|${today}|${today}; path=/`);
  equal(
    updated(both, `bb|${date(100)}|${date(90000)}`),
    `a (none) OI | set-cookie: SRV=aa|${today}|${today}; path=/`,
  );
  equal(updated(both, `bb|${date(-100000)}`), `a (none) EI | set-cookie: SRV=aa|${today}|${today}; path=/`);
  equal(updated(both, `bb|${date(-1000)}`), `b (none) VU | set-cookie: SRV=bb|${today}|${today}; path=/`);
  equal(updated(both, `bb|${today}|${today}`), 'b (none) VN');
  equal(updated(life, `bb||${today}`), 'b (none) VN');
  equal(
    updated(life, `bb|${date(8)}|${date(500)}`),
    `b (none) VU | set-cookie: SRV=bb|${today}|${date(500)}; path=/`,
  );
});

test('a server that is down', () => {
  const { stream, asked } = exchange({
    request: 'GET / HTTP/1.1\ncookie: SRV=dd',
    cookie: { ...plainCookie },
    servers,
  });
  assignServer(stream);
  deepEqual(asked, [{ wanted: null, sticks: false, evenDown: false }]);
  equal(stream.cookieSeen, 'D');
  const persist = exchange({
    request: 'GET / HTTP/1.1\ncookie: SRV=dd',
    cookie: { ...plainCookie },
    servers,
    backend: { options: new Set(['persist']) },
  });
  assignServer(persist.stream);
  deepEqual(persist.asked, [{ wanted: 'd', sticks: false, evenDown: true }]);
  const force = { kind: 'force', condition: ALWAYS, position: { file: '', line: 1 } } as const;
  equal(story({ settings: indirect, cookie: 'SRV=dd', backend: { persistRules: [force] } }), 'd (none) DN');
});

test('a cookie whose server failed counts as down, and is replaced', () => {
  equal(
    story({ settings: indirect, cookie: 'SRV=bb', answers: 'a' }),
    'a (none) DI | set-cookie: SRV=aa; path=/',
  );
});

test('use-server goes before the cookie', () => {
  const rule = (name: string, condition = ALWAYS) => ({
    name,
    format: null,
    server: null,
    condition,
    position: { file: '', line: 1 },
  });
  const backend = { useServer: [rule('a', NEVER), rule('d'), rule('b')] };
  equal(story({ settings: indirect, backend }), 'b (none) NN');
  equal(story({ settings: indirect, backend, cookie: 'SRV=aa' }), 'b (none) UN');
  equal(story({ settings: indirect, backend, cookie: 'SRV=bb', set: ['SRV=app'] }), 'b (none) UD');
  // Another server than the rule's answered in the end: it gets its cookie.
  equal(story({ settings: indirect, backend, answers: 'a' }), 'a (none) NI | set-cookie: SRV=aa; path=/');
});

test('ignore-persist leaves both directions alone but for what is hidden', () => {
  const backend = {
    persistRules: [{ kind: 'ignore', condition: ALWAYS, position: { file: '', line: 1 } } as const],
  };
  equal(story({ settings: indirect, backend }), 'a (none) NN');
  equal(story({ settings: indirect, backend, cookie: 'SRV=bb' }), 'a (none) UN');
  equal(story({ settings: indirect, backend, set: ['SRV=app'] }), 'a (none) NN | set-cookie: SRV=app');
});
