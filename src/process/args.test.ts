import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { parseArguments } from './args.ts';

test('files come from -f and from all that follows --, in order', () => {
  const args = parseArguments(['-f', 'a', '-f', 'b', '--', 'c', '-d']);
  deepEqual(args.files, ['a', 'b', 'c', '-d']);
  equal(args.debug, false);
});

test('the arguments of the regression test driver', () => {
  const args = parseArguments('-d -W -S fd@7 -dM -dI -dW -L me -f /t/h1/cfg -p /t/h1/pid'.split(' '));
  equal(args.error, null);
  equal(args.debug, true);
  equal(args.master, 'W');
  deepEqual(args.masterSockets, ['fd@7']);
  equal(args.warningsFatal, true);
  equal(args.localPeer, 'me');
  equal(args.pidfile, '/t/h1/pid');
});

test('lists of old processes end at the next option and may be empty', () => {
  const args = parseArguments(['-sf', '-st', '12', '13', '-f', 'a']);
  deepEqual(args.softStop, []);
  deepEqual(args.hardStop, [12, 13]);
  deepEqual(args.files, ['a']);
});

test('limits are numbers', () => {
  const args = parseArguments(['-n', '10', '-N', '20', '-m', '30']);
  deepEqual([args.maxconn, args.proxyMaxconn, args.memoryMib], [10, 20, 30]);
  match(parseArguments(['-n', 'many']).error ?? '', /-n needs a number: found 'many'/);
});

test('-q is quiet and -V takes it back', () => {
  equal(parseArguments(['-q']).quiet, true);
  equal(parseArguments(['-q', '-V']).quiet, false);
  equal(parseArguments(['-V', '-q']).quiet, true);
});

test('the versions', () => {
  equal(parseArguments(['-v']).version, 1);
  equal(parseArguments(['-vv']).version, 2);
  equal(parseArguments(['-vqs']).versionOnly, 'qs');
});

test('dumps carry their key or classes', () => {
  equal(parseArguments(['-dC']).dumpConfig, '');
  equal(parseArguments(['-dC123']).dumpConfig, '123');
  equal(parseArguments(['-dKcfg,smp']).dumpKeywords, 'cfg,smp');
});

test('what changes nothing here is accepted, what would print something is refused', () => {
  for (const word of ['-dM', '-dM0,no-merge', '-dI', '-dG', '-dT', '-dV', '-dk', '-dv', '-dp'])
    equal(parseArguments([word]).error, null, word);
  for (const word of ['-dL', '-dA/tmp/x', '-dt', '-dth1'])
    match(parseArguments([word]).error ?? '', /not supported/, word);
  for (const word of ['-z', 'file', '-dx', '-4x'])
    match(parseArguments([word]).error ?? '', /unknown option/);
  match(parseArguments(['-f']).error ?? '', /-f needs a value/);
});

test('what is switched off is remembered word by word', () => {
  deepEqual(parseArguments(['-dS', '-c', '-du', '-dF', '-dZ', '-de']).switches, [
    '-dS',
    '-du',
    '-dF',
    '-dZ',
    '-de',
  ]);
});
