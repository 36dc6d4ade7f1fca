// A connection to a server: in use by one stream, or idle in its thread's pool of that server.

import { Connection, type ConnectionHome, type ConnectionOwner } from './connection.ts';
import { ServerInt, Share } from '../core/shared.ts';
import type { Server } from '../backend/server.ts';
import type { Session } from './session.ts';
import type { SourcePorts } from './upstream-source.ts';
import type { Endpoint } from '../sample/context.ts';
import type { Reactor } from '../reactor/reactor.ts';

/** Objects of closed connections kept for reuse. */
const SPARE_MAX = 256;

export class ServerConnection extends Connection {
  readonly server: Server;
  private readonly pool: IdlePool;
  /** Requests it has carried: http-reuse aggressive asks for connections that were reused before. */
  requests = 0;
  /** Place in the idle pool; -1 while in use. */
  place = -1;
  idleSince = 0;
  /** The question of another thread that it answers, while it is given away; see takeover.ts. */
  letter = -1;
  /** http-reuse never: the only client session that may use it again. */
  session: Session | null = null;
  /** Where it leads, for a server whose address follows the client's destination; null for a fixed one. */
  destination: Endpoint | null = null;
  /** What usesrc presents to the server; '' for an address of ours. */
  origin = '';
  /** Its port of a range of source ports, which goes back there; -1 for none. */
  sourcePort = -1;
  ports: SourcePorts | null = null;

  constructor(reactor: Reactor, pool: IdlePool) {
    super(reactor);
    this.server = pool.server;
    this.pool = pool;
    this.home = pool;
  }

  override close(): void {
    if (!this.isClosing && this.place < 0) this.pool.usedUp();
    super.close();
  }

  /**
   * Closes a connection that rests between two requests: with a reset where the server has not closed its side. Neither
   * has anything to say, so nothing is lost, and no port waits here for a minute (HAProxy does so too).
   */
  discard(): void {
    if (!this.ended) this.resets = true;
    this.close();
  }

  override letGo(): number {
    this.pool.usedUp();
    return super.letGo();
  }
}

/**
 * One server's idle connections in one thread, newest last. While idle a connection belongs to the pool.
 *
 * No more are kept than were needed at once of late. Otherwise each client's first request, which `http-reuse safe`
 * sends over a connection of its own, would leave one more behind, and the pool would grow to as many connections as
 * there are clients.
 */
export class IdlePool implements ConnectionOwner, ConnectionHome {
  readonly server: Server;
  private readonly idle: ServerConnection[] = [];
  /** Closed connections whose objects serve again. */
  private readonly spare: ServerConnection[] = [];
  private readonly limit: number;
  /** Idle connections that are kept whether needed or not: this thread's part of pool-low-conn. */
  private readonly low: number;
  /** Connections in use now, and the most of them since the last purge. */
  private used = 0;
  private usedMax = 0;
  /** Connections in use at once, averaged over the purges: what the service needs. */
  private needed = 0;
  private purgedAt = 0;

  /** `threads`: data threads that share the server's pool-low-conn. */
  constructor(server: Server, threads: number) {
    this.server = server;
    this.limit = server.config.poolMaxConn;
    this.low = Math.ceil(server.config.poolLowConn / threads);
  }

  fresh(reactor: Reactor): ServerConnection {
    this.used++;
    this.noteUse();
    const spare = this.spare.pop();
    if (spare !== undefined) {
      spare.requests = 0;
      spare.session = null;
      spare.destination = null;
      spare.origin = '';
      return spare;
    }
    return new ServerConnection(reactor, this);
  }

  connectionClosed(connection: Connection): void {
    const { ports, sourcePort } = connection as ServerConnection;
    if (sourcePort >= 0) {
      ports!.release(sourcePort);
      (connection as ServerConnection).sourcePort = -1;
    }
    if (this.spare.length < SPARE_MAX) this.spare.push(connection as ServerConnection);
  }

  private noteUse(): void {
    if (this.used > this.usedMax) this.usedMax = this.used;
  }

  /** A connection that is not among the idle ones is closed. */
  usedUp(): void {
    this.used--;
  }

  get size(): number {
    return this.idle.length;
  }

  /** The newest idle connection that carried at least `minRequests`, or null. */
  take(minRequests: number, destination: Endpoint | null, origin: string): ServerConnection | null {
    const { idle } = this;
    for (let i = idle.length - 1; i >= 0; i--) {
      const connection = idle[i]!;
      if (connection.requests < minRequests || !fits(connection, destination, origin)) continue;
      this.removeAt(i);
      this.noteUse();
      return connection;
    }
    return null;
  }

