// One configuration with its data threads. A reload builds the next generation beside this one, lets it take over the
// listening sockets, and has this one drain.

import { Worker } from 'node:worker_threads';
import { createWaiterPool } from '../backend/queue.ts';
import { makeBlocks, type BlockTable } from './blocks.ts';
import type { Level } from '../config/diagnostics.ts';
import type { Config } from '../config/model.ts';
import type { DataThreadInit, FromData, ListenerRef, SessionRow, ToData } from './messages.ts';

/** Streams of one thread that can wait in queues. */
const WAITERS_PER_THREAD = 65536;
/** Smallest and largest number of slabs of one thread. */
const SLABS_MIN = 512;
const SLABS_MAX = 98304;

export interface GenerationParts {
  readonly config: Config;
  readonly number: number;
  readonly entry: URL;
  readonly recorded: Pick<DataThreadInit, 'sources' | 'environment' | 'files' | 'names' | 'ignoreUnresolved'>;
  readonly before: BlockTable | null;
  readonly processInts: SharedArrayBuffer;
  readonly hostname: string;
  readonly startedMs: number;
  /** Counter rows that the generation may use; given back when it is gone. */
  readonly rows: readonly number[];
  readonly rowCount: number;
  readonly report: (level: Level, text: string) => void;
}

export class Generation {
  readonly config: Config;
  readonly number: number;
  readonly table: BlockTable;
  readonly startedMs = Date.now();
  reactor = '';
  stopping = false;
  private readonly parts: GenerationParts;
  private readonly workers: (Worker | null)[] = [];
  readonly wakers = new SharedArrayBuffer(4 * 64);
  readonly waiters: DataThreadInit['waiters'];
  private listeners: readonly ListenerRef[] = [];
  private tickets = 0;
  private readonly asked = new Map<
    number,
    { rows: SessionRow[]; left: number; done: (rows: SessionRow[]) => void }
  >();
  /** Called once when all data threads have ended. */
  onGone: (() => void) | null = null;

  constructor(parts: GenerationParts) {
    this.parts = parts;
    this.config = parts.config;
    this.number = parts.number;
    this.table = makeBlocks(parts.config, parts.rowCount, parts.before);
    this.waiters = createWaiterPool(parts.rowCount, WAITERS_PER_THREAD);
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
      waiters: this.waiters,
      processInts: parts.processInts,
      wakers: this.wakers,
      thread,
      row: parts.rows[thread]!,
      threads: this.threads,
      generation: parts.number,
      slabs: Math.max(SLABS_MIN, Math.min(SLABS_MAX, perThread, Math.floor(0x6000_0000 / global.bufsize))),
      uring: global.uring,
      epoll: global.epoll,
      maxconn: global.maxconn,
      hostname: parts.hostname,
      startedMs: parts.startedMs,
    };
    return new Promise((resolve, reject) => {
      const worker = new Worker(parts.entry, { workerData: { hawserDataThread: init } });
      this.workers[thread] = worker;
      let ready = false;
      worker.on('message', (message: FromData) => {
        if (message.type === 'ready') {
          ready = true;
          this.reactor = message.reactor;
          resolve();
        } else this.receive(message, thread);
      });
      worker.on('error', (error) => {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        if (ready) {
          parts.report('alert', `data thread ${thread + 1} died of a bug and is replaced:\n${text}`);
        } else {
          reject(error);
        }
      });
      worker.on('exit', () => {
        this.workers[thread] = null;
        if (ready && !this.stopping) {
          this.startThread(thread).catch((error: unknown) => {
            parts.report('alert', `data thread ${thread + 1} cannot be replaced: ${String(error)}`);
          });
          return;
        }
        if (this.workers.every((one) => one === null)) this.onGone?.();
      });
    });
  }

  private receive(message: FromData, thread: number): void {
    if (message.type === 'drained') {
      this.workers[thread]?.postMessage({ type: 'end' });
    } else if (message.type === 'sessions') {
      const question = this.asked.get(message.ticket);
      if (question === undefined) return;
      question.rows.push(...message.rows);
      if (--question.left > 0) return;
      this.asked.delete(message.ticket);
      question.done(question.rows);
    }
  }

  send(message: ToData): void {
    for (const worker of this.workers) worker?.postMessage(message);
  }

  listSessions(): Promise<SessionRow[]> {
    const ticket = ++this.tickets;
    const left = this.workers.filter((worker) => worker !== null).length;
    if (left === 0) return Promise.resolve([]);
    return new Promise((done) => {
      this.asked.set(ticket, { rows: [], left, done });
      this.send({ type: 'sessions', ticket });
    });
  }

  /** Stops accepting and ends when the last session does. */
  drain(): void {
    this.stopping = true;
    this.send({ type: 'drain' });
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
