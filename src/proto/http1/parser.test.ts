import { test } from 'node:test';
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { everySplit } from '../../testing/splits.ts';
import { tellRequest } from '../../testing/http1.ts';
import { Body, persists, responseBody } from './framing.ts';
import { Head, Method, STRIDE } from './head.ts';
import { HeaderId, headerNames, idOfBytes, idOfName } from './names.ts';
import { HeadParser, Parse } from './parser.ts';
import { copyBytes, writeDecimal, writeHex, writeLatin1 } from './writer.ts';

const strict = { headersMax: 101, relaxed: false };
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

function respond(text: string, relaxed = false): { verdict: Parse; head: Head; parser: HeadParser } {
  const parser = new HeadParser('response', { headersMax: 101, relaxed });
  const head = new Head();
  const memory = bytesOf(text);
  return { verdict: parser.parse(memory, 0, memory.length, head), head, parser };
}

test('each known name is found by its bytes and by its text', () => {
  for (const [id, name] of headerNames.entries()) {
    if (id === 0) continue;
    strictEqual(idOfName(name), id);
    strictEqual(idOfBytes(bytesOf(name), 0, name.length), id);
  }
  strictEqual(idOfBytes(bytesOf('x-other'), 0, 7), HeaderId.OTHER);
});

test('responses: framing by status, method and headers', () => {
  const kinds: [string, number, Body][] = [
    ['HTTP/1.1 200 OK\r\n\r\n', Method.GET, Body.UNTIL_CLOSE],
    ['HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n', Method.GET, Body.LENGTH],
    ['HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n', Method.HEAD, Body.NONE],
    ['HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n', Method.CONNECT, Body.TUNNEL],
    ['HTTP/1.1 304\r\nContent-Length: 3\r\n\r\n', Method.GET, Body.NONE],
    ['HTTP/1.1 204 \r\nTransfer-Encoding: chunked\r\n\r\n', Method.GET, Body.NONE],
    ['HTTP/1.1 101 Up\r\nConnection: upgrade\r\nUpgrade: foo\r\n\r\n', Method.GET, Body.TUNNEL],
    ['HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', Method.GET, Body.CHUNKED],
  ];
  for (const [text, method, body] of kinds) {
    const { verdict, head } = respond(text);
    strictEqual(verdict, Parse.HEAD, text);
    strictEqual(responseBody(head, method), body, text);
  }
  const unsafe = respond('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n').head;
  ok(unsafe.unsafeLength && !persists(unsafe, Body.CHUNKED) && persists(unsafe, Body.CHUNKED, true));
});

test('responses: faults mean 502', () => {
  for (const text of [
    'HTTP/1.1 20 OK\r\n\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    'HTTP/1.1 101 Up\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
  ]) {
    const { verdict, parser } = respond(text);
    strictEqual(verdict, Parse.ERROR, text);
    strictEqual(parser.fault.status, 502);
  }
  strictEqual(respond('HTTP/1.1 2000 OK\r\n\r\n', true).head.status, 2000);
});

test('a default port leaves the target and Host', () => {
  const memory = bytesOf('GET http://u:p@Name:80/c HTTP/1.1\r\nHost: name:\r\n\r\n');
  const head = new Head();
  strictEqual(new HeadParser('request', strict).parse(memory, 0, memory.length, head), Parse.HEAD);
  const text = Buffer.from(memory).toString('latin1');
  strictEqual(text.slice(head.from, head.versionEnd), 'GET http://u:p@Name/c HTTP/1.1');
  strictEqual(text.slice(head.fields[2], head.fields[3]), 'Name');
  strictEqual(text.slice(head.authorityAt, head.authorityEnd), 'Name');
});

