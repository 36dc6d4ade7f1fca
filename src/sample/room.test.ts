// What does not fit into tune.bufsize: as HAProxy 2.6 was seen to do with one of 2048.

import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_PHASES } from '../registry/sources.ts';
import { FakeStream } from '../testing/fake-stream.ts';
import { Sample } from './sample.ts';
import { fakeParse } from '../testing/fake-parse.ts';
import { loadText } from '../testing/load.ts';
import { room, setRoom } from './room.ts';

const stream = new FakeStream();
const context = fakeParse();

/** What `converters` make of `count` times the letter a. */
function of(count: number, converters: string): string | null {
  const sample = new Sample();
  sample.setStr('a'.repeat(count));
  stream.transactionVariables.set('x', sample);
  return context.expression(`var(txn.x),${converters}`, ALL_PHASES).text(stream);
}

const OBSERVED: readonly (readonly [count: number, converters: string, length: number | null])[] = [
  [1533, 'base64', 2044],
  [1534, 'base64', null],
  [1534, 'ub64enc', null],
  [2047, 'hex', 2047],
  [1023, 'hex', 2046],
  [2047, 'be2hex(:,1)', 2047],
  [2047, 'be2hex(:,4,1)', 2042],
  [2047, 'be2dec(:,1)', 2045],
  [2047, 'be2dec(:,3,1)', 2047],
  [2047, 'add_item(;,txn.x)', 2047],
  [1296, 'add_item(;,txn.x)', 2047],
  [2047, 'json', 2047],
  [400, 'regsub(a,\\x01,g),json', null],
  [2047, 'regsub(a,bcd,g)', 2047],
  [600, 'regsub(a,bcd,g)', 1800],
  [2047, 'concat(x)', 2047],
  [2040, 'concat(0123456789)', 2047],
  [1296, 'concat(,txn.x,),concat(,txn.x,)', 2047],
  [2047, 'url_enc', 2047],
  [683, 'regsub(a,%,g),url_enc', 2046],

  [2047, 'regsub(a,%,g),url_enc', 2046],
];

test('values end where the buffer does', () => {
  setRoom(2048);
  for (const [count, converters, length] of OBSERVED) {
    const text = of(count, converters);
    equal(text?.length ?? null, length, `${count} ${converters}`);
  }
  equal(of(2047, 'be2hex(:,1)')!.slice(2040), '61:61:6');
  equal(of(2040, 'concat(0123456789,txn.x,x)')!.slice(2040), '0123456');
  setRoom(16384);
  equal(of(16383, 'hex')!.length, 16383);
  equal(of(16383, 'regsub(a,%,g),url_enc')!.length, 16380);
});

test('regsub does not make what will be cut off', () => {
  setRoom(16384);
  const before = performance.now();
  // Each of 16,000 matches would bring all that follows it.
  equal(of(16000, 'regsub("(?=(.*)).",\\1\\1\\1\\1,g)')!.length, 16383);
  ok(performance.now() - before < 1000);
});

test('a configuration sets the room, and doubling stays within it', () => {
  const double = ' http-request set-var(txn.x) var(txn.x),concat(,txn.x)\n'.repeat(60);
  const text = (tune: string): string =>
    `global\n${tune}\ndefaults\n mode http\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n` +
    `listen l\n bind :80\n http-request set-var(txn.x) str(0123456789abcdef)\n${double}` +
    ' http-request set-var-fmt(txn.y) %[var(txn.x)]%[var(txn.x)]\n';
  for (const [tune, wanted] of [
    ['tune.bufsize 4096', 4095],
    ['', 16383],
  ] as const) {
    const { config, messages } = loadText(text(tune));
    ok(config !== null, messages.join('\n'));
    equal(room, wanted);
    const one = new FakeStream();
    for (const rule of config.proxies[0]!.httpRequest) rule.action.run(one);
    const sample = new Sample();
    for (const name of ['x', 'y']) {
      ok(one.transactionVariables.get(name, sample));
      equal(sample.text.length, wanted, name);
    }
  }
});
