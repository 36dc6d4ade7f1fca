// A frontend (or listen) in one data thread: its listeners, its limits, its log, and the sessions it makes.

import {
  Counter,
  ProcessInt,
  ProxyInt,
  Share,
  SharedBlock,
  countRate,
  enter,
  readRate,
} from '../core/shared.ts';
import { Operation } from '../reactor/reactor.ts';
import { splicesOf } from '../config/splicing.ts';
import type { BindConfig, ProxyConfig } from '../config/model.ts';
import { isShortage } from './shortage.ts';
import type { Plane } from './plane.ts';
import type { Session } from './session.ts';

/** Ended sessions kept for reuse, half a kilobyte each; more are left to the collector. */
const RECYCLED_MAX = 4096;
/** Pause after a shortage of file descriptors or memory, ms. */
const SHORTAGE_PAUSE_MS = 100;

/** Accepts connections of one listening socket. */
export class Listener extends Operation {
  readonly frontend: Frontend;
  readonly config: BindConfig;
  readonly fd: number;
  readonly block: SharedBlock;
  /** Its number, the same in all threads. */
  readonly index: number;
  private accepting = false;
  private wanted = false;

  constructor(frontend: Frontend, config: BindConfig, fd: number, block: SharedBlock) {
    super();
    this.frontend = frontend;
    this.config = config;
    this.fd = fd;
    this.block = block;
    this.index = frontend.plane.listeners.push(this) - 1;
  }

  /** The kernel may complete an accept. */
  get isAccepting(): boolean {
    return this.accepting;
  }

  resume(): void {
    this.wanted = true;
    if (this.accepting) return;
    this.accepting = true;
    this.frontend.plane.reactor.accept(this.fd, this);
  }

  pause(): void {
    this.wanted = false;
    if (this.accepting) this.frontend.plane.reactor.cancel(this);
  }

  override onComplete(result: number): void {
    if (result >= 0) {
      this.frontend.accepted(this, result);
      return;
    }
    this.accepting = false;
    if (!this.wanted) {
      this.frontend.plane.checkDrained();
      return;
    }
    if (isShortage(result)) {
      this.frontend.plane.shortage(this.frontend.config, result);
      this.frontend.plane.after(SHORTAGE_PAUSE_MS, () => {
        if (this.wanted && !this.accepting) this.resume();
      });
    } else {
      this.resume();
    }
  }
}

export class Frontend {
  readonly plane: Plane;
  readonly config: ProxyConfig;
  readonly block: SharedBlock;
  readonly listeners: Listener[] = [];
  /** option nolinger. */
  readonly resets: boolean;
  /** log-steps: the moments that make a line. */
  readonly logSteps: number;
  /** option logasap, which log-steps stands in for. */
  readonly logsEarly: boolean;
  /** Which directions are spliced, see `splicesOf`. */
  readonly splices: number;
  /** rate-limit sessions. */
  private readonly paced: boolean;
  private readonly recycled: Session[] = [];
  private stopped = false;
  /** Connections accepted beyond a limit, as listener and fd by turns: they wait for a place. */
  private readonly held: (Listener | number)[] = [];

  constructor(plane: Plane, config: ProxyConfig, block: SharedBlock) {
    this.plane = plane;
    this.config = config;
    this.paced = config.sessionRate > 0;
    this.resets = config.options.has('nolinger');
    this.logSteps = config.logTargets.length > 0 ? config.logSteps : 0;
    this.logsEarly = config.options.has('logasap') && config.logSteps === 0;
    this.splices = plane.reactor.pipes === null ? 0 : splicesOf(config, plane.config.global);
    this.block = block;
  }

  listen(config: BindConfig, fd: number, block: SharedBlock): void {
    this.listeners.push(new Listener(this, config, fd, block));
  }

  start(): void {
    this.stopped = false;
    for (const listener of this.listeners) listener.resume();
  }

  /** Asks the kernel anew: a wake-up may have gone to another thread that accepts no more on the same socket. */
  rearm(): void {
    if (this.stopped) return;
    for (const listener of this.listeners) {
      listener.pause();
      listener.resume();
    }
  }

  stop(): void {
    this.stopped = true;
    for (const listener of this.listeners) listener.pause();
  }

