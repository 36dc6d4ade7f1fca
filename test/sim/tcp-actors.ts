// Clients and servers of TCP mode. Each side sends a stream that says whose it is and follows from its name, so that
// whoever reads knows what is missing, changed or too much.

import { Outbox, bodyOf, seedOf, type Actor, type Clock } from './wire.ts';
import type { Prng } from '../../src/core/prng.ts';
import type { SimListener, SimNetwork, SimSocket } from '../../src/reactor/sim-network.ts';

/** The whole stream of one side: a line that names it and tells its length, then that many bytes. */
export const streamOf = (name: string, length: number): string =>
  `${name} ${length}\n${bodyOf(seedOf(name), length)}`;

/** How a side ends: all of them but the last three do so in order. */
export type Ending =
  /** Sends all, closes its sending side, reads to the end. */
  | 'half-close'
  /** Sends all, and closes when the other side has ended. */
  | 'wait'
  /** Closes after a part, whatever the other side does. */
  | 'close'
  | 'reset'
  /** Stops after a part, and neither sends nor reads any more. */
  | 'silent';

/** One side of a connection, client or server. */
export class Peer {
  readonly name: string;
  readonly full: string;
  readonly ending: Ending;
  received = '';
  /** The other side's end arrived; false and `broken` where the connection broke. */
  sawEnd = false;
  broken = false;
  /** All was written and its end said, or how it left before. */
  saidEnd = false;
  left: 'no' | 'close' | 'reset' = 'no';
  wakeAt = 0;
  remotePort = 0;
  socket: SimSocket | null = null;
  /** Bytes of `full` that were written. */
  written = 0;
  private readonly network: SimNetwork;
  private readonly prng: Prng;
  private readonly clock: Clock;
  private readonly outbox: Outbox;
  /** What goes before the stream: a PROXY header. */
  private preamble = 0;
  private readonly pace: number;
  private readonly stopsAt: number;
  /** How often it may still rest. */
  private pauses = 12;
  /** A server that says nothing before it has heard something. */
  readonly listens: boolean;

  constructor(name: string, network: SimNetwork, prng: Prng, clock: Clock, ending: Ending, listens: boolean) {
    this.name = name;
    this.network = network;
    this.prng = prng;
    this.clock = clock;
    this.ending = ending;
    this.listens = listens;
    this.full = streamOf(name, prng.chance(60) ? prng.below(900) : prng.below(90_000));
    this.outbox = new Outbox(network);
    this.pace = prng.chance(10) ? prng.between(1, 40) : prng.between(200, 30_000);
    this.stopsAt = ending === 'half-close' || ending === 'wait' ? Infinity : prng.below(this.full.length + 1);
  }

  begin(socket: SimSocket, preamble: string): void {
    this.remotePort = socket.remote?.port ?? 0;
    this.socket = socket;
    this.preamble = preamble.length;
    this.outbox.push(preamble + this.full);
  }

  private get over(): boolean {
    return this.written >= this.stopsAt;
  }

  private get maySend(): boolean {
    return !this.listens || this.received.length > 0 || this.sawEnd || this.preamble > 0;
  }

  get ready(): boolean {
    const { socket } = this;
    if (socket === null || this.clock.now < this.wakeAt) return false;
    if (this.over) return this.left === 'no' && this.ending !== 'silent';
    if (socket.inbox.length > 0 || (socket.ended && !this.sawEnd) || socket.broken < 0) return true;
    if (this.outbox.length > 0) return this.maySend && this.network.room(socket) > 0;
    if (this.ending === 'half-close' && !this.saidEnd) return true;
    return this.sawEnd;
  }

