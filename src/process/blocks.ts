// The shared blocks of a generation's objects, by name, so that the next generation finds those it keeps.

import {
  Ineligible,
  ProxyInt,
  ServerInt,
  SharedArena,
  SharedBlock,
  type SharedBlockRef,
} from '../core/shared.ts';
import { initServer } from '../backend/server.ts';
import { createQueueLists } from '../backend/queue.ts';
import { isBack, isFront } from '../config/defaults.ts';
import type { Config } from '../config/model.ts';

export interface BlockTable {
  readonly blocks: Map<string, SharedBlockRef>;
  /** Queue lists by backend name. */
  readonly queues: Map<string, SharedArrayBuffer>;
}

export const keyOf = {
  front: (name: string): string => `F:${name}`,
  back: (name: string): string => `B:${name}`,
  server: (backend: string, name: string): string => `S:${backend}/${name}`,
  listener: (frontend: string, id: number): string => `L:${frontend}/${id}`,
};

/**
 * Lays out blocks for every object of `config`, with `rows` counter rows, for `threads` data threads; those of `before` are taken over
 * where the name is the same.
 */
export function makeBlocks(
  config: Config,
  rows: number,
  threads: number,
  before: BlockTable | null,
): BlockTable {
  const wanted: [string, number][] = [];
  for (const proxy of config.proxies) {
    if (isFront(proxy.kind)) {
      wanted.push([keyOf.front(proxy.name), ProxyInt.SIZE]);
      for (const bind of proxy.binds) wanted.push([keyOf.listener(proxy.name, bind.id), ProxyInt.SIZE]);
    }
    if (isBack(proxy.kind)) {
      wanted.push([keyOf.back(proxy.name), ProxyInt.SIZE]);
      for (const server of proxy.servers)
        wanted.push([keyOf.server(proxy.name, server.name), ServerInt.SIZE]);
    }
  }
  const fresh = wanted.filter(([key]) => (before?.blocks.get(key)?.rows ?? 0) < rows);
  const bytes = fresh.reduce((sum, [, ints]) => sum + SharedArena.bytesFor(ints, rows), 0);
  const arena = new SharedArena(Math.max(bytes, 8));
  const blocks = new Map<string, SharedBlockRef>();
  for (const [key, ints] of wanted) {
    const old = before?.blocks.get(key);
    blocks.set(key, old !== undefined && old.rows >= rows ? old : arena.block(ints, rows));
  }
  const isNew = new Set(fresh.map(([key]) => key));
  const queues = new Map<string, SharedArrayBuffer>();
  for (const proxy of config.proxies) {
    const second = Math.floor(Date.now() / 1000);
    if (isFront(proxy.kind)) {
      const { ints } = new SharedBlock(blocks.get(keyOf.front(proxy.name))!, 0);
      ints[ProxyInt.MAXCONN] = proxy.maxconn > 0 ? proxy.maxconn : config.global.maxconn;
      if (isNew.has(keyOf.front(proxy.name))) ints[ProxyInt.LAST_CHANGE] = second;
    }
    if (!isBack(proxy.kind)) continue;
    const back = new SharedBlock(blocks.get(keyOf.back(proxy.name))!, 0).ints;
    if (isNew.has(keyOf.back(proxy.name))) back[ProxyInt.LAST_CHANGE] = second;
    // What the CLI published or not ends with a reload, as in HAProxy.
    back[ProxyInt.INELIGIBLE] =
      (proxy.unpublished ? Ineligible.UNPUBLISHED : 0) | (proxy.disabled ? Ineligible.DISABLED : 0);
    let active = 0;
    let backup = 0;
    for (const server of proxy.servers) {
      const key = keyOf.server(proxy.name, server.name);
      const { ints } = new SharedBlock(blocks.get(key)!, 0);
      if (isNew.has(key)) {
        initServer(ints, server);
        ints[ServerInt.LAST_CHANGE] = second;
      }
      const usable = ints[ServerInt.ADMIN] === 0 && ints[ServerInt.OPERATIONAL] !== 0;
      if (usable && server.backup) backup++;
      else if (usable) active++;
    }
    back[ProxyInt.ACTIVE_SERVERS] = active;
    back[ProxyInt.BACKUP_SERVERS] = backup;
    // Streams of the old generation wait in lists of their own: server indexes may differ.
    queues.set(proxy.name, createQueueLists(proxy.servers.length, threads));
  }
  return { blocks, queues };
}
