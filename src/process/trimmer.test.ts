import { test } from 'node:test';
import { ok, strictEqual } from 'node:assert/strict';
import { Trimmer } from './trimmer.ts';
import { trimMalloc } from '../sys/malloc.ts';

const MIB = 1 << 20;

test('trims when the process has grown, and leaves a steady one alone', () => {
  let resident = 80 * MIB;
  let freed = 10 * MIB;
  let trims = 0;
  const trimmer = new Trimmer(
    () => resident,
    () => {
      trims++;
      resident -= freed;
      freed = 0;
    },
  );
  const after = (bytes: number): number => {
    resident += bytes;
    trimmer.look();
    return trims;
  };
  strictEqual(after(0), 1, 'what the start left over');
  strictEqual(after(0), 2, 'once more when it has settled');
  strictEqual(after(MIB / 2), 2);
  strictEqual(after(MIB / 2), 3, 'a megabyte more than the 70 that were left');
  strictEqual(after(MIB), 4, 'it still grows');
  strictEqual(after(MIB / 2), 5, 'the end of the burst');
  strictEqual(after(0), 5, 'nothing could be freed: not tried again at the same size');
  strictEqual(after(-20 * MIB), 5);
  strictEqual(after(2 * MIB), 6, 'growth counts from the least size seen');
});

test('the allocator gives back what was freed', { skip: !isGlibc() }, () => {
  const chunks = Array.from({ length: 4000 }, () => Buffer.allocUnsafeSlow(20_000).fill(1));
  // Every other one goes: the allocator cannot shrink its heap from the end by itself.
  for (let i = 0; i < chunks.length; i += 2) chunks[i]!.buffer.transfer(0);
  const before = process.memoryUsage.rss();
  ok(trimMalloc());
  const back = before - process.memoryUsage.rss();
  ok(back > 10 * MIB, `${back} bytes were given back`);
  ok(chunks.length > 0);
});

function isGlibc(): boolean {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime !== undefined;
}
