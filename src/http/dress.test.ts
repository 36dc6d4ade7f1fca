import { test } from 'node:test';
import { deepEqual, equal } from 'node:assert/strict';
import { captureRequestHeaders, captureResponseHeaders } from './captures.ts';
import { dressResponse, tellPersistence } from './response-headers.ts';
import { forwardedValue } from './forwarded.ts';
import { withoutCookie, withoutPrefix } from './cookies.ts';
import { isOutdated, readDate, writeDate } from './cookie-dates.ts';
import { Type, type Sample } from '../sample/sample.ts';
import { endpoint } from '../testing/fake-stream.ts';
import { endpointOf } from '../core/network.ts';
import { exchange, linesOf } from '../testing/exchange.ts';
import type { Expression } from '../sample/expression.ts';
import type { ForwardedPart } from '../config/model.ts';

test('captures take the last line, cut on the right', () => {
  const { stream } = exchange({
    request: 'GET / HTTP/1.1\nx: abcd\nX: efgh\ncookie: ASR=1; SRVX=12345678901234567890123; SRV=2',
    response:
      'HTTP/1.1 200 OK\nlocation: /a\nset-cookie: z=1\nset-cookie: SRV = b; path=/\ncontent-length: 0',
    frontend: {
      requestCaptures: [
        { name: 'x', length: 3 },
        { name: 'none', length: 9 },
      ],
      responseCaptures: [{ name: 'location', length: 10 }],
      captureCookie: { name: 'SR', length: 20, prefix: true },
    },
  });
  captureRequestHeaders(stream);
  captureResponseHeaders(stream);
  deepEqual(stream.requestCaptured, ['efg', null]);
  deepEqual(stream.responseCaptured, ['/a']);
  equal(stream.requestCookieCaptured, 'SRVX=123456789012345');
  equal(stream.responseCookieCaptured, 'SRV=b');
});

test('capture cookie with an exact name', () => {
  const { stream } = exchange({
    request: 'GET / HTTP/1.1\ncookie: SRVX=1; SRV=aa',
    frontend: { captureCookie: { name: 'SRV', length: 8, prefix: false } },
  });
  captureRequestHeaders(stream);
  equal(stream.requestCookieCaptured, 'SRV=aa');
});

function dressed(request: string, response: string, keeps: boolean): [lines: string[], keeps: boolean] {
  const { stream } = exchange({ request, response });
  stream.clientKeeps = keeps;
  dressResponse(stream);
  tellPersistence(stream);
  return [linesOf(stream.response), stream.clientKeeps];
}

test('what a response says about the connection', () => {
  const length = 'content-length: 0';
  const ok = `HTTP/1.1 200 OK\n${length}`;
  deepEqual(dressed('GET / HTTP/1.1\nhost: a', `${ok}\nconnection: close`, true), [[length], true]);
  deepEqual(dressed('GET / HTTP/1.1\nhost: a', ok, false), [[length, 'connection: close'], false]);
  deepEqual(dressed('GET / HTTP/1.1\nhost: a', 'HTTP/1.1 200 OK\nx: 1', true), [
    ['x: 1', 'connection: close'],
    false,
  ]);
  deepEqual(dressed('GET / HTTP/1.0', ok, true), [[length, 'connection: keep-alive'], true]);
  deepEqual(dressed('GET / HTTP/1.0', `HTTP/1.0 200 OK\n${length}`, false), [[length], false]);
  deepEqual(dressed('GET / HTTP/1.1\nhost: a', `${ok}\nconnection: x-one, keep-alive`, true), [
    [length, 'connection: x-one'],
    true,
  ]);
  deepEqual(
    dressed(
      'GET / HTTP/1.1\nhost: a\nconnection: upgrade\nupgrade: u',
      'HTTP/1.1 101 S\nconnection: upgrade\nupgrade: u',
      true,
    ),
    [['connection: upgrade', 'upgrade: u'], false],
  );
});

