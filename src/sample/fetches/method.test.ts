import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { REGISTRY } from '../../registry/index.ts';
import { fakeParse } from '../../testing/fake-parse.ts';
import { FakeStream } from '../../testing/fake-stream.ts';
import { parseRule } from '../../rules/parse.ts';
import { RuleSet } from '../../rules/rule.ts';
import { Phase } from '../expression.ts';
import { Sample } from '../sample.ts';

/** What `method` gives behind set-method, and whether an ACL without converters finds it too. */
function behind(received: string, set: string): [string, boolean] {
  const stream = new FakeStream();
  const parse = fakeParse();
  stream.request!.method = stream.capturedMethod = received;
  parseRule(['set-method', set], RuleSet.HTTP_REQUEST, parse, REGISTRY).action.run(stream);
  const sample = new Sample();
  parse.expression('method', Phase.REQUEST_HTTP).evaluate(stream, sample);
  const condition = ['if', '{', 'method', sample.text, '}'];
  const { condition: found } = parseRule(['allow', ...condition], RuleSet.HTTP_REQUEST, parse, REGISTRY);
  return [sample.text, found!.test(stream)];
}

test('set-method changes what method gives for methods that HAProxy has no number for', () => {
  deepStrictEqual(behind('GET', 'PUT'), ['GET', true]);
  deepStrictEqual(behind('GET', 'PATCH'), ['GET', true]);
  deepStrictEqual(behind('FOO', 'BAR'), ['BAR', true]);
  deepStrictEqual(behind('PATCH', 'PUT'), ['PUT', true]);
});
