import { test } from 'node:test';
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import { createProcessVariables, ProcessVariables } from './process-variables.ts';
import { Sample, Type } from './sample.ts';

const sample = new Sample();
const read = (store: ProcessVariables, name: string): unknown => {
  const value = new Sample();
  if (!store.get(name, value)) return null;
  const { type, num, big, text } = value;
  return type === Type.SINT || type === Type.BOOL ? (big ?? num) : text;
};

test('every thread sees what another set, whatever the type', () => {
  const memory = createProcessVariables();
  const [one, two] = [new ProcessVariables(memory), new ProcessVariables(memory)];
  strictEqual(read(two, 'a'), null);
  for (const [set, wanted] of [
    [() => sample.setInt(-5), -5],
    [() => sample.setBig(2n ** 62n), 2n ** 62n],
    [() => sample.setBool(true), 1],
    [() => sample.setStr('text \xff'), 'text \xff'],
    [() => sample.setStr(''), ''],
    [() => sample.setBin('\0\x01'), '\0\x01'],
  ] as const) {
    set();
    strictEqual(one.set('a', sample), true);
    strictEqual(read(two, 'a'), wanted);
    strictEqual(read(one, 'a'), wanted);
  }
  one.unset('a');
  strictEqual(two.has('a'), false);
  strictEqual(read(two, 'a'), null);
  sample.setInt(1);
  strictEqual(two.set('b', sample), true);
  strictEqual(read(one, 'b'), 1);
});

test('what does not fit is refused and changes nothing', () => {
  const store = new ProcessVariables(createProcessVariables(), 200);
  sample.setStr('x'.repeat(100));
  strictEqual(store.set('a', sample), true);
  sample.setStr('y'.repeat(121));
  strictEqual(store.set('a', sample), false);
  strictEqual(read(store, 'a'), 'x'.repeat(100));
  sample.setInt(1);
  strictEqual(store.set('b', sample), false);
  store.unset('a');
  strictEqual(store.set('b', sample), true);
  const free = new ProcessVariables(createProcessVariables());
  sample.setStr('z'.repeat(20_000));
  strictEqual(free.set('a', sample), false);
  sample.setInt(1);
  strictEqual(free.set('n'.repeat(200), sample), false);
  let count = 0;
  while (free.set(`v${count}`, sample)) count++;
  strictEqual(count, 256);
});

test('a value read while others write is always a whole one', async () => {
  const memory = createProcessVariables();
  const source = `
    const { workerData: [memory, letter, url] } = require('node:worker_threads');
    import(url).then(async ({ ProcessVariables }) => {
      const { Sample } = await import(new URL('sample.ts', url).href);
      const store = new ProcessVariables(memory), sample = new Sample();
      for (let n = 0; n < 20000; n++) { sample.setStr(letter.repeat(1 + (n % 300))); store.set('a', sample); }
    });`;
  const url = new URL('process-variables.ts', import.meta.url).href;
  const workers = ['p', 'q'].map(
    (letter) => new Worker(source, { eval: true, workerData: [memory, letter, url] }),
  );
  let left = workers.length;
  const ends = workers.map(
    (worker) => new Promise<void>((done) => worker.once('exit', () => (left--, done()))),
  );
  const store = new ProcessVariables(memory);
  const seen = new Set<string>();
  while (left > 0) {
    for (let n = 0; n < 1000; n++) {
      const text = read(store, 'a') as string | null;
      if (text === null) continue;
      strictEqual(text, text[0]!.repeat(text.length));
      seen.add(text[0]!);
    }
    await new Promise((done) => setImmediate(done));
  }
  await Promise.all(ends);
  deepStrictEqual([...seen].sort(), ['p', 'q']);
});
