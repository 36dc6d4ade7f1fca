import { deepEqual, match } from 'node:assert/strict';
import { test } from 'node:test';
import { loadText } from '../../testing/load.ts';

const load = (lines: string) =>
  loadText(`defaults\n timeout client 1s\n timeout server 1s\n timeout connect 1s\nbackend b\n${lines}\n`);

test('server-template: names by number, the rest alike', () => {
  const { config } = load(' server first 127.0.0.1:1\n server-template web 2-4 192.0.2.1:80 weight 7 check');
  deepEqual(
    config!.byName
      .get('b')!
      .servers.map(({ name, id, port, weight, check }) => [name, id, port, weight, check]),
    [
      ['first', 1, 1, 1, false],
      ['web2', 2, 80, 7, true],
      ['web3', 3, 80, 7, true],
      ['web4', 4, 80, 7, true],
    ],
  );
  deepEqual(load(' server-template s 1 127.0.0.1:80').config!.byName.get('b')!.servers.length, 1);
});

test('server-template: what is refused', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['server-template', /'server-template' expects <prefix> <nb \| range> <addr>\[:<port>\] as arguments\./],
    ['server-template s 2', /expects <prefix>/],
    ['server-template s 0 127.0.0.1:80', /Wrong server-template number or range arg '0'\./],
    ['server-template s 3-1 127.0.0.1:80', /range arg '3-1'\./],
    ['server-template s 1-999999999 127.0.0.1:80', /at most 100000 servers/],
    [
      'server-template s/ 2 127.0.0.1:80',
      /character '\/' is not permitted in server-template prefix 's\/'\./,
    ],
    ['server-template s 2 127.0.0.1:80 bogus', /'server b\/s1' : unknown keyword 'bogus'/],
    [
      'server s2 127.0.0.1:80\n server-template s 2 127.0.0.1:80',
      /'server b\/s2' : another server named 's2' was already defined at line 6/,
    ],
  ];
  for (const [line, wanted] of cases) match(load(` ${line}`).messages.join('\n'), wanted, line);
});
