import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { Phase } from '../expression.ts';
import { fakeParse } from '../../testing/fake-parse.ts';
import { FakeStream } from '../../testing/fake-stream.ts';

test('ifexists and ifnotexists: variables of the process are there from the start, others once they are set', () => {
  const stream = new FakeStream();
  const context = fakeParse();
  const run = (source: string): string | null => context.expression(source, Phase.REQUEST_HTTP).text(stream);
  run('int(1),set-var(proc.a,ifexists)');
  run('int(2),set-var(proc.b,ifnotexists)');
  run('int(3),set-var(sess.a,ifexists)');
  run('int(4),set-var(sess.b,ifnotexists)');
  run('int(5),set-var(sess.b,ifexists)');
  run('int(6),set-var(sess.b,ifnotexists)');
  strictEqual(run('var(proc.a)'), '1');
  strictEqual(run('var(proc.b)'), null);
  strictEqual(run('var(sess.a)'), null);
  strictEqual(run('var(sess.b)'), '5');
});
