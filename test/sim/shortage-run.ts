// Two acts: descriptors or memory are short while the first clients come, and there is enough of both when the others
// do. The first may be refused, but not cheated; the others must be served as if nothing had been.

import { Client, SimServer } from './actors.ts';
import { Prng } from '../../src/core/prng.ts';
import { SimGeneration } from './plane.ts';
import { SimNetwork } from '../../src/reactor/sim-network.ts';
import { TcpClient, TcpServer } from './tcp-actors.ts';
import { judge, type Report } from './run.ts';
import { judgeTcp } from './tcp-run.ts';
import { play, type RunOptions } from './world.ts';
import type { Actor } from './wire.ts';

/** How often the bounds move, steps. */
const CHANGE_EVERY = 60;

interface Cast {
  readonly actors: Actor[];
  readonly done: () => boolean;
  /** Lets those of the second act come. */
  readonly begin: () => void;
  readonly verdict: (logs: readonly string[]) => { fault: string | null; good: number };
}

/** Runs seed `seed` to its end. */
export function simulateShortage(seed: number, options: RunOptions = {}): Report {
  const prng = new Prng(seed);
  const network = new SimNetwork(prng);
  const http = prng.chance(60);
  const text = `defaults
  mode ${http ? 'http' : 'tcp'}
  log 127.0.0.1:514 local0
  timeout client 3s
  timeout connect 1s
  timeout server 3s
  timeout http-keep-alive 1s
  ${prng.chance(50) ? 'retries 3' : 'option redispatch'}
  log-format "${http ? '%[capture.req.uri] %ST %tsc %B %rc' : '%cp %bp %U %B %ts %s'}"
frontend front
  bind 127.0.0.1:8000
  ${http && prng.chance(50) ? 'http-request set-header x-added %[path]' : 'maxconn 500'}
  default_backend back
backend back
  balance roundrobin
  server s0 127.0.0.1:9000${!http && prng.chance(30) ? ' send-proxy' : ''}
  server s1 127.0.0.1:9001
`;
  const threads = prng.chance(70) ? 1 : 2;
  const slabs = 64;
  const generation = new SimGeneration(text, network, prng, { threads, slabs });
  const clock = { now: generation.planes[0]!.reactor.now };
  const few = prng.chance(60);
  const little = !few || prng.chance(50);
  /** Slabs that the shortage keeps. */
  const kept = generation.planes.map((): number[] => []);
  let short = true;
  const change = (): void => {
    generation.planes.forEach(({ reactor, memory }, i) => {
      if (few) reactor.heldMax = short ? prng.between(1, 12) : Infinity;
      const most = short && little ? prng.between(slabs - 8, slabs) : 0;
      const mine = kept[i]!;
      while (mine.length > most) memory.release(mine.pop()!);
      while (mine.length < most && memory.free > 0) mine.push(memory.take());
    });
  };
  const cast = (http ? httpCast : tcpCast)(network, prng, clock, text);
  const finished = (): boolean => {
    if (!cast.done()) return false;
    if (!short) return true;
    short = false;
    change();
    cast.begin();
    return false;
  };
  const spoil: RunOptions['spoil'] = (plane, net, step) => {
    options.spoil?.(plane, net, step);
    if (short && step % CHANGE_EVERY === 0) change();
  };
  const { fault, steps } = play({ spoil, generation, network, prng, clock, actors: cast.actors, finished });
  const { fault: lie, good } = cast.verdict(generation.logs);
  const found = fault ?? lie;
  return {
    fault: found === null ? null : `${found}\n${text}${generation.logs.join('\n')}`,
    steps,
    requests: cast.actors.length,
    takeovers: 0,
    shared: network.shared,
    spliced: generation.spliced,
    good,
  };
}

function httpCast(network: SimNetwork, prng: Prng, clock: { now: number }): Cast {
  const servers = [0, 1].map((i) => new SimServer(9000 + i, network, prng, clock, false));
  const make = (name: string, count: number): Client[] =>
    Array.from({ length: count }, (_, i) => new Client(`${name}${i}`, 8000, network, prng, clock));
  const first = make('a', prng.between(2, 10));
  const second = make('b', 3);
  const actors: Actor[] = [...first, ...servers];
  let present = first;
  return {
    actors,
    done: () => present.every(({ done }) => done),
    begin() {
      present = second;
      for (const one of second) one.wakeAt += clock.now;
      actors.push(...second);
    },
    verdict(logs) {
      const good = second.flatMap((one) => one.outcomes).filter(({ status }) => status === 200).length;
      return { fault: judge(logs, first, false) ?? judge(logs, second, true), good };
    },
  };
}

function tcpCast(network: SimNetwork, prng: Prng, clock: { now: number }, text: string): Cast {
  const proxies = text.includes('send-proxy');
  const servers = [0, 1].map((i) => new TcpServer(i, network, prng, clock, false, proxies && i === 0));
  const make = (name: string, count: number): TcpClient[] =>
    Array.from({ length: count }, (_, i) => new TcpClient(`${name}${i}`, network, prng, clock, 0));
  const first = make('c1', prng.between(2, 10));
  const second = make('c2', 3);
  const actors: Actor[] = [...first, ...servers];
  let present = first;
  return {
    actors,
    done: () =>
      present.every(({ done, stuck }) => done || stuck) && servers.every(({ wakeAt }) => wakeAt === Infinity),
    begin() {
      present = second;
      actors.push(...second);
    },
    verdict(logs) {
      const before = judgeTcp(logs, first, servers, false, [...first, ...second]);
      const after = judgeTcp(logs, second, servers, true, [...first, ...second]);
      return { fault: before.fault ?? after.fault, good: after.whole };
    },
  };
}
