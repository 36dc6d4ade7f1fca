// One run of the simulation: a seed makes the configuration, the network, clients and servers, and the order of all that
// happens. The same seed gives the same story.

import { Client, SimServer, type Actor } from './actors.ts';
import { Prng } from '../../src/core/prng.ts';
import { SimNetwork } from '../../src/reactor/sim-network.ts';
import { SimPlane } from './plane.ts';

const STEPS_MAX = 400_000;
/** No run lasts longer in simulated time, ms. */
const TIME_MAX = 600_000;

export interface Report {
  /** What went wrong, or null. */
  readonly fault: string | null;
  readonly steps: number;
  readonly requests: number;
  /** Answers with status 200 whose bodies were right. */
  readonly good: number;
  /** Pieces that went through pipes. */
  readonly spliced: number;
}

export interface RunOptions {
  /** Called before each step: tests of the simulation itself spoil something here. */
  readonly spoil?: (plane: SimPlane, network: SimNetwork, step: number) => void;
}

function configOf(prng: Prng, servers: number): string {
  const maybe = (percent: number, line: string): string => (prng.chance(percent) ? `  ${line}\n` : '');
  const balance = ['roundrobin', 'leastconn', 'first', 'random', 'static-rr', 'source', 'uri'][
    prng.below(7)
  ]!;
  const limit = prng.chance(50) ? ` maxconn ${prng.between(1, 3)}` : '';
  let text = `defaults
  mode http
  log 127.0.0.1:514 local0
  timeout client 5s
  timeout connect 1s
  timeout server 3s
  timeout queue 2s
  timeout http-keep-alive 1s
  log-format "%[capture.req.uri] %ST %tsc %B %rc"
`;
  text += maybe(30, `retries ${prng.below(4)}`);
  text += maybe(40, 'option redispatch');
  text += maybe(20, 'retry-on all-retryable-errors');
  text += maybe(30, `http-reuse ${['never', 'safe', 'aggressive', 'always'][prng.below(4)]!}`);
  text += maybe(15, 'option http-server-close');
  text += maybe(10, 'option httpclose');
  text += maybe(15, 'option http-buffer-request');
  text += maybe(15, 'option abortonclose');
  text += 'frontend front\n  bind 127.0.0.1:8000\n';
  text += maybe(30, 'http-request set-header x-added %[path]');
  text += maybe(20, 'http-response set-header x-seen yes');
  text += maybe(10, 'option logasap');
  text += '  default_backend back\nbackend back\n';
  text += `  balance ${balance}\n`;
  text += maybe(25, 'cookie SRV insert indirect');
  for (let i = 0; i < servers; i++) {
    text += `  server s${i} 127.0.0.1:${9000 + i}${limit} cookie c${i}${prng.chance(10) ? ' backup' : ''}\n`;
  }
  return text;
}

/** About a third of the seeds splice. Drawn apart, so that what other seeds stand for stays what it was. */
function spliceOf(seed: number): string {
  const draw = new Prng(seed + 7_000_021);
  if (!draw.chance(35)) return '';
  const options = ['auto', 'request', 'response'].filter(() => draw.chance(60));
  return `defaults\n${options.map((name) => `  option splice-${name}\n`).join('')}`;
}

/** Runs seed `seed` to its end. */
export function simulate(seed: number, options: RunOptions = {}): Report {
  const prng = new Prng(seed);
  const network = new SimNetwork(prng);
  const serverCount = prng.between(1, 3);
  const text = configOf(prng, serverCount).replace('defaults\n', spliceOf(seed) || 'defaults\n');
  const sim = new SimPlane(text, network, prng, prng.chance(15) ? prng.between(12, 24) : 256);
  const { reactor } = sim;
  const unreliable = prng.chance(50);
  const clock = reactor;
  const servers = Array.from(
    { length: serverCount },
    (_, i) => new SimServer(9000 + i, network, prng, clock, unreliable),
  );
  const clients = Array.from(
    { length: prng.between(1, 6) },
    (_, i) => new Client(`c${i}`, 8000, network, prng, clock),
  );
  const actors: Actor[] = [...clients, ...servers];
  let steps = 0;
  let stopping = false;
  const report = (fault: string | null): Report => {
    const outcomes = clients.flatMap((client) => client.outcomes);
    return {
      fault: fault === null ? null : `${fault}\n${text}${sim.logs.join('\n')}`,
      steps,
      requests: outcomes.length,
      good: outcomes.filter(({ status, cut }) => status === 200 && !cut).length,
      spliced: sim.reactor.pipes.lentSoFar,
    };
  };
  for (; steps < STEPS_MAX; steps++) {
    options.spoil?.(sim, network, steps);
    const arriving = [...network.sockets.values()].filter((socket) => socket.arriving);
    const able = actors.filter((actor) => actor.ready);
    const ops = reactor.readyCount;
    const choices = arriving.length + able.length + ops;
    if (choices > 0) {
      const choice = prng.below(choices);
      if (choice < arriving.length) network.deliver(arriving[choice]!);
      else if (choice < arriving.length + able.length) able[choice - arriving.length]!.act();
      else reactor.progress(choice - arriving.length - able.length);
    } else {
      if (!stopping && clients.every(({ done }) => done)) {
        stopping = true;
        sim.plane.drain();
        continue;
      }
      if (sim.drained && reactor.held.size === 0) break;
      const next = Math.min(reactor.nextDeadline, ...actors.map((actor) => actor.wakeAt));
      if (next === Infinity || next > TIME_MAX) return report(`stuck at ${reactor.now} ms`);
      reactor.advance(Math.max(next, reactor.now + 1));
    }
    for (const actor of [...clients, ...servers]) if (actor.fault !== null) return report(actor.fault);
    const broken = sim.broken();
    if (broken !== null) return report(broken);
  }
  if (steps === STEPS_MAX) return report('no end');
  const leftovers = sim.leftovers();
  if (leftovers.length > 0) return report(leftovers.join(', '));
  return report(judge(sim, clients, servers));
}

/** What answers and log lines have to say to each other. */
function judge(sim: SimPlane, clients: readonly Client[], servers: readonly SimServer[]): string | null {
  const lines = new Map<string, string[]>();
  for (const line of sim.logs) {
    const id = /^\/(\w+)\?/.exec(line)?.[1];
    if (id !== undefined) lines.set(id, [...(lines.get(id) ?? []), line]);
  }
  for (const [id, found] of lines) if (found.length > 1) return `${id} was logged ${found.length} times`;
  const calm = servers.every(({ faulty }) => !faulty);
  for (const client of clients) {
    for (const { id, status, cut, first } of client.outcomes) {
      const line = lines.get(id)?.[0];
      if (status > 0 && line === undefined) return `${id} was answered and not logged`;
      const [, logged, flags] = / (-?\d+) (\S+) /.exec(line ?? '') ?? [];
      if (status > 0 && Number(logged) !== status) return `${id} got ${status}, its line says ${logged}`;
      // A line of option logasap was written before that could be known.
      if (cut && flags?.startsWith('--') && line?.includes(' +') !== true)
        return `${id} was cut and its line says ${flags}`;
      if (status === 0 && !cut && !first) continue;
      if (calm && !client.rude && status !== 200 && status !== 204 && status !== 503 && flags?.[0] !== 'c') {
        return `${id} got ${status} from servers that work: ${line ?? 'no line'}`;
      }
    }
  }
  return null;
}
