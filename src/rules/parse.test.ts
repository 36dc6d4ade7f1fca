import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { REGISTRY } from '../registry/index.ts';
import { FakeMessage } from '../testing/fake-message.ts';
import { fakeParse } from '../testing/fake-parse.ts';
import { FakeStream } from '../testing/fake-stream.ts';
import { parseRedirect, parseRule } from './parse.ts';
import { RuleSet, Verdict } from './rule.ts';

const { HTTP_REQUEST, HTTP_RESPONSE, TCP_REQUEST_CONNECTION } = RuleSet;

/** Parses and runs rules on a stream, returning the last verdict. */
function run(stream: FakeStream, ...lines: (readonly string[])[]): Verdict {
  const context = fakeParse();
  let verdict: Verdict = Verdict.CONTINUE;
  const set = stream.direction === 'request' ? HTTP_REQUEST : HTTP_RESPONSE;
  for (const words of lines) verdict = parseRule(words, set, context, REGISTRY).action.run(stream);
  return verdict;
}

function withHeaders(): FakeStream {
  const stream = new FakeStream();
  stream.request = new FakeMessage(false, [
    ['Host', 'h.com:80'],
    ['X-A', 'abc, b ,bb'],
    ['X-A', 'zb'],
    ['X-B', '1'],
  ]);
  stream.request.target = '/p?q=1';
  return stream;
}

test('header edits', () => {
  const edits: readonly (readonly [readonly string[], readonly string[]])[] = [
    [['set-header', 'X-A', '%[req.hdr(x-a)]+'], ['zb+']],
    [
      ['add-header', 'x-a', 'n'],
      ['abc, b ,bb', 'zb', 'n'],
    ],
    [['del-header', 'x-a'], []],
    [['del-header', 'x-', '-m', 'beg'], []],
    [
      ['replace-header', 'x-a', '(b)', '<\\1>'],
      ['<b>', '<b>'],
    ],
    [
      ['replace-header', 'x-a', 'zz', 'n'],
      ['abc, b ,bb', 'zb'],
    ],
    [
      ['replace-value', 'x-a', 'b', 'X'],
      ['X,X,X', 'X'],
    ],
  ];
  for (const [words, wanted] of edits) {
    const stream = withHeaders();
    strictEqual(run(stream, words), Verdict.CONTINUE);
    const values = stream.request!.headers.filter(([name]) => name === 'x-a').map(([, value]) => value);
    deepStrictEqual(values, wanted, words.join(' '));
  }
});

test('request line edits', () => {
  const edits: readonly (readonly [string, string])[] = [
    ['set-path /n', '/n?q=1'],
    ['set-pathq /n', '/n'],
    ['set-query z=1', '/p?z=1'],
    ['set-uri /u', '/u'],
    ['replace-path p X', 'X?q=1'],
    ['replace-path /(.*) /a/\\1', '/a/p?q=1'],
    ['replace-pathq q=(.) r=\\1', 'r=1'],
    ['replace-uri nothing X', '/p?q=1'],
  ];
  for (const [line, wanted] of edits) {
    const stream = withHeaders();
    run(stream, line.split(' '));
    strictEqual(stream.request!.target, wanted, line);
  }
  const stream = withHeaders();
  stream.request!.target = 'http://o/p?q=1';
  run(stream, ['set-path', '/n']);
  strictEqual(stream.request!.target, 'http://o/n?q=1');
});

test('final actions', () => {
  const stream = withHeaders();
  strictEqual(run(stream, ['deny']), Verdict.DENY);
  strictEqual(stream.denyStatus, 403);
  strictEqual(run(stream, ['deny', 'deny_status', '404', 'hdr', 'X-Y', 'z']), Verdict.DENY);
  deepStrictEqual(stream.reply!.headers, [['x-y', 'z']]);
  strictEqual(run(stream, ['tarpit']), Verdict.TARPIT);
  strictEqual(run(stream, ['allow']), Verdict.STOP);
  strictEqual(run(stream, ['reject']), Verdict.REJECT);
  strictEqual(run(stream, ['silent-drop']), Verdict.DROP);
  run(stream, ['return', 'status', '200', 'content-type', 'text/plain', 'lf-string', 'p=%[path]']);
  strictEqual(stream.reply!.body, 'p=/p');
  strictEqual(run(stream, ['return', 'status', '404', 'default-errorfiles']), Verdict.REPLY);
  strictEqual(stream.denyStatus, 404);
  strictEqual(stream.reply, null);
});

