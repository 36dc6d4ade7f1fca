// Whole data threads on a simulated network, made from configuration text as the process makes them: a generation of
// one or several threads over the same shared blocks.

import {
  AcceptQueue,
  abandonedConnections,
  closeAcceptQueue,
  createAcceptQueues,
  type AcceptQueueRef,
} from '../../src/stream/accept-queue.ts';
import { Frontend } from '../../src/stream/frontend.ts';
import { MappedSlabs } from '../../src/core/slab-memory.ts';
import { Plane, type LogSink } from '../../src/stream/plane.ts';
import { Operation } from '../../src/reactor/reactor.ts';
import { ProcessInt, SharedBlock } from '../../src/core/shared.ts';
import { SimReactor } from '../../src/reactor/sim.ts';
import { Takeovers, createTakeovers, type TakeoverRef } from '../../src/stream/takeover.ts';
import { Variables } from '../../src/sample/variables.ts';
import { Waiters, createWaiterPool, type WaiterPoolRef } from '../../src/backend/queue.ts';
import { createBalancer } from '../../src/balance/create.ts';
import { isBack, isFront } from '../../src/config/defaults.ts';
import { GenerationQueues } from '../../src/process/generation-queues.ts';
import { applyServerChanges } from '../../src/process/changed-servers.ts';
import { keyOf, makeBlocks, type BlockTable } from '../../src/process/blocks.ts';
import { loadText } from '../../src/testing/load.ts';
import { randomSource } from '../../src/balance/random.ts';
import { socketAddressOf } from '../../src/config/socket-address.ts';
import { reclaim, seatBackend } from '../../src/process/reclaim.ts';
import type { Backend } from '../../src/backend/backend.ts';
import type { Config } from '../../src/config/model.ts';
import type { Prng } from '../../src/core/prng.ts';
import type { Session } from '../../src/stream/session.ts';
import type { SimNetwork } from '../../src/reactor/sim-network.ts';
import type { Stream } from '../../src/stream/stream.ts';

const MAXCONN = 1000;
const LARGE_SLABS = 4;
/** The control thread is told, answers, and the thread waits a little: as in process/data-plane.ts, ms. */
const STOP_MS = 10;

/** Stands for the eventfd that wakes a lone thread. */
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

export interface GenerationOptions {
  readonly threads: number;
  /** Slabs of each thread: a shortage has to be lived with. */
  readonly slabs: number;
  /** Counter rows of all generations together; those of its threads when absent. */
  readonly rows?: number;
  /** The generation that this one replaces: it shares its blocks, its process and its listening sockets. */
  readonly before?: SimGeneration;
}

/** The threads of one generation and what they share. */
export class SimGeneration {
  readonly config: Config;
  readonly table: BlockTable;
  readonly waiterPool: WaiterPoolRef;
  readonly takeovers: TakeoverRef | null;
  /** Where threads give each other new connections; null where each keeps its own. */
  readonly accepts: AcceptQueueRef | null;
  readonly processInts: Int32Array;
  readonly planes: SimPlane[] = [];
  /** Row of the first thread. */
  readonly firstRow: number;
  readonly before: SimGeneration | null;
  /** A soft stop has begun, or a reload has put another in its place. */
  stopping = false;
  readonly logs: string[] = [];
  /** Connections that were refused before there was a stream, by reason. */
  readonly refused: string[] = [];
  readonly shortages: string[] = [];
  /** Rows that were woken and have not looked yet. */
  readonly woken = new Set<number>();
  /** As the control thread sees them. */
  readonly queues: GenerationQueues;
  private readonly options: GenerationOptions;

  constructor(text: string, network: SimNetwork, prng: Prng, options: GenerationOptions) {
    const { config, messages } = loadText(text);
    if (config === null) throw new Error(`${messages.join('\n')}\n${text}`);
    config.global.maxconn = MAXCONN;
    this.config = config;
    const { threads, rows = threads, before = null } = options;
    this.options = options;
    this.before = before;
    this.processInts = before?.processInts ?? new Int32Array(ProcessInt.SIZE);
    this.firstRow = before === null ? 0 : before.firstRow + before.planes.length;
    this.table = makeBlocks(config, rows, threads, before?.table ?? null);
    if (before !== null) applyServerChanges(before.config, config, this.table);
    this.waiterPool = createWaiterPool(rows, 256);
    this.takeovers = threads > 1 && config.global.sharedIdlePools ? createTakeovers(rows) : null;
    this.accepts = threads > 1 && config.global.acceptPolicy !== 'off' ? createAcceptQueues(rows) : null;
    const waiters = new Waiters(this.waiterPool, -1, (row) => this.tell(row));
    this.queues = new GenerationQueues(config, { table: this.table, addresses: new Map() }, waiters);
    for (let thread = 0; thread < threads; thread++) {
      const heirOf = before?.planes[thread] ?? null;
      const now = heirOf?.reactor.now;
      this.planes.push(new SimPlane(this, this.firstRow + thread, network, prng, options, heirOf, now));
    }
  }

