// Builds one data thread: the model from its recorded sources, the reactor, frontends and backends over the shared
// blocks, logs; and answers the control thread.

import { measureStreams } from '../stream/measure.ts';
import { AcceptQueue } from '../stream/accept-queue.ts';
import { HeapWatch } from './heap-watch.ts';
import { Frontend } from '../stream/frontend.ts';
import { MappedSlabs } from '../core/slab-memory.ts';
import { Plane } from '../stream/plane.ts';
import { SharedBlock } from '../core/shared.ts';
import { SystemPipes } from '../reactor/pipes.ts';
import { Takeovers } from '../stream/takeover.ts';
import { ThreadLog } from '../log/thread-log.ts';
import { ThreadView } from './thread-view.ts';
import { Waiters } from '../backend/queue.ts';
import { Waker, wakeThread } from '../reactor/waker.ts';
import { chooseReactor } from '../reactor/choose.ts';
import { nobody } from '../balance/balance.ts';
import { createBalancer } from '../balance/create.ts';
import { isBack, isFront } from '../config/defaults.ts';
import { keyOf } from './blocks.ts';
import { pipesOf, splicesOf } from '../config/splicing.ts';
import { reload } from './recorded-config.ts';
import { rowOf } from './session-row.ts';
import { seatBackend } from './reclaim.ts';
import type { ProxyConfig } from '../config/model.ts';
import type { DataThreadInit, FromData, ToData } from './messages.ts';
import type { LoopReactor } from '../reactor/loop-reactor.ts';
import type { SessionRow } from '../cli/view.ts';

const LARGE_SLABS = 256;
/** Sockaddrs and log lines; memory is taken only as far as it is touched. */
const PERMANENT_BYTES = 64 << 20;

export class DataPlane {
  private readonly init: DataThreadInit;
  private readonly post: (message: FromData) => void;
  private readonly reactor: LoopReactor;
  private readonly plane: Plane;
  private readonly waker: Waker;
  private readonly log: ThreadLog;
  private readonly waiters: Waiters;
  private takeovers: Takeovers | null = null;
  readonly heapWatch: HeapWatch;

  constructor(init: DataThreadInit, post: (message: FromData) => void) {
    this.init = init;
    this.post = post;
    const config = reload(init);
    const memory = new MappedSlabs({
      slabSize: config.global.bufsize,
      slabCount: init.slabs,
      largeCount: LARGE_SLABS,
      permanentBytes: PERMANENT_BYTES,
    });
    const { reactor, reason } = chooseReactor({ memory, uring: init.uring, epoll: init.epoll });
    this.reactor = reactor;
    const processInts = new Int32Array(init.processInts);
    const most = pipesOf(config);
    if (most > 0 && config.proxies.some((proxy) => splicesOf(proxy, config.global) !== 0)) {
      const bytes = config.global.pipesize;
      reactor.pipes = new SystemPipes({ processInts, most, threads: init.threads, bytes });
    }
    reactor.onSettled = () => memory.destroy();
    const wakers = new Int32Array(init.wakers);
    this.waiters = new Waiters(init.waiters, init.row, (row) => wakeThread(wakers[row]!));
    this.waker = new Waker(reactor, wakers[init.row]!, () => this.onWake());
    const view = new ThreadView(config, init, reactor);
    const log = new ThreadLog(config, init, reactor);
    this.log = log;
    view.events = log;
    this.plane = new Plane({
      reactor,
      config,
      view,
      processInts,
      sink: log,
      thread: init.thread,
      threads: init.threads,
      onShortage: (proxy, errno) => post({ type: 'shortage', proxy, errno }),
      askService: (ticket, query) => post({ type: 'service', ticket, query }),
    });
    if (config.global.measuresStreams) measureStreams();
    for (const proxy of config.proxies) {
      if (isBack(proxy.kind)) this.addBackend(proxy, view);
      if (isFront(proxy.kind)) this.addFrontend(proxy, view, log);
    }
    if (init.takeovers !== null) {
      const peers = peersOf(wakers, init.row);
      const notify = (row: number): void => wakeThread(wakers[row]!);
      this.takeovers = new Takeovers(init.takeovers, init.row, peers, this.plane, notify);
      this.plane.takeovers = this.takeovers;
      // Letters for a thread that died in this one's place: nobody would tell of them again.
      this.takeovers.recover();
      this.takeovers.drain();
    }
    if (init.accepts !== null) {
      const { acceptPolicy } = config.global;
      const policy = acceptPolicy === 'fair' ? 'fair' : 'least';
      const notify = (row: number): void => wakeThread(wakers[row]!);
      this.plane.accepts = new AcceptQueue(init.accepts, init.row, peersOf(wakers, init.row), policy, notify);
    }
    this.plane.onDrained = () => post({ type: 'drained', errors: this.log.takeErrors() });
    for (const frontend of this.plane.frontends) frontend.start();
    // Connections for a thread that died in this one's place.
    this.plane.receiveAccepted();
    reactor.start();
    this.heapWatch = new HeapWatch((error) => this.fail(error));
    post({ type: 'ready', reactor: reason });
  }

