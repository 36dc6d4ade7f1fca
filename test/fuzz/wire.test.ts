// Bytes from the network, as parsers see them: nothing throws, nothing outside of the given bytes is read, and where the
// bytes are cut makes no difference.

import { test } from 'node:test';
import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import fc from 'fast-check';
import { Body } from '../../src/proto/http1/framing.ts';
import { BodyReader, BodyState } from '../../src/http/body.ts';
import { CookieScanner } from '../../src/http/cookie-scanner.ts';
import { NORMALIZERS } from '../../src/http/normalize.ts';
import { ProxyHeader, ProxyParse, parseProxyHeader } from '../../src/proto/proxy/parser.ts';
import { Rdp, rdpCookie, rdpValue } from '../../src/sample/rdp.ts';
import { SyslogFramer, frame } from '../../src/log/relay/framing.ts';
import { clientHello, extensionBytes } from '../../src/testing/tls.ts';
import { dechunk, payloadLength } from '../../src/http/dechunk.ts';
import { formatSyslog, parseSyslog } from '../../src/log/relay/syslog.ts';
import { parseCredentials } from '../../src/sample/authorization.ts';
import { withoutCookie } from '../../src/http/cookies.ts';
import * as hello from '../../src/sample/tls-hello.ts';
import { bent, holds, textOf } from './fuzz.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

test('canary: a fuzzer finds a parser that reads one byte too many', () => {
  const careless = (bytes: Buffer): number => bytes.readUInt8(bytes.indexOf(65) + 1);
  throws(() =>
    holds(
      500,
      fc.property(textOf(['A', 'AB']), (text) => void careless(latin1(text))),
    ),
  );
});

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';
const ADDRESSES = '\x7f\0\0\x01\x7f\0\0\x01\x12\x34\x00\x50';
const proxyText = fc.oneof(
  textOf(['PROXY ', 'TCP4 ', 'TCP6 ', 'UNKNOWN', '1.2.3.4 ', '::1 ', '80 ', '65536', '443', '\r\n', '\n']),
  textOf([
    SIGNATURE,
    '\x21',
    '\x20',
    '\x11',
    '\x12',
    '\0\x0c',
    '\0\x0f',
    ADDRESSES,
    '\x03\0\0',
    '\x04\0\x01x',
  ]),
  bent(`${SIGNATURE}\x21\x11\0\x0c${ADDRESSES}GET`),
  bent(`${SIGNATURE}\x21\x11\0\x13${ADDRESSES}\x05\0\x04idxx`),
  bent('PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\nGET'),
  bent('PROXY TCP6 2001:db8::1 2001:db8::2 56324 443\r\nGET'),
);

test('PROXY headers: one story at each cut, whatever lies around', () => {
  const read = (text: string, around: number): unknown[] => {
    const bytes = Buffer.alloc(text.length + 16, around);
    bytes.write(text, 8, 'latin1');
    const header = new ProxyHeader();
    const answer = parseProxyHeader(bytes, 8, 8 + text.length, header);
    if (answer !== ProxyParse.DONE) return [answer];
    return [answer, header.end - 8, header.local, header.source, header.destination, [...header.tlvs]];
  };
  holds(
    3000,
    fc.property(proxyText, (text) => {
      const whole = read(text, 0);
      deepStrictEqual(read(text, 255), whole);
      const end = whole[0] === ProxyParse.DONE ? (whole[1] as number) : text.length;
      for (let at = 0; at < end; at++) {
        const [answer] = read(text.slice(0, at), 10);
        if (answer !== ProxyParse.NEED_DATA) deepStrictEqual([answer], [ProxyParse.ERROR]);
        if (answer === ProxyParse.ERROR) strictEqual(whole[0], ProxyParse.ERROR, 'an error stays one');
      }
      if (whole[0] === ProxyParse.DONE) deepStrictEqual(read(text.slice(0, end), 7), whole);
    }),
  );
});

/** What a body reader lets through of `text`, given in pieces that end at `cuts`. */
function passed(text: string, cuts: readonly number[]): { state: BodyState; text: string; used: number } {
  const memory = Buffer.alloc(text.length + 64, 0xee);
  const reader = new BodyReader('request');
  reader.begin(Body.CHUNKED, 0);
  let out = '';
  let state: BodyState = BodyState.MORE;
  let from = 0;
  let to = 0;
  for (const cut of [...cuts.filter((at) => at < text.length).toSorted((a, b) => a - b), text.length]) {
    memory.write(text.slice(to, cut), to, 'latin1');
    to = Math.max(to, cut);
    state = reader.scan(memory, from, to);
    strictEqual(reader.at <= reader.end && reader.end <= reader.consumed && reader.consumed <= to, true);
    out += memory.toString('latin1', reader.at, reader.end);
    from = reader.consumed;
    if (state !== BodyState.MORE) break;
  }
  strictEqual(
    memory.subarray(to).every((byte) => byte === 0xee),
    true,
    'wrote behind its bytes',
  );
  return { state, text: out, used: from };
}

