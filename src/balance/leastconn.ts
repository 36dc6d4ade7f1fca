import type { Farm } from '../backend/backend.ts';
import type { Server } from '../backend/server.ts';
import { ServerInt } from '../core/shared.ts';
import type { StreamContext } from '../sample/context.ts';
import type { Balancer } from './balance.ts';

/**
 * `balance leastconn`: the server with the fewest sessions and waiters for its weight; equals take turns, in the
 * order in which their load last moved. Loads are those of all threads, the order among equals is this thread's.
 */
export class LeastConnections implements Balancer {
  private readonly farm: Farm;
  private members: Server[] = [];
  private weights = new Int32Array(0);
  private loads = new Int32Array(0);
  private moved = new Float64Array(0);
  private clock = 0;

  constructor(farm: Farm) {
    this.farm = farm;
    this.changed();
  }

  changed(): void {
    const old = new Map(this.members.map((server, i) => [server, this.moved[i]!]));
    this.members = [...this.farm.members];
    this.weights = Int32Array.from(this.members, (server) => Math.max(1, server.effectiveWeight));
    this.loads = Int32Array.from(this.members, load);
    this.moved = Float64Array.from(this.members, (server) => old.get(server) ?? ++this.clock);
  }

  pick(_stream: StreamContext | null, avoid: Server | null): Server | null {
    const { members, weights, loads, moved } = this;
    let best = -1;
    let spare: Server | null = null;
    let bestCost = 0;
    for (let i = 0; i < members.length; i++) {
      const server = members[i]!;
      const sessions = load(server);
      if (sessions !== loads[i]) {
        loads[i] = sessions;
        moved[i] = ++this.clock;
      }
      // With a maxqueue it is allowed, and often better, to wait at a server rather than at the backend.
      if (server.full && !(server.config.maxqueue > 0 && server.queueOpen)) continue;
      if (server === avoid) {
        spare = server;
        continue;
      }
      // An idle server costs nothing whatever its weight: so idle servers all take part in turn.
      const cost = sessions === 0 ? 0 : (sessions + 1) / weights[i]!;
      if (best === -1 || cost < bestCost || (cost === bestCost && moved[i]! < moved[best]!)) {
        best = i;
        bestCost = cost;
      }
    }
    if (best === -1) return spare;
    loads[best] = loads[best]! + 1;
    moved[best] = ++this.clock;
    return members[best]!;
  }
}

function load(server: Server): number {
  return server.ints[ServerInt.CURRENT]! + server.ints[ServerInt.QUEUED]!;
}
