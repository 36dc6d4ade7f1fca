// One configuration with its data threads. A reload builds the next generation beside this one, lets it take over the
// listening sockets, and has this one drain.

import { Worker } from 'node:worker_threads';
import type { EventLoopUtilization } from 'node:perf_hooks';
import { createWaiterPool } from '../backend/queue.ts';
import { closeSocket } from '../sys/socket.ts';
import { GenerationQueues } from './generation-queues.ts';
import { createProcessVariables, limitOf, ProcessVariables } from '../sample/process-variables.ts';
import { keptAddresses, type ServerAddresses } from './server-addresses.ts';
import { abandonedConnections, closeAcceptQueue, createAcceptQueues } from '../stream/accept-queue.ts';
import { createTakeovers, unreadDescriptors } from '../stream/takeover.ts';
import { makeBlocks, type BlockTable } from './blocks.ts';
import { makeLogRings, type LogRings } from './log-rings.ts';
import { makeWakeFd } from '../reactor/waker.ts';
import type { PatternStore } from '../acl/store.ts';
import { controlWaiters, reclaim } from './reclaim.ts';
import type { Level } from '../config/diagnostics.ts';
import { joinRefusals, NO_REFUSALS, type Refusals } from '../core/error-capture.ts';
import type { Config } from '../config/model.ts';
import type { DataThreadInit, Recorded, FromData, ListenerRef, ToData } from './messages.ts';
import type { SessionRow } from '../cli/view.ts';

/** Streams of one thread that can wait in queues. */
const WAITERS_PER_THREAD = 65536;
/** Smallest and largest number of slabs of one thread. */
const SLABS_MIN = 512;
const SLABS_MAX = 98304;
/** Pause before a thread is replaced that died sooner than this after its start, ms. */
const REPLACE_PAUSE_MS = 1000;

export interface GenerationParts {
  readonly config: Config;
  readonly number: number;
  readonly entry: URL;
  readonly recorded: Recorded;
  readonly patterns: PatternStore;
  readonly before: BlockTable | null;
  /** Addresses that `set server` gave servers of the generation before. */
  readonly addresses: ServerAddresses | null;
  readonly processInts: SharedArrayBuffer;
  readonly proxyMaxconn: number;
  readonly hostname: string;
  readonly startedMs: number;
  /** Rings of the generation before, by key. */
  readonly logRings: LogRings | null;
  readonly logWake: SharedArrayBuffer | null;
  /** Counter rows that the generation may use; given back when it is gone. */
  readonly rows: readonly number[];
  readonly rowCount: number;
  readonly report: (level: Level, text: string) => void;
}

export class Generation {
  readonly config: Config;
  readonly number: number;
  readonly patterns: PatternStore;
  readonly table: BlockTable;
  readonly logRings: LogRings;
  /** What `set server addr` made of the configured addresses, by `backend/server`. */
  readonly addresses: ServerAddresses;
  readonly startedMs = Date.now();
  reactor = '';
  stopping = false;
  private readonly parts: GenerationParts;
  private readonly workers: (Worker | null)[] = [];
  /** Threads that have begun and not thrown: what is sent to others may be lost. */
  private readonly serving = new WeakSet<Worker>();
  readonly wakers: SharedArrayBuffer;
  readonly waiters: DataThreadInit['waiters'];
  private readonly variableMemory = createProcessVariables();
  readonly variables: ProcessVariables;
  private readonly utilization = new WeakMap<Worker, EventLoopUtilization>();
  private readonly takeovers: DataThreadInit['takeovers'];
  private readonly accepts: DataThreadInit['accepts'];
  private queues: GenerationQueues | null = null;
  private listeners: readonly ListenerRef[] = [];
  private tickets = 0;
  /** Questions for sessions by ticket, and the threads that have not answered yet. */
  private readonly asked = new Map<
    number,
    { rows: unknown[]; left: Set<number>; done: (rows: unknown[]) => void }
  >();
  /** The latest of each kind of order that holds until the next: a thread that takes another's place is told them. */
  private readonly standing = new Map<string, ToData>();
  /** What threads refused that have ended. */
  pastErrors = NO_REFUSALS;
  /** A proxy could not have another socket; `errno` says why. */
  onShortage: ((proxy: string, errno: number) => void) | null = null;
  /** Renders the metrics for a data thread; null where the query is none of the exporter's. */
  onService: ((query: string) => Uint8Array | null) | null = null;
  /** Called once when all data threads have ended. */
  onGone: (() => void) | null = null;

