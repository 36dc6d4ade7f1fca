import type { Farm } from '../backend/backend.ts';
import type { Server } from '../backend/server.ts';
import type { StreamContext } from '../sample/context.ts';
import type { Balancer } from './balance.ts';
import { staticMap } from './static-map.ts';

/** `balance static-rr`: each server in turn by weight, without smoothing of weight changes. One position a thread. */
export class StaticRoundRobin implements Balancer {
  private readonly farm: Farm;
  private map: Server[] = [];
  private at = 0;

  constructor(farm: Farm) {
    this.farm = farm;
    this.changed();
  }

  changed(): void {
    this.map = staticMap(this.farm.members);
    if (this.at >= this.map.length) this.at = 0;
  }

  pick(_stream: StreamContext | null, avoid: Server | null): Server | null {
    const map = this.map;
    let last: Server | null = null;
    for (let step = 0; step < map.length; step++) {
      const place = this.at + step < map.length ? this.at + step : this.at + step - map.length;
      const server = map[place]!;
      if (server.full) continue;
      if (server === avoid) {
        last = server;
        continue;
      }
      this.at = place + 1 === map.length ? 0 : place + 1;
      return server;
    }
    return last;
  }
}