const payloadOf = (framed: string): string => dechunk(latin1(framed) as never, 0, framed.length);

test('chunks: what was framed comes out, however it is cut', () => {
  const chunk = fc.record({
    data: fc.string({ minLength: 1, maxLength: 40 }).map((text) => text.replace(/[^ -~]/g, '.')),
    zeros: fc.nat(2),
    extension: fc.constantFrom('', '', ';a', ';a=b', ';a="x y"'),
  });
  const cuts = fc.array(fc.nat(300), { maxLength: 6 });
  holds(
    1500,
    fc.property(fc.array(chunk, { maxLength: 6 }), cuts, (chunks, at) => {
      let framed = '';
      for (const { data, zeros, extension } of chunks) {
        framed += `${'0'.repeat(zeros)}${data.length.toString(16)}${extension}\r\n${data}\r\n`;
      }
      framed += '0\r\n\r\n';
      const { state, text, used } = passed(`${framed}GET /`, at);
      strictEqual(state, BodyState.END);
      strictEqual(used, framed.length);
      strictEqual(payloadOf(text), chunks.map(({ data }) => data).join(''));
      strictEqual(
        /;/.test(text.replace(payloadOf(text), '')) && chunks.length === 1,
        false,
        'no extension goes on',
      );
    }),
  );
});

test('chunks: any bytes, one verdict at each cut', () => {
  const pieces = [
    '0\r\n',
    '\r\n',
    '3\r\nabc\r\n',
    'a;x=y\r\n',
    '5',
    ' ',
    '\n',
    'abc',
    '0\r\n\r\n',
    'x: y\r\n',
    'f'.repeat(17),
    '-1',
  ];
  const cuts = fc.array(fc.nat(120), { maxLength: 5 });
  holds(
    3000,
    fc.property(textOf(pieces), cuts, (text, at) => {
      const whole = passed(text, []);
      const cut = passed(text, at);
      strictEqual(cut.state, whole.state);
      if (whole.state === BodyState.END) {
        strictEqual(cut.used, whole.used);
        strictEqual(payloadOf(cut.text), payloadOf(whole.text));
      }
      strictEqual(payloadLength(latin1(text), 0, text.length), payloadOf(text).length);
    }),
  );
});

