// Userlists and `http-request auth` (manual 12.2 and 4.4).

import { test } from 'node:test';
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { exchange, freePorts, PREAMBLE, start } from './harness.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

const CONFIG = (port: number): string => `${PREAMBLE}
userlist L1
    group G1 users plain,bare
    group G2
    user plain insecure-password a:b groups G2
    user bare insecure-password
    user none
    user md5 password $1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1 groups G2

frontend fe
    bind 127.0.0.1:${port}
    acl g1 http_auth_group(L1) G1
    acl g2 http_auth_group(L1) G2
    acl any http_auth_group(L1) G2 G1
    http-request set-var(txn.groups) str(1) if g1
    http-request set-var(txn.groups) str(2) if g2 !g1
    http-request set-var(txn.groups) str(1+2) if g2 g1
    http-request return status 200 content-type text/plain lf-string "%[http_auth(L1)]|%[http_auth_group(L1)]|%[http_auth_type]|%[http_auth_user]|%[http_auth_pass]|%[http_auth_bearer]|%[http_auth_bearer(X-Token)]|%[var(txn.groups)]" if { path /show }
    http-request auth if { path /name }
    http-request auth realm "a b" unless any
    use_backend be
backend be
    http-error status 401 content-type text/plain string "nope" hdr www-authenticate mine hdr x-own yes
    http-request auth if { path /back }
    http-request return status 200
`;

test('http_auth and its family read what the client says', async (t) => {
  const [port] = await freePorts(1);
  await start(t, CONFIG(port!), [port!]);
  const ask = async (header: string): Promise<string> =>
    (await exchange(t, port!, `GET /show HTTP/1.1\r\nhost: a\r\n${header}\r\nconnection: close\r\n\r\n`))
      .split('\r\n\r\n')
      .slice(1)
      .join('');
  // Each answer is what Debian's haproxy gives.
  const cases: readonly (readonly [string, string])[] = [
    [basic('plain:a:b'), '1|plain|Basic|plain|a:b|||1+2'],
    [`basic   ${basic('plain:a:b').slice(6)}`, '1|plain|Basic|plain|a:b|||1+2'],
    [basic('plain:a'), '0||Basic|plain|a|||'],
    [basic('bare:'), '1|bare|Basic|bare||||1'],
    [basic('md5:secret'), '1|md5|Basic|md5|secret|||2'],
    [basic('md5:secre'), '0||Basic|md5|secre|||'],
    [basic('none:'), '0||Basic|none||||'],
    [basic('nobody:x'), '0||Basic|nobody|x|||'],
    [basic('plain'), '|||||||'],
    ['Basic !!!', '|||||||'],
    [`${basic('plain:a:b')}x`, '|||||||'],
    ['Basic', '|||||||'],
    ['Bearer tok', '||Bearer|||tok||'],
    ['bearer  tok x', '||Bearer|||tok x||'],
    ['Digest a=b', '|||||||'],
  ];
  for (const [value, answer] of cases) strictEqual(await ask(`authorization: ${value}`), answer, value);
  strictEqual(await ask('x-token: Bearer zz'), '||||||zz|');
  strictEqual(await ask(`authorization: Bearer k\r\nauthorization: ${basic('plain:a:b')}`), '||Bearer|||k||');
});

test('http-request auth answers 401 with a challenge, page of the proxy included', async (t) => {
  const [port] = await freePorts(1);
  const program = await start(t, CONFIG(port!), [port!]);
  const ask = (path: string, header = 'x: y'): Promise<string> =>
    exchange(t, port!, `GET ${path} HTTP/1.1\r\nhost: a\r\n${header}\r\nconnection: close\r\n\r\n`);
  const head = async (path: string): Promise<string[]> =>
    (await ask(path)).split('\r\n\r\n')[0]!.split('\r\n');
  deepStrictEqual(await head('/'), [
    'HTTP/1.1 401 Unauthorized',
    'content-length: 112',
    'cache-control: no-cache',
    'content-type: text/html',
    'www-authenticate: Basic realm="a b"',
    'connection: close',
  ]);
  match((await head('/name')).join('\n'), /^www-authenticate: Basic realm="fe"$/m);
  match(await ask('/', `authorization: ${basic('md5:secret')}`), /^HTTP\/1\.1 200 /);
  match(await ask('/', `authorization: ${basic('md5:x')}`), /^HTTP\/1\.1 401 /);
  const page = await ask('/back', `authorization: ${basic('plain:a:b')}`);
  match(page, /\r\nx-own: yes\r\n/);
  match(page, /\r\nwww-authenticate: Basic realm="be"\r\n/);
  match(page, /\r\n\r\nnope$/);
  strictEqual(/mine/.test(page), false);
  // The answer is the proxy's own, no refusal: LR, as HAProxy logs it.
  for (const line of await program.logs(/ 401 /, 4)) match(line, / LR-- /);
});