  constructor(parts: GenerationParts) {
    this.parts = parts;
    this.config = parts.config;
    this.number = parts.number;
    this.patterns = parts.patterns;
    this.table = makeBlocks(parts.config, parts.rowCount, parts.rows.length, parts.before);
    this.logRings = makeLogRings(parts.config, parts.logRings);
    this.addresses = keptAddresses(parts.config, parts.addresses);
    this.variables = new ProcessVariables(this.variableMemory, limitOf(parts.config));
    for (const [name, value] of parts.config.processVariables.entries()) this.variables.set(name, value);
    this.waiters = createWaiterPool(parts.rowCount, WAITERS_PER_THREAD);
    const share = parts.rows.length > 1 && parts.config.global.sharedIdlePools;
    this.takeovers = share ? createTakeovers(parts.rowCount) : null;
    const gives = parts.rows.length > 1 && parts.config.global.acceptPolicy !== 'off';
    this.accepts = gives ? createAcceptQueues(parts.rowCount) : null;
    this.wakers = new SharedArrayBuffer(4 * parts.rowCount);
    const wakers = new Int32Array(this.wakers).fill(-1);
    try {
      for (const row of parts.rows) wakers[row] = makeWakeFd();
    } catch (error) {
      for (const row of parts.rows) if (wakers[row]! >= 0) closeSocket(wakers[row]!);
      throw error;
    }
  }

  /** Looks for slots that another generation freed. */
  pumpQueues(): void {
    const { config, wakers } = this;
    this.queues ??= new GenerationQueues(config, this, controlWaiters(this.waiters, wakers));
    this.queues.pump();
  }

  get threads(): number {
    return this.parts.rows.length;
  }

  /** Starts the data threads; resolves when all of them serve. Rejects with the first failure. */
  async start(listeners: readonly ListenerRef[]): Promise<void> {
    this.listeners = listeners;
    await Promise.all(this.parts.rows.map((_row, thread) => this.startThread(thread)));
  }

  private startThread(thread: number): Promise<void> {
    const { parts } = this;
    const { global } = this.config;
    const perThread = Math.ceil((global.maxconn * 2) / this.threads);
    const init: DataThreadInit = {
      ...parts.recorded,
      listeners: this.listeners,
      table: this.table,
      addresses: this.addresses,
      waiters: this.waiters,
      takeovers: this.takeovers,
      accepts: this.accepts,
      logRings: this.logRings,
      logWake: parts.logWake,
      processInts: parts.processInts,
      variables: this.variableMemory,
      wakers: this.wakers,
      thread,
      row: parts.rows[thread]!,
      threads: this.threads,
      generation: parts.number,
      slabs: Math.max(SLABS_MIN, Math.min(SLABS_MAX, perThread, Math.floor(0x6000_0000 / global.bufsize))),
      uring: global.uring,
      epoll: global.epoll,
      maxconn: global.maxconn,
      proxyMaxconn: parts.proxyMaxconn,
      hostname: parts.hostname,
      startedMs: parts.startedMs,
    };
    return new Promise((resolve, reject) => {
      const worker = new Worker(parts.entry, { workerData: { hawserDataThread: init } });
      this.workers[thread] = worker;
      const bornMs = performance.now();
      let ready = false;
      worker.on('message', (message: FromData) => {
        if (message.type === 'ready') {
          ready = true;
          this.serving.add(worker);
          this.reactor = message.reactor;
          resolve();
        } else this.receive(message, thread);
      });
      worker.on('error', (error) => {
        this.serving.delete(worker);
        if (ready) this.mourn(thread, error);
        else reject(error);
      });
      worker.on('exit', () => {
        this.workers[thread] = null;
        if (this.accepts !== null) closeAcceptQueue(this.accepts, init.row);
        const { config, table, addresses } = this;
        const waiters = controlWaiters(this.waiters, this.wakers);
        const processInts = new Int32Array(parts.processInts);
        reclaim({ config, table, addresses, waiters, processInts }, init.row);
        this.hasAnswered(thread);
        if (this.stopping) this.buryThreads();
        else if (ready) this.replaceThread(thread, performance.now() - bornMs);
      });
      for (const message of this.standing.values()) worker.postMessage(message);
    });
  }

  private mourn(thread: number, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const fate = this.stopping ? '' : ' and is replaced';
    this.parts.report('alert', `data thread ${thread + 1} died of a bug${fate}:\n${text}`);
  }

  /** At once after a thread that had lived; one that dies young may do so again and again. */
  private replaceThread(thread: number, lifeMs: number): void {
    const begin = (): void => {
      if (this.stopping) return;
      this.startThread(thread).catch((error: unknown) => {
        this.parts.report('alert', `data thread ${thread + 1} cannot be replaced: ${String(error)}`);
        this.replaceThread(thread, 0);
      });
    };
    if (lifeMs >= REPLACE_PAUSE_MS) begin();
    // Not unref(): while the last thread is dead nothing else may keep the process alive.
    else setTimeout(begin, REPLACE_PAUSE_MS);
  }

