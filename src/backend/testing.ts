// Builds small backends for tests: servers from a few words each, shared blocks for any number of fake threads.

import type { BalanceSettings, Balancer } from '../balance/balance.ts';
import type { ProxyConfig, ServerConfig } from '../config/model.ts';
import { ProxyInt, ServerInt, SharedArena, type SharedBlockRef } from '../core/shared.ts';
import { Backend, type Farm } from './backend.ts';
import { Waiters, createQueueLists, createWaiterPool, type WaiterPoolRef } from './queue.ts';
import { Server, initServer } from './server.ts';

/** The defaults of a `balance` line with `algorithm`, changed by `more`. */
export function balanceSettings(algorithm: string, more: Partial<BalanceSettings> = {}): BalanceSettings {
  return {
    algorithm,
    draws: 2,
    uriLength: 0,
    uriDepth: 0,
    uriWhole: false,
    uriPathOnly: false,
    name: '',
    checkPost: false,
    useDomainOnly: false,
    expression: null,
    consistent: false,
    hashFunction: 'sdbm',
    avalanche: false,
    hashBalanceFactor: 0,
    preserveAffinity: 'always',
    ...more,
  };
}

/** A backend's configuration as far as this folder and `balance/` read it. */
export function backendConfig(
  servers: readonly Partial<ServerConfig>[],
  more: Partial<ProxyConfig> = {},
): ProxyConfig {
  const config = {
    kind: 'backend',
    name: 'b',
    id: 2,
    mode: 'http',
    fullconn: 100,
    source: null,
    options: new Set<string>(),
    timeouts: { connect: 1000, check: 0, queue: 0 },
    servers: [] as ServerConfig[],
    balance: balanceSettings('roundrobin'),
    check: {
      kind: 'tcp',
      http: { method: 'OPTIONS', uri: '/', version: 'HTTP/1.0', host: null, headers: [], body: '' },
      expects: [],
      inheritsRequest: false,
      inheritsExpects: false,
      sends: false,
      disableOn404: false,
      sendState: false,
    },
    ...more,
  } as unknown as ProxyConfig;
  config.servers = servers.map((server, index) => {
    return {
      name: `s${index + 1}`,
      id: index + 1,
      port: 80,
      portKind: 'fixed',
      weight: 1,
      backup: false,
      disabled: false,
      maxconn: 0,
      minconn: 0,
      maxqueue: 0,
      slowstartMs: 0,
      cookie: null,
      source: null,
      check: false,
      interMs: 2000,
      fastinterMs: 0,
      downinterMs: 0,
      rise: 2,
      fall: 3,
      checkPort: 0,
      checkAddress: null,
      checkSendProxy: false,
      sendProxy: 0,
      agentCheck: false,
      agentInterMs: 2000,
      agentPort: 0,
      agentAddress: null,
      agentSend: '',
      track: null,
      onMarkedDown: 'none',
      onMarkedUp: 'none',
      hashKey: 'id',
      initState: 'none',
      backend: config,
      ...server,
    } as unknown as ServerConfig;
  });
  return config;
}

/** What all fake threads of one backend share. */
export interface Ground {
  readonly config: ProxyConfig;
  readonly backend: SharedBlockRef;
  readonly servers: readonly SharedBlockRef[];
  readonly pool: WaiterPoolRef;
  readonly lists: SharedArrayBuffer;
}

export function makeGround(config: ProxyConfig, threads: number, waitersPerThread: number): Ground {
  const count = config.servers.length;
  const arena = new SharedArena(
    SharedArena.bytesFor(ProxyInt.SIZE, threads) + count * SharedArena.bytesFor(ServerInt.SIZE, threads),
  );
  const backend = arena.block(ProxyInt.SIZE, threads);
  const servers = config.servers.map((server) => {
    const ref = arena.block(ServerInt.SIZE, threads);
    initServer(new Int32Array(ref.buffer, ref.intsAt, ref.intCount), server);
    return ref;
  });
  return {
    config,
    backend,
    servers,
    pool: createWaiterPool(threads, waitersPerThread),
    lists: createQueueLists(count, threads),
  };
}

/** One fake thread's servers. */
export function makeServers(ground: Ground, row: number): Server[] {
  const backendInts = new Int32Array(ground.backend.buffer, ground.backend.intsAt, ground.backend.intCount);
  return ground.config.servers.map((config, index) => {
    const ref = ground.servers[index]!;
    const addressText = `192.0.2.${index + 1}`;
    return new Server(config, { ref, row, backendInts, index, addressText, port: config.port });
  });
}

/** One fake thread's backend and its waiters. */
export function makeBackend(
  ground: Ground,
  thread: number,
  notify: (thread: number) => void,
  makeBalancer: (farm: Farm) => Balancer,
): { backend: Backend; waiters: Waiters } {
  const waiters = new Waiters(ground.pool, thread, notify);
  const servers = makeServers(ground, thread);
  const backend = new Backend(
    ground.config,
    ground.backend,
    thread,
    servers,
    waiters,
    ground.lists,
    makeBalancer,
  );
  return { backend, waiters };
}

/** Takes the first member that is not full: enough for tests of queues. */
export class FirstFree implements Balancer {
  private readonly farm: Farm;
  constructor(farm: Farm) {
    this.farm = farm;
  }
  changed(): void {}
  pick(): Server | null {
    for (const server of this.farm.members) if (!server.full) return server;
    return null;
  }
}