test('cookies: positions in order, an end, and what was taken out is gone', () => {
  const pieces = ['a=b', 'SRV=s1', 'SRV', '=', ';', '; ', ',', '"', '\\', '$Path=/', '$', ' ', '\t', 'x'];
  holds(
    4000,
    fc.property(textOf(pieces), fc.boolean(), (text, single) => {
      const scanner = new CookieScanner();
      scanner.begin(text, single);
      let from = 0;
      let count = 0;
      while (scanner.next()) {
        const { nameAt, nameEnd, valueAt, valueEnd, end } = scanner;
        deepStrictEqual(
          [from, nameAt, nameEnd, valueAt, valueEnd, end, text.length].toSorted((a, b) => a - b),
          [from, nameAt, nameEnd, valueAt, valueEnd, end, text.length],
        );
        from = end;
        strictEqual(++count <= text.length, true);
      }
      const rest = withoutCookie(text, 'SRV');
      strictEqual(rest.length <= text.length, true);
      scanner.begin(rest, false);
      if (!/["\\$]/.test(text)) {
        while (scanner.next())
          strictEqual(rest.slice(scanner.nameAt, scanner.nameEnd) === 'SRV', false, rest);
      }
    }),
  );
});

test('TLS hellos: a cut one says the same or not yet', () => {
  const whole = clientHello({
    name: 'example.com',
    extensions: extensionBytes(16, '\0\x03\x02h2') + extensionBytes(43, '\x02\x03\x04'),
  });
  const reads = (text: string): readonly (number | string)[] => {
    const part = (answer: number): string | number => {
      if (answer < 0) return answer;
      strictEqual(hello.found.start <= hello.found.end && hello.found.end <= text.length, true);
      return `${answer} ${text.slice(hello.found.start, hello.found.end)}`;
    };
    return [
      hello.helloType(text),
      hello.helloVersion(text),
      part(hello.cipherSuites(text)),
      ...[0, 10, 13, 16, 43].map((type) => part(hello.extension(text, type))),
    ];
  };
  holds(
    1500,
    fc.property(
      fc.oneof(bent(whole), textOf([whole.slice(0, 20), whole.slice(20, 60), '\x16\x03\x01', '\0'])),
      (text) => {
        const all = reads(text);
        for (let at = 0; at < text.length; at += 1 + (at >> 3)) {
          reads(text.slice(0, at)).forEach((one, i) => {
            if (one !== hello.NOT_YET) strictEqual(one, all[i], `number ${i} at ${at}`);
          });
        }
      },
    ),
  );
});

test('RDP cookies: a cut one says the same or not yet', () => {
  const whole = '\x03\0\0\x2f\x2a\xe0\0\0\0\0\0Cookie: mstshash=user\r\n\x01\0\x08';
  const read = (text: string): readonly [Rdp, string] => {
    const answer = rdpCookie(text, 'mstshash');
    return [answer, answer === Rdp.FOUND ? text.slice(rdpValue.start, rdpValue.end) : ''];
  };
  holds(
    3000,
    fc.property(
      fc.oneof(bent(whole), textOf([whole.slice(0, 11), 'Cookie: ', 'mstshash', '=', '\r\n'])),
      (text) => {
        const all = read(text);
        for (let at = 0; at < text.length; at++) {
          const part = read(text.slice(0, at));
          if (part[0] !== Rdp.NOT_YET) deepStrictEqual(part, all, `at ${at}`);
        }
      },
    ),
  );
});

const syslogPieces = [
  '<13>',
  '<999>',
  '<',
  '>',
  '1 ',
  '2026-01-02T03:04:05.678Z ',
  'Nov 23 01:02:03 ',
  'host ',
  'app ',
  '- ',
  '12 ',
  '[a b="c"]',
  '[a b="c\\"]',
  '[',
  ']',
  'su[1]: ',
  'text',
  '\n',
  '999999',
  '0',
];

test('syslog: frames come out the same however they are cut, and none is too long', () => {
  holds(
    2000,
    fc.property(
      textOf(syslogPieces, 20),
      fc.array(fc.nat(100), { maxLength: 6 }),
      fc.boolean(),
      (text, cuts, lines) => {
        const run = (ends: readonly number[]): readonly unknown[] => {
          const framer = new SyslogFramer(64, lines);
          const messages: string[] = [];
          let from = 0;
          for (const end of [
            ...ends.filter((at) => at < text.length).toSorted((a, b) => a - b),
            text.length,
          ]) {
            for (const one of framer.feed(latin1(text.slice(from, end))))
              messages.push(one.toString('latin1'));
            from = end;
          }
          for (const one of framer.end()) messages.push(one.toString('latin1'));
          return [messages, framer.broken];
        };
        const whole = run([]);
        // A line that is too long is one sooner where the end of it has not come yet: the messages before it are the same.
        const cut = run(cuts);
        if (whole[1] === cut[1]) deepStrictEqual(cut, whole);
        else strictEqual((whole[0] as string[]).join('\n').startsWith((cut[0] as string[]).join('\n')), true);
      },
    ),
  );
});

test('syslog: any message is taken apart and put together in each format', () => {
  holds(
    3000,
    fc.property(textOf(syslogPieces, 16), (text) => {
      const message = parseSyslog(text, 1_767_225_600_000);
      strictEqual(message.text.length <= text.length, true);
      for (const format of [
        null,
        'rfc3164',
        'rfc5424',
        'local',
        'priority',
        'short',
        'timed',
        'iso',
        'raw',
      ] as const) {
        const line = formatSyslog(message, format, 'host', 6, { facility: 16, nowMs: 1_767_225_600_000 });
        strictEqual(typeof line, 'string');
        strictEqual(frame(latin1(line), 'octet-count').length > line.length, true);
      }
    }),
  );
});

test('targets and credentials: any text, no exception', () => {
  const pieces = [
    '/',
    '//',
    '.',
    '..',
    '/../',
    '%2f',
    '%',
    '%4',
    '%41',
    '%25',
    '?',
    '&',
    'a=b',
    '#',
    'Basic ',
    'Zm86Zm8=',
    ':',
  ];
  holds(
    4000,
    fc.property(textOf(pieces), (text) => {
      for (const [name, normalize] of NORMALIZERS) {
        const made = normalize(`/${text}`);
        if (made === null) continue;
        strictEqual(made.length <= text.length + 2 || name.includes('fragment'), true, name);
      }
      parseCredentials(text);
    }),
  );
});
