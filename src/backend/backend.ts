// A backend at run time in one data thread: which servers are in use, which one a stream gets, and whether it gets
// it now.

import type { ProxyConfig } from '../config/model.ts';
import type { StreamContext } from '../sample/context.ts';
import { isHashing } from '../balance/create.ts';
import type { Balancer } from '../balance/balance.ts';
import { ProxyInt, SharedBlock, type SharedBlockRef } from '../core/shared.ts';
import { BackendQueue, positionsOf, type Waiters } from './queue.ts';
import type { Server } from './server.ts';

/** What `pick` and `take` answer. */
export const Pick = {
  /** `picked` has reserved a slot for the stream, which owes a `release`. */
  RESERVED: 0,
  /** Everything suitable is full: wait in the queue of `picked`, or in the backend's where `picked` is null. */
  QUEUE: 1,
  /** There is no server: 503 at once. */
  NONE: 2,
} as const;
export type Pick = (typeof Pick)[keyof typeof Pick];

/** Algorithms that may choose anew each time (manual: option prefer-last-server). */
const ROTATING: ReadonlySet<string> = new Set(['roundrobin', 'leastconn', 'first', 'random']);

/** The servers that share the load now, for a balancer. */
export interface Farm {
  readonly config: ProxyConfig;
  /** All servers in declaration order. */
  readonly servers: readonly Server[];
  /** Those in use: the eligible active ones, or all eligible backups (`option allbackups`). */
  readonly members: readonly Server[];
  /** Where balancing stands, for all threads: see positions.ts. */
  readonly positions: Int32Array;
}

/** Sets `inUse` for all servers and fills `members`. Returns the lone backup that is in use, or null. */
export function selectMembers(
  servers: readonly Server[],
  allBackups: boolean,
  members: Server[],
): Server | null {
  members.length = 0;
  for (const server of servers) if (!server.backup && server.eligible) members.push(server);
  let lone: Server | null = null;
  if (members.length === 0) {
    for (const server of servers) {
      if (!server.backup || !server.eligible) continue;
      if (allBackups) members.push(server);
      else lone ??= server;
    }
  }
  for (const server of servers) server.inUse = server === lone || members.includes(server);
  return lone;
}

/** One backend in one data thread. */
export class Backend implements Farm {
  readonly config: ProxyConfig;
  readonly block: SharedBlock;
  readonly servers: Server[];
  readonly members: Server[] = [];
  readonly positions: Int32Array;
  readonly queue: BackendQueue;
  /** The server that the last `pick` or `take` is about. */
  picked: Server | null = null;
  private readonly balancer: Balancer;
  /** The block's Int32 fields, see `ProxyInt`. */
  readonly ints: Int32Array;
  /** What a request says decides on its server. */
  readonly isHashing: boolean;
  private readonly allBackups: boolean;
  /** option independent-streams: bytes sent to a server do not prolong the wait for its own. */
  readonly mustSpeak: boolean;
  /** option nolinger. */
  readonly resets: boolean;
  /** option prefer-last-server. */
  readonly prefersLast: boolean;
  /** Each choice may be another one, so a client may as well stay where it is. */
  readonly rotates: boolean;
  /** option persist. */
  readonly persists: boolean;
  /** option accept-unsafe-violations-in-http-response. */
  readonly relaxed: boolean;
  /** Which directions are spliced, see `splicesOf`; 0 until its thread says that it has pipes. */
  splices = 0;
  private readonly byName = new Map<string, Server>();
  private readonly byCookie = new Map<string, Server>();
  private readonly byId = new Map<number, Server>();
  private loneBackup: Server | null = null;
  private version: number;

