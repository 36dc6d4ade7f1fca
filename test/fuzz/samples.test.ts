// Sample expressions, log formats, ACL conditions and map files of random words, over streams of random bytes: they are
// refused, or answer soon whatever the stream holds. Nothing is thrown.

import { test } from 'node:test';
import { ok, strictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { ALL_PHASES } from '../../src/registry/sources.ts';
import { FakeMessage } from '../../src/testing/fake-message.ts';
import { FakeStream, endpoint } from '../../src/testing/fake-stream.ts';
import { Line } from '../../src/sample/line.ts';
import { Phase } from '../../src/sample/expression.ts';
import { REGISTRY } from '../../src/registry/index.ts';
import { Sample } from '../../src/sample/sample.ts';
import { clientHello } from '../../src/testing/tls.ts';
import { fakeParse, type FakeParse } from '../../src/testing/fake-parse.ts';
import { loadText } from '../../src/testing/load.ts';
import { scannerOf } from '../../src/acl/scanner.ts';
import type { SlabBuffer } from '../../src/core/slab.ts';
import { bent, holds, refuses, soon, textOf } from './fuzz.ts';
import { called, conditions, expressions, formats } from './lines.ts';

const HELLO = clientHello({ name: 'example.com', extensions: '' });
const JWT = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLW5vdC1yaWdodA';
const MEANT = [
  ...[
    '{"a":{"b":1,"x":[1,"two",null,true,1e999]},"k":"\\ud800"}',
    '[[[[[[',
    '{"a":',
    JWT,
    '.',
    '..',
    HELLO,
    '\x16\x03\x01',
  ],
  ...[
    '8=FIX.4.4\x019=5\x0135=0\x0110=001\x01',
    '8=FIX.',
    '\x01',
    '=',
    '\x10\x15\0\x04MQTT\x05\x02\0\x3c\0\0\x09ABCDEFGHI',
  ],
  ...[
    '\x20\x02\0\0',
    '\xff\xff\xff\xff\xff',
    '\x08\x96\x01',
    '\x12\x07testing',
    '\x0d\0\0\0\0',
    'a=b&c=%41%zz;d',
    'a; b=c',
  ],
  ...[
    'for=1.2.3.4;by="[::1]:80";proto=http',
    '127.0.0.1',
    '::1',
    '10.0.0.300',
    '-9223372036854775808',
    '18446744073709551616',
  ],
  ...[
    '0x7f',
    'Mon, 23 Nov 2026 10:00:00 GMT',
    'en-US,en;q=0.5,*;q=2',
    '%u0041',
    '\u00c3\u00a9',
    '\xc3',
    '\xed\xa0\x80',
    'YWJj=',
    '====',
  ],
  ...[
    '/a/./b/../..//c?x=1#y',
    'http://u:p@h:99999/a',
    '*',
    '\0',
    '\n',
    ' ',
    '"',
    "'",
    '\\',
    '{}',
    ',,,',
    '('.repeat(40),
    'a'.repeat(300),
  ],
];
const bytes = fc.oneof(
  textOf(MEANT, 4),
  fc.constantFrom(...MEANT),
  fc.constantFrom(...MEANT).chain(bent),
  fc.constantFrom('', 'a', 'a,b', '1', '65536'),
  fc.constantFrom('a', '[', '{"a":', '\x01', '8=', '%41', '\xff', ' ', '/..').map((one) => one.repeat(4000)),
);
const numbers = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.integer({ min: -3, max: 70 }).map(BigInt),
);
const values = fc.oneof(
  bytes.map((text) => (sample: Sample) => sample.setStr(text)),
  bytes.map((text) => (sample: Sample) => sample.setBin(text)),
  numbers.map((number) => (sample: Sample) => sample.setBig(number)),
  fc.boolean().map((is) => (sample: Sample) => sample.setBool(is)),
  fc.nat(0xffffffff).map((address) => (sample: Sample) => sample.setIpv4(address)),
  fc
    .uint8Array({ minLength: 16, maxLength: 16 })
    .map((all) => (sample: Sample) => sample.setIpv6(Buffer.from(all).toString('latin1'))),
  bytes.map((text) => (sample: Sample) => sample.setMeth(text)),
);

const LOADED = loadText(`defaults
  timeout client 1s
  timeout connect 1s
  timeout server 1s
  mode http
listen f
  bind :80
  server s1 127.0.0.1:80
backend be
  server s1 127.0.0.1:80
ring b
userlist u
  user a insecure-password b
`);
const config = LOADED.config!;

/** What a client may have sent, and how much of it there is. */
interface Drawn {
  readonly text: string;
  readonly payload: string;
  readonly value: (sample: Sample) => true;
  readonly answer: boolean;
  readonly bare: number;
}
const drawn: fc.Arbitrary<Drawn> = fc.record({
  text: bytes,
  payload: bytes,
  value: values,
  answer: fc.boolean(),
  bare: fc.nat(5),
});
const NAMES = 'host x content-type cookie set-cookie authorization forwarded accept-language age'.split(' ');

