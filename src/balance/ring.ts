// The ring of consistent hashing: every server has 16 nodes for each unit of its weight, and a key belongs to the
// node nearest to its hash on either side. Node positions were found by watching HAProxy: the avalanche of
// id * 4096 + node number, in 32 bits.

import type { ServerConfig } from '../config/model.ts';
import type { Server } from '../backend/server.ts';
import { avalanche, crc32 } from './hash.ts';

/** First node number of a server before mixing, by its `hash-key`. */
function nodeBase(server: Server): number {
  const key: ServerConfig['hashKey'] = server.config.hashKey;
  if (key === 'id') return Math.imul(server.id, 4096);
  return crc32(key === 'addr' ? server.addressText : `${server.addressText}:${server.port}`) | 0;
}

/** An immutable ring over some servers and their weights in use. */
export class Ring {
  readonly size: number;
  private readonly positions: Uint32Array;
  private readonly owners: Server[];

  constructor(servers: readonly Server[]) {
    const nodes: { position: number; server: Server }[] = [];
    for (const server of servers) {
      const base = nodeBase(server);
      for (let node = 0; node < server.effectiveWeight; node++) {
        nodes.push({ position: avalanche((base + node) | 0), server });
      }
    }
    nodes.sort((one, other) => one.position - other.position || one.server.index - other.server.index);
    this.size = nodes.length;
    this.positions = Uint32Array.from(nodes, (node) => node.position);
    this.owners = nodes.map((node) => node.server);
  }

  /** Index of the first node at `hash` or after it, with wrap-around; 0 on an empty ring. */
  from(hash: number): number {
    const { positions, size } = this;
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (positions[middle]! < hash) low = middle + 1;
      else high = middle;
    }
    return low === size ? 0 : low;
  }

  /** Index of the node nearest to `hash`; -1 on an empty ring. */
  nearest(hash: number): number {
    const { positions, size } = this;
    if (size === 0) return -1;
    const after = this.from(hash);
    const previous = after === 0 ? size - 1 : after - 1;
    const ahead = (positions[after]! - hash) >>> 0;
    const behind = (hash - positions[previous]!) >>> 0;
    return behind <= ahead ? previous : after;
  }

  position(node: number): number {
    return this.positions[node]!;
  }

  owner(node: number): Server {
    return this.owners[node]!;
  }

  next(node: number): number {
    return node + 1 === this.size ? 0 : node + 1;
  }
}
