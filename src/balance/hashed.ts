// What all hashing algorithms share: a key's hash points into the static map or at the ring. A stream without a
// key gets the next place of the map or the ring.

import type { Farm } from '../backend/backend.ts';
import type { Server } from '../backend/server.ts';
import { Position } from '../backend/positions.ts';
import type { StreamContext } from '../sample/context.ts';
import type { Balancer, BalanceSettings } from './balance.ts';
import { avalanche } from './hash.ts';
import { withinFactor } from './load.ts';
import { Ring } from './ring.ts';
import { staticMap } from './static-map.ts';
import { StaticRoundRobin } from './static-rr.ts';

/** What a stream is hashed by. */
export interface HashKey {
  /** Unsigned 32 bits, or -1 where the stream has no key. */
  hash(stream: StreamContext): number;
}

/** Chooses by a key's hash; a full server is still the choice unless `hash-preserve-affinity` says otherwise. */
export class Hashed implements Balancer {
  private readonly farm: Farm;
  private readonly key: HashKey;
  private readonly settings: BalanceSettings;
  private readonly mixed: boolean;
  private readonly keyless: StaticRoundRobin | null;
  /** Shared: `Position.AT` is where on the ring the next stream without a key is served. */
  private readonly positions: Int32Array;
  private map: Server[] = [];
  private ring: Ring | null = null;

  constructor(farm: Farm, settings: BalanceSettings, key: HashKey) {
    this.farm = farm;
    this.key = key;
    this.settings = settings;
    this.mixed = settings.avalanche;
    this.positions = farm.positions;
    this.keyless = settings.consistent ? null : new StaticRoundRobin(farm);
    this.rebuild();
  }

  changed(): void {
    this.keyless?.changed();
    this.rebuild();
  }

  private rebuild(): void {
    if (this.settings.consistent) this.ring = new Ring(this.farm.members);
    else this.map = staticMap(this.farm.members);
  }

  pick(stream: StreamContext, avoid: Server | null): Server | null {
    let hash = this.key.hash(stream);
    if (hash < 0) return this.keyless !== null ? this.keyless.pick(stream, avoid) : this.walk(avoid);
    if (this.mixed) hash = avalanche(hash);
    return this.ring !== null ? this.fromRing(this.ring, hash, avoid) : this.fromMap(hash, avoid);
  }

  /** Without a key: the ring's nodes one after the other. */
  private walk(avoid: Server | null): Server | null {
    const ring = this.ring!;
    if (ring.size === 0) return null;
    const { positions } = this;
    for (;;) {
      const seen = Atomics.load(positions, Position.AT);
      let node = ring.from(seen >>> 0);
      let spare: Server | null = null;
      let found: Server | null = null;
      for (let step = 0; step < ring.size; step++, node = ring.next(node)) {
        const server = ring.owner(node);
        if (server.full) continue;
        if (server === avoid) {
          spare = server;
          continue;
        }
        found = server;
        break;
      }
      if (found === null) return spare;
      const next = (ring.position(node) + 1) | 0;
      if (Atomics.compareExchange(positions, Position.AT, seen, next) === seen) return found;
    }
  }

  private fromMap(hash: number, avoid: Server | null): Server | null {
    const map = this.map;
    if (map.length === 0) return null;
    let at = hash % map.length;
    let choice = map[at]!;
    for (let step = 0; step < map.length; step++) {
      choice = map[at]!;
      if (choice !== avoid && !this.passes(choice)) return choice;
      at = at + 1 === map.length ? 0 : at + 1;
    }
    return choice;
  }

  private fromRing(ring: Ring, hash: number, avoid: Server | null): Server | null {
    let node = ring.nearest(hash);
    if (node < 0) return null;
    const first = ring.owner(node);
    let last = first;
    for (let step = 0; step < ring.size; step++, node = ring.next(node)) {
      const server = ring.owner(node);
      if (server === last && step > 0) continue;
      if (server !== first || step === 0) last = server;
      if (server === avoid || this.passes(server)) continue;
      if (withinFactor(server, this.farm.members, this.settings.hashBalanceFactor)) return server;
    }
    // All are saturated: the stream waits at the last one before the ring closes.
    return last === avoid ? first : last;
  }

  /** `hash-preserve-affinity`: whether the key moves on to the next server. */
  private passes(server: Server): boolean {
    const affinity = this.settings.preserveAffinity;
    if (affinity === 'always' || server.maxconn === 0) return false;
    if (affinity === 'maxconn') return server.full || server.queued > 0;
    return server.config.maxqueue > 0 && !server.queueOpen;
  }
}
