import { test } from 'node:test';
import { strictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { Line } from './line.ts';
import type { SlabBuffer } from '../core/slab.ts';

const bytes = Buffer.alloc(256) as SlabBuffer;

/** What `writing` leaves in a line with room for `room` bytes; nothing may be written behind it. */
function written(room: number, writing: (line: Line) => void): string {
  const line = new Line();
  bytes.fill(0);
  line.begin(bytes, 1, 1 + room);
  writing(line);
  strictEqual(
    bytes.subarray(1 + room).every((byte) => byte === 0),
    true,
  );
  return bytes.latin1Slice(1, line.at);
}

const latin1 = fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)) });

test('integers, bytes and texts are written as their text, cut where the line ends', () => {
  const item = fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.nat(20), latin1);
  const property = fc.property(fc.array(item, { maxLength: 12 }), fc.nat(200), (items, room) => {
    const whole = items.map((one) => `${one} `).join('');
    const found = written(room, (line) => {
      for (const one of items) {
        if (typeof one === 'number') line.number(one);
        else line.text(one);
        line.byte(32);
      }
    });
    strictEqual(found, whole.slice(0, room));
  });
  fc.assert(property, { numRuns: 2000 });
  strictEqual(
    written(200, (line) => line.text('x'.repeat(150))),
    'x'.repeat(150),
  );
  for (const edge of [0, 9, 10, 99, 2 ** 31 - 1, 2 ** 31, -1]) {
    strictEqual(
      written(20, (line) => line.number(edge)),
      String(edge),
    );
  }
});
