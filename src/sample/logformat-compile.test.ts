import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { fakeParse } from '../testing/fake-parse.ts';
import { FakeStream } from '../testing/fake-stream.ts';
import { Line } from './line.ts';
import { Phase } from './expression.ts';
import type { SlabBuffer } from '../core/slab.ts';
import { HTTP_CLF_LOG_FORMAT, HTTP_LOG_FORMAT, TCP_LOG_FORMAT } from './logformat-compile.ts';

/** Rendered, and written into a line: both must be the same. */
function log(source: string, stream: FakeStream): string {
  const format = fakeParse().logFormat(source, Phase.LOG);
  const text = format.render(stream);
  const line = new Line();
  const bytes = Buffer.alloc(4096) as SlabBuffer;
  line.begin(bytes, 3, 4096);
  format.write(stream, line);
  strictEqual(bytes.latin1Slice(3, line.at), text);
  // Cut at each place, nothing is written behind it.
  for (let end = 3; end < line.at; end++) {
    const cut = Buffer.alloc(4096) as SlabBuffer;
    line.begin(cut, 3, end);
    format.write(stream, line);
    strictEqual(cut.latin1Slice(3, 4096).replace(/\0+$/, ''), text.slice(0, end - 3));
  }
  return text;
}
const zone = new Date(1795409219403);
const clock = `${String(zone.getHours()).padStart(2, '0')}:${String(zone.getMinutes()).padStart(2, '0')}`;

test('the default formats', () => {
  const stream = new FakeStream();
  stream.requestCaptured = ['a"b{', null];
  const end = '2/1/0/0/0 0/0 {a#22b#7B|} "GET /a?b=1 HTTP/1.1"';
  const day = String(zone.getDate()).padStart(2, '0');
  strictEqual(
    log(HTTP_LOG_FORMAT, stream),
    `192.0.2.1:4321 [${day}/Nov/2026:${clock}:59.404] fe be/s1 2/3/4/5/27 200 130 - - ---- ${end}`,
  );
  strictEqual(
    log(HTTP_CLF_LOG_FORMAT, stream),
    '192.0.2.1 - - [23/Nov/2026:04:46:59 +0000] "GET /a?b=1 HTTP/1.1" 200 130 "" "" 4321 403 "fe" "be" "s1" ' +
      '2 3 4 5 27 ---- 2 1 0 0 0 0 0 "" "" "a#22b#7B" "" ',
  );
  stream.request = null;
  stream.capturedMethod = null;
  stream.timers.request = -1;
  strictEqual(
    log(TCP_LOG_FORMAT, stream),
    `192.0.2.1:4321 [${day}/Nov/2026:${clock}:59.403] fe be/s1 6/4/28 130 -- 2/1/0/0/0 0/0`,
  );
});

test('items, flags and missing values', () => {
  const stream = new FakeStream();
  stream.requestVariables.clear();
  const formats: Readonly<Record<string, string>> = {
    'a    b %%  %ci': 'a b % 192.0.2.1',
    '%{+X}ci %{+X}cp': 'C0000201 10E1',
    'a%{-M}[var(txn.absent)]b%[var(txn.absent)]|%{-M}sslc|%sslc|%{+Q,-M}sslc': 'ab-||-|""',
    '%{+Q}o%s %ST %ci': '"s1" 200 "192.0.2.1"',
    '%[var(txn.a)]|%{+Q}[var(txn.a)]': '-|""',
    '%{+E}[str("a]\\"c")]': 'a\\]\\"c',
    '%(name)ci %(n:str)[int(1)]': '192.0.2.1 1',
    '%[str("a\\nb")]': 'a#0Ab',
    '%CC %{+Q}CC': '- ""',
    '%HM %HP %HPO %HQ %HU %HV': 'GET /a /a ?b=1 /a?b=1 HTTP/1.1',
    '%si:%sp %bi:%bp': '10.0.0.2:8080 10.0.0.1:5555',
    '%hr|%hrl|x': '||x',
  };
  const got: Record<string, string> = {};
  for (const source of Object.keys(formats)) got[source] = log(source, stream);
  deepStrictEqual(got, formats);
});

test('a request that was never read', () => {
  const stream = new FakeStream();
  stream.capturedMethod = null;
  stream.timers.request = -1;
  strictEqual(log('%{+Q}r %TR %HM', stream), '"<BADREQ>" -1 <BADREQ>');
});

test('headers get no dash, and no forbidden bytes', () => {
  const context = fakeParse();
  const format = context.logFormat('a  b[%[var(txn.x)]]%[bin(610a09),lower]', Phase.REQUEST_HTTP);
  strictEqual(format.render(new FakeStream()), 'a  b[]a%0A\t');
  strictEqual(context.logFormat('%[str(a)]b', Phase.REQUEST_HTTP).constant, 'ab');
});

test('errors', () => {
  const context = fakeParse();
  const errors: Readonly<Record<string, string>> = {
    '%zz':
      "no such format alias 'zz'. If you wanted to emit the '%' character verbatim, you need to use '%%'",
    '%{+Q': "truncated line after '+Q'",
    '%[path': "missing ']' after 'path'",
    'a%': "truncated line after '%'",
    '%[foo]': "failed to parse sample expression <foo]> : unknown fetch method 'foo'",
    '%[str(a)b]': "expected ']' after 'str(a)', but found 'b'",
    '%[status]':
      "sample fetch <status]> may not be reliably used here because it needs 'HTTP response' which is not available here",
  };
  const got: Record<string, string> = {};
  for (const source of Object.keys(errors)) {
    try {
      got[source] = context.logFormat(source, Phase.REQUEST_HTTP).render(new FakeStream());
    } catch (error) {
      got[source] = (error as Error).message;
    }
  }
  deepStrictEqual(got, errors);
});
