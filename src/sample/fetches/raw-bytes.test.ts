import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_PHASES } from '../../registry/sources.ts';
import { fakeParse } from '../../testing/fake-parse.ts';
import { FakeStream } from '../../testing/fake-stream.ts';
import { Sample } from '../sample.ts';

function tcpStream(payload: string): FakeStream {
  const stream = new FakeStream();
  stream.request = null;
  stream.payload = payload;
  return stream;
}

function check(payload: string, wanted: Readonly<Record<string, string | null>>): void {
  const context = fakeParse();
  const stream = tcpStream(payload);
  const got = Object.keys(wanted).map((source) => [
    source,
    context.expression(source, ALL_PHASES).text(stream),
  ]);
  deepStrictEqual(Object.fromEntries(got), wanted);
}

/** Found, missing for good, or to be waited for. */
function state(payload: string, source: string): string {
  const stream = tcpStream(payload);
  stream.inspectionOver = false;
  const sample = new Sample();
  const found = fakeParse().expression(source, ALL_PHASES).evaluate(stream, sample);
  return `${found ? 'found' : 'none'}${sample.partial ? ', may change' : ''}`;
}

const rdp = (line: string): string => `\x03\0\0\x20\x1b\xe0\0\0\0\0\0${line}`;

test('RDP cookies: values seen at HAProxy', () => {
  check(rdp('Cookie: mstshash=user\r\n'), {
    'req.rdp_cookie': 'user',
    'rdp_cookie(MSTSHASH)': 'user',
    'req.rdp_cookie(msts)': null,
    'req.rdp_cookie_cnt': '1',
    'rdp_cookie_cnt(mstshash)': '1',
    'req.rdp_cookie_cnt(msts)': '0',
  });
  check(rdp('COOKIE:msts=1.2; b=3 \r\n'), { 'req.rdp_cookie(msts)': '1.2; b=3 ' });
  for (const line of ['Cookie: abc\r\n', 'Token: a=b\r\n', 'Cookie: a=b\rc\r\n', 'xCookie: a=b\r\n']) {
    check(rdp(line), { 'req.rdp_cookie': null, 'req.rdp_cookie_cnt': '0' });
    strictEqual(state(rdp(line), 'req.rdp_cookie'), 'none', line);
  }
  const whole = rdp('Cookie: a=b\r\n');
  for (let length = 0; length < whole.length; length++) {
    strictEqual(state(whole.slice(0, length), 'req.rdp_cookie'), 'none, may change');
    strictEqual(state(whole.slice(0, length), 'req.rdp_cookie_cnt'), 'none, may change');
  }
});

test('payload_lv: the length, then the block', () => {
  check('\0\x03abcde', {
    'req.payload_lv(0,2)': 'abc',
    'req.payload_lv(1,1,3)': 'bcd',
    'req.payload_lv(1,1,+2)': 'cde',
    'req.payload_lv(1,1,-1),hex': '036162',
    'req.payload_lv(0,1)': null,
    'req.payload_lv(0,4)': null,
    'payload_lv(0,2)': 'abc',
    'res.payload_lv(0,2)': 'abc',
    'payload(2,2)': 'ab',
  });
  strictEqual(state('\0\x03ab', 'req.payload_lv(0,2)'), 'none, may change');
  strictEqual(state('\0', 'req.payload_lv(0,2)'), 'none, may change');
  strictEqual(state('\0\0', 'req.payload_lv(0,2)'), 'none');
  const refused: Record<string, RegExp> = {
    'req.payload_lv(-1,1)': /payload offset1 must be positive/,
    'req.payload_lv(0,0)': /payload length must be > 0/,
    'req.payload_lv(0,1,x)': /payload offset2 is not a number/,
    'req.payload_lv(0,1,-2)': /payload offset2 too negative/,
  };
  for (const [source, message] of Object.entries(refused)) {
    throws(() => fakeParse().expression(source, ALL_PHASES), message);
  }
});

test('distcc tokens', () => {
  check('DIST0000000aARGC00000002ARGV00000002ccARGV00000003a.cDOTI00000004body', {
    'distcc_param(DIST)': '10',
    'distcc_param(ARGV)': '2',
    'distcc_param(ARGV,2)': '3',
    'distcc_param(ARGV,3)': null,
    'distcc_body(ARGV,2)': 'a.c',
    'distcc_body(DOTI)': 'body',
    'distcc_body(DIST)': null,
  });
  check('XXXX00000001DOTI00000001x', { 'distcc_param(DOTI)': null });
  check('ARGV000000zzccDOTI00000001x', { 'distcc_param(DOTI)': null });
  strictEqual(state('DIST00000001', 'distcc_param(DOTI)'), 'none, may change');
  strictEqual(state('DOTI00000004bo', 'distcc_body(DOTI)'), 'found, may change');
  strictEqual(state('DOTI00000004bo', 'distcc_param(DOTI)'), 'found');
  strictEqual(state('GET / HTTP/1.1', 'distcc_param(DOTI)'), 'none');
  throws(() => fakeParse().expression('distcc_body(ABC)', ALL_PHASES), /must be exactly 4 characters/);
});
