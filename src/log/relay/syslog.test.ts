import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { frame, SyslogFramer } from './framing.ts';
import { formatSyslog, hostOf, parseSyslog } from './syslog.ts';
import type { LogTargetFormat } from '../../config/model.ts';

const NOW = Date.parse('2026-11-23T18:00:00Z');
const again = (text: string, format: LogTargetFormat | null = null, host?: string): string => {
  const message = parseSyslog(text, NOW);
  const level = message.level < 0 ? 5 : message.level;
  return formatSyslog(message, format, host ?? message.host, level, { facility: 16, nowMs: NOW });
};

test('messages come out as they came in', () => {
  for (const text of [
    '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [a@3 iut="3" x="\\]\\""][b@3 c="d"] BOM',
    '<34>1 2003-10-11T22:14:15.003Z host su 12 - - text',
    '<134>Nov 23 17:59:53 localhost haproxy[3406]: req /a',
    '<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!',
    '<34>1 - h t p m - x',
    '<6>req /a',
    'no priority at all',
    '',
  ]) {
    strictEqual(again(text), text);
  }
});

test('fields are found, or left in the text', () => {
  const { host, tag, pid, text, facility, level } = parseSyslog(
    '<134>Nov 23 17:59:53 haproxy[3406]: a: b',
    NOW,
  );
  deepStrictEqual([host, tag, pid, text, facility, level], ['', 'haproxy', '3406', 'a: b', 16, 6]);
  strictEqual(parseSyslog('<999>x', NOW).text, '<999>x');
  strictEqual(parseSyslog('<34>1 - - - - - [broken x', NOW).format, 'priority');
  const year = (text: string, now: string): number =>
    new Date(parseSyslog(text, Date.parse(now)).atMs).getFullYear();
  strictEqual(year('<34>Nov 23 17:59:53 a b', '2027-01-02T00:00:00Z'), 2026);
  strictEqual(year('<34>Feb 23 17:59:53 a b', '2026-11-23T00:00:00Z'), 2026);
  strictEqual(year('<34>Jan  1 00:00:01 a b', '2026-12-31T23:59:00'), 2027);
});

test('other formats', () => {
  const old = '<134>Nov 23 17:59:53 haproxy[3406]: req';
  const formats: Readonly<Record<string, RegExp>> = {
    rfc5424: /^<134>1 2026-11-23T17:59:53-00:00 h haproxy 3406 - - req$/,
    rfc3164: /^<134>Nov 23 17:59:53 h haproxy\[3406\]: req$/,
    local: /^<134>Nov 23 17:59:53 haproxy\[3406\]: req$/,
    priority: /^<134>req$/,
    short: /^<6>req$/,
    timed: /^<6>2026-11-23T17:59:53\S+ req$/,
    iso: /^2026-11-23T17:59:53\S+ req$/,
    raw: /^req$/,
  };
  for (const [format, pattern] of Object.entries(formats)) {
    strictEqual(
      pattern.test(again(old, format as LogTargetFormat, 'h')),
      true,
      again(old, format as LogTargetFormat),
    );
  }
  strictEqual(again('plain', 'priority'), '<133>plain');
  const modern = '<34>1 2026-11-23T17:59:53.5Z host su 12 id [a@1] text';
  strictEqual(/^<34>Nov 23 \d\d:59:53 host su\[12\]: text$/.test(again(modern, 'rfc3164')), true);
});

test('option host', () => {
  const none = parseSyslog('<134>Nov 23 17:59:53 haproxy[3406]: req', NOW);
  const some = parseSyslog('<134>Nov 23 17:59:53 there haproxy[3406]: req', NOW);
  const all = (message: typeof none, source: string): string[] =>
    (['replace', 'fill', 'keep', 'append'] as const).map((option) => hostOf(message, option, source));
  deepStrictEqual(all(none, '10.0.0.1'), ['10.0.0.1', '10.0.0.1', '', '10.0.0.1']);
  deepStrictEqual(all(some, '10.0.0.1'), ['10.0.0.1', 'there', 'there', 'there,10.0.0.1']);
  deepStrictEqual(all(some, ''), ['there', 'there', 'there', 'there']);
});

test('a stream of frames gives the messages, however it is cut', () => {
  let seed = 4711;
  const random = (below: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  for (let round = 0; round < 200; round++) {
    const messages = Array.from({ length: 1 + random(8) }, (_, at) =>
      `<13>${at} `.padEnd(5 + random(60), 'y'),
    );
    const wire = Buffer.concat(
      messages.map((text) => frame(Buffer.from(text), random(2) === 0 ? 'legacy' : 'octet-count')),
    );
    const framer = new SyslogFramer(1024, false);
    const got: string[] = [];
    for (let at = 0; at < wire.length;) {
      const next = at + 1 + random(30);
      for (const one of framer.feed(wire.subarray(at, next))) got.push(one.toString());
      at = next;
    }
    deepStrictEqual(got, messages);
    strictEqual(framer.broken, false);
  }
  const lines = new SyslogFramer(1024, true);
  deepStrictEqual(lines.feed(Buffer.from('12 a\n3')).map(String), ['12 a']);
  deepStrictEqual(lines.end().map(String), ['3']);
  for (const bad of ['99999 x', '12x', '1234567 ', 'x'.repeat(1025)]) {
    const framer = new SyslogFramer(1024, false);
    framer.feed(Buffer.from(bad));
    strictEqual(framer.broken, true, bad);
  }
});
