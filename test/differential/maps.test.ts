// Look-ups in maps and pattern files, and the commands that change them, beside haproxy's.

import { deepStrictEqual, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Prng } from '../../src/core/prng.ts';
import { exchange } from '../scenario/harness.ts';
import { haproxyMissing, startTwins, type Twin } from './twins.ts';

const FILES: Readonly<Record<string, string>> = {
  't.map':
    '# comment\n\n/a one\n  /a/b  two words \n/A three\n/a dup\n/ slash\na.com host\n.com dotted\nx.a.com sub\nb first\n#no yes\n',
  'i.map': '1:5 five\n3 three\n7 7v\n20: high\n:-3 low\n',
  'n.map':
    '10.0.0.0/8 ten\n10.1.0.0/16 tenone\n10.1.2.3 host\n::/0 any6\n2001:db8::/32 doc\n::ffff:11.0.0.0/104 mapped\n',
  'r.map': '^/a(.*)$ A\\1\n^/(b|c)/(\\d+) \\2-\\1\n. any\n',
  'v.map': '/a 12\n/b -5\n/c 0\n',
  'w.map': '/a 1.2.3.4\n/b 2001:db8::1\n',
  'l.lst': '/a\n  /a/b\n#/c\n /d e\n\n/A\n',
  'n.lst': '10.0.0.0/8\n192.168.1.1\n2001:db8::/32\n',
};
const METHODS = ['str', 'beg', 'end', 'sub', 'dir', 'dom', 'reg'];

function rules(at: (name: string) => string): string {
  const texts = METHODS.map(
    (one) => `${one}=%[hdr(k),map_${one}(${at(one === 'reg' ? 'r.map' : `${one}.map`)},-)]`,
  );
  return [
    `acl list hdr(k) -f ${at('l.lst')}`,
    `acl folded hdr(k) -i -f ${at('l.lst')}`,
    `acl beginning hdr(k) -m beg -f ${at('l.lst')}`,
    `acl map hdr(k) -M -f ${at('t.map')}`,
    `acl net hdr_ip(ip) -f ${at('n.lst')}`,
    ...['list', 'folded', 'beginning', 'map', 'net'].map(
      (one) => `http-request set-var(txn.${one}) bool(1) if ${one}`,
    ),
    `http-request return status 200 content-type text/plain lf-string "${texts.join(' ')}` +
      ` regm=%[hdr(k),map_regm(${at('r.map')},-)] int=%[hdr(n),map_int(${at('i.map')},-)]` +
      ` ip=%[hdr_ip(ip),map_ip(${at('n.map')},-)] num=%[hdr(k),map_str_int(${at('v.map')},7),add(1)]` +
      ` addr=%[hdr(k),map_str_ip(${at('w.map')},9.9.9.9)] none=%[hdr(k),map(${at('t.map')})]` +
      ` acls=%[var(txn.list)],%[var(txn.folded)],%[var(txn.beginning)],%[var(txn.map)],%[var(txn.net)]"`,
  ].join('\n    ');
}

const config = (port: number, at: (name: string) => string): string => `
global
    nbthread 1
    stats socket STATS level admin
defaults
    mode http
    timeout connect 1s
    timeout client 5s
    timeout server 5s
frontend fe
    bind 127.0.0.1:${port}
    ${rules(at)}
`;

/** Commands by the names of files; each is asked of both. */
const COMMANDS = `get map t.map /a
get map t.map /a/b/c
get map i.map 4
get map i.map 25
get map n.map 10.1.2.4
get map n.map 2001:db8::5
get map v.map /a
get map w.map /b
get map r.map /b/77
get acl l.lst /a
get acl n.lst 10.2.3.4
show map t.map
show acl l.lst
add map n.map zz v
add map i.map zz v
add map t.map new value
add acl l.lst new
add acl t.map new
show map t.map
set map t.map /a changed
set map t.map nope changed
del map t.map /a/b
del map t.map nope
show map t.map
prepare map t.map
show map @1 t.map
add map @1 t.map /z last
add map @3 t.map /z last
show map @1 t.map
show map t.map
commit map @4 t.map
commit map @0 t.map
commit map @1 t.map
show map t.map
get map t.map /a
clear map t.map
show map t.map
clear acl nope
del acl l.lst /a
show acl l.lst
prepare acl n.lst
commit acl @1 n.lst
show acl n.lst
get acl n.lst 10.2.3.4`.split('\n');

function draw(prng: Prng, longest: number): string {
  let text = '';
  for (let left = prng.below(longest + 1); left > 0; left--)
    text += ['/', 'a', 'b', 'A', '.', 'com', '?', 'c', '1'][prng.below(9)]!;
  return text;
}

test('maps give what haproxy gives', { skip: haproxyMissing() }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'maps-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const at = (name: string): string => join(directory, name);
  for (const [name, text] of Object.entries(FILES)) writeFileSync(at(name), text);
  // One for each method: where several methods read one file, haproxy 2.6 mixes them up.
  for (const method of METHODS) writeFileSync(at(`${method}.map`), FILES['t.map']!);
  const twins = await startTwins(t, 1, ([port]) => config(port!, at));
  const ask = async (twin: Twin, headers: string): Promise<string> => {
    const text = `GET /p HTTP/1.1\r\nhost: h\r\nconnection: close\r\n${headers}\r\n`;
    const answer = await exchange(t, twin.ports[0]!, text);
    return answer.slice(answer.indexOf('\r\n\r\n') + 4);
  };
  const prng = new Prng(7);
  const numbers = ['1', '3', '5', '6', '7', '19', '20', '99', '-3', '-2', 'x', '0'];
  const addresses = [
    '10.1.2.3',
    '10.1.9.9',
    '10.9.9.9',
    '11.2.3.4',
    '192.168.1.1',
    '192.168.0.1',
    '::1',
    '2001:db8::9',
    '::ffff:10.1.2.3',
    'x',
  ];
  const wrong: unknown[] = [];
  const texts = ['/a', '/b', '/c', '/a/b', 'x.a.com', 'b', '/d e', '/A', '/b/12', '/c/7x', '', 'q'];
  for (let round = 0; round < 150; round++) {
    const text = texts[round] ?? draw(prng, 8);
    const headers = `k: ${text}\r\nn: ${numbers[round % numbers.length]!}\r\nip: ${addresses[round % addresses.length]!}\r\n`;
    const [theirs, ours] = [await ask(twins[0], headers), await ask(twins[1], headers)];
    ok(theirs.startsWith('str='), theirs);
    if (theirs !== ours) wrong.push({ headers, theirs, ours });
  }
  deepStrictEqual(wrong, []);
  const differing: { command: string; theirs?: string; ours?: string }[] = [];
  for (const command of COMMANDS) {
    const line = command.replace(/\w\.(map|lst)/, (name) => at(name));
    const answers: string[] = [];
    for (const twin of twins) answers.push((await twin.ask(line)).replace(/^0x[0-9a-f]+ /gm, '* '));
    if (answers[0] !== answers[1]) differing.push({ command, theirs: answers[0]!, ours: answers[1]! });
  }
  deepStrictEqual(differing, []);
});