const token = fc.stringMatching(/^[a-z0-9!#$%&'*+.^_`|~-]{1,20}$/).filter((name) => idOfName(name) === 0);
const value = fc.stringMatching(/^([!-~\x80-\xff]([ -~\x80-\xff]{0,30}[!-~\x80-\xff])?)?$/);

test('what was generated is what is parsed', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(token, value), { maxLength: 30 }), (lines) => {
      const memory = bytesOf(
        `GET /x HTTP/1.1\r\n${lines.map(([n, v]) => `${n.toUpperCase()}: ${v}\r\n`).join('')}\r\n`,
      );
      const head = new Head();
      strictEqual(new HeadParser('request', strict).parse(memory, 0, memory.length, head), Parse.HEAD);
      const text = Buffer.from(memory).toString('latin1');
      const found = lines.map((_, i) => {
        const [nameAt, nameEnd, valueAt, valueEnd] = head.fields.subarray(i * STRIDE);
        return [text.slice(nameAt, nameEnd), text.slice(valueAt, valueEnd)];
      });
      deepStrictEqual(found, lines);
    }),
  );
});

test('never throws, never depends on bytes outside, one story at each split', () => {
  const piece = fc.constantFrom(
    ...[
      'GET / HTTP/1.1\r\n',
      '\r\n',
      '\n',
      '\r',
      ' ',
      ':',
      'Host: a',
      'Content-Length: 5',
      ',',
      '\0',
      '\x80',
    ],
    ...[
      'Transfer-Encoding: chunked',
      '\r\n\r\n',
      '5',
      ';',
      '0\r\n\r\n',
      'CONNECT a:80 HTTP/1.1\r\n',
      'TE: x',
    ],
    ...['Connection: close, x', 'http://a:80', 'Upgrade: h2c, y'],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (parts) => {
      const bytes = bytesOf('GET / HTTP/1.1\r\n' + parts.join(''));
      if (bytes.length > 0) everySplit(bytes, tellRequest);
      const padded = new Uint8Array(bytes.length + 64).fill(0x41);
      padded.set(bytes, 32);
      const head = new Head();
      const verdict = new HeadParser('request', strict).parse(padded, 32, 32 + bytes.length, head);
      ok(verdict === Parse.HEAD || verdict === Parse.NEED_DATA || verdict === Parse.ERROR);
      if (verdict === Parse.HEAD) ok(head.end <= 32 + bytes.length);
      ok(padded.subarray(0, 32).every((byte) => byte === 0x41));
      ok(padded.subarray(32 + bytes.length).every((byte) => byte === 0x41));
    }),
    { numRuns: 150 },
  );
});

test('writers', () => {
  const memory = new Uint8Array(200);
  for (const number of [0, 9, 10, 255, 256, 1e15, Number.MAX_SAFE_INTEGER]) {
    let end = writeDecimal(memory, 0, number);
    strictEqual(Buffer.from(memory.subarray(0, end)).toString(), String(number));
    end = writeHex(memory, 0, number);
    strictEqual(Buffer.from(memory.subarray(0, end)).toString(), number.toString(16));
  }
  const long = 'x'.repeat(60);
  const end = copyBytes(memory, 100, memory, 0, writeLatin1(memory, 0, long));
  strictEqual(Buffer.from(memory.subarray(100, end)).toString(), long);
});

test('a head grows with its lines, regular or not, and holds 100 of them', () => {
  const lines = Array.from({ length: 100 }, (_none, i) => `x-${i}:${i % 3 === 0 ? '' : ' '}v${i}\r\n`);
  const text = `HTTP/1.1 200 OK\r\n${lines.join('')}\r\n`;
  const { verdict, head } = respond(text);
  strictEqual(verdict, Parse.HEAD);
  strictEqual(head.count, 100);
  for (let i = 0; i < 100; i++) {
    const [nameAt, nameEnd, valueAt, valueEnd] = head.fields.subarray(i * STRIDE, i * STRIDE + 4);
    strictEqual(`${text.slice(nameAt, nameEnd)}=${text.slice(valueAt, valueEnd)}`, `x-${i}=v${i}`);
  }
  strictEqual(new Head().fields.length, 32 * STRIDE, 'most messages need no more');
});
