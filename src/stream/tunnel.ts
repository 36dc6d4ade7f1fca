// Bytes both ways between two connections until both sides are done: TCP mode, CONNECT, WebSocket. Each direction has
// one buffer: what was read is sent before more is read, so a slow reader slows its writer and nothing piles up.

import { SPLICE_MAX } from '../reactor/pipes.ts';
import { Splice, spliceChoice } from '../config/splicing.ts';
import { TimerOperation } from '../reactor/reactor.ts';
import { countSplicedIn, splicedOut, worthSplicing } from './splicing.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import type { Pacer } from './pacer.ts';
import type { Stream } from './stream.ts';

/** Who owns a tunnel is told once when it is over: termination letters as in manual 8.5. */
export interface TunnelOwner extends Stream {
  tunnelEnded(cause: string, phase: string): void;
}

class TunnelTimer extends TimerOperation {
  readonly tunnel: Tunnel;
  constructor(tunnel: Tunnel) {
    super();
    this.tunnel = tunnel;
  }
  override onTimeout(): void {
    this.tunnel.onTimeout();
  }
}

export class Tunnel implements ConnectionOwner {
  readonly owner: TunnelOwner;
  active = false;
  private client!: Connection;
  private server!: Connection;
  private readonly timer: TunnelTimer;
  /** End of input was passed on: client to server, server to client. */
  private clientDone = false;
  private serverDone = false;
  private clientSeen = 0;
  private serverSeen = 0;
  private clientFill = 0;
  private serverFill = 0;
  /** A send of the stream's was in flight (or waited) when the tunnel began: its bytes were counted when it started. */
  private serverOwed = false;
  /** option independent-streams: only what a side says shows that it lives, not what it takes. */
  private clientMustSpeak = false;
  private serverMustSpeak = false;
  /** How each side is read, see `spliceChoice`. */
  private clientSplice: number = Splice.NEVER;
  private serverSplice: number = Splice.NEVER;
  private ending = false;
  /** A rule closes the server's connection once what it said is with the client. */
  private severed = false;
  private cause = '-';
  private phase = '-';

  constructor(owner: TunnelOwner) {
    this.owner = owner;
    this.timer = new TunnelTimer(this);
  }

  /** Bytes already read on either side are sent first. */
  start(client: Connection, server: Connection): void {
    this.client = client;
    this.server = server;
    this.active = true;
    this.ending = this.severed = false;
    this.clientDone = this.serverDone = false;
    this.serverOwed = server.busySending || this.owner.paceIn?.isPending === true;
    this.cause = this.phase = '-';
    const { now } = this.owner.plane.reactor;
    this.clientSeen = this.serverSeen = now;
    this.clientFill = this.serverFill = 0;
    const { backend, farm, frontend, session } = this.owner;
    const splices = session.owner.splices | farm!.splices;
    this.clientSplice = spliceChoice(splices, Splice.REQUEST);
    this.serverSplice = spliceChoice(splices, Splice.RESPONSE);
    this.clientMustSpeak = frontend.options.has('independent-streams');
    this.serverMustSpeak = backend !== null && backend.options.has('independent-streams');
    this.watch();
    this.pump(client, server);
    if (this.active) this.pump(server, client);
  }

  /** Sends what `from` holds, or reads on. */
  private pump(from: Connection, to: Connection): void {
    // What is being sent may lie in the slab of `from`.
    if (this.severed && this.cut(from)) return;
    if (this.ending || to.busySending || (this.serverOwed && to === this.server)) return;
    if (from.length > 0) {
      this.pass(from, to);
      return;
    }
    if (from.ended) {
      this.inputOver(from, to);
      return;
    }
    if (from.reading || from.pipe >= 0) return;
    const mine = from === this.client;
    const fill = mine ? this.clientFill : this.serverFill;
    const splice = mine ? this.clientSplice : this.serverSplice;
    if (splice !== Splice.NEVER && this.splice(from, splice, fill)) return;
    const { memory } = this.owner.plane.reactor;
    if (from.large >= 0 ? fill > memory.largeSize >> 3 : fill >= memory.slabSize) {
      if (from.large < 0) from.grow();
      from.rewind();
    } else {
      from.releaseSlab();
    }
    from.receive();
  }

  /**
   * tcp-response content close: nothing more is taken from the server, nor sent to it. What it said so far goes on to
   * the client.
   */
  sever(): void {
    this.severed = true;
    this.cut(this.server);
  }

  /** True: there is nothing to pass from `from` to the other side; all is over where nothing is on its way either. */
  private cut(from: Connection): boolean {
    if (from === this.server && from.length > 0) return false;
    if (this.server.length === 0 && !this.client.busySending && !this.server.busySending) this.end();
    return true;
  }

  /** Sends what `from` holds, or as much of it as the bandwidth limits allow. */
  private pass(from: Connection, to: Connection): void {
    const pacer = this.pacerOf(from);
    let count = from.length;
    if (pacer !== null) {
      // Nobody is silent while bytes wait for their turn: neither is asked for more.
      this.clientSeen = this.serverSeen = this.owner.plane.reactor.now;
      count = pacer.grant(count);
    }
    if (count > 0) to.send(from.at, from.at + count, false);
  }

  private pacerOf(from: Connection): Pacer | null {
    return from === this.client ? this.owner.paceIn : this.owner.paceOut;
  }

  /** A bandwidth limit lets bytes pass again. */
  paceOn(outwards: boolean): void {
    if (outwards) this.pump(this.server, this.client);
    else if (!this.serverOwed || !this.owner.paceIn!.goOn()) this.pump(this.client, this.server);
  }

