// A connection to a server: in use by one stream, or idle in its thread's pool of that server.

import { Connection, type ConnectionHome, type ConnectionOwner } from './connection.ts';
import { ServerInt, Share } from '../core/shared.ts';
import type { Server } from '../backend/server.ts';
import type { Session } from './session.ts';
import type { Endpoint } from '../sample/context.ts';
import type { Reactor } from '../reactor/reactor.ts';

/** Objects of closed connections kept for reuse. */
const SPARE_MAX = 256;

export class ServerConnection extends Connection {
  readonly server: Server;
  /** Requests it has carried: http-reuse aggressive asks for connections that were reused before. */
  requests = 0;
  /** Place in the idle pool; -1 while in use. */
  place = -1;
  idleSince = 0;
  /** http-reuse never: the only client session that may use it again. */
  session: Session | null = null;
  /** Where it leads, for a server whose address follows the client's destination; null for a fixed one. */
  destination: Endpoint | null = null;

  constructor(reactor: Reactor, server: Server) {
    super(reactor);
    this.server = server;
  }
}

/** One server's idle connections in one thread, newest last. While idle a connection belongs to the pool. */
export class IdlePool implements ConnectionOwner, ConnectionHome {
  readonly server: Server;
  private readonly idle: ServerConnection[] = [];
  /** Closed connections whose objects serve again. */
  private readonly spare: ServerConnection[] = [];
  private readonly limit: number;

  constructor(server: Server) {
    this.server = server;
    this.limit = server.config.poolMaxConn;
  }

  fresh(reactor: Reactor): ServerConnection {
    const spare = this.spare.pop();
    if (spare !== undefined) {
      spare.requests = 0;
      spare.session = null;
      spare.destination = null;
      return spare;
    }
    const made = new ServerConnection(reactor, this.server);
    made.home = this;
    return made;
  }

  connectionClosed(connection: Connection): void {
    if (this.spare.length < SPARE_MAX) this.spare.push(connection as ServerConnection);
  }

  get size(): number {
    return this.idle.length;
  }

  /** The newest idle connection that carried at least `minRequests`, or null. */
  take(minRequests: number, destination: Endpoint | null): ServerConnection | null {
    const { idle } = this;
    for (let i = idle.length - 1; i >= 0; i--) {
      const connection = idle[i]!;
      if (connection.requests < minRequests || !leadsTo(connection, destination)) continue;
      this.removeAt(i);
      return connection;
    }
    return null;
  }

  /** The connection that this very session left here (http-reuse never), or null. */
  takeOf(session: Session, destination: Endpoint | null): ServerConnection | null {
    const { idle } = this;
    for (let i = idle.length - 1; i >= 0; i--) {
      const connection = idle[i]!;
      if (connection.session !== session || !leadsTo(connection, destination)) continue;
      this.removeAt(i);
      return connection;
    }
    return null;
  }

  /** Closes what a session that ends left here: its object will serve another client. */
  closeOf(session: Session): void {
    const { idle } = this;
    for (let i = idle.length - 1; i >= 0; i--) {
      const connection = idle[i]!;
      if (connection.session !== session) continue;
      this.removeAt(i);
      connection.close();
    }
  }

  /** Keeps a connection whose exchange ended cleanly, or closes it when the pool is full (pool-max-conn). */
  give(connection: ServerConnection, now: number): void {
    // A session's own connection is not one of the pool: only the session may use it.
    const full = this.limit === 0 || (this.limit > 0 && this.idle.length >= this.limit);
    if (full && connection.session === null) {
      connection.close();
      return;
    }
    connection.owner = this;
    connection.place = this.idle.length;
    connection.idleSince = now;
    this.idle.push(connection);
    Atomics.add(this.server.block.ints, ServerInt.IDLE, 1);
    this.server.block.counters[Share.IDLE]! += 1;
    connection.receive();
  }

  /** Closes the oldest connections idle since before `deadline`, at most `most` of them (pool-purge-delay). */
  purge(deadline: number, most: number): void {
    let left = most;
    for (let i = 0; i < this.idle.length && left > 0;) {
      const connection = this.idle[i]!;
      if (connection.idleSince > deadline) {
        i++;
        continue;
      }
      this.removeAt(i);
      connection.close();
      left--;
    }
  }

  closeAll(): void {
    while (this.idle.length > 0) {
      const connection = this.idle[this.idle.length - 1]!;
      this.removeAt(this.idle.length - 1);
      connection.close();
    }
  }

  private removeAt(place: number): void {
    const { idle } = this;
    const connection = idle[place]!;
    const last = idle.pop()!;
    if (last !== connection) {
      idle[place] = last;
      last.place = place;
    }
    connection.place = -1;
    Atomics.sub(this.server.block.ints, ServerInt.IDLE, 1);
    this.server.block.counters[Share.IDLE]! -= 1;
  }

  /** The server closed, or spoke out of turn: either way the connection is of no use. */
  onReceived(connection: Connection): void {
    const mine = connection as ServerConnection;
    if (mine.place >= 0) this.removeAt(mine.place);
    mine.close();
  }

  onSent(): void {}
  onConnected(): void {}
}

/** Both are of a fixed address, or of the same one that a client asked for. */
function leadsTo(connection: ServerConnection, wanted: Endpoint | null): boolean {
  const { destination } = connection;
  if (destination === null || wanted === null) return destination === wanted;
  return destination.port === wanted.port && destination.text === wanted.text;
}
