import type { Farm } from '../backend/backend.ts';
import type { Server } from '../backend/server.ts';
import { Position } from '../backend/positions.ts';
import type { StreamContext } from '../sample/context.ts';
import type { Balancer } from './balance.ts';
import { staticMap } from './static-map.ts';

const { AT } = Position;

/**
 * `balance static-rr`: each server in turn by weight, without smoothing of weight changes. All threads walk the map
 * together: the next place is shared.
 */
export class StaticRoundRobin implements Balancer {
  private readonly farm: Farm;
  private readonly positions: Int32Array;
  private readonly shared: boolean;
  private map: Server[] = [];

  constructor(farm: Farm) {
    this.farm = farm;
    this.positions = farm.positions;
    this.shared = this.positions[Position.SHARED] === 1;
    this.changed();
  }

  changed(): void {
    this.map = staticMap(this.farm.members);
  }

  pick(_stream: StreamContext | null, avoid: Server | null): Server | null {
    const { map, positions } = this;
    for (;;) {
      const seen = positions[AT]!;
      // A map that became shorter starts again.
      const from = seen < map.length ? seen : 0;
      let last: Server | null = null;
      let place = from;
      let found: Server | null = null;
      for (let step = 0; step < map.length && found === null; step++) {
        const server = map[place]!;
        if (++place === map.length) place = 0;
        if (server.full) continue;
        if (server === avoid) last = server;
        else found = server;
      }
      if (found === null) return last;
      if (!this.shared) positions[AT] = place;
      else if (Atomics.compareExchange(positions, AT, seen, place) !== seen) continue;
      return found;
    }
  }
}
