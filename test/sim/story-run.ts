// Stories of HTTP beyond a request and its answer, see story-actors.ts.

import { Prng } from '../../src/core/prng.ts';
import { SimGeneration } from './plane.ts';
import { SimNetwork } from '../../src/reactor/sim-network.ts';
import { StoryClient, StoryServer, type Told } from './story-actors.ts';
import { play, type RunOptions } from './world.ts';
import { extended, type Report } from './run.ts';

interface Shape {
  readonly text: string;
  /** A request that failed is tried again, as long as it was small. */
  readonly retries: boolean;
}

function configOf(prng: Prng, servers: number): Shape {
  const maybe = (percent: number, line: string): string => (prng.chance(percent) ? `  ${line}\n` : '');
  const retries = prng.chance(40);
  const limit = prng.chance(30) ? ` maxconn ${prng.between(1, 3)}` : '';
  let text = `defaults
  mode http
  log 127.0.0.1:514 local0
  timeout client 5s
  timeout connect 1s
  timeout server 4s
  timeout queue 4s
  timeout tunnel 6s
  timeout http-keep-alive 1s
  log-format "%[capture.req.hdr(0)] %ST %tsc %B %rc %s"
`;
  if (retries) text += '  retry-on all-retryable-errors\n  retries 3\n';
  else text += maybe(30, `retries ${prng.below(4)}`);
  text += maybe(40, 'option redispatch 1');
  text += maybe(40, `http-reuse ${['never', 'safe', 'aggressive', 'always'][prng.below(4)]!}`);
  text += maybe(15, 'option http-server-close');
  text += maybe(15, 'option httpclose');
  text += maybe(20, 'option http-buffer-request');
  text += maybe(50, 'no option abortonclose');
  text += 'frontend front\n  bind 127.0.0.1:8000\n  capture request header x-id len 32\n';
  text += maybe(30, 'http-request set-header x-added %[path]');
  text += maybe(20, 'http-response set-header x-seen yes');
  text += maybe(15, 'http-request wait-for-body time 200ms');
  text += '  default_backend back\nbackend back\n';
  text += `  balance ${['roundrobin', 'leastconn', 'first', 'random'][prng.below(4)]!}\n`;
  text += maybe(60, 'cookie SRV insert indirect nocache');
  for (let i = 0; i < servers; i++) text += `  server s${i} 127.0.0.1:${9000 + i}${limit} cookie c${i}\n`;
  return { text, retries };
}

/** Runs seed `seed` to its end. */
export function simulateStories(seed: number, options: RunOptions = {}): Report {
  const prng = new Prng(seed);
  const network = new SimNetwork(prng);
  const serverCount = prng.between(1, 3);
  const threads = prng.chance(60) ? 1 : prng.between(2, 3);
  const { text: plain, retries } = configOf(prng, serverCount);
  const text = extended(plain, seed);
  const generation = new SimGeneration(text, network, prng, { threads, slabs: 128 });
  const clock = { now: generation.planes[0]!.reactor.now };
  const unreliable = prng.chance(30);
  const stalls = prng.chance(25) ? 1 : 0;
  const stopsAt = prng.chance(10) ? prng.between(50, 3000) : -1;
  // Drawn apart, as in `extended`.
  const haste = new Prng(seed + 5_000_077);
  const seen = new Map<string, number>();
  const servers = Array.from(
    { length: serverCount },
    (_, i) => new StoryServer(i, network, prng, clock, unreliable, seen, haste),
  );
  const clients = Array.from(
    { length: prng.between(1, 6) },
    (_, i) => new StoryClient(`c${i}`, network, prng, clock),
  );
  const finished = (): boolean => clients.every(({ done }) => done);
  const actors = [...clients, ...servers];
  const parts = { ...options, generation, network, prng, clock, actors, finished, stalls, stopsAt };
  const { fault, steps } = play(parts);
  const told = clients.flatMap((client) => client.told);
  const calm = stalls === 0 && stopsAt < 0 && servers.every(({ faulty }) => !faulty);
  const excused = told.filter(({ how }) => how === 'half-close' && !text.includes('abortonclose'));
  const judged = calm ? told.filter((one) => !excused.includes(one)) : told;
  const found = fault ?? judge(generation.logs, judged, calm, retries, text.includes('wait-for-body'));
  return {
    fault: found === null ? null : `${found}\n${text}${generation.logs.join('\n')}`,
    steps,
    requests: told.length,
    takeovers: network.moved,
    shared: network.shared,
    spliced: generation.spliced,
    good: told.filter(({ status, whole }) => status > 0 && status < 400 && whole).length,
  };
}

function judge(
  logs: readonly string[],
  told: readonly Told[],
  calm: boolean,
  retries: boolean,
  impatient: boolean,
): string | null {
  const lines = new Map<string, string>();
  for (const line of logs) {
    const id = line.split(' ')[0]!;
    if (id === '-') continue;
    if (lines.has(id)) return `${id} was logged twice`;
    lines.set(id, line);
  }
  for (const one of told) {
    const { id, how, status, whole, first } = one;
    const line = lines.get(id);
    const [, logged, flags = ''] = line?.split(' ') ?? [];
    if (status > 0 && line === undefined) return `${id} was answered and not logged`;
    if (status > 0 && Number(logged) !== status) return `${id} got ${status}: ${line}`;
    if (how === 'abort' || !calm) continue;
    if (status === 0) {
      // A later request may meet a connection that is being closed: nobody has seen it then.
      if (first || line !== undefined) return `${id} (${how}) got no answer: ${line}`;
      continue;
    }
    if (flags[1] === 'Q' || (impatient && flags.startsWith('cR') && how !== 'connect')) continue;
    const fault = `${id} (${how}) got ${status}${whole ? '' : ', cut'}: ${line}`;
    if (!whole && status < 400) return fault;
    if (how === 'fail') {
      if (status === 200) continue;
      if (retries && one.small) return fault;
      if (status !== 503 && status !== 502) return fault;
    } else if (status !== statusOf(how)) return fault;
  }
  return null;
}

function statusOf(how: Told['how']): number {
  const others: Partial<Record<Told['how'], number>> = { none: 204, '304': 304, refuse: 417, upgrade: 101 };
  return others[how] ?? 200;
}