  /** False once it is over. */
  act(): boolean {
    const { prng, network } = this;
    const socket = this.socket!;
    if (this.pauses > 0 && prng.chance(4)) {
      this.pauses--;
      this.wakeAt = this.clock.now + prng.below(300);
      return true;
    }
    if (this.over) {
      if (this.ending === 'reset') network.reset(socket);
      else network.close(socket);
      return this.ends(this.ending === 'reset' ? 'reset' : 'close');
    }
    const reads = socket.inbox.length > 0 && (this.outbox.length === 0 || !this.maySend || prng.chance(60));
    if (reads) {
      this.received += Buffer.from(network.read(socket, prng.chance(10) ? 9 : 100_000)).toString('latin1');
      return true;
    }
    if (socket.broken < 0) {
      this.broken = true;
      network.close(socket);
      return this.ends('close');
    }
    if (socket.inbox.length === 0 && socket.ended && !this.sawEnd) {
      this.sawEnd = true;
      return true;
    }
    if (this.outbox.length > 0 && this.maySend) return this.send(socket);
    if (this.ending === 'half-close' && !this.saidEnd) {
      this.saidEnd = true;
      network.shutdown(socket);
      return true;
    }
    if (!this.sawEnd) return true;
    this.saidEnd = true;
    network.close(socket);
    return this.ends('close');
  }

  private send(socket: SimSocket): boolean {
    const before = this.outbox.length;
    if (!this.outbox.flush(socket, Math.min(this.pace, this.stopsAt - this.written + this.preamble))) {
      this.broken = true;
      this.network.close(socket);
      return this.ends('close');
    }
    const count = before - this.outbox.length;
    const ofPreamble = Math.min(this.preamble, count);
    this.preamble -= ofPreamble;
    this.written += count - ofPreamble;
    return true;
  }

  private ends(how: 'close' | 'reset'): boolean {
    if (!this.saidEnd) this.left = how;
    this.socket = null;
    this.wakeAt = Infinity;
    return false;
  }
}

export function endingOf(prng: Prng, unruly: boolean): Ending {
  if (prng.chance(unruly ? 55 : 85)) return prng.chance(70) ? 'half-close' : 'wait';
  return (['close', 'reset', 'silent'] as const)[prng.below(3)]!;
}

/** PROXY protocol header of version 1 or 2 that claims to come from `port`, as latin1. */
export function proxyHeader(version: number, port: number): string {
  if (version === 1) return `PROXY TCP4 10.1.2.3 10.9.8.7 ${port} 443\r\n`;
  const bytes = Buffer.from([
    ...[13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10, 0x21, 0x11, 0, 12],
    ...[10, 1, 2, 3, 10, 9, 8, 7, port >> 8, port & 255, 1, 187],
  ]);
  return bytes.toString('latin1');
}

/** A client with one connection. */
export class TcpClient implements Actor {
  readonly peer: Peer;
  readonly proxyPort: number;
  fault: string | null = null;
  done = false;
  /** As the log names it. */
  port = 0;
  connected = false;
  private readonly network: SimNetwork;
  private readonly clock: Clock;
  private readonly version: number;
  private readonly beginsAt: number;

  /** `proxyPort`: the source port that its PROXY header claims; 0: it sends none. */
  constructor(name: string, network: SimNetwork, prng: Prng, clock: Clock, proxyPort: number) {
    this.network = network;
    this.clock = clock;
    this.proxyPort = proxyPort;
    this.version = proxyPort > 0 ? prng.between(1, 2) : 0;
    this.peer = new Peer(name, network, prng, clock, endingOf(prng, prng.chance(30)), prng.chance(15));
    this.beginsAt = prng.below(200);
  }

  get wakeAt(): number {
    if (this.done) return Infinity;
    const wanted = this.peer.socket === null ? this.beginsAt : this.peer.wakeAt;
    return wanted > this.clock.now ? wanted : Infinity;
  }

  get ready(): boolean {
    if (this.done) return false;
    return this.peer.socket === null ? this.clock.now >= this.beginsAt : this.peer.ready;
  }