  private onWake(): void {
    this.waiters.drain();
    this.takeovers?.drain();
    this.plane.receiveAccepted();
  }

  private block(key: string): SharedBlock {
    return new SharedBlock(this.init.table.blocks.get(key)!, this.init.row);
  }

  private addBackend(proxy: ProxyConfig, view: ThreadView): void {
    const backend = seatBackend(
      proxy,
      this.init,
      this.init.row,
      this.waiters,
      // Log lines find their server in the log thread.
      proxy.mode === 'log' ? () => nobody : createBalancer,
    );
    this.plane.addBackend(backend);
    view.addBackend(backend);
  }

  private addFrontend(proxy: ProxyConfig, view: ThreadView, log: ThreadLog): void {
    if (proxy.disabled) return;
    const frontend = new Frontend(this.plane, proxy, this.block(keyOf.front(proxy.name)));
    for (const bind of proxy.binds) {
      const listener = this.init.listeners.find((one) => one.proxy === proxy.name && one.bindId === bind.id);
      if (listener === undefined) continue;
      frontend.listen(bind, listener.fd, this.block(keyOf.listener(proxy.name, bind.id)));
    }
    this.plane.addFrontend(frontend);
    view.addFrontend(frontend);
    log.addFrontend(frontend);
  }

  receive(message: ToData): void {
    const { plane } = this;
    if (this.reactor.isStopped) return;
    switch (message.type) {
      case 'drain':
        plane.drain();
        break;
      case 'kill':
        plane.killAll('K');
        break;
      case 'pause':
        plane.stopListening();
        break;
      case 'resume':
        for (const frontend of plane.frontends) frontend.start();
        break;
      case 'rearm':
        for (const frontend of plane.frontends) frontend.rearm();
        break;
      case 'frontend':
        for (const frontend of plane.frontends) {
          if (frontend.config.name !== message.name) continue;
          if (message.accept) frontend.start();
          else frontend.stop();
        }
        break;
      case 'sessions':
        this.post({ type: 'sessions', ticket: message.ticket, rows: this.sessions() });
        break;
      case 'errors':
        this.post({ type: 'errors', ticket: message.ticket, rows: [this.log.errors] });
        break;
      case 'service':
        plane.services.answer(message.ticket, message.body);
        break;
      case 'kill-session':
        for (const session of plane.liveSessions()) {
          if (this.idOf(session.id) === message.id) {
            session.kill('K');
            break;
          }
        }
        break;
      case 'shutdown-server': {
        const backend = plane.backendNamed(message.backend);
        const server = backend === null ? null : plane.farm(backend).serverByName(message.server);
        if (server !== null) plane.shutdownSessions(server, 'K');
        break;
      }
      case 'address': {
        const backend = plane.backendNamed(message.backend);
        const server = backend === null ? null : plane.farm(backend).serverByName(message.server);
        server?.setAddress(message.text, message.port, message.version);
        break;
      }
      case 'bug':
        if (message.where === 'message') throw new Error('debug dev bug, in a message');
        if (message.where === 'heap') {
          this.leak([]);
          break;
        }
        plane.after(0, () => {
          throw new Error("debug dev bug, in a reactor's turn");
        });
        break;
      default:
    }
  }

  /** `debug dev bug ... heap`: a MiB more in each turn, never let go. */
  private leak(kept: unknown[]): void {
    kept.push(Array.from({ length: 128 }, () => new Array<number>(1024).fill(kept.length + 0.5)));
    this.plane.after(0, () => this.leak(kept));
  }

  private idOf(id: number): string {
    const { generation, thread } = this.init;
    // 32 bits for the session, so that those of all threads and generations differ.
    return `0x${((generation * 64 + thread) * 0x1_0000_0000 + id).toString(16)}`;
  }

  private sessions(): SessionRow[] {
    const rows: SessionRow[] = [];
    for (const session of this.plane.liveSessions()) {
      rows.push(rowOf(session, this.idOf(session.id), this.init.thread));
    }
    return rows;
  }

  /**
   * An exception that nobody caught: this thread is lost, and leaves in such an order that the process is not. The
   * control thread hears of it once all is closed.
   */
  fail(error: unknown): void {
    if (!this.reactor.isStopped) this.reactor.fail(error);
    else
      setImmediate(() => {
        throw error;
      });
  }

  /** Nothing runs any more: memory and handles are given back. */
  stop(): void {
    this.waker.close();
    setTimeout(() => this.reactor.stop(), 10);
  }
}

/** Rows of the other threads of this generation. */
function peersOf(wakers: Int32Array, own: number): number[] {
  const peers: number[] = [];
  for (let row = 0; row < wakers.length; row++) if (wakers[row]! >= 0 && row !== own) peers.push(row);
  return peers;
}
