import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { LogRing, makeRingMemory } from './log-ring.ts';

const put = (ring: LogRing, text: string): boolean => {
  const bytes = Buffer.from('..' + text, 'latin1');
  return ring.write(bytes, 2, text.length);
};
const texts = (ring: LogRing, from = 0): string[] =>
  ring.read(from).lines.map((line) => line.toString('latin1'));

test('the newest lines are kept, whole and in order, whatever their lengths', () => {
  let seed = 99;
  const random = (below: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  for (let round = 0; round < 60; round++) {
    const size = 64 + random(400);
    const ring = new LogRing(makeRingMemory(size), null);
    const all: string[] = [];
    for (let count = 0; count < 200; count++) {
      const text = `${count}:`.padEnd(random(60), 'x');
      strictEqual(put(ring, text), true);
      all.push(text);
      const kept = texts(ring);
      deepStrictEqual(kept, all.slice(-kept.length));
    }
    strictEqual(ring.dropped, 0);
    strictEqual(texts(ring).at(-1), all.at(-1));
    strictEqual(texts(ring).length > 0 && (size < 200 || texts(ring).length > 1), true, 'the ring is used');
  }
});

test('lines that are held are not overwritten: new ones are dropped and counted', () => {
  const ring = new LogRing(makeRingMemory(128), new SharedArrayBuffer(4));
  ring.hold(0);
  let taken = 0;
  while (put(ring, `line ${taken}`)) taken++;
  strictEqual(ring.dropped, 1);
  const { lines, next } = ring.read(0, 20);
  deepStrictEqual(lines.map(String), ['line 0', 'line 1', 'line 2', 'line 3']);
  ring.hold(next);
  strictEqual(put(ring, 'later'), true);
  strictEqual(texts(ring, next).at(-1), 'later');
  ring.release();
  for (let count = 0; count < 50; count++) strictEqual(put(ring, 'more'), true);
});

test('a writer wakes who waits; a reader that was overtaken goes on with the oldest', () => {
  const wake = new SharedArrayBuffer(4);
  const ring = new LogRing(makeRingMemory(64), wake);
  put(ring, 'nobody reads');
  strictEqual(new Int32Array(wake)[0], 0);
  ring.hold(0);
  put(ring, 'somebody reads');
  strictEqual(new Int32Array(wake)[0], 1);
  ring.release();
  for (let count = 0; count < 10; count++) put(ring, `0123456789 ${count}`);
  deepStrictEqual(texts(ring, 4), ['0123456789 6', '0123456789 7', '0123456789 8', '0123456789 9']);
  strictEqual(put(ring, 'x'.repeat(61)), false);
});
