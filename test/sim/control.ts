// The control thread of a simulation: servers go down, drain, come back and grow while clients are busy, and sessions
// are shut down, as checks and the command line do it.

import { StateKeeper } from '../../src/backend/state.ts';
import { Waiters } from '../../src/backend/queue.ts';
import { isBack } from '../../src/config/defaults.ts';
import { nobody } from '../../src/balance/balance.ts';
import { seatBackend } from '../../src/process/reclaim.ts';
import type { Actor, Clock } from './wire.ts';
import type { Prng } from '../../src/core/prng.ts';
import type { Server } from '../../src/backend/server.ts';
import type { SimGeneration } from './plane.ts';

/** Between a run's seed and that of its control thread, whose choices are its own. */
export const CONTROL_SEED = 1_000_000;

export class SimControl implements Actor {
  readonly fault = null;
  wakeAt: number;
  private readonly generation: SimGeneration;
  private readonly prng: Prng;
  private readonly clock: Clock;
  private readonly keeper: StateKeeper;
  private readonly servers: Server[] = [];
  private left: number;

  constructor(generation: SimGeneration, prng: Prng, clock: Clock) {
    this.generation = generation;
    this.prng = prng;
    this.clock = clock;
    this.keeper = new StateKeeper({ log() {}, now: () => clock.now });
    const { config, table, waiterPool } = generation;
    const waiters = new Waiters(waiterPool, -1, (row) => generation.tell(row));
    for (const proxy of config.proxies) {
      if (!isBack(proxy.kind)) continue;
      const backend = seatBackend(proxy, { table, addresses: new Map() }, 0, waiters, () => nobody);
      this.keeper.add(backend);
      this.servers.push(...backend.servers);
    }
    this.keeper.link();
    this.left = prng.between(3, 25);
    this.wakeAt = clock.now + prng.below(100);
  }

  get ready(): boolean {
    return this.clock.now >= this.wakeAt;
  }

  act(): void {
    const { prng, keeper } = this;
    if (this.left-- === 0) {
      for (const server of this.servers) {
        keeper.setReady(server);
        keeper.setHealth(server, 'up', '');
        keeper.setWeight(server, '100%');
      }
      this.wakeAt = Infinity;
      return;
    }
    this.wakeAt = this.clock.now + prng.below(prng.chance(50) ? 30 : 700);
    const server = this.servers[prng.below(this.servers.length)]!;
    switch (prng.below(8)) {
      case 0:
        keeper.setMaintenance(server);
        break;
      case 1:
        keeper.setDrain(server);
        break;
      case 2:
        keeper.setReady(server);
        break;
      case 3:
        keeper.setHealth(server, 'down', '');
        break;
      case 4:
        keeper.setHealth(server, prng.chance(50) ? 'stopping' : 'up', '');
        break;
      case 5:
        keeper.setWeight(server, prng.chance(50) ? '0%' : '100%');
        break;
      case 6:
        // Never to fewer: those above the new limit would have to be told from those above it by a fault.
        if (server.maxconn > 0) keeper.setMaxconn(server, server.maxconn + 1);
        break;
      default:
        this.shutdown(server);
    }
  }

  private shutdown({ name, config }: Server): void {
    for (const { reactor, plane, sleepsUntil, stopped } of this.generation.planes) {
      if (stopped || sleepsUntil > this.clock.now) continue;
      const server = plane.farm(plane.backendNamed(config.backend.name)!).serverByName(name)!;
      reactor.turn(() => plane.shutdownSessions(server, 'K'));
    }
  }
}
