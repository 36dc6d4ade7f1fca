import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { REGISTRY } from '../../registry/index.ts';
import { Sample } from '../../sample/sample.ts';
import { FakeMessage } from '../../testing/fake-message.ts';
import { fakeParse } from '../../testing/fake-parse.ts';
import { FakeStream } from '../../testing/fake-stream.ts';
import { parseRule } from '../parse.ts';
import { RuleSet, Verdict } from '../rule.ts';

/** Runs one rule on a request with a few headers; the list stands in txn.list. */
function run(words: string, list: string): { verdict: Verdict; headers: string } {
  const stream = new FakeStream();
  stream.request = new FakeMessage(false, [
    ['host', 'h'],
    ['x-a', '1'],
    ['x-b', '2'],
  ]);
  const sample = new Sample();
  sample.setBin(list);
  stream.transactionVariables.set('list', sample);
  const { action } = parseRule(words.split(' '), RuleSet.HTTP_REQUEST, fakeParse(), REGISTRY);
  const verdict = action.run(stream);
  return { verdict, headers: stream.request.headers.map((line) => line.join(':')).join(' ') };
}

test('lists of headers in binary form', () => {
  const list = '\x03X-A\x019\x01y\x00\0\0';
  const wanted: Record<string, string> = {
    'add-headers-bin var(txn.list)': 'host:h x-a:1 x-b:2 x-a:9 y:',
    'set-headers-bin var(txn.list)': 'host:h x-b:2 x-a:9 y:',
    'add-headers-bin var(txn.list) prefix X-': 'host:h x-a:1 x-b:2 x-a:9',
    'set-headers-bin var(txn.list) prefix y': 'host:h x-a:1 x-b:2 y:',
    'add-headers-bin var(txn.none)': 'host:h x-a:1 x-b:2',
    'add-headers-bin req.hdrs_bin': 'host:h x-a:1 x-b:2 host:h x-a:1 x-b:2',
  };
  for (const [words, headers] of Object.entries(wanted)) {
    deepStrictEqual(run(words, list), { verdict: Verdict.CONTINUE, headers }, words);
  }
  strictEqual(
    run('set-headers-bin var(txn.list)', '\x01z\x011\x01z\x012').headers,
    'host:h x-a:1 x-b:2 z:1 z:2',
  );
});

test('lists of names to delete', () => {
  const wanted: readonly (readonly [string, string, string])[] = [
    ['', '\x03X-A\x04host', 'x-b:2'],
    [' -m beg', '\x02x-', 'host:h'],
    [' -m end', '\x01b', 'host:h x-a:1'],
    [' -m sub', '\x01-', 'host:h'],
    ['', '', 'host:h x-a:1 x-b:2'],
  ];
  for (const [how, list, headers] of wanted) {
    deepStrictEqual(run(`del-headers-bin var(txn.list)${how}`, list), { verdict: Verdict.CONTINUE, headers });
  }
  throws(() => run('del-headers-bin var(txn.list) -m reg', ''), /unsupported matching method 'reg'/);
});

test('a list that is broken, or that would break lines, changes nothing', () => {
  const lists = [
    '\x05ab',
    '\x01a',
    '\x01a\x03b\r\n',
    '\x03a\r\n\x01b',
    '\x02a \x01b',
    '\xf0',
    '\x01a\x02x\0',
  ];
  for (const list of lists) {
    for (const name of ['add-headers-bin', 'set-headers-bin']) {
      deepStrictEqual(
        run(`${name} var(txn.list)`, list),
        { verdict: Verdict.ERROR, headers: 'host:h x-a:1 x-b:2' },
        JSON.stringify(list),
      );
    }
  }
});
