import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, ProxyInt } from '../core/shared.ts';
import { clearH1, h1Columns } from './h1.ts';
import { fakeView } from '../cli/fake.ts';

test('clear counters sets the totals back, never what is under way', () => {
  const view = fakeView(1);
  const proxy = view.proxies[0]!;
  const block = proxy.frontend!;
  const { counters, ints } = block;
  const columns = (): Record<string, number> => {
    const found: Record<string, number> = {};
    h1Columns(proxy, block, true, view.baselines, (name, value) => (found[name.slice(3)] = value));
    return found;
  };
  const expect = (open: number, ...totals: number[]): void => {
    const names = ['total_streams', 'bytes_in', 'spliced_bytes_out'];
    const seen = columns();
    deepEqual(
      [seen['open_connections'], seen['open_streams'], ...names.map((name) => seen[name])],
      [3, open, ...totals],
    );
  };
  ints[ProxyInt.CURRENT] = 3;
  counters[Counter.REQUESTS] = 10;
  counters[Counter.RESPONSES_2XX] = 6;
  counters[Counter.RESPONSES_OTHER] = 2;
  counters[Counter.BYTES_IN] = 1000;
  counters[Counter.SPLICED_OUT] = 70;
  expect(2, 10, 1000, 70);
  clearH1(proxy, block, true, view.baselines, false);
  expect(2, 0, 0, 0);
  counters[Counter.BYTES_IN]! += 5;
  expect(2, 0, 5, 0);
  // `all`: the counters themselves are cleared behind it.
  clearH1(proxy, block, true, view.baselines, true);
  for (let at = 0; at < Counter.SIZE; at++) block.clear(at);
  expect(2, 0, 0, 0);
  counters[Counter.RESPONSES_2XX] = 1;
  counters[Counter.SPLICED_OUT] = 9;
  expect(1, 0, 0, 9);
});
