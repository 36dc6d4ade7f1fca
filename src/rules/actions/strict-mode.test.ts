import { strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { REGISTRY } from '../../registry/index.ts';
import { FakeMessage } from '../../testing/fake-message.ts';
import { fakeParse } from '../../testing/fake-parse.ts';
import { FakeStream } from '../../testing/fake-stream.ts';
import { parseRule } from '../parse.ts';
import { type RuleAction, RuleSet, Verdict } from '../rule.ts';

function rule(ruleset: RuleSet, words: readonly string[]): RuleAction {
  const parse = fakeParse();
  // normalize-uri asks for it.
  Object.assign(parse.config, { global: { experimental: true } });
  return parseRule(words, ruleset, parse, REGISTRY).action;
}

const EDITS: readonly (readonly [RuleSet, ...string[]])[] = [
  [RuleSet.HTTP_REQUEST, 'add-header', 'x-long', 'abc'],
  [RuleSet.HTTP_REQUEST, 'set-header', 'x-long', 'abc'],
  [RuleSet.HTTP_REQUEST, 'replace-header', 'host', '.*', 'example.com.au'],
  [RuleSet.HTTP_REQUEST, 'replace-value', 'host', '.*', 'example.com.au'],
  [RuleSet.HTTP_REQUEST, 'set-method', 'OPTIONS'],
  [RuleSet.HTTP_REQUEST, 'set-uri', '/abc'],
  [RuleSet.HTTP_REQUEST, 'set-path', '/abc'],
  [RuleSet.HTTP_REQUEST, 'set-pathq', '/abc'],
  [RuleSet.HTTP_REQUEST, 'set-query', 'a=b'],
  [RuleSet.HTTP_REQUEST, 'replace-path', '.*', '/abc'],
  [RuleSet.HTTP_REQUEST, 'normalize-uri', 'percent-to-uppercase'],
  [RuleSet.HTTP_REQUEST, 'add-headers-bin', 'bin(01610162)'],
  [RuleSet.HTTP_RESPONSE, 'set-status', '503'],
];

for (const [ruleset, ...words] of EDITS) {
  test(`${words.join(' ')}: without room it fails, and strict-mode says how`, () => {
    const stream = new FakeStream();
    stream.response = new FakeMessage(true);
    stream.direction = ruleset === RuleSet.HTTP_REQUEST ? 'request' : 'response';
    const message = stream.direction === 'request' ? stream.request! : stream.response;
    // What only grows nothing has room even here: the normal form is as long as the other.
    message.room = words[0] === 'normalize-uri' ? -1 : 2;
    if (words[0] === 'normalize-uri') message.target = '/%aa';
    const action = rule(ruleset, words);
    strictEqual(action.run(stream), Verdict.ERROR);
    strictEqual(rule(ruleset, ['strict-mode', 'off']).run(stream), Verdict.CONTINUE);
    strictEqual(action.run(stream), Verdict.CONTINUE);
    strictEqual(rule(ruleset, ['strict-mode', 'on']).run(stream), Verdict.CONTINUE);
    strictEqual(action.run(stream), Verdict.ERROR);
    strictEqual(stream.rewritesFailed, 3);
    strictEqual(message.headerCount(), stream.direction === 'request' ? 1 : 0);
    message.room = 1000;
    strictEqual(action.run(stream), Verdict.CONTINUE);
    strictEqual(stream.rewritesFailed, 3);
  });
}

test('strict-mode takes on or off', () => {
  throws(() => rule(RuleSet.HTTP_REQUEST, ['strict-mode', 'maybe']), /Unexpected value 'maybe'/);
  throws(() => rule(RuleSet.HTTP_AFTER_RESPONSE, ['strict-mode']), /expects exactly 1 argument/);
});