test('cookies taken out of a Cookie line', () => {
  equal(withoutCookie('a=1; b=2', 'c'), 'a=1; b=2');
  equal(withoutCookie('c=1', 'c'), '');
  equal(withoutCookie('c=1; a=2; c=3; b=4; c=5', 'c'), 'a=2; b=4');
  equal(withoutCookie('a="x; c=1"; c=2', 'c'), 'a="x; c=1"');
  equal(withoutCookie('c', 'c'), '');
  equal(withoutCookie('', 'c'), '');
  equal(withoutPrefix('a=1; c=s~v; c=t~w~x', 'c'), 'a=1; c=v; c=w~x');
});

test('dates of cookies', () => {
  equal(writeDate(0), 'AAAAA');
  equal(writeDate(0x3fffffff), '/////');
  for (const units of [1, 63, 64, 4095, 448852750]) {
    equal(readDate(`|${writeDate(units)}|`, 1, 6), units);
  }
  equal(readDate('AAAB', 0, 4), 0);
  equal(readDate('AAA*B', 0, 5), 0);
  equal(isOutdated(0, 10, 1000), false);
  equal(isOutdated(900, 400, 1000), false);
  equal(isOutdated(900, 396, 1000), true);
  equal(isOutdated(1000 + 21600, 10, 1000), false);
  equal(isOutdated(1000 + 21601, 10, 1000), true);
});

/** An expression with a constant value, or none. */
function expression(fill: ((sample: Sample) => boolean) | null, text: string | null): Expression {
  return {
    source: '',
    type: Type.STR,
    needsHttp: false,
    phases: 0,
    evaluate: (_stream, sample) => fill !== null && fill(sample),
    text: () => text,
  } as Partial<Expression> as Expression;
}
const str = (text: string): Expression => expression((sample) => sample.setStr(text), text);
const part = (name: ForwardedPart['name'], value: Expression | null = null): ForwardedPart => ({
  name,
  expression: value,
});

test('forwarded', () => {
  const { stream } = exchange({ request: 'GET / HTTP/1.1\nhost: haproxy.org' });
  const value = (...parts: ForwardedPart[]): string => forwardedValue(stream, { parts });
  equal(value(part('proto'), part('for')), 'proto=http;for=127.0.0.1');
  equal(
    value(part('for'), part('for_port', str('id')), part('by'), part('by_port', str('10'))),
    'by="127.0.0.3:10";for="127.0.0.1:_id"',
  );
  equal(
    value(part('host'), part('for', str('000000007F2F367E')), part('for_port')),
    'host="haproxy.org";for="_000000007F2F367E:4000"',
  );
  equal(value(part('host', str('override'))), 'host="override"');
  equal(value(part('host', str('a"b\\c'))), 'host="a\\"b\\\\c"');
  equal(value(part('by', str('_haproxy'))), 'by=_haproxy');
  equal(value(part('by', str('not allowed'))), 'by=unknown');
  equal(value(part('by', expression(null, null))), 'by=unknown');
  equal(value(part('by_port')), '');
  equal(value(part('for'), part('for_port', str('70000'))), 'for="127.0.0.1:_70000"');
  const six = '\x20\x01' + '\0'.repeat(13) + '\x01';
  equal(
    value(
      part(
        'for',
        expression((sample) => sample.setIpv6(six), '2001::1'),
      ),
    ),
    'for="[2001::1]"',
  );
  equal(
    value(
      part(
        'for',
        expression((sample) => sample.setIpv4(0x7f000002), '127.0.0.2'),
      ),
    ),
    'for=127.0.0.2',
  );
  stream.session.source = endpoint('::1', 10);
  equal(value(part('for'), part('for_port')), 'for="[::1]:10"');
  stream.session.source = endpointOf({ family: 'unix', address: '', port: 0 });
  equal(value(part('for'), part('for_port')), 'for=unknown');
});