  /** `lists`: see `createQueueLists`. `makeBalancer` is called once, with this backend. */
  constructor(
    config: ProxyConfig,
    ref: SharedBlockRef,
    row: number,
    servers: Server[],
    waiters: Waiters,
    lists: SharedArrayBuffer,
    makeBalancer: (farm: Farm) => Balancer,
  ) {
    this.config = config;
    this.block = new SharedBlock(ref, row);
    this.ints = this.block.ints;
    this.servers = servers;
    this.isHashing = isHashing(config.balance);
    this.positions = positionsOf(lists, servers.length);
    this.allBackups = config.options.has('allbackups');
    this.mustSpeak = config.options.has('independent-streams');
    this.resets = config.options.has('nolinger');
    this.prefersLast = config.options.has('prefer-last-server');
    this.rotates = ROTATING.has(config.balance.algorithm);
    this.persists = config.options.has('persist');
    this.relaxed = config.options.has('accept-unsafe-violations-in-http-response');
    this.queue = new BackendQueue(config.id, waiters, lists, this.ints, servers, () => this.sync());
    for (const server of servers) {
      server.queue = this.queue;
      if (config.balance.algorithm === 'leastconn') server.keepOrder(this.positions);
      this.byName.set(server.name, server);
      this.byId.set(server.id, server);
      const { cookie } = server;
      if (cookie !== null && !this.byCookie.has(cookie)) this.byCookie.set(cookie, server);
    }
    this.version = this.ints[ProxyInt.VERSION]!;
    this.loneBackup = selectMembers(servers, this.allBackups, this.members);
    this.balancer = makeBalancer(this);
  }

  /** Follows state and weight changes made by the control thread. One read where nothing changed. */
  sync(): void {
    // A plain read: whoever changed something wakes this thread afterwards, or is seen by the next request.
    const version = this.ints[ProxyInt.VERSION]!;
    if (version === this.version) return;
    this.version = version;
    this.loneBackup = selectMembers(this.servers, this.allBackups, this.members);
    this.balancer.changed();
  }

  /** Whether load balancing has any server at all. */
  get hasServer(): boolean {
    this.sync();
    return this.loneBackup !== null || this.members.length > 0;
  }

  /** Chooses by load balancing. `avoid`: a server just tried in vain, taken only when there is no other. */
  pick(stream: StreamContext, avoid: Server | null): Pick {
    this.sync();
    this.picked = null;
    if (this.loneBackup !== null) return this.take(this.loneBackup);
    if (this.members.length === 0) return Pick.NONE;
    // Those who wait for any server go first.
    if (this.queue.length > 0 && !this.unlimited()) return Pick.QUEUE;
    // Another thread may take the last slot between the choice and the reservation; then there is one to choose less.
    for (let attempt = this.members.length; attempt >= 0; attempt--) {
      const server = this.balancer.pick(stream, avoid);
      if (server === null) return Pick.QUEUE;
      if (server.tryReserve()) {
        this.picked = server;
        return Pick.RESERVED;
      }
      if (server.full || server.queued > 0) {
        if (server.queueOpen) {
          this.picked = server;
          return Pick.QUEUE;
        }
        avoid = server;
      }
    }
    return Pick.QUEUE;
  }

  /** Takes the server that persistence or `use-server` named. NONE: it is out of service or its queue is full. */
  take(server: Server): Pick {
    this.picked = server;
    if (!server.acceptsPersistent) return Pick.NONE;
    if (server.tryReserve()) return Pick.RESERVED;
    return server.queueOpen ? Pick.QUEUE : Pick.NONE;
  }

  /** The server of a persistence cookie's value, whatever its state. */
  serverByCookie(value: string): Server | null {
    // Dynamic values follow the addresses, which may change at run time.
    if (this.config.cookie?.dynamic === true)
      return this.servers.find(({ cookie }) => cookie === value) ?? null;
    return this.byCookie.get(value) ?? null;
  }

  serverByName(name: string): Server | null {
    return this.byName.get(name) ?? null;
  }

  serverById(id: number): Server | null {
    return this.byId.get(id) ?? null;
  }

  private unlimited(): boolean {
    for (const server of this.members) if (server.maxconn === 0) return true;
    return false;
  }
}
