// Threads that die of a bug while a reload is under way: those of the generation that leaves have no heirs, those of the
// other do, and what they held of servers, limits and queues, which both share, is given back all the same.

import { Client, SimServer } from './actors.ts';
import { Prng } from '../../src/core/prng.ts';
import { SimGeneration } from './plane.ts';
import { SimNetwork } from '../../src/reactor/sim-network.ts';
import { Undertaker } from './death-run.ts';
import { changed } from './reload-run.ts';
import { configOf, extended, judge, type Report } from './run.ts';
import { play, type RunOptions } from './world.ts';
import type { Actor } from './wire.ts';

const RELOADS_MAX = 3;

/** Runs seed `seed` to its end. */
export function simulateDeathsInReloads(seed: number, options: RunOptions = {}): Report {
  const prng = new Prng(seed);
  const network = new SimNetwork(prng);
  const serverCount = prng.between(1, 3);
  const text = extended(configOf(prng, serverCount), seed);
  const reloads = prng.between(1, RELOADS_MAX);
  const threads = 1 + (seed % 3);
  const rows = threads * (reloads + 1);
  const slabs = 128;
  const generations = [new SimGeneration(text, network, prng, { threads, slabs, rows })];
  const clock = { now: generations[0]!.planes[0]!.reactor.now };
  const unreliable = prng.chance(30);
  const servers = Array.from(
    { length: serverCount },
    (_, i) => new SimServer(9000 + i, network, prng, clock, unreliable),
  );
  const make = (name: string, count: number): Client[] =>
    Array.from({ length: count }, (_, i) => new Client(`${name}${i}`, 8000, network, prng, clock));
  const first = make('a', prng.between(4, 12));
  const second = make('b', 4);
  const undertakers = [new Undertaker(generations[0]!, network, prng, clock)];
  const actors: Actor[] = [...first, ...servers, ...undertakers];
  let present = first;
  let nextDeath = prng.between(20, 900);
  let nextReload = prng.between(10, 900);
  let config = text;
  const reload = (): void => {
    const before = generations.at(-1)!;
    config = changed(config, prng);
    const made = new SimGeneration(config, network, prng, { threads, slabs, rows, before });
    for (const { reactor } of made.planes) reactor.advance(clock.now);
    generations.push(made);
    before.handOver();
    const undertaker = new Undertaker(made, network, prng, clock);
    undertakers.push(undertaker);
    actors.push(undertaker);
  };
  const spoil: RunOptions['spoil'] = (plane, net, step) => {
    options.spoil?.(plane, net, step);
    if (present !== first) return;
    if (step >= nextReload && generations.length <= reloads && !generations.at(-1)!.stopping) {
      nextReload = step + prng.between(10, 1200);
      reload();
      // Soon, while both generations are at work.
      if (prng.chance(60)) nextDeath = step + prng.below(150);
    }
    if (step < nextDeath) return;
    nextDeath = step + prng.between(50, 1200);
    const { planes } = generations[prng.below(generations.length)]!;
    planes[prng.below(threads)]!.reactor.bugIn = prng.between(1, 12);
  };
  const settles = (): boolean => {
    if (generations.length === 1) return false;
    const told = (): number => generations.reduce((sum, { woken }) => sum + woken.size, 0);
    const before = told();
    for (const { queues, stopped } of generations) if (!stopped) queues.pump();
    return told() > before;
  };
  const finished = (): boolean => {
    const planes = generations.flatMap((one) => one.planes);
    if (!present.every(({ done }) => done) || planes.some(({ dead, buried }) => dead && !buried))
      return false;
    if (present === second) return true;
    for (const { reactor } of planes) reactor.bugIn = Infinity;
    if (generations.length === 1) reload();
    present = second;
    for (const one of second) one.wakeAt += clock.now;
    actors.push(...second);
    return false;
  };
  const { fault, steps } = play({
    spoil,
    settles,
    generation: generations[0]!,
    generations,
    network,
    prng,
    clock,
    actors,
    finished,
  });
  const calm = servers.every(({ faulty }) => !faulty);
  const logs = generations.flatMap((one) => one.logs);
  const found = fault ?? judge(logs, first, false, true) ?? judge(logs, second, calm);
  return {
    fault: found === null ? null : `${found}\n${config}${logs.join('\n')}`,
    steps,
    requests: first.length + second.length,
    takeovers: network.moved,
    shared: network.shared,
    spliced: generations.reduce((sum, one) => sum + one.spliced, 0),
    deaths: undertakers.reduce((sum, { died }) => sum + died, 0),
    reloads: generations.length - 1,
    good: second.flatMap((one) => one.outcomes).filter(({ status, cut }) => status === 200 && !cut).length,
  };
}
