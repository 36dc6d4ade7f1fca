// Data threads that meet a bug in the middle of a turn. What they held is closed, what they held of shared counts, queues
// and idle connections is given back, others go on, and those who come later are served as if nothing had been.

import { Client, SimServer } from './actors.ts';
import { Prng } from '../../src/core/prng.ts';
import { SimGeneration, type SimPlane } from './plane.ts';
import { SimNetwork } from '../../src/reactor/sim-network.ts';
import { configOf, extended, judge, type Report } from './run.ts';
import { play, type RunOptions } from './world.ts';
import type { Actor, Clock } from './wire.ts';

/** How long until the control thread hears of a death, and until another thread serves, ms. */
const PAUSE_MS = 40;

interface Death {
  readonly row: number;
  at: number;
  reclaimed: boolean;
}

/** The control thread's part: what a dead thread held is given back, and another takes its row. */
export class Undertaker implements Actor {
  readonly fault = null;
  died = 0;
  private readonly generation: SimGeneration;
  private readonly network: SimNetwork;
  private readonly prng: Prng;
  private readonly clock: Clock;
  private readonly deaths: Death[] = [];

  constructor(generation: SimGeneration, network: SimNetwork, prng: Prng, clock: Clock) {
    this.generation = generation;
    this.network = network;
    this.prng = prng;
    this.clock = clock;
    for (const plane of generation.planes) this.watch(plane);
  }

  private watch({ reactor, row }: SimPlane): void {
    reactor.onDeath = () => {
      this.died++;
      this.deaths.push({ row, at: this.soon(), reclaimed: false });
    };
  }

  private bury(death: Death): void {
    this.deaths.splice(this.deaths.indexOf(death), 1);
    this.generation.bury(death.row, this.network);
  }

  private soon(): number {
    return this.clock.now + this.prng.below(PAUSE_MS);
  }

  get wakeAt(): number {
    return this.deaths.reduce((least, { at }) => Math.min(least, at), Infinity);
  }

  get ready(): boolean {
    return this.clock.now >= this.wakeAt;
  }

  act(): void {
    const death = this.deaths.find(({ at }) => this.clock.now >= at)!;
    if (!death.reclaimed) {
      this.generation.reclaim(death.row);
      death.reclaimed = true;
      // Another generation has its listening sockets: nobody takes its place.
      if (this.generation.stopping) this.bury(death);
      death.at = this.soon();
      return;
    }
    if (this.generation.stopping) {
      this.bury(death);
      return;
    }
    this.deaths.splice(this.deaths.indexOf(death), 1);
    this.watch(this.generation.replace(death.row, this.network, this.prng, this.clock.now));
  }
}

/** Runs seed `seed` to its end. */
export function simulateDeaths(seed: number, options: RunOptions = {}): Report {
  const prng = new Prng(seed);
  const network = new SimNetwork(prng);
  const serverCount = prng.between(1, 3);
  const text = extended(configOf(prng, serverCount), seed);
  const threads = 1 + (seed % 4);
  const generation = new SimGeneration(text, network, prng, { threads, slabs: 128 });
  const clock = { now: generation.planes[0]!.reactor.now };
  const unreliable = prng.chance(30);
  const servers = Array.from(
    { length: serverCount },
    (_, i) => new SimServer(9000 + i, network, prng, clock, unreliable),
  );
  const make = (name: string, count: number): Client[] =>
    Array.from({ length: count }, (_, i) => new Client(`${name}${i}`, 8000, network, prng, clock));
  const first = make('a', prng.between(2, 10));
  const second = make('b', 4);
  const undertaker = new Undertaker(generation, network, prng, clock);
  const actors: Actor[] = [...first, ...servers, undertaker];
  let present = first;
  let next = prng.between(20, 600);
  const spoil: RunOptions['spoil'] = (plane, net, step) => {
    options.spoil?.(plane, net, step);
    if (present !== first || step < next) return;
    next = step + prng.between(50, 1200);
    generation.planes[prng.below(threads)]!.reactor.bugIn = prng.between(1, 12);
  };
  const finished = (): boolean => {
    if (!present.every(({ done }) => done) || generation.planes.some(({ dead }) => dead)) return false;
    if (present === second) return true;
    for (const { reactor } of generation.planes) reactor.bugIn = Infinity;
    present = second;
    for (const one of second) one.wakeAt += clock.now;
    actors.push(...second);
    return false;
  };
  const { fault, steps } = play({ spoil, generation, network, prng, clock, actors, finished });
  const calm = servers.every(({ faulty }) => !faulty);
  const found = fault ?? judge(generation.logs, first, false, true) ?? judge(generation.logs, second, calm);
  return {
    fault: found === null ? null : `${found}\n${text}${generation.logs.join('\n')}`,
    steps,
    requests: first.length + second.length,
    takeovers: network.moved,
    shared: network.shared,
    spliced: generation.spliced,
    deaths: undertaker.died,
    good: second.flatMap((one) => one.outcomes).filter(({ status, cut }) => status === 200 && !cut).length,
  };
}
