// One run of the simulation: a seed makes the configuration, the network, clients and servers, and the order of all that
// happens. The same seed gives the same story.

import { Client, SimServer } from './actors.ts';
import { CONTROL_SEED, SimControl } from './control.ts';
import { Prng } from '../../src/core/prng.ts';
import { SimGeneration } from './plane.ts';
import { SimNetwork } from '../../src/reactor/sim-network.ts';
import { play, type RunOptions } from './world.ts';
import type { Actor } from './wire.ts';

export interface Report {
  /** What went wrong, or null. */
  readonly fault: string | null;
  readonly steps: number;
  readonly requests: number;
  /** Descriptors that went from one thread to another. */
  readonly takeovers: number;
  /** New connections that one thread accepted and another served. */
  readonly shared: number;
  /** Answers with status 200 whose bodies were right. */
  readonly good: number;
  /** Pieces that went through pipes. */
  readonly spliced: number;
  /** Threads that died. */
  readonly deaths?: number;
  /** Generations that came after the first. */
  readonly reloads?: number;
}

export function configOf(prng: Prng, servers: number): string {
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

/** How threads share new connections, by seed. */
const SHARING = ['off', 'on', 'fair', 'off'];

/**
 * What came to the configurations later: drawn apart, so that what other seeds stand for stays what it was. About a
 * third of the seeds splice, and a seventh limit how fast bytes pass.
 */
export function extended(plain: string, seed: number): string {
  const sharing = SHARING[seed % 4]!;
  let text = `global\n  tune.listener.multi-queue ${sharing}\n${plain}`;
  const limit = new Prng(seed + 9_000_045);
  if (sharing !== 'off' && limit.chance(30)) {
    text = text.replace('frontend front\n', `frontend front\n  maxconn ${limit.between(1, 6)}\n`);
  }
  const pace = new Prng(seed + 5_000_017);
  if (pace.chance(15)) {
    let lines = '';
    for (const way of ['in', 'out'].filter(() => pace.chance(70))) {
      const least = pace.chance(30) ? ` min-size ${pace.between(1, 20_000)}` : '';
      const limit = `default-limit ${pace.between(3_000, 80_000)} default-period ${pace.between(5, 100)}`;
      lines += `  filter bwlim-${way} ${way} ${limit}${least}\n  tcp-request content set-bandwidth-limit ${way}\n`;
    }
    text = text.replace('frontend front\n', `frontend front\n${lines}`);
  }
  const draw = new Prng(seed + 7_000_021);
  if (!draw.chance(35)) return text;
  const options = ['auto', 'request', 'response'].filter(() => draw.chance(60));
  return text.replace(
    'defaults\n',
    `defaults\n${options.map((name) => `  option splice-${name}\n`).join('')}`,
  );
}

/** Runs seed `seed` to its end. */
export function simulate(seed: number, options: RunOptions = {}): Report {
  return run(seed, 1, options);
}

/** The same stories with two to four data threads. */
export function simulateThreads(seed: number, options: RunOptions = {}): Report {
  return run(seed, 2 + (seed % 3), options);
}

function run(seed: number, threads: number, options: RunOptions): Report {
  const prng = new Prng(seed);
  const network = new SimNetwork(prng);
  const serverCount = prng.between(1, 3);
  const text = extended(configOf(prng, serverCount), seed);
  const slabs = prng.chance(15) ? prng.between(12, 24) : Math.floor(256 / threads);
  const generation = new SimGeneration(text, network, prng, { threads, slabs });
  const unreliable = prng.chance(50);
  const stalls = threads > 1 && prng.chance(40) ? 1 : 0;
  const stopsAt = threads > 1 && prng.chance(25) ? prng.between(100, 8000) : -1;
  const handsOver = threads > 1 && seed % 16 === 6 ? 1 + (seed % 5) : 0;
  const clock = { now: generation.planes[0]!.reactor.now };
  const servers = Array.from(
    { length: serverCount },
    (_, i) => new SimServer(9000 + i, network, prng, clock, unreliable),
  );
  const clients = Array.from(
    { length: prng.between(1, threads === 1 ? 6 : 10) },
    (_, i) => new Client(`c${i}`, 8000, network, prng, clock),
  );
  const finished = (): boolean => clients.every(({ done }) => done);
  const actors: Actor[] = [...clients, ...servers];
  const controlled = threads > 1 && seed % 4 === 3;
  if (controlled) actors.push(new SimControl(generation, new Prng(seed + CONTROL_SEED), clock));
  const { fault, steps } = play({
    ...options,
    generation,
    network,
    prng,
    clock,
    actors,
    finished,
    stalls,
    stopsAt,
    // A soft stop while a connection is on its way from one thread to another.
    ...(handsOver > 0 && { stopsWhen: waitsFor(generation, handsOver) }),
  });
  const found =
    fault ??
    judge(
      generation.logs,
      clients,
      !controlled &&
        slabs > 24 &&
        stalls === 0 &&
        stopsAt < 0 &&
        handsOver === 0 &&
        servers.every(({ faulty }) => !faulty),
    );
  const outcomes = clients.flatMap((client) => client.outcomes);
  return {
    fault: found === null ? null : `${found}\n${text}${generation.logs.join('\n')}`,
    steps,
    requests: outcomes.length,
    takeovers: network.moved,
    shared: network.shared,
    spliced: generation.spliced,
    good: outcomes.filter(({ status, cut }) => status === 200 && !cut).length,
  };
}

/** For the `count`th time a thread has a connection that another gave it and that it has not looked at. */
function waitsFor({ planes }: SimGeneration, count: number): () => boolean {
  let left = count;
  let waited = false;
  return () => {
    const waits = planes.some(({ plane }) => plane.accepts?.isEmpty === false);
    if (waits && !waited) left--;
    waited = waits;
    return waits && left <= 0;
  };
}

/** What answers and log lines have to say to each other. */
export function judge(
  logs: readonly string[],
  clients: readonly Client[],
  calm: boolean,
  threadsDie = false,
): string | null {
  const lines = new Map<string, string[]>();
  for (const line of logs) {
    const id = /^\/(\w+)\?/.exec(line)?.[1];
    if (id !== undefined) lines.set(id, [...(lines.get(id) ?? []), line]);
  }
  for (const [id, found] of lines) if (found.length > 1) return `${id} was logged ${found.length} times`;
  for (const client of clients) {
    for (const { id, status, cut, first } of client.outcomes) {
      const line = lines.get(id)?.[0];
      // Late, so that its line names no request.
      if (status === 408 && line === undefined && !calm) continue;
      // A thread that dies takes the lines with it that it would have written.
      if (threadsDie && line === undefined) continue;
      if (status > 0 && line === undefined) return `${id} was answered and not logged`;
      const [, logged, flags] = / (-?\d+) (\S+) /.exec(line ?? '') ?? [];
      if (status > 0 && Number(logged) !== status) return `${id} got ${status}, its line says ${logged}`;
      // A line of option logasap was written before that could be known; and a thread may die after it wrote one, while
      // it reads the rest of a request so that the answer is not lost to a reset.
      if (cut && !threadsDie && flags?.startsWith('--') && line?.includes(' +') !== true)
        return `${id} was cut and its line says ${flags}`;
      if (status === 0 && !cut && !first) continue;
      if (calm && !client.rude && status !== 200 && status !== 204 && status !== 503 && flags?.[0] !== 'c') {
        return `${id} got ${status} from servers that work: ${line ?? 'no line'}`;
      }
    }
  }
  return null;
}
