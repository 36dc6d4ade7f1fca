// Log lines against parsers that read them back: no byte of a client may forge a field, a quote or a line.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fakeParse } from '../testing/fake-parse.ts';
import { FakeStream } from '../testing/fake-stream.ts';
import { Phase } from './expression.ts';
import { HTTP_LOG_FORMAT } from './logformat-compile.ts';
import { Sample } from './sample.ts';

const context = fakeParse();
const sample = new Sample();
const http = context.logFormat(HTTP_LOG_FORMAT, Phase.LOG);
const json = context.logFormat(
  '%{+json}o %(text)[var(txn.text)] %(number)[var(txn.number)] %(none)[var(txn.x)]',
  Phase.LOG,
);
const quoted = context.logFormat('%{+Q,+E}[var(txn.text)] %{+Q}[int(1)]', Phase.LOG);

const bytes = fc.uint8Array({ maxLength: 24 }).map((list) => Buffer.from(list).toString('latin1'));
/** What separates fields of a line, more often than chance would have it. */
const nasty = fc.oneof(bytes, fc.string({ unit: fc.constantFrom(...'a |{}"#\\\n\r\0]é'), maxLength: 12 }));

/** Undoes `#XX`. */
const unescape = (text: string): string =>
  text.replaceAll(/#([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** A line of `option httplog`, field by field (manual 8.2.3). */
const HTTP_LINE =
  /^(?<client>[0-9.:]+) \[[^\]]+\] (?<front>\S+) (?<back>[^/ ]+)\/(?<server>\S+) (?:-?\d+\/){4}\+?-?\d+ (?<status>-?\d+) \+?(?<bytes>\d+) (?<cookie>\S+) (?<setCookie>\S+) (?<flags>\S{4}) (?:\d+\/){4}\+?\d+ \d+\/\d+ \{(?<request>[^{}]*)\} \{(?<response>[^{}]*)\} "(?<line>[^"]*)"$/;

test('option httplog: every line has its fields, and captured headers come back', () => {
  fc.assert(
    fc.property(nasty, nasty, nasty, nasty, (one, two, answer, target) => {
      const stream = new FakeStream();
      stream.requestCaptured = [one, null, two];
      stream.responseCaptured = [answer];
      stream.capturedTarget = target;
      // A cookie's value has no space (RFC 6265 4.1.1).
      stream.requestCookieCaptured = `c=${one.replaceAll(' ', '')}`;
      const line = http.render(stream);
      const fields = HTTP_LINE.exec(line)?.groups;
      ok(fields !== undefined, JSON.stringify(line));
      deepStrictEqual(fields['request']!.split('|').map(unescape), [one, '', two]);
      deepStrictEqual(fields['response']!.split('|').map(unescape), [answer]);
      strictEqual(unescape(fields['line']!), `GET ${target} HTTP/1.1`);
    }),
    { seed: 5, numRuns: 500 },
  );
});

test('+json: JSON.parse gives the values back', () => {
  const stream = new FakeStream();
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.maxSafeInteger(), (text, number) => {
      sample.setStr(Buffer.from(text).toString('latin1'));
      stream.transactionVariables.set('text', sample);
      sample.setInt(number);
      stream.transactionVariables.set('number', sample);
      const line = Buffer.from(json.render(stream), 'latin1').toString();
      deepStrictEqual(JSON.parse(line), { text, number: number === 0 ? 0 : number, none: null });
    }),
    { seed: 5, numRuns: 500 },
  );
});

test('+Q,+E: a value ends at its quote and nowhere else', () => {
  const stream = new FakeStream();
  fc.assert(
    fc.property(nasty, (text) => {
      sample.setStr(text);
      stream.transactionVariables.set('text', sample);
      const line = quoted.render(stream);
      const match = /^"((?:[^"\\\n]|\\.)*)" "1"$/s.exec(line);
      ok(match !== null, JSON.stringify(line));
    }),
    { seed: 5, numRuns: 500 },
  );
});