/** A stream whose target, headers, body, payload and variables hold what was drawn. */
function streamOf({ text, payload, value, answer, bare }: Drawn): FakeStream {
  const stream = new FakeStream();
  const [frontend, backend] = config.proxies;
  stream.frontend = frontend!;
  stream.backend = bare === 1 ? null : backend!;
  Object.assign(stream.process, { config });
  stream.payload = payload;
  const headers = NAMES.map((name) => [name, text] as const);
  const request = new FakeMessage(false, headers);
  request.target = text;
  request.bodyText = payload;
  stream.request = bare === 0 ? null : request;
  stream.response = answer ? new FakeMessage(true, headers) : null;
  if (answer) stream.direction = 'response';
  stream.capturedTarget = text;
  stream.requestCaptured = [text, null];
  stream.requestCookieCaptured = text;
  if (bare === 1) {
    stream.session.source = endpoint('2001:db8::1', 1);
    stream.backendSource = stream.capturedMethod = null;
  }
  const sample = new Sample();
  value(sample);
  for (const name of ['x', 'a', 'y', 'z']) {
    stream.transactionVariables.set(name, sample);
    stream.requestVariables.set(name, sample);
    stream.session.variables.set(name, sample);
    stream.process.processVariables.set(name, sample);
  }
  return stream;
}

const FILES: Readonly<Record<string, string>> = { x: 'a b\n', a: '10.0.0.0/8 1\n1:5 2\n^a 3\n' };
function context(): FakeParse {
  const made = fakeParse(config.proxies);
  Object.assign(made, { config });
  for (const [name, text] of Object.entries(FILES)) made.files.set(name, text);
  return made;
}

/** Compiles with `make`, and gives null where that is refused. */
function compiled<T>(make: () => T): T | null {
  let made: T | null = null;
  return refuses(() => (made = make())) ? null : made;
}

test('canary: a converter finds what the streams hold', () => {
  let found = 0;
  const expression = context().expression('var(txn.x),json_query($.a.b)', ALL_PHASES);
  holds(
    1500,
    fc.property(drawn, (one) => {
      if (expression.text(streamOf(one)) !== null) found++;
    }),
  );
  ok(found > 0);
});

test('expressions: refused, or no exception on any stream', () => {
  const ofVariable = fc
    .array(fc.constantFrom(...REGISTRY.converters).chain(called), { minLength: 1, maxLength: 3 })
    .map((list) => ['var(txn.x)', ...list].join(','));
  const sources = fc.oneof(expressions, ofVariable, ofVariable, expressions.chain(bent));
  holds(
    5000,
    fc.property(sources, fc.array(drawn, { minLength: 1, maxLength: 3 }), (source, list) => {
      const parse = context();
      const expression = compiled(() => parse.expression(source, ALL_PHASES));
      if (expression === null) return;
      for (const one of list) {
        const stream = streamOf(one);
        const text = soon(
          (): string | null => expression.text(stream),
          () => source,
        );
        // oxlint-disable-next-line no-control-regex
        ok(text === null || /^[\0-\xff]*$/.test(text), `${source} gives characters that are no bytes`);
      }
    }),
  );
});

test('log formats: refused, or both ways of writing give the same', () => {
  const buffer = Buffer.alloc(1 << 18) as SlabBuffer;
  const sources = fc.oneof(formats, formats.chain(bent));
  holds(
    4000,
    fc.property(sources, drawn, (source, one) => {
      const stream = streamOf(one);
      const parse = context();
      const format = compiled(() => parse.logFormat(source, Phase.LOG));
      if (format === null) return;
      const text = soon(
        () => format.render(stream),
        () => source,
      );
      const line = new Line();
      line.begin(buffer, 0, buffer.length);
      format.write(stream, line);
      // What tells the time or draws lots gives something else each time.
      if (!/rand|date|uuid|now|bytes\(|%|debug|ms|us|thread/.test(source))
        strictEqual(buffer.toString('latin1', 0, line.at), text);
      ok(!/\[object|undefined/.test(text), text);
    }),
  );
});

test('conditions: refused, or answered alone as in a rule set', () => {
  holds(
    4000,
    fc.property(conditions, drawn, (words, one) => {
      const stream = streamOf(one);
      const parse = context();
      const condition = compiled(() => parse.condition(words, ALL_PHASES));
      if (condition === null) return;
      parse.finish();
      const alone = soon(
        () => condition.test(stream),
        () => words.join(' '),
      );
      const scan = scannerOf([{ condition }]);
      const found = scan(stream, 0);
      if (!/rand|uuid|date|now/.test(words.join(' '))) strictEqual(found === 0, alone, words.join(' '));
    }),
  );
});

test('map files: any lines in any method', () => {
  const entry = fc.oneof(
    textOf(
      [
        '10.0.0.0/8 a\n',
        '1:5 x\n',
        '^a(b)?$ r\n',
        '# c\n',
        '\n',
        ' ',
        '\t',
        ':80',
        '/',
        '\\',
        '(',
        '-1',
        '::1/64 v\n',
      ],
      10,
    ),
    bytes.map((text) => `${text}\n`),
  );
  const names = [...REGISTRY.converters.keys()].filter((name) => name.startsWith('map'));
  holds(
    1500,
    fc.property(fc.constantFrom(...names), entry, drawn, (name, text, one) => {
      const parse = context();
      parse.files.set('m', text);
      const map = compiled(() => parse.expression(`var(txn.x),${name}(m,d)`, ALL_PHASES));
      if (map === null) return;
      parse.finish();
      parse.patterns.finish();
      map.text(streamOf(one));
    }),
  );
});
