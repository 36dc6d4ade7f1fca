// The columns of the HTTP/1 part in `show stat`. They are made of counters that are kept anyway. `clear counters` sets
// these totals back where it leaves the static ones alone, so what they were then is remembered.

import { Counter, ProxyInt, ServerInt, type SharedBlock } from '../core/shared.ts';
import type { Baselines, ProxyControl } from '../cli/view.ts';

const NAMES = [
  'h1_open_connections',
  'h1_open_streams',
  'h1_total_connections',
  'h1_total_streams',
  'h1_bytes_in',
  'h1_bytes_out',
  'h1_spliced_bytes_in',
  'h1_spliced_bytes_out',
] as const;
const OPEN_STREAMS = 1;
const FIRST_TOTAL = 2;

const keyOf = (proxy: ProxyControl, isFront: boolean): string =>
  `${isFront ? 'front' : 'back'} ${proxy.config.name}`;

function ofFrontend(block: SharedBlock): number[] {
  const requests = block.total(Counter.REQUESTS);
  // Each exchange ends with a status.
  let answered = 0;
  for (let at = Counter.RESPONSES_1XX; at <= Counter.RESPONSES_OTHER; at++) answered += block.total(at);
  return [
    block.ints[ProxyInt.CURRENT]!,
    requests - answered,
    block.total(Counter.SESSIONS),
    requests,
    block.total(Counter.BYTES_IN),
    block.total(Counter.BYTES_OUT),
    block.total(Counter.SPLICED_IN),
    block.total(Counter.SPLICED_OUT),
  ];
}

function ofBackend(proxy: ProxyControl, block: SharedBlock): number[] {
  let idle = 0;
  let used = 0;
  for (const { block: server } of proxy.servers) {
    idle += server.ints[ServerInt.IDLE]!;
    used += server.ints[ServerInt.CURRENT]!;
  }
  const connections = block.total(Counter.CONNECT_ATTEMPTS);
  return [
    idle + used,
    used,
    connections,
    connections + block.total(Counter.CONNECTION_REUSES),
    block.total(Counter.BYTES_FROM_SERVER),
    block.total(Counter.BYTES_TO_SERVER),
    block.total(Counter.SPLICED_IN),
    block.total(Counter.SPLICED_OUT),
  ];
}

const read = (proxy: ProxyControl, block: SharedBlock, isFront: boolean): number[] =>
  isFront ? ofFrontend(block) : ofBackend(proxy, block);

/** Calls `set` for each column of a frontend or backend; in TCP mode nothing here is HTTP/1. */
export function h1Columns(
  proxy: ProxyControl,
  block: SharedBlock,
  isFront: boolean,
  baselines: Baselines,
  set: (name: string, value: number) => void,
): void {
  const values = proxy.config.mode === 'http' ? read(proxy, block, isFront) : null;
  const base = baselines.get(keyOf(proxy, isFront));
  NAMES.forEach((name, at) => {
    set(name, values === null ? 0 : Math.max(0, values[at]! - (base?.[at] ?? 0)));
  });
}

/** Before `clear counters` does its work; `all`: the counters behind the columns are cleared, too. */
export function clearH1(
  proxy: ProxyControl,
  block: SharedBlock,
  isFront: boolean,
  baselines: Baselines,
  all: boolean,
): void {
  const key = keyOf(proxy, isFront);
  const values = read(proxy, block, isFront);
  const before = baselines.get(key)?.[OPEN_STREAMS] ?? 0;
  // Exchanges under way stay under way: those of a frontend are a difference of counters.
  const open = isFront && all ? before - values[OPEN_STREAMS]! : before;
  baselines.set(
    key,
    values.map((value, at) => (at === OPEN_STREAMS ? open : at < FIRST_TOTAL || all ? 0 : value)),
  );
}
