import type { Farm } from '../backend/backend.ts';
import type { Server } from '../backend/server.ts';
import { ServerInt } from '../core/shared.ts';
import { Turn, turnAt } from '../backend/positions.ts';
import type { StreamContext } from '../sample/context.ts';
import type { Balancer } from './balance.ts';

/**
 * `balance leastconn`: the server with the fewest sessions and waiters for its weight; equals take turns, in the
 * order in which their load last moved. Loads and order are those of all threads.
 */
export class LeastConnections implements Balancer {
  private readonly farm: Farm;
  private readonly positions: Int32Array;
  private members: readonly Server[] = [];
  private weights = new Int32Array(0);
  private turns = new Int32Array(0);

  constructor(farm: Farm) {
    this.farm = farm;
    this.positions = farm.positions;
    this.changed();
  }

  changed(): void {
    this.members = [...this.farm.members];
    this.weights = Int32Array.from(this.members, (server) => Math.max(1, server.effectiveWeight));
    this.turns = Int32Array.from(this.members, (server) => turnAt(server.index));
  }

  pick(_stream: StreamContext | null, avoid: Server | null): Server | null {
    const { members, positions, turns, weights } = this;
    let best: Server | null = null;
    let spare: Server | null = null;
    let bestCost = 0;
    let bestMoved = 0;
    for (let i = 0; i < members.length; i++) {
      const server = members[i]!;
      // With a maxqueue it is allowed, and often better, to wait at a server rather than at the backend.
      if (server.full && !(server.config.maxqueue > 0 && server.queueOpen)) continue;
      if (server === avoid) {
        spare = server;
        continue;
      }
      const sessions = server.ints[ServerInt.CURRENT]! + server.ints[ServerInt.QUEUED]!;
      // An idle server costs nothing whatever its weight: so idle servers all take part in turn.
      const cost = sessions === 0 ? 0 : (sessions + 1) / weights[i]!;
      const moved = positions[turns[i]! + Turn.MOVED]!;
      // The count of moves may wrap.
      if (best === null || cost < bestCost || (cost === bestCost && ((moved - bestMoved) | 0) < 0)) {
        best = server;
        bestCost = cost;
        bestMoved = moved;
      }
    }
    return best ?? spare;
  }
}