  act(): void {
    const { peer, network } = this;
    if (peer.socket !== null) {
      this.done = !peer.act();
      return;
    }
    const socket = network.open();
    const to = { family: 'ipv4', address: '127.0.0.1', port: 8000 } as const;
    if (network.connect(socket, to) < 0) {
      this.done = true;
      return;
    }
    this.connected = true;
    this.port = this.proxyPort || socket.local!.port;
    peer.begin(socket, this.proxyPort > 0 ? proxyHeader(this.version, this.proxyPort) : '');
  }

  /** Gives up: whatever it does, the connection will not end by itself. */
  get stuck(): boolean {
    return !this.done && this.peer.ending === 'silent';
  }

  abandon(): void {
    if (this.peer.socket !== null) this.network.close(this.peer.socket);
    this.peer.socket = null;
    this.done = true;
  }
}

const V2_SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';

/** A server; each of its connections is a peer. */
export class TcpServer implements Actor {
  fault: string | null = null;
  /** It refuses, stays silent, or has peers that end out of order. */
  faulty = false;
  readonly peers: Peer[] = [];
  /** Source ports that PROXY headers named, by peer. */
  readonly claimed = new Map<Peer, number>();
  private readonly name: string;
  private readonly network: SimNetwork;
  private readonly prng: Prng;
  private readonly clock: Clock;
  private readonly listener: SimListener;
  private readonly unreliable: boolean;
  /** A PROXY header comes first. */
  readonly expectsProxy: boolean;

  constructor(
    index: number,
    network: SimNetwork,
    prng: Prng,
    clock: Clock,
    unreliable: boolean,
    expectsProxy: boolean,
  ) {
    this.name = `s${index}`;
    this.network = network;
    this.prng = prng;
    this.clock = clock;
    this.unreliable = unreliable;
    this.expectsProxy = expectsProxy;
    this.listener = network.listen('127.0.0.1', 9000 + index);
    if (unreliable && prng.chance(15)) {
      this.listener.mode = prng.chance(50) ? 'refused' : 'silent';
      this.faulty = true;
    }
  }

  get wakeAt(): number {
    let least = Infinity;
    for (const { wakeAt, socket } of this.peers)
      if (socket !== null && wakeAt > this.clock.now) least = Math.min(least, wakeAt);
    return least;
  }

  get ready(): boolean {
    return this.listener.backlog.length > 0 || this.peers.some((peer) => peer.ready);
  }

  act(): void {
    const { prng } = this;
    const socket = this.listener.backlog.shift();
    if (socket !== undefined) {
      const ending = endingOf(prng, this.unreliable);
      const name = `${this.name}n${this.peers.length}`;
      const peer = new Peer(name, this.network, prng, this.clock, ending, prng.chance(50));
      peer.begin(socket, '');
      this.peers.push(peer);
      return;
    }
    const able = this.peers.filter((peer) => peer.ready);
    const peer = able[prng.below(able.length)]!;
    peer.act();
    if (this.expectsProxy && !this.claimed.has(peer)) this.takeProxy(peer);
  }

  /** Takes the PROXY header out of what was received, once it is whole. */
  private takeProxy(peer: Peer): void {
    const { received } = peer;
    let end: number;
    let port: number;
    if (received.startsWith(V2_SIGNATURE)) {
      if (received.length < 28) return;
      end = 16 + received.charCodeAt(14) * 256 + received.charCodeAt(15);
      if (received.length < end) return;
      port = received.charCodeAt(24) * 256 + received.charCodeAt(25);
    } else {
      end = received.indexOf('\r\n') + 2;
      if (end < 2 || received === '\r\n' || V2_SIGNATURE.startsWith(received)) return;
      port = Number(received.slice(0, end).split(' ')[4]);
      if (!received.startsWith('PROXY TCP4 ')) this.fault = `no PROXY header: ${JSON.stringify(received)}`;
    }
    peer.received = received.slice(end);
    this.claimed.set(peer, port);
  }
}
