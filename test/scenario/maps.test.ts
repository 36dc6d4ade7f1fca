// Maps and pattern files over the running program (manual 2.7, 7.1 and 7.3.1; management.txt).

import { ok as yes, strictEqual } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { answering, exchange, ok, serve, until } from './harness.ts';
import { nameOf, observe, type Kind, type Witness } from './witness.ts';

const KINDS: readonly Kind[] = [
  { uring: true, threads: 2 },
  { uring: false, threads: 3 },
];

function files(t: TestContext, contents: Readonly<Record<string, string>>): (name: string) => string {
  const directory = mkdtempSync(join(tmpdir(), 'maps-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(contents)) writeFileSync(join(directory, name), text);
  return (name) => join(directory, name);
}

/** The status and body of an answer. */
async function get(t: TestContext, witness: Witness, path: string, headers = ''): Promise<string> {
  const text = await exchange(
    t,
    witness.port,
    `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${headers}\r\n`,
  );
  return `${text.slice(9, 12)} ${text.slice(text.indexOf('\r\n\r\n') + 4)}`;
}

for (const kind of KINDS) {
  test(`rules and the stats socket change a map for all threads (${nameOf(kind)})`, async (t) => {
    const at = files(t, { 'm.map': '/a one\n/b two words  \n', 'deny.lst': '/denied\n' });
    const server = await serve(t, answering(ok('x')));
    const witness = await observe(t, {
      kind,
      server: server.port,
      front: `http-request deny if { path -f ${at('deny.lst')} }
    http-request set-map(${at('m.map')}) %[path] %[hdr(x-set)] if { hdr(x-set) -m found }
    http-request del-map(${at('m.map')}) %[path] if { hdr(x-del) -m found }
    http-request add-acl(file@${at('deny.lst')}) %[hdr(x-deny)] if { hdr(x-deny) -m found }
    http-request del-acl(${at('deny.lst')}) %[hdr(x-allow)] if { hdr(x-allow) -m found }
    http-request return status 200 content-type text/plain lf-string %[path,map(${at('m.map')},none)]`,
    });
    strictEqual(await get(t, witness, '/a'), '200 one');
    strictEqual(await get(t, witness, '/b'), '200 two words');
    strictEqual(await get(t, witness, '/c'), '200 none');
    // Any thread may answer the next request: what one rule or command did holds for all of them at once.
    for (let round = 0; round < 12; round++) {
      strictEqual(await get(t, witness, '/c', `x-set: v${round}\r\n`), `200 v${round}`);
      strictEqual(await get(t, witness, '/c'), `200 v${round}`);
      strictEqual(await witness.ask(`set map ${at('m.map')} /c w${round}`), '\n');
      strictEqual(await get(t, witness, '/c'), `200 w${round}`);
      strictEqual(await get(t, witness, '/c', 'x-del: 1\r\n'), '200 none');
      strictEqual(await get(t, witness, '/d', 'x-deny: /d\r\n'), '200 none');
      yes((await get(t, witness, '/d')).startsWith('403'));
      strictEqual(await get(t, witness, '/e', 'x-allow: /d\r\n'), '200 none');
      strictEqual(await get(t, witness, '/d'), '200 none');
    }
    yes((await get(t, witness, '/denied')).startsWith('403'));
    // The rule adds no pattern twice.
    await get(t, witness, '/e', 'x-deny: /denied\r\n');
    strictEqual((await witness.ask(`show acl ${at('deny.lst')}`)).match(/denied/g)!.length, 1);
  });

  test(`a committed version replaces the other as a whole (${nameOf(kind)})`, async (t) => {
    const at = files(t, { 'm.map': Array.from({ length: 500 }, (_, n) => `/k${n} old\n`).join('') });
    const server = await serve(t, answering(ok('x')));
    const witness = await observe(t, {
      kind,
      server: server.port,
      front: `http-request return status 200 content-type text/plain lf-string %[path,map(${at('m.map')},none)],%[str(/k0),map(${at('m.map')},none)]`,
    });
    let stopped = false;
    const seen = new Set<string>();
    const reader = (async () => {
      while (!stopped) seen.add(await get(t, witness, '/k499'));
    })();
    strictEqual(await witness.ask(`prepare map ${at('m.map')}`), 'New version created: 1\n\n');
    const lines = Array.from({ length: 500 }, (_, n) => `/k${n} new`).join('\n');
    strictEqual(await witness.ask(`add map @1 ${at('m.map')} <<\n${lines}\n`), '\n');
    await until(() => seen.has('200 old,old'), 'a request before');
    strictEqual(await witness.ask(`commit map @1 ${at('m.map')}`), '\n');
    await until(() => seen.has('200 new,new'), 'a request behind');
    stopped = true;
    await reader;
    strictEqual([...seen].sort((a, b) => (a < b ? -1 : 1)).join(' | '), '200 new,new | 200 old,old');
    yes((await witness.ask('show map')).includes('curr_ver=1 next_ver=1 entry_cnt=500'));
  });
}

test('patterns of an ACL line change by their number, and a reload reads the files again', async (t) => {
  const at = files(t, { 'm.map': '/a one\n' });
  const server = await serve(t, answering(ok('x')));
  const witness = await observe(t, {
    kind: KINDS[0]!,
    server: server.port,
    front: `acl number hdr_cnt(x) gt 2
    acl beginning path_beg -u 40 /start
    acl missing path -f opt@${at('none.lst')} -f virt@extra
    http-request deny deny_status 401 if number
    http-request deny deny_status 405 if beginning
    http-request deny deny_status 404 if missing
    http-request return status 200 content-type text/plain lf-string %[path,map(${at('m.map')},none)]`,
  });
  yes((await witness.ask('show acl #0')).endsWith(' 3:\n\n'));
  yes((await get(t, witness, '/start')).startsWith('405'));
  strictEqual(await get(t, witness, '/other'), '200 none');
  strictEqual(await witness.ask('add acl #40 /oth'), '\n');
  strictEqual(await witness.ask('del acl #40 /start'), '\n');
  strictEqual(await get(t, witness, '/start'), '200 none');
  yes((await get(t, witness, '/other')).startsWith('405'));
  strictEqual(await get(t, witness, '/x', 'x: 1,2\r\n'), '200 none');
  strictEqual(await witness.ask('add acl #0 2'), '\n');
  yes((await get(t, witness, '/x', 'x: 1,2\r\n')).startsWith('401'));
  strictEqual(await witness.ask('add acl virt@extra /v'), '\n');
  yes((await get(t, witness, '/v')).startsWith('404'));
  strictEqual(await witness.ask(`add acl ${at('none.lst')} /n`), '\n');
  yes((await get(t, witness, '/n')).startsWith('404'));
  writeFileSync(at('m.map'), '/a two\n');
  strictEqual(await get(t, witness, '/a'), '200 one');
  witness.program.child.kill('SIGUSR2');
  await until(async () => (await get(t, witness, '/a')) === '200 two', 'the new file');
  yes((await get(t, witness, '/start')).startsWith('405'));
});

test('what is wrong with a file is said with its line', async (t) => {
  const at = files(t, { bad: '10.0.0.0/8\nzz\n', int: '5\nabc\n', values: '1 10\n2 abc\n', one: 'a\n' });
  const server = await serve(t, answering(ok('x')));
  const map = (converter: string): string => `http-request set-header x %[src,${converter}]`;
  const cases: readonly (readonly [string, string])[] = [
    [
      `acl a src -f ${at('bad')}`,
      `'zz' is not a valid IPv4 or IPv6 address at line 2 of file '${at('bad')}'`,
    ],
    [`acl a hdr_cnt(x) -f ${at('int')}`, `'abc' is not a number at line 2 of file '${at('int')}'`],
    [`acl a src -f ${at('none')}`, `failed to open pattern file <${at('none')}>`],
    [`acl a path -u 5 a\n    acl b path -u 5 b`, 'the id is already used'],
    [`acl a path -u x a`, 'the argument of -u must be an integer'],
    [`acl a path -f ${at('one')} -m end x`, "'-m' must only be specified before patterns and files"],
    [`acl a path -f ${at('one')}\n    acl b path -M -f ${at('one')}`, 'is already used as one column file'],
    [map(`map_str_int(${at('values')})`), `unable to parse 'abc' at line 2 of file '${at('values')}'`],
    [
      map(`map_ip(${at('bad')})`),
      `'zz' is not a valid IPv4 or IPv6 address at line 2 of file '${at('bad')}'`,
    ],
    [map(`map(${at('none')})`), `failed to open pattern file <${at('none')}>`],
    ['http-request set-map(x) a', 'expects exactly 2 arguments'],
  ];
  for (const [line, words] of cases) {
    let said = '';
    await observe(t, { kind: KINDS[0]!, server: server.port, front: line }).catch((error: unknown) => {
      said = String(error);
    });
    yes(said.includes(words), `${line}: ${said}`);
  }
});
