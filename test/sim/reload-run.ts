// A second generation beside the first, at a moment that the seed chooses: it takes the listening sockets over, the
// first one drains, and both share servers, limits and counts. No request may be lost for that.

import { CONTROL_SEED, SimControl } from './control.ts';
import { Client, SimServer } from './actors.ts';
import { Prng } from '../../src/core/prng.ts';
import { SimGeneration } from './plane.ts';
import { SimNetwork } from '../../src/reactor/sim-network.ts';
import { configOf, extended, judge, type Report } from './run.ts';
import { play, type RunOptions } from './world.ts';
import type { Actor } from './wire.ts';

/** Reloads of one run at most. */
const RELOADS_MAX = 3;

/** The same servers and limits, and something that is new. */
export function changed(text: string, prng: Prng): string {
  if (prng.chance(40)) return text;
  const balance = ['roundrobin', 'leastconn', 'first', 'random'][prng.below(4)]!;
  let next = text.replace(/ {2}balance .*\n/, `  balance ${balance}\n`);
  // The numbers of the proxies change.
  if (prng.chance(50) && !next.includes('backend other'))
    next = next.replace(/\nbackend back\n/, '\nbackend other\nbackend back\n');
  const rule = '  http-request set-header x-new yes\n';
  if (prng.chance(50) && !next.includes(rule)) {
    next = next.replace('  default_backend back\n', `${rule}  default_backend back\n`);
  }
  return next;
}

/** Runs seed `seed` to its end. */
export function simulateReloads(seed: number, options: RunOptions = {}): Report {
  const prng = new Prng(seed);
  const network = new SimNetwork(prng);
  const serverCount = prng.between(1, 3);
  const text = extended(configOf(prng, serverCount), seed);
  const reloads = prng.between(1, RELOADS_MAX);
  const threads = prng.between(1, 3);
  const rows = threads * (reloads + 1);
  const slabs = 128;
  const generations = [new SimGeneration(text, network, prng, { threads, slabs, rows })];
  const clock = { now: generations[0]!.planes[0]!.reactor.now };
  const unreliable = prng.chance(30);
  const stalls = threads > 1 && prng.chance(20) ? 1 : 0;
  const servers = Array.from(
    { length: serverCount },
    (_, i) => new SimServer(9000 + i, network, prng, clock, unreliable),
  );
  const clients = Array.from(
    { length: prng.between(2, 10) },
    (_, i) => new Client(`c${i}`, 8000, network, prng, clock),
  );
  const actors: Actor[] = [...clients, ...servers];
  const controlled = seed % 4 === 3;
  let control = controlled ? new SimControl(generations[0]!, new Prng(seed + CONTROL_SEED), clock) : null;
  if (control !== null) actors.push(control);
  let next = prng.between(10, 1500);
  let config = text;
  const spoil: RunOptions['spoil'] = (plane, net, step) => {
    options.spoil?.(plane, net, step);
    if (step < next || generations.length > reloads) return;
    next = step + prng.between(10, 1500);
    const before = generations.at(-1)!;
    // A stop has begun: there is no reload any more.
    if (before.stopping) return;
    config = changed(config, prng);
    const made = new SimGeneration(config, network, prng, { threads, slabs, rows, before });
    for (const { reactor } of made.planes) reactor.advance(clock.now);
    generations.push(made);
    before.handOver();
    if (control !== null) {
      actors.splice(actors.indexOf(control), 1);
      control = new SimControl(made, new Prng(seed + CONTROL_SEED + generations.length), clock);
      actors.push(control);
    }
  };
  const settles = (): boolean => {
    if (generations.length === 1) return false;
    const told = (): number => generations.reduce((sum, { woken }) => sum + woken.size, 0);
    const before = told();
    for (const { queues, stopped } of generations) if (!stopped) queues.pump();
    return told() > before;
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
    stalls,
    finished: () => clients.every(({ done }) => done),
  });
  const calm = !controlled && stalls === 0 && servers.every(({ faulty }) => !faulty);
  const logs = generations.flatMap((one) => one.logs);
  const sentAway = clients.some(({ refused }) => refused) ? 'a client was refused' : null;
  const found = fault ?? sentAway ?? judge(logs, clients, calm);
  const outcomes = clients.flatMap((client) => client.outcomes);
  return {
    fault: found === null ? null : `${found}\n${config}${logs.join('\n')}`,
    steps,
    requests: outcomes.length,
    takeovers: network.moved,
    shared: network.shared,
    spliced: generations.reduce((sum, one) => sum + one.spliced, 0),
    reloads: generations.length - 1,
    good: outcomes.filter(({ status, cut }) => status === 200 && !cut).length,
  };
}