  /** Takes one out for another thread: as `take`, but not one that belongs to a session or follows an address. */
  giveAway(minRequests: number): ServerConnection | null {
    const { idle } = this;
    for (let i = idle.length - 1; i >= 0; i--) {
      const connection = idle[i]!;
      if (connection.requests < minRequests || !connection.reading) continue;
      if (connection.session !== null || connection.destination !== null) continue;
      if (connection.origin !== '' || connection.sourcePort >= 0) continue;
      this.removeAt(i);
      return connection;
    }
    return null;
  }

  /** The connection that this very session left here (http-reuse never), or null. */
  takeOf(session: Session, destination: Endpoint | null, origin: string): ServerConnection | null {
    const { idle } = this;
    for (let i = idle.length - 1; i >= 0; i--) {
      const connection = idle[i]!;
      if (connection.session !== session || !fits(connection, destination, origin)) continue;
      this.removeAt(i);
      this.noteUse();
      return connection;
    }
    return null;
  }

  /** Closes what a session that ends left here: its object will serve another client. */
  closeOf(session: Session): void {
    const { idle } = this;
    for (let i = idle.length - 1; i >= 0; i--) if (idle[i]!.session === session) this.closeAt(i);
  }

  /** Keeps a connection whose exchange ended cleanly, or closes it when the pool has enough (pool-max-conn). */
  give(connection: ServerConnection, now: number): void {
    // A session's own connection is not one of the pool: only the session may use it.
    if (connection.session === null && this.isFull()) {
      connection.discard();
      return;
    }
    this.used--;
    connection.owner = this;
    connection.place = this.idle.length;
    connection.idleSince = now;
    this.idle.push(connection);
    Atomics.add(this.server.block.ints, ServerInt.IDLE, 1);
    this.server.block.counters[Share.IDLE]! += 1;
    connection.receive(this.server.likelyLong);
  }

  /** Whether a connection that is still counted as used has no place among the idle ones. */
  private isFull(): boolean {
    const { length } = this.idle;
    if (this.limit >= 0 && this.server.block.ints[ServerInt.IDLE]! >= this.limit) return true;
    if (this.server.config.poolPurgeDelayMs === 0) return true;
    return length >= this.low && this.used - 1 + length >= Math.max(this.usedMax, this.needed);
  }

  /** Once a pool-purge-delay: half of the idle connections that are not needed any more are closed, oldest first. */
  purge(now: number): void {
    const delay = this.server.config.poolPurgeDelayMs;
    if (delay === 0 || now - this.purgedAt < delay) return;
    this.purgedAt = now;
    this.needed = Math.max(this.usedMax, Math.floor((this.needed + this.usedMax) / 2));
    this.usedMax = this.used;
    const { length } = this.idle;
    const spare = this.used + length - this.needed;
    let left = Math.min(Math.ceil(spare / 2), length - this.low);
    for (let i = 0; i < this.idle.length && left > 0;) {
      if (this.idle[i]!.idleSince > now - delay) {
        i++;
        continue;
      }
      this.closeAt(i);
      left--;
    }
  }

  closeAll(): void {
    while (this.idle.length > 0) this.closeAt(this.idle.length - 1);
  }

  private closeAt(place: number): void {
    const connection = this.idle[place]!;
    this.removeAt(place);
    connection.discard();
  }

  /** Takes a connection out of the idle ones; whoever asked for it uses or closes it. */
  private removeAt(place: number): void {
    const { idle } = this;
    const connection = idle[place]!;
    const last = idle.pop()!;
    if (last !== connection) {
      idle[place] = last;
      last.place = place;
    }
    connection.place = -1;
    this.used++;
    Atomics.sub(this.server.block.ints, ServerInt.IDLE, 1);
    this.server.block.counters[Share.IDLE]! -= 1;
  }

  /** The server closed, or spoke out of turn: either way the connection is of no use. */
  onReceived(connection: Connection): void {
    const mine = connection as ServerConnection;
    if (mine.place >= 0) this.closeAt(mine.place);
    else mine.close();
  }

  onSent(): void {}
  onConnected(): void {}
}

/** From the same address of ours, or presented as the same; to a fixed address, or the same one that a client asked for. */
function fits(connection: ServerConnection, wanted: Endpoint | null, origin: string): boolean {
  const { destination } = connection;
  if (connection.origin !== origin) return false;
  if (destination === null || wanted === null) return destination === wanted;
  return destination.port === wanted.port && destination.text === wanted.text;
}
