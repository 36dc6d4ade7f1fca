// Stories of TCP mode: streams of both sides through one to three data threads.

import { CONTROL_SEED, SimControl } from './control.ts';
import { Prng } from '../../src/core/prng.ts';
import { SimGeneration } from './plane.ts';
import { SimNetwork } from '../../src/reactor/sim-network.ts';
import { TcpClient, TcpServer, streamOf, type Peer } from './tcp-actors.ts';
import { play, type RunOptions } from './world.ts';
import { extended, type Report } from './run.ts';
import type { Actor } from './wire.ts';

interface Shape {
  readonly text: string;
  readonly acceptsProxy: boolean;
  readonly sendsProxy: boolean;
}

function configOf(prng: Prng, servers: number): Shape {
  const maybe = (percent: number, line: string): string => (prng.chance(percent) ? `  ${line}\n` : '');
  const balance = ['roundrobin', 'leastconn', 'first', 'random', 'source'][prng.below(5)]!;
  const limit = prng.chance(40) ? ` maxconn ${prng.between(1, 3)}` : '';
  const acceptsProxy = prng.chance(30);
  const sendsProxy = prng.chance(30);
  const proxy = sendsProxy ? (prng.chance(50) ? ' send-proxy' : ' send-proxy-v2') : '';
  let text = `defaults
  mode tcp
  log 127.0.0.1:514 local0
  timeout client 2s
  timeout connect 1s
  timeout server 3s
  timeout queue 2s
  log-format "%cp %bp %U %B %ts %s"
`;
  text += maybe(30, 'timeout tunnel 4s');
  text += maybe(30, 'timeout client-fin 900ms');
  text += maybe(30, 'timeout server-fin 1500ms');
  text += maybe(30, `retries ${prng.below(4)}`);
  text += maybe(40, 'option redispatch');
  text += maybe(20, 'option independent-streams');
  text += `frontend front\n  bind 127.0.0.1:8000${acceptsProxy ? ' accept-proxy' : ''}\n`;
  if (prng.chance(40)) {
    text += `  tcp-request inspect-delay ${prng.between(20, 400)}ms\n`;
    text += `  tcp-request content accept if ${['{ req.len ge 12 }', 'WAIT_END', '{ req.len ge 60000 }'][prng.below(3)]!}\n`;
  }
  text += '  default_backend back\nbackend back\n';
  text += `  balance ${balance}\n`;
  if (prng.chance(25)) {
    text += `  tcp-response inspect-delay ${prng.between(20, 400)}ms\n`;
    text += `  tcp-response content accept if ${['{ res.len ge 12 }', 'WAIT_END', '{ res.len ge 60000 }'][prng.below(3)]!}\n`;
  }
  for (let i = 0; i < servers; i++) text += `  server s${i} 127.0.0.1:${9000 + i}${limit}${proxy}\n`;
  return { text, acceptsProxy, sendsProxy };
}

/** Runs seed `seed` to its end. */
export function simulateTcp(seed: number, options: RunOptions = {}): Report {
  const prng = new Prng(seed);
  const network = new SimNetwork(prng);
  const serverCount = prng.between(1, 3);
  const threads = prng.chance(60) ? 1 : prng.between(2, 3);
  const { text: plain, acceptsProxy, sendsProxy } = configOf(prng, serverCount);
  const text = extended(plain, seed);
  const slabs = prng.chance(10) ? prng.between(12, 24) : 128;
  const generation = new SimGeneration(text, network, prng, { threads, slabs });
  const clock = { now: generation.planes[0]!.reactor.now };
  const unreliable = prng.chance(40);
  const stalls = prng.chance(30) ? 1 : 0;
  const servers = Array.from(
    { length: serverCount },
    (_, i) => new TcpServer(i, network, prng, clock, unreliable, sendsProxy),
  );
  const clients = Array.from(
    { length: prng.between(1, 8) },
    (_, i) => new TcpClient(`c${i}`, network, prng, clock, acceptsProxy ? 50_000 + i : 0),
  );
  const stopsAt = prng.chance(10) ? prng.between(50, 3000) : -1;
  const finished = (): boolean =>
    clients.every(({ done, stuck }) => done || stuck) && servers.every(({ wakeAt }) => wakeAt === Infinity);
  const actors: Actor[] = [...clients, ...servers];
  const controlled = seed % 4 === 2;
  if (controlled) actors.push(new SimControl(generation, new Prng(seed + CONTROL_SEED), clock));
  const parts = { ...options, generation, network, prng, clock, actors, finished, stalls, stopsAt };
  const { fault, steps } = play(parts);
  const calm =
    !controlled &&
    !text.includes('independent') &&
    stalls === 0 &&
    stopsAt < 0 &&
    slabs > 100 &&
    servers.every(({ faulty }) => !faulty);
  const verdict = judgeTcp(generation.logs, clients, servers, calm);
  const found = fault ?? verdict.fault;
  return {
    fault: found === null ? null : `${found}\n${text}${generation.logs.join('\n')}`,
    steps,
    requests: clients.length,
    takeovers: 0,
    shared: network.shared,
    spliced: generation.spliced,
    good: verdict.whole,
  };
}

const HEAD = /^((?:c|s\d+n)\d+) (\d+)\n/;