  planeOf(row: number): SimPlane {
    return this.planes[row - this.firstRow]!;
  }

  /** Another generation accepts on its listening sockets from now on; each thread hears of it when its time comes. */
  handOver(): void {
    this.stopping = true;
    for (const plane of this.planes) plane.handsOver = true;
  }

  get drained(): boolean {
    return this.planes.every(({ drained }) => drained);
  }

  get stopped(): boolean {
    return this.planes.every(({ stopped }) => stopped);
  }

  get held(): number {
    return this.planes.reduce((sum, { reactor }) => sum + reactor.held.size, 0);
  }

  /** Pieces that went through pipes. */
  get spliced(): number {
    return this.planes.reduce((sum, { reactor }) => sum + reactor.pipes.lentSoFar, 0);
  }

  /** What the control thread does when a thread has died: its part of what all share goes back. */
  reclaim(row: number): void {
    if (this.accepts !== null) closeAcceptQueue(this.accepts, row);
    const { config, table, processInts } = this;
    const waiters = new Waiters(this.waiterPool, -1, (other) => this.tell(other));
    reclaim({ config, table, addresses: new Map(), waiters, processInts }, row);
  }

  /** A thread died while its generation leaves: nobody takes its place, and who waits for it gets an end. */
  bury(row: number, network: SimNetwork): void {
    this.planeOf(row).bury();
    if (this.accepts === null) return;
    for (const { row: other, buried } of this.planes) {
      if (!buried) continue;
      for (const fd of abandonedConnections(this.accepts, other)) {
        network.loose.delete(fd);
        const socket = network.sockets.get(fd);
        if (socket !== undefined) network.close(socket);
      }
    }
  }

  /** Puts another thread in the place of one that died. */
  replace(row: number, network: SimNetwork, prng: Prng, now: number): SimPlane {
    const made = new SimPlane(this, row, network, prng, this.options, this.planeOf(row), now);
    this.planes[row - this.firstRow] = made;
    return made;
  }

  /** There is mail for the thread of this row. */
  tell(row: number): void {
    if (!this.planeOf(row).stopped) this.woken.add(row);
  }

  /** Lets the woken thread of this row look. */
  wake(row: number): void {
    this.woken.delete(row);
    this.planeOf(row).onWake();
  }
}

export class SimPlane {
  readonly generation: SimGeneration;
  readonly row: number;
  readonly reactor: SimReactor;
  readonly memory: MappedSlabs;
  readonly plane: Plane;
  readonly waiters: Waiters;
  readonly takeovers: Takeovers | null = null;
  readonly backends: Backend[] = [];
  readonly frontends: Frontend[] = [];
  drained = false;
  /** It said so while a connection that another thread gave it waited. */
  drainedEarly = false;
  /** The control thread has ended it: it looks at nothing any more. */
  stopped = false;
  /** It died while its generation left: nobody took its place. */
  buried = false;
  /** The machine gives it no processor before that moment, ms. */
  sleepsUntil = 0;
  /** Its listening sockets are another's when it stops. */
  handsOver = false;
  private drainedAt = 0;
  private stopping = false;

