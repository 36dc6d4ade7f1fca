import type { Farm } from '../backend/backend.ts';
import type { Server } from '../backend/server.ts';
import type { StreamContext } from '../sample/context.ts';
import type { Balancer } from './balance.ts';
import { withinFactor } from './load.ts';
import { Ring } from './ring.ts';

/** Unsigned 32-bit numbers: a seed replays every choice. */
export type RandomSource = () => number;

/** xorshift32. `seed`: not 0. */
export function randomSource(seed: number): RandomSource {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** `balance random(draws)`: draws places on the ring and keeps the least loaded server drawn. */
export class RandomDraws implements Balancer {
  private readonly farm: Farm;
  private readonly draws: number;
  private readonly factor: number;
  private readonly random: RandomSource;
  private ring: Ring;

  constructor(farm: Farm, draws: number, factor: number, random: RandomSource) {
    this.farm = farm;
    this.draws = draws;
    this.factor = factor;
    this.random = random;
    this.ring = new Ring(farm.members);
  }

  changed(): void {
    this.ring = new Ring(this.farm.members);
  }

  pick(_stream: StreamContext | null, avoid: Server | null): Server | null {
    const { members } = this.farm;
    // One server leaves nothing to draw.
    if (members.length === 1 && members[0] !== avoid && !members[0]!.full) return members[0]!;
    let best: Server | null = null;
    for (let draw = 0; draw < this.draws; draw++) {
      const drawn = this.draw(avoid);
      if (drawn === null) break;
      if (best === null || lighter(drawn, best)) best = drawn;
    }
    if (best === null && avoid !== null && avoid.inUse && !avoid.full) return avoid;
    return best;
  }

  /** A server with a slot left, from a random place onwards. */
  private draw(avoid: Server | null): Server | null {
    const ring = this.ring;
    if (ring.size === 0) return null;
    let node = ring.nearest(this.random());
    let loaded: Server | null = null;
    let previous: Server | null = null;
    for (let step = 0; step < ring.size; step++, node = ring.next(node)) {
      const server = ring.owner(node);
      if (server === previous || server === avoid || server.full) continue;
      previous = server;
      if (withinFactor(server, this.farm.members, this.factor)) return server;
      loaded ??= server;
    }
    return loaded;
  }
}

/** Less loaded for its weight; equally loaded ones are compared by their sessions of this second. */
function lighter(one: Server, other: Server): boolean {
  const a = one.current * other.effectiveWeight;
  const b = other.current * one.effectiveWeight;
  if (a !== b) return a < b;
  return one.sessionRate * other.effectiveWeight < other.sessionRate * one.effectiveWeight;
}