test('redirections', () => {
  const lines: readonly (readonly [string, string])[] = [
    ['scheme https code 301', 'https://h.com:80/p?q=1'],
    ['prefix / drop-query', '/p'],
    ['prefix /x', '/x/p?q=1'],
    ['prefix http://h append-slash drop-query', 'http://h/p/'],
    ['prefix / append-slash', '/p?q=1/'],
    ['location /x', '/x'],
    ['location /x keep-query', '/x?q=1'],
  ];
  for (const [line, wanted] of lines) {
    const stream = withHeaders();
    const rule = parseRedirect([...line.split(' '), 'if', 'TRUE'], fakeParse(), REGISTRY);
    strictEqual(rule.action.run(stream), Verdict.REPLY);
    strictEqual(/\r\nlocation: ([^\r]*)\r\n/.exec(stream.reply!.raw!)![1], wanted, line);
    strictEqual(rule.condition!.test(stream), true);
  }
  const stream = withHeaders();
  run(stream, 'redirect location /x clear-cookie A= code 303'.split(' '));
  strictEqual(
    stream.reply!.raw,
    'HTTP/1.1 303 See Other\r\ncontent-length: 0\r\nlocation: /x\r\ncache-control: no-cache\r\n' +
      'set-cookie: A=; path=/; Max-Age=0;\r\n\r\n',
  );
});

test('the stream is told', () => {
  const stream = withHeaders();
  run(
    stream,
    ['set-src', 'ipv4(10.0.0.9)'],
    ['set-src-port', 'int(99)'],
    ['set-var(txn.a)', 'path'],
    ['set-var-fmt(txn.b)', '<%[var(txn.a)]>'],
    ['set-log-level', 'silent'],
    ['set-retries', 'int(2)'],
    ['early-hint', 'Link', '</a>'],
    ['capture', 'path', 'len', '9'],
  );
  deepStrictEqual(stream.session.source, {
    family: 'ipv4',
    text: '10.0.0.9',
    ipv4: 0x0a000009,
    ipv6: '',
    port: 99,
  });
  strictEqual(fakeParse().logFormat('%[var(txn.b)]', 8).render(stream), '</p>');
  strictEqual(stream.logLevel, -1);
  deepStrictEqual(stream.requestCaptured, ['/p']);
  deepStrictEqual(stream.calls, ['retries 2', 'hints link: </a>']);
  stream.bodyReady = false;
  strictEqual(run(stream, ['wait-for-body', 'time', '1s', 'at-least', '1k']), Verdict.WAIT);
  strictEqual(stream.calls.at(-1), 'body 1000 1024');
});

test('errors are worded as haproxy words them', () => {
  const rule = "error detected in frontend 'fe' while parsing 'http-request";
  const errors: Readonly<Record<string, string>> = {
    'set-header a': `${rule} set-header' rule : expects exactly 2 arguments`,
    'set-header a b c':
      "'http-request set-header' expects either 'if' or 'unless' followed by a condition but found 'c'",
    'set-path': `${rule} set-path' rule : expects exactly 1 argument <format>`,
    'del-header a -m zz': `${rule} del-header' rule : -m with unsupported matching method 'zz'`,
    'deny if foo': "error detected while parsing an 'http-request deny' condition : no such ACL : 'foo'",
    'deny deny_status abc': `${rule} deny' rule : Unexpected status code '0'`,
    'return string a': `${rule} return' rule : a content type must be defined when non-empty payload is configured`,
    redirect: `${rule} redirect' rule : redirection type expected ('prefix', 'location', or 'scheme')`,
    'redirect location /a code 200': `${rule} redirect' rule : 'code': unsupported HTTP code '200' (must be one of 301, 302, 303, 307 or 308)`,
    'set-var(txn.x)': `${rule} set-var(txn.x)' rule : missing fetch method`,
    'set-var(txn.x) foo': `${rule} set-var(txn.x)' rule : unknown fetch method 'foo'`,
    'set-var() str(a)': `${rule} set-var()' rule : Empty variable name cannot be accepted`,
    'capture path len x': `${rule} capture' rule : length must be > 0`,
    'wait-for-body time x': `${rule} wait-for-body' rule : unexpected character 'x'`,
  };
  const got: Record<string, string> = {};
  for (const line of Object.keys(errors)) {
    try {
      parseRule(line.split(' '), HTTP_REQUEST, fakeParse(), REGISTRY);
    } catch (error) {
      got[line] = (error as Error).message;
    }
  }
  deepStrictEqual(got, errors);
});

test('an unknown action lists those there are', () => {
  const parse = (set: RuleSet): string => {
    try {
      parseRule(['foo'], set, fakeParse(), REGISTRY);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  match(
    parse(HTTP_REQUEST),
    /^'http-request' expects 'add-acl.*', 'add-header', .*'set-var\(\*\)'.*, but got 'foo'$/,
  );
  match(
    parse(TCP_REQUEST_CONNECTION),
    /^'tcp-request connection' expects 'accept', .* in frontend 'fe' \(got 'foo'\)\.$/,
  );
});
