import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_PHASES } from '../../registry/sources.ts';
import { fakeParse } from '../../testing/fake-parse.ts';
import { FakeStream } from '../../testing/fake-stream.ts';
import type { ServerView } from '../context.ts';
import { Sample } from '../sample.ts';

function answers(stream: FakeStream, expressions: readonly string[]): (string | null)[] {
  const context = fakeParse();
  return expressions.map((text) => context.expression(text, ALL_PHASES).text(stream));
}

test('nbsrv, srv_is_up, srv_queue: by backend and server, or a server of the current backend', () => {
  const stream = new FakeStream();
  stream.serverViews = [
    { name: 's1', usable: true, queued: 4 },
    { name: 's2', usable: false, queued: 0 },
    { name: 's3', usable: true, queued: 0 },
  ] as ServerView[];
  const names = ['be/s1', 'be/s2', 's3', 'be/s4', 'fe/s1', 'zz/s1', ''];
  const ask = (converter: string): (string | null)[] =>
    answers(
      stream,
      names.map((name) => `str(${name}),${converter}`),
    );
  deepStrictEqual(ask('srv_is_up'), ['1', '0', '1', null, null, null, null]);
  deepStrictEqual(ask('srv_queue'), ['4', '0', '0', null, null, null, null]);
  deepStrictEqual(answers(stream, ['str(be),nbsrv', 'str(zz),nbsrv']), ['2', null]);
  stream.backend = null;
  deepStrictEqual(answers(stream, ['str(s1),srv_queue']), [null]);
});

test('secure_memcmp compares bytes, not texts', () => {
  const stream = new FakeStream();
  const sample = new Sample();
  sample.setBin('a\0b');
  stream.transactionVariables.set('bin', sample);
  sample.setInt(12);
  stream.transactionVariables.set('int', sample);
  deepStrictEqual(
    answers(stream, [
      'bin(610062),secure_memcmp(txn.bin)',
      'bin(610063),secure_memcmp(txn.bin)',
      'str(a),secure_memcmp(txn.bin)',
      'int(12),secure_memcmp(txn.int)',
      'str(12),secure_memcmp(txn.int)',
      'str(12),secure_memcmp(txn.none)',
    ]),
    ['1', '0', '0', '1', '0', null],
  );
});
