// A whole data thread on a simulated network, made from configuration text as the process makes it.

import { Frontend } from '../../src/stream/frontend.ts';
import { MappedSlabs } from '../../src/core/slab-memory.ts';
import { Plane, type LogSink } from '../../src/stream/plane.ts';
import { Operation } from '../../src/reactor/reactor.ts';
import { ProcessInt, ProxyInt, ServerInt, SharedBlock } from '../../src/core/shared.ts';
import { SimReactor } from '../../src/reactor/sim.ts';
import { Variables } from '../../src/sample/variables.ts';
import { Waiters, createWaiterPool } from '../../src/backend/queue.ts';
import { createBalancer } from '../../src/balance/create.ts';
import { isBack, isFront } from '../../src/config/defaults.ts';
import { keyOf, makeBlocks } from '../../src/process/blocks.ts';
import { loadText } from '../../src/testing/load.ts';
import { randomSource } from '../../src/balance/random.ts';
import { socketAddressOf } from '../../src/config/socket-address.ts';
import { seatBackend } from '../../src/process/reclaim.ts';
import type { Backend } from '../../src/backend/backend.ts';
import type { Prng } from '../../src/core/prng.ts';
import type { SimNetwork } from '../../src/reactor/sim-network.ts';
import type { Stream } from '../../src/stream/stream.ts';

/** Stands for the eventfd that wakes a thread. */
class Mail extends Operation {
  private readonly read: () => void;
  constructor(read: () => void) {
    super();
    this.read = read;
  }
  override onComplete(): void {
    this.read();
  }
}

export class SimPlane {
  readonly reactor: SimReactor;
  readonly memory: MappedSlabs;
  readonly plane: Plane;
  readonly waiters: Waiters;
  readonly backends: Backend[] = [];
  readonly frontends: Frontend[] = [];
  readonly logs: string[] = [];
  drained = false;

  /** `slabs` bounds the memory: a shortage has to be lived with. */
  constructor(text: string, network: SimNetwork, prng: Prng, slabs: number) {
    const { config, messages } = loadText(text);
    if (config === null) throw new Error(messages.join('\n'));
    config.global.maxconn = 1000;
    this.memory = new MappedSlabs({
      slabSize: config.global.bufsize,
      slabCount: slabs,
      largeCount: 4,
      largeSize: 65_536,
      permanentBytes: 65_536,
      plain: true,
    });
    const reactor = new SimReactor(this.memory, network);
    this.reactor = reactor;
    const table = makeBlocks(config, 1, 1, null);
    const mail = new Mail(() => this.waiters.drain());
    this.waiters = new Waiters(createWaiterPool(1, 256), 0, () => reactor.defer(mail));
    const sink: LogSink = {
      log: (stream: Stream) => this.logs.push(stream.frontend.logFormat!.render(stream)),
      refused() {},
      invalid() {},
    };
    const processVariables = new Variables();
    const view = {
      config,
      threadId: 1,
      startedMs: 0,
      stopping: false,
      processVariables,
      figures: () => ({ current: 0, sessionRate: 0, requestRate: 0, queued: 0 }),
      servers: () => [],
    };
    const processInts = new Int32Array(ProcessInt.SIZE);
    this.plane = new Plane({
      reactor,
      config,
      view,
      processInts,
      sink,
      thread: 0,
      threads: 1,
      onShortage() {},
    });
    const seed = prng.next();
    for (const proxy of config.proxies) {
      if (isBack(proxy.kind)) {
        const balancer = (farm: Parameters<typeof createBalancer>[0]): ReturnType<typeof createBalancer> =>
          createBalancer(farm, randomSource(seed));
        const backend = seatBackend(proxy, { table, addresses: new Map() }, 0, this.waiters, balancer);
        this.backends.push(backend);
        this.plane.addBackend(backend);
      }
      if (!isFront(proxy.kind)) continue;
      const block = new SharedBlock(table.blocks.get(keyOf.front(proxy.name))!, 0);
      const frontend = new Frontend(this.plane, proxy, block);
      for (const bind of proxy.binds) {
        const fd = reactor.listen('127.0.0.1', socketAddressOf(bind.address)!.port);
        frontend.listen(bind, fd, new SharedBlock(table.blocks.get(keyOf.listener(proxy.name, bind.id))!, 0));
      }
      this.frontends.push(frontend);
      this.plane.addFrontend(frontend);
    }
    this.plane.onDrained = () => (this.drained = true);
    for (const frontend of this.frontends) frontend.start();
  }

  /** What must hold at each moment; the first thing that does not, or null. */
  broken(): string | null {
    for (const backend of this.backends) {
      for (const server of backend.servers) {
        const current = server.ints[ServerInt.CURRENT]!;
        if (current < 0) return `server ${server.name} has ${current} sessions`;
        if (server.maxconn > 0 && current > server.maxconn) {
          return `server ${server.name} has ${current} sessions, ${server.maxconn} at most`;
        }
      }
      if (backend.ints[ProxyInt.CURRENT]! < 0) return `backend ${backend.config.name} counts below 0`;
    }
    return null;
  }

  /** What must hold when everything has been stopped. */
  leftovers(): string[] {
    const found: string[] = [];
    const expect = (what: string, value: number, wanted: number): void => {
      if (value !== wanted) found.push(`${what}: ${value} instead of ${wanted}`);
    };
    for (const frontend of this.frontends) {
      expect(`sessions of frontend ${frontend.config.name}`, frontend.block.ints[ProxyInt.CURRENT]!, 0);
    }
    for (const backend of this.backends) {
      expect(`sessions of backend ${backend.config.name}`, backend.ints[ProxyInt.CURRENT]!, 0);
      expect(`queue of backend ${backend.config.name}`, backend.queue.length, 0);
      for (const server of backend.servers) {
        expect(`sessions of server ${server.name}`, server.ints[ServerInt.CURRENT]!, 0);
        expect(`queue of server ${server.name}`, server.ints[ServerInt.QUEUED]!, 0);
        expect(`idle connections of server ${server.name}`, server.ints[ServerInt.IDLE]!, 0);
      }
    }
    expect('sessions of the process', this.plane.processCurrent, 0);
    expect('free slabs', this.memory.free, this.memory.slabCount);
    expect('free large slabs', this.memory.freeLarge, 4);
    expect('pipes in use', this.reactor.pipes.used, 0);
    expect('open descriptors', this.reactor.held.size, 0);
    if (!this.drained) found.push('the thread never said that it is drained');
    return found;
  }
}
