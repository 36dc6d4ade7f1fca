import { test } from 'node:test';
import { ok, strictEqual } from 'node:assert/strict';
import { ByteWindow } from './byte-window.ts';

/** Takes what it may in pieces of at least `quantum`, as a stream does: the time of each byte's passage. */
function drain(window: ByteWindow, bytes: number, now = 0): { at: number; count: number }[] {
  const pieces: { at: number; count: number }[] = [];
  for (let left = bytes; left > 0;) {
    const wanted = Math.min(left, window.quantum);
    const count = Math.min(left, window.allowed(now));
    if (count >= wanted) {
      window.charge(count);
      pieces.push({ at: now, count });
      left -= count;
    } else now += window.delay(now, wanted);
  }
  return pieces;
}

test('ByteWindow: the limit at once, then as much in each period, evenly', () => {
  for (const [limit, period] of [
    [50_000, 1000],
    [100, 1000],
    [8, 50],
    [1_000_000, 10],
    [40, 7000],
  ] as const) {
    const pieces = drain(new ByteWindow(limit, period, 0, 0), limit * 5);
    const last = pieces.at(-1)!.at;
    ok(last > period * 3.9 && last < period * 5.6, `${limit} in ${period}: ${last}`);
    // No period carries more than twice the limit less what the sliding estimate knows of.
    for (const { at } of pieces) {
      let sum = 0;
      for (const other of pieces) if (other.at >= at && other.at < at + period) sum += other.count;
      ok(sum <= limit * 1.5 + 1, `${sum} of ${limit} from ${at}`);
    }
  }
});

test('ByteWindow: a rest gives all of the limit back, min-size gathers, never more than the limit', () => {
  const window = new ByteWindow(1000, 100, 600, 0);
  strictEqual(window.quantum, 600);
  window.charge(1000);
  strictEqual(window.allowed(50), 0);
  strictEqual(window.delay(50, 600), 50);
  strictEqual(window.allowed(150), 500);
  strictEqual(window.delay(150, 600), 10);
  strictEqual(window.allowed(160), 600);
  strictEqual(window.allowed(400), 1000);
  window.change(500, 100, 600);
  strictEqual(window.quantum, 500);
});

test('ByteWindow: a piece larger than the limit is paid for in the periods behind it', () => {
  const window = new ByteWindow(100, 100, 0, 0);
  window.charge(350);
  for (const now of [0, 99, 150, 250, 299]) strictEqual(window.allowed(now), 0, `${now}`);
  ok(window.allowed(399) > 45);
});
