import type { Farm } from '../backend/backend.ts';
import type { Server } from '../backend/server.ts';
import type { StreamContext } from '../sample/context.ts';
import type { Balancer } from './balance.ts';

/** `balance first`: the server of the lowest id that has a slot left. */
export class First implements Balancer {
  private readonly farm: Farm;
  private members: Server[] = [];

  constructor(farm: Farm) {
    this.farm = farm;
    this.changed();
  }

  changed(): void {
    this.members = this.farm.members.toSorted((one, other) => one.id - other.id);
  }

  pick(_stream: StreamContext | null, avoid: Server | null): Server | null {
    let spare: Server | null = null;
    for (let i = 0; i < this.members.length; i++) {
      const server = this.members[i]!;
      if (server.full) continue;
      if (server !== avoid) return server;
      spare = server;
    }
    return spare;
  }
}