interface Line {
  /** The port from which the server was asked. */
  readonly behind: number;
  readonly up: number;
  readonly down: number;
  readonly flags: string;
  readonly text: string;
}

/** What both sides saw and the log says; `whole` counts the connections of which no byte is missing. */
export function judgeTcp(
  logs: readonly string[],
  clients: readonly TcpClient[],
  servers: readonly TcpServer[],
  calm: boolean,
  everybody: readonly TcpClient[] = clients,
): { fault: string | null; whole: number } {
  let whole = 0;
  const lines = new Map<number, Line>();
  for (const text of logs) {
    const [port, behind, up, down, flags] = text.split(' ');
    if (lines.has(Number(port))) return { fault: `port ${port} was logged twice`, whole };
    lines.set(Number(port), {
      behind: Number(behind),
      up: Number(up),
      down: Number(down),
      flags: flags!,
      text,
    });
  }
  const peers = servers.flatMap((one) => one.peers);
  for (const server of servers) {
    for (const peer of server.peers) {
      if (server.expectsProxy && !server.claimed.has(peer)) peer.received = '';
      const fault = strange(peer, everybody);
      if (fault !== null) return { fault, whole };
    }
  }
  for (const client of clients) {
    const { peer } = client;
    const line = lines.get(client.port);
    const fault = strange(
      peer,
      [...peers.values()].map((one) => ({ peer: one })),
    );
    if (fault !== null) return { fault, whole };
    const other = peers.find((one) => one.remotePort === line?.behind);
    for (const [reader, writer] of [
      [peer, other],
      [other, peer],
    ]) {
      const name = reader === undefined ? undefined : HEAD.exec(reader.received)?.[1];
      if (name !== undefined && name !== writer?.name)
        return { fault: `${reader!.name} hears ${name}, its line says ${line?.text}`, whole };
    }
    for (const { claimed } of servers) {
      const port = other === undefined ? undefined : claimed.get(other);
      if (port !== undefined && port !== client.port)
        return { fault: `${peer.name} came from port ${client.port}, its PROXY header says ${port}`, whole };
    }
    const verdict = pair(client, other, line, calm);
    if (verdict !== null && verdict !== 'whole') return { fault: verdict, whole };
    if (verdict === 'whole') whole++;
  }
  return { fault: null, whole };
}

/** Bytes that nobody of `others` sent. */
function strange(peer: Peer, others: readonly { readonly peer: Peer }[]): string | null {
  const { received, name } = peer;
  const head = HEAD.exec(received);
  if (head === null) {
    if (others.some((one) => one.peer.full.startsWith(received))) return null;
    return received === '' ? null : `${name} read ${JSON.stringify(received.slice(0, 40))}`;
  }
  const full = streamOf(head[1]!, Number(head[2]));
  if (full.startsWith(received)) return null;
  let at = 0;
  while (full[at] === received[at]) at++;
  return `${name} read something else than ${head[1]} sent, from byte ${at} of ${received.length}`;
}

/** One connection: null where nothing can be said, 'whole' where all arrived, else what is wrong. */
function pair(
  client: TcpClient,
  other: Peer | undefined,
  line: Line | undefined,
  calm: boolean,
): string | null {
  const { peer } = client;
  if (line === undefined) {
    return peer.received !== '' || other !== undefined ? `${peer.name} was served and not logged` : null;
  }
  const good = line.flags === '--';
  // What was being sent when a connection broke may have gone in part, which nobody counts.
  if (good && peer.received.length > line.down)
    return `${peer.name} read ${peer.received.length} bytes, its line says ${line.text}`;
  if ((other?.received.length ?? 0) > line.up)
    return `${other!.name} read ${other!.received.length} bytes, its line says ${line.text}`;
  for (const [reader, writer] of [
    [peer, other],
    [other, peer],
  ]) {
    if (reader === undefined || writer === undefined || !reader.sawEnd) continue;
    if (good && reader.received.length < writer.written)
      return `${reader.name} saw the end of ${writer.name} after ${reader.received.length} of ${writer.written} bytes: ${line.text}`;
  }
  if (good && other !== undefined && peer.left === 'no' && other.left === 'no') {
    if (line.up !== peer.written || line.down !== other.written)
      return `${peer.name} sent ${peer.written}, ${other.name} ${other.written}: ${line.text}`;
  }
  const orderly =
    ['half-close', 'wait'].includes(peer.ending) &&
    (other === undefined ||
      (['half-close', 'wait'].includes(other.ending) &&
        (peer.ending !== 'wait' || other.ending !== 'wait') &&
        !(peer.listens && other.listens)));
  if (!calm || !orderly) return null;
  if (other === undefined) {
    return ['sQ', 'SC', 'sC', 'CQ', 'cR', 'PC'].includes(line.flags)
      ? null
      : `${peer.name} met no server: ${line.text}`;
  }
  if (!good) return `${peer.name} and ${other.name} ended in order, and their line says ${line.text}`;
  if (!peer.sawEnd || !other.sawEnd) return `${peer.name} or ${other.name} saw no end: ${line.text}`;
  return peer.received === other.full && other.received === peer.full
    ? 'whole'
    : `${peer.name} and ${other.name} lost bytes: ${line.text}`;
}
