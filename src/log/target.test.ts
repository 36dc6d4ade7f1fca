import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { LogTarget, LogTargetFormat } from '../config/model.ts';
import type { SlabBuffer } from '../core/slab.ts';
import { TargetFilter } from './target.ts';

const position = { file: 't', line: 1 };
function target(format: LogTargetFormat, more: Partial<LogTarget> = {}): LogTarget {
  return {
    transport: 'udp',
    address: null,
    fd: -1,
    length: 1024,
    format,
    facility: 17,
    level: 7,
    minLevel: 0,
    profile: null,
    formatGiven: false,
    ring: null,
    sample: null,
    position,
    ...more,
  };
}
const at = new Date(2026, 10, 3, 5, 17, 59, 258).getTime();
const zone = -new Date(at).getTimezoneOffset();
const two = (value: number): string => String(value).padStart(2, '0');
const suffix = `${zone < 0 ? '-' : '+'}${two(Math.floor(Math.abs(zone) / 60))}:${two(Math.abs(zone) % 60)}`;
const iso = `2026-11-03T05:17:59.258000${suffix}`;

function line(format: LogTargetFormat, hostname: string | null, more: Partial<LogTarget> = {}): string {
  const out = Buffer.alloc(2048) as SlabBuffer;
  const filter = new TargetFilter(target(format, more), { tag: 'xtag', hostname, pid: 20523 });
  return out.toString('latin1', 0, filter.format(out, 0, 6, 'LONG LINE', at));
}

// Observed from HAProxy 2.6, which sends microseconds where we send milliseconds.
test("each format has HAProxy's header", () => {
  equal(line('local', null), '<142>Nov  3 05:17:59 xtag[20523]: LONG LINE\n');
  equal(line('rfc3164', 'myhost'), '<142>Nov  3 05:17:59 myhost xtag[20523]: LONG LINE\n');
  equal(line('rfc3164', null), '<142>Nov  3 05:17:59 localhost xtag[20523]: LONG LINE\n');
  equal(line('rfc5424', 'myhost'), `<142>1 ${iso} myhost xtag 20523 - - LONG LINE\n`);
  equal(line('rfc5424', null), `<142>1 ${iso} - xtag 20523 - - LONG LINE\n`);
  equal(line('priority', null), '<142>LONG LINE\n');
  equal(line('short', null), '<6>LONG LINE\n');
  equal(line('timed', null), `<6>${iso} LONG LINE\n`);
  equal(line('iso', null), `${iso} LONG LINE\n`);
  equal(line('raw', null), 'LONG LINE\n');
});

test('length cuts, minimum level lowers, level and sample filter', () => {
  equal(line('raw', null, { length: 4 }), 'LONG\n');
  equal(line('short', null, { minLevel: 7 }), '<7>LONG LINE\n');
  const identity = { tag: 't', hostname: null, pid: 1 };
  equal(new TargetFilter(target('raw', { level: 5 }), identity).accepts(6), false);
  const sampled = new TargetFilter(
    target('raw', {
      sample: {
        ranges: [
          [1, 1],
          [3, 3],
        ],
        size: 4,
      },
    }),
    identity,
  );
  equal([1, 2, 3, 4, 5].map(() => (sampled.accepts(6) ? 'x' : '.')).join(''), 'x.x.x');
});

test('a line costs little beside its text: a loose bound for slow machines', () => {
  const out = Buffer.alloc(2048) as SlabBuffer;
  const filter = new TargetFilter(target('rfc5424'), { tag: 'xtag', hostname: 'h', pid: 20523 });
  const text = 'x'.repeat(200);
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const from = process.hrtime.bigint();
    for (let count = 0; count < 20000; count++) filter.format(out, 0, 6, text, at);
    best = Math.min(best, Number(process.hrtime.bigint() - from) / 20000);
  }
  ok(best < 3000, `${best} ns a line`);
});