  /** While the generation leaves nobody takes a dead thread's place: who waits for it gets an end. */
  private buryThreads(): void {
    const { accepts, parts } = this;
    if (accepts !== null) {
      this.workers.forEach((worker, thread) => {
        if (worker === null) abandonedConnections(accepts, parts.rows[thread]!).forEach(closeSocket);
      });
    }
    this.checkGone();
  }

  private checkGone(): void {
    const { onGone } = this;
    if (onGone === null || this.workers.some((one) => one !== null)) return;
    this.onGone = null;
    const wakers = new Int32Array(this.wakers);
    for (const row of this.parts.rows) {
      closeSocket(wakers[row]!);
      wakers[row] = -1;
    }
    if (this.takeovers !== null) for (const fd of unreadDescriptors(this.takeovers)) closeSocket(fd);
    onGone();
  }

  private receive(message: FromData, thread: number): void {
    if (message.type === 'drained') {
      this.pastErrors = joinRefusals([this.pastErrors, message.errors]);
      this.workers[thread]?.postMessage({ type: 'end' });
    } else if (message.type === 'shortage') {
      this.onShortage?.(message.proxy, message.errno);
    } else if (message.type === 'service') {
      const body = this.onService?.(message.query) ?? null;
      this.sendTo(thread, { type: 'service', ticket: message.ticket, body });
    } else if (message.type === 'sessions' || message.type === 'errors') {
      this.asked.get(message.ticket)?.rows.push(...message.rows);
      this.hasAnswered(thread, message.ticket);
    }
  }

  /** A thread has answered one question, or is gone and will answer none. */
  private hasAnswered(thread: number, only?: number): void {
    for (const [ticket, question] of this.asked) {
      if (only !== undefined && ticket !== only) continue;
      if (!question.left.delete(thread) || question.left.size > 0) continue;
      this.asked.delete(ticket);
      question.done(question.rows);
    }
  }

  send(message: ToData): void {
    const { type } = message;
    if (type === 'pause') this.standing.set('listeners', message);
    else if (type === 'resume') this.standing.delete('listeners');
    else if (type === 'frontend') this.standing.set(`F:${message.name}`, message);
    else if (type === 'address') this.standing.set(`S:${message.backend}/${message.server}`, message);
    for (const worker of this.workers) worker?.postMessage(message);
  }

  /** False: that thread is not there now, or not yet. */
  sendTo(thread: number, message: ToData): boolean {
    const worker = this.workers[thread] ?? null;
    if (worker === null || !this.serving.has(worker)) return false;
    worker.postMessage(message);
    return true;
  }

  /** Percentage of time that the data threads have waited since the last call; null without a live thread. */
  idlePercent(): number | null {
    let idle = 0;
    let active = 0;
    for (const worker of this.workers) {
      if (worker === null) continue;
      const now = worker.performance.eventLoopUtilization();
      const before = this.utilization.get(worker);
      idle += now.idle - (before?.idle ?? 0);
      active += now.active - (before?.active ?? 0);
      this.utilization.set(worker, now);
    }
    return idle + active === 0 ? null : Math.round((idle * 100) / (idle + active));
  }

  listSessions(): Promise<SessionRow[]> {
    return this.ask('sessions') as Promise<SessionRow[]>;
  }

  /** What the protocol parsers of all threads refused. */
  async errors(): Promise<Refusals> {
    const threads = (await this.ask('errors')) as Refusals[];
    return joinRefusals([this.pastErrors, ...threads]);
  }

  /** The rows that all threads answer together. */
  private ask(type: 'sessions' | 'errors'): Promise<unknown[]> {
    const ticket = ++this.tickets;
    const left = new Set<number>();
    this.workers.forEach((worker, thread) => {
      if (worker !== null) left.add(thread);
    });
    if (left.size === 0) return Promise.resolve([]);
    return new Promise((done) => {
      this.asked.set(ticket, { rows: [], left, done });
      this.send({ type, ticket });
    });
  }

  /** Stops accepting and ends when the last session does. */
  drain(): void {
    this.stopping = true;
    this.send({ type: 'drain' });
    // Those that could not be replaced are gone already.
    setImmediate(() => this.buryThreads());
  }

  /**
   * Ends now: sessions are closed. Threads leave by themselves, since one that is terminated while it polls would
   * take the process with it; `onGone` tells when the last has left.
   */
  end(): void {
    this.drain();
    this.send({ type: 'kill' });
  }
}