  /** Stopped, and no connection can come any more. */
  get isQuiet(): boolean {
    if (this.held.length > 0) return false;
    for (const listener of this.listeners) if (listener.isAccepting) return false;
    return true;
  }

  rate(field: number): void {
    countRate(this.block.ints, field, this.plane.second);
  }

  /** A connection came in: the kernel has taken it from its queue, so it is served now or held, never forgotten. */
  accepted(listener: Listener, fd: number): void {
    const { accepts, reactor } = this.plane;
    if (accepts !== null) {
      const row = this.held.length > 0 ? -1 : accepts.choose();
      if (row >= 0) {
        reactor.letGo(fd);
        if (accepts.give(row, listener.index, fd)) return;
        reactor.adopt(fd);
      }
      accepts.begun();
    }
    this.receive(listener, fd);
  }

  /** A connection that is this thread's to serve. */
  receive(listener: Listener, fd: number): void {
    // The kernel may hand over connections for a moment after accepting was stopped: they are served too.
    if (this.held.length > 0 || !this.tryEnter(listener)) {
      this.held.push(listener, fd);
      listener.pause();
      this.plane.waiting(this);
      return;
    }
    this.begin(listener, fd);
  }

  /** rate-limit sessions is reached. */
  private isTooFast(): boolean {
    const { wallMs } = this.plane.reactor;
    const rate = readRate(this.block.ints, ProxyInt.SESSION_RATE, this.plane.second, wallMs % 1000);
    return rate >= this.config.sessionRate;
  }

  /** Takes a place under maxconn of the proxy, the bind line and the process; exact across threads. */
  private tryEnter(listener: Listener): boolean {
    const { ints } = this.block;
    if (this.plane.isTooFast || (this.paced && this.isTooFast())) return false;
    const limit = ints[ProxyInt.MAXCONN]!;
    if (enter(ints, ProxyInt.CURRENT) > limit && limit > 0) {
      Atomics.sub(ints, ProxyInt.CURRENT, 1);
      return false;
    }
    const most = listener.config.maxconn;
    if (enter(listener.block.ints, ProxyInt.CURRENT) > most && most > 0) {
      Atomics.sub(ints, ProxyInt.CURRENT, 1);
      Atomics.sub(listener.block.ints, ProxyInt.CURRENT, 1);
      return false;
    }
    if (!this.plane.tryEnter()) {
      Atomics.sub(ints, ProxyInt.CURRENT, 1);
      Atomics.sub(listener.block.ints, ProxyInt.CURRENT, 1);
      return false;
    }
    this.block.counters[Share.CURRENT]! += 1;
    listener.block.counters[Share.CURRENT]! += 1;
    return true;
  }

  private begin(listener: Listener, fd: number): void {
    const { plane, block } = this;
    block.counters[Counter.CONNECTIONS]! += 1;
    listener.block.counters[Counter.CONNECTIONS]! += 1;
    countRate(block.ints, ProxyInt.CONNECTION_RATE, plane.second);
    plane.processRate(ProcessInt.CONNECTION_RATE);
    const session = this.recycled.pop() ?? plane.newSession(this.config);
    session.start(this, listener, fd);
    if (plane.isDraining) session.drain();
    plane.admit(session);
  }

  /** Capacity may have come back: serve who was held, then accept again. False: still waiting. */
  retry(): boolean {
    while (this.held.length > 0) {
      const listener = this.held[0] as Listener;
      const fd = this.held[1] as number;
      if (!this.tryEnter(listener)) return false;
      // Before it begins: a session that ends at once may be the last one of a thread that stops.
      this.held.splice(0, 2);
      this.begin(listener, fd);
    }
    if (!this.stopped) for (const listener of this.listeners) listener.resume();
    return true;
  }

  sessionEnded(session: Session): void {
    Atomics.sub(this.block.ints, ProxyInt.CURRENT, 1);
    Atomics.sub(session.listener.block.ints, ProxyInt.CURRENT, 1);
    this.block.counters[Share.CURRENT]! -= 1;
    session.listener.block.counters[Share.CURRENT]! -= 1;
    this.plane.accepts?.ended();
    this.plane.leave();
  }

  takeBack(session: Session): void {
    if (this.recycled.length < RECYCLED_MAX) this.recycled.push(session);
    else session.dropped();
  }
}
