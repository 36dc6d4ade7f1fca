// What a data thread leaves behind when it dies of a bug: its part of the counts that all threads share, and its
// places in queues. The control thread gives them back before another thread takes the row.

import { Backend, type Farm } from '../backend/backend.ts';
import { ProxyInt, ServerInt, Share, SharedBlock, takeShareBack } from '../core/shared.ts';
import { Server } from '../backend/server.ts';
import { Waiters, type WaiterPoolRef } from '../backend/queue.ts';
import { addressOfServer, type ServerAddresses } from './server-addresses.ts';
import { isBack, isFront } from '../config/defaults.ts';
import { keyOf, type BlockTable } from './blocks.ts';
import { wakeThread } from '../reactor/waker.ts';
import { nobody, type Balancer } from '../balance/balance.ts';
import type { Config, ProxyConfig } from '../config/model.ts';

/** Shared blocks, and addresses that were changed at run time. */
export interface Seats {
  readonly table: BlockTable;
  readonly addresses: ServerAddresses;
}

/** Builds a backend and its servers over the blocks of `table`, for the thread that counts in `row`. */
export function seatBackend(
  proxy: ProxyConfig,
  { table, addresses }: Seats,
  row: number,
  waiters: Waiters,
  makeBalancer: (farm: Farm) => Balancer,
): Backend {
  const ref = table.blocks.get(keyOf.back(proxy.name))!;
  const { ints } = new SharedBlock(ref, row);
  const servers = proxy.servers.map(
    (config, index) =>
      new Server(config, {
        ref: table.blocks.get(keyOf.server(proxy.name, config.name))!,
        row,
        backendInts: ints,
        index,
        ...addressOfServer(config, addresses),
      }),
  );
  return new Backend(proxy, ref, row, servers, waiters, table.queues.get(proxy.name)!, makeBalancer);
}

/** The control thread's side of a generation's queues: it never waits, but wakes those who do. */
export function controlWaiters(ref: WaiterPoolRef, wakers: SharedArrayBuffer): Waiters {
  const fds = new Int32Array(wakers);
  return new Waiters(ref, -1, (row) => wakeThread(fds[row]!));
}

export interface Estate extends Seats {
  readonly config: Config;
  /** The control thread's: it wakes those who wait. */
  readonly waiters: Waiters;
  /** [sessions, ...] of the process. */
  readonly processInts: Int32Array;
}

/**
 * Gives back what the ended thread with counter row `row` still holds, and wakes the streams of other threads that
 * waited for it. Of a thread that left in order this finds nothing.
 */
export function reclaim(estate: Estate, row: number): void {
  const { config, table, waiters } = estate;
  const block = (key: string): SharedBlock => new SharedBlock(table.blocks.get(key)!, row);
  let sessions = 0;
  const backends = new Map<number, Backend>();
  for (const proxy of config.proxies) {
    if (isFront(proxy.kind)) {
      sessions += takeShareBack(block(keyOf.front(proxy.name)), Share.CURRENT, ProxyInt.CURRENT);
      for (const bind of proxy.binds) {
        takeShareBack(block(keyOf.listener(proxy.name, bind.id)), Share.CURRENT, ProxyInt.CURRENT);
      }
    }
    if (!isBack(proxy.kind)) continue;
    const backend = seatBackend(proxy, estate, row, waiters, () => nobody);
    backends.set(proxy.id, backend);
    takeShareBack(backend.block, Share.CURRENT, ProxyInt.CURRENT);
    for (const server of backend.servers) {
      takeShareBack(server.block, Share.CURRENT, ServerInt.CURRENT);
      server.touch();
      takeShareBack(server.block, Share.IDLE, ServerInt.IDLE);
    }
  }
  // A session of the process is one of a frontend.
  Atomics.sub(estate.processInts, 0, sessions);
  waiters.forget(row, (id) => backends.get(id)!.queue);
  for (const backend of backends.values()) {
    for (const server of backend.servers) if (backend.queue.hasWaiters(server)) backend.queue.pump(server);
  }
}