  /** Reads on into a pipe where that is worth it. The server's first bytes are for rules and timers. */
  private splice(from: Connection, choice: number, fill: number): boolean {
    if ((fill === 0 && from === this.server) || this.pacerOf(from) !== null) return false;
    if (!worthSplicing(choice, fill, this.owner.plane.reactor.memory.slabSize)) return false;
    from.releaseSlab();
    from.receiveSpliced(SPLICE_MAX);
    return true;
  }

  onReceived(connection: Connection, result: number): void {
    if (this.ending) {
      this.finish();
      return;
    }
    const mine = connection === this.client;
    const other = mine ? this.server : this.client;
    const { now } = this.owner.plane.reactor;
    if (result > 0) {
      if (mine) {
        this.clientSeen = now;
        this.clientFill = result;
        this.owner.bytesIn += result;
      } else {
        this.serverSeen = now;
        this.serverFill = result;
        this.owner.bytesFromServer += result;
        if (this.owner.timers.response < 0) this.owner.noteFirstByte();
      }
      if (connection.pipe >= 0) {
        countSplicedIn(this.owner, mine, result);
        // Where the read had begun before a limit was in force.
        this.pacerOf(connection)?.charge(result);
        other.sendSpliced(connection.pipe, result);
        return;
      }
    } else if (this.severed && !mine) {
      this.cut(connection);
      return;
    } else if (result < 0) {
      this.fail(mine ? 'C' : 'S');
      return;
    }
    if (this.severed && mine) return;
    // A receive that rules had asked for may end while bytes before it are being sent: these, and the end, follow then.
    if (other.busySending || (mine && this.serverOwed)) return;
    if (connection.length === 0) this.inputOver(connection, other);
    else if (mine || this.owner.passResponse()) this.pass(connection, other);
  }

  onSent(connection: Connection, result: number): void {
    if (this.ending) {
      this.finish();
      return;
    }
    const mine = connection === this.client;
    const from = mine ? this.server : this.client;
    if (result < 0) {
      this.fail(mine ? 'C' : 'S');
      return;
    }
    const { now } = this.owner.plane.reactor;
    if (mine) {
      if (!this.clientMustSpeak) this.clientSeen = now;
      this.owner.bytesOut += result;
    } else {
      if (!this.serverMustSpeak) this.serverSeen = now;
      this.owner.bytesToServer += result;
    }
    if (from.pipe >= 0) splicedOut(this.owner, from, mine, result);
    else if (mine || !this.serverOwed) from.at += result;
    if (!mine && this.serverOwed) {
      if (this.owner.paceIn !== null && this.owner.paceIn.goOn()) return;
      this.serverOwed = false;
    }
    this.pump(from, connection);
  }

  /** Rules let the server's first bytes pass. */
  releaseResponse(): void {
    if (this.active) this.pump(this.server, this.client);
  }

  onConnected(): void {}

  /** One side will send nothing more: the other is told, and its own bytes may still flow. */
  private inputOver(from: Connection, to: Connection): void {
    if (from === this.client) this.clientDone = true;
    else this.serverDone = true;
    if (this.clientDone && this.serverDone) {
      this.end();
      return;
    }
    this.owner.plane.shutdownWrite(to.fd);
    this.watch();
  }

  private fail(cause: string): void {
    if (this.cause === '-') {
      this.cause = cause;
      this.phase = 'D';
    }
    this.end();
  }

  /** Ends both directions; the owner hears of it when the kernel holds no memory of ours any more. */
  end(): void {
    if (!this.active || this.ending) return;
    this.ending = true;
    this.owner.plane.reactor.forget(this.timer);
    this.client.cancelSending();
    this.server.cancelSending();
    this.finish();
  }

  private finish(): void {
    if (!this.active || this.client.busySending || this.server.busySending) return;
    this.active = false;
    this.owner.tunnelEnded(this.cause, this.phase);
  }

  /** Inactivity is looked at when the timer fires, not at each byte. */
  private watch(): void {
    const deadline = this.deadline();
    if (deadline > 0) this.owner.plane.reactor.at(deadline, this.timer);
    else this.owner.plane.reactor.clear(this.timer);
  }

  private clientLimit(): number {
    const { owner } = this;
    const { timeouts } = owner.frontend;
    const tunnel = owner.timeoutOf('tunnel');
    if (this.clientDone || this.serverDone) {
      if (timeouts.clientFin > 0) return timeouts.clientFin;
    }
    return tunnel > 0 ? tunnel : owner.timeoutOf('client');
  }

  private serverLimit(): number {
    const { owner } = this;
    const tunnel = owner.timeoutOf('tunnel');
    if (this.clientDone || this.serverDone) {
      const fin = owner.backend?.timeouts.serverFin ?? 0;
      if (fin > 0) return fin;
    }
    return tunnel > 0 ? tunnel : owner.timeoutOf('server');
  }

  private deadline(): number {
    const client = this.clientLimit();
    const server = this.serverLimit();
    const first = client > 0 ? this.clientSeen + client : 0;
    const second = server > 0 ? this.serverSeen + server : 0;
    if (first === 0) return second;
    return second === 0 ? first : Math.min(first, second);
  }

  onTimeout(): void {
    const { now } = this.owner.plane.reactor;
    const { paceIn, paceOut } = this.owner;
    if (paceIn?.waiting === true || paceOut?.waiting === true) this.clientSeen = this.serverSeen = now;
    const client = this.clientLimit();
    const server = this.serverLimit();
    const late = client > 0 && now >= this.clientSeen + client;
    if (late || (server > 0 && now >= this.serverSeen + server)) {
      this.fail(late ? 'c' : 's');
      return;
    }
    this.watch();
  }
}