  constructor(
    generation: SimGeneration,
    row: number,
    network: SimNetwork,
    prng: Prng,
    { threads, slabs }: GenerationOptions,
    heirOf: SimPlane | null = null,
    now = 1000,
  ) {
    const { config, table } = generation;
    this.generation = generation;
    this.row = row;
    this.memory = new MappedSlabs({
      slabSize: config.global.bufsize,
      slabCount: slabs,
      largeCount: LARGE_SLABS,
      largeSize: 65_536,
      permanentBytes: 65_536,
      plain: true,
    });
    const reactor = new SimReactor(this.memory, network);
    this.reactor = reactor;
    if (heirOf !== null) {
      reactor.advance(now);
      reactor.inherit(heirOf.reactor);
    }
    const inherited = [...reactor.listeners.keys()];
    const mail = new Mail(() => this.waiters.drain());
    // A lone thread wakes itself at the end of its turn; of several each looks when its time comes.
    const notify = (other: number): void => {
      if (threads === 1) reactor.defer(mail);
      else if (generation.planeOf(other)?.stopped !== true) generation.woken.add(other);
    };
    this.waiters = new Waiters(generation.waiterPool, row, notify);
    const sink: LogSink = {
      log: (stream: Stream) => generation.logs.push(stream.frontend.logFormat!.render(stream)),
      refused: (_session: Session, reason: string) => generation.refused.push(reason),
      invalid() {},
    };
    const processVariables = new Variables();
    const view = {
      config,
      threadId: row + 1,
      startedMs: 0,
      stopping: false,
      processVariables,
      figures: () => ({ current: 0, sessionRate: 0, requestRate: 0, queued: 0 }),
      servers: () => [],
      emit() {},
    };
    const { processInts } = generation;
    const onShortage = (proxy: string, errno: number): void =>
      void generation.shortages.push(`${proxy} ${errno}`);
    this.plane = new Plane({
      reactor,
      config,
      view,
      processInts,
      sink,
      thread: row - generation.firstRow,
      threads,
      onShortage,
      askService: () => {},
    });
    const seed = prng.next();
    for (const proxy of config.proxies) {
      if (isBack(proxy.kind)) {
        const balancer = (farm: Parameters<typeof createBalancer>[0]): ReturnType<typeof createBalancer> =>
          createBalancer(farm, randomSource(seed));
        const backend = seatBackend(proxy, { table, addresses: new Map() }, row, this.waiters, balancer);
        this.backends.push(backend);
        this.plane.addBackend(backend);
      }
      if (!isFront(proxy.kind)) continue;
      const frontend = new Frontend(this.plane, proxy, this.block(keyOf.front(proxy.name)));
      for (const bind of proxy.binds) {
        const fd = inherited.shift() ?? reactor.listen('127.0.0.1', socketAddressOf(bind.address)!.port);
        frontend.listen(bind, fd, this.block(keyOf.listener(proxy.name, bind.id)));
      }
      this.frontends.push(frontend);
      this.plane.addFrontend(frontend);
    }
    const first = generation.firstRow;
    const peers = Array.from({ length: threads }, (_, other) => first + other).filter(
      (other) => other !== row,
    );
    if (generation.takeovers !== null) {
      this.takeovers = new Takeovers(generation.takeovers, row, peers, this.plane, notify);
      this.plane.takeovers = this.takeovers;
    }
    if (generation.accepts !== null) {
      const policy = config.global.acceptPolicy === 'fair' ? 'fair' : 'least';
      this.plane.accepts = new AcceptQueue(generation.accepts, row, peers, policy, notify);
    }
    this.plane.onDrained = () => {
      this.drained = true;
      this.drainedEarly = this.plane.accepts?.isEmpty === false;
      this.drainedAt = reactor.now;
    };
    reactor.turn(() => {
      if (heirOf !== null) {
        this.takeovers?.recover();
        this.takeovers?.drain();
      }
      for (const frontend of this.frontends) frontend.start();
      // Connections for a thread that died in this one's place.
      if (heirOf !== null) this.plane.receiveAccepted();
    });
  }

  /** It died of a bug. */
  get dead(): boolean {
    return this.reactor.dead;
  }

  private block(key: string): SharedBlock {
    return new SharedBlock(this.generation.table.blocks.get(key)!, this.row);
  }

  /** Soft stop. A thread that said that it is drained is ended later, while others go on. */
  stop(): void {
    if (this.stopped || this.dead) return;
    if (!this.stopping) {
      this.stopping = true;
      this.reactor.turn(() => this.plane.drain());
      if (!this.handsOver) for (const listener of this.reactor.listeners.values()) listener.mode = 'refused';
    }
    if (!this.drained || this.generation.woken.has(this.row)) return;
    if (this.reactor.held.size > 0 || this.reactor.readyCount > 0) return;
    if (this.reactor.now < this.drainedAt + STOP_MS) return;
    this.stopped = true;
    if (this.handsOver) this.reactor.listeners.clear();
    this.reactor.stop();
  }

  /** Nobody takes the place of this dead thread. */
  bury(): void {
    this.buried = this.stopped = this.drained = true;
    this.generation.woken.delete(this.row);
    if (this.handsOver) this.reactor.listeners.clear();
  }

  onWake(): void {
    this.reactor.turn(() => {
      this.waiters.drain();
      this.takeovers?.drain();
      this.plane.receiveAccepted();
    });
  }
}
