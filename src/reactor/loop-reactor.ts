// What io_uring and epoll have in common: the turn, the clock, timers, deferred work, and a place in libuv's loop.
//
//   wake-up (fd readable, timer, or work submitted from outside a turn)
//     -> read the clock -> timers -> [ completions -> deferred -> hand over what was submitted ] a few times
//     -> arm one libuv timer if an earlier deadline appeared -> back to libuv

import { TimerWheel } from '../core/wheel.ts';
import type { SlabMemory } from '../core/slab.ts';
import { POLLFD } from '../sys/abi.ts';
import { LoopPoll, close as closeNow, monotonicMs, poll as pollNow, scratch } from '../sys/libc.ts';
import { Operation, type Reactor, type TimerOperation } from './reactor.ts';
import { OperationTable } from './table.ts';
import type { SystemPipes } from './pipes.ts';
import { systemSockets } from './sockets.ts';

/** Completions of one wake-up before libuv gets its turn. */
const WAKE_BUDGET = 1024;
/** Rounds of one wake-up: most answers to what we submit arrive while we still look. */
const WAKE_ROUNDS = 4;
/** How long the kernel gets to give up what nobody waits for any more, ms. */
const SETTLE_MS = 250;

/** Takes the place of an operation whose owner is gone. A connection that it accepts is closed with all others. */
class Orphan extends Operation {
  constructor(slot: number) {
    super();
    this.slot = slot;
  }
  override onComplete(): void {}
}

export abstract class LoopReactor implements Reactor {
  abstract readonly kind: 'io_uring' | 'epoll';
  readonly sockets = systemSockets;
  readonly memory: SlabMemory;
  /** Set before the first splice; ends with the reactor. */
  pipes: SystemPipes | null = null;
  protected readonly table = new OperationTable();
  turns = 0;
  #now: number;
  #wallMs: number;
  readonly #wheel: TimerWheel;
  #deferred: Operation[] = [];
  #deferredSpare: Operation[] = [];
  #inTurn = false;
  #poll: LoopPoll | null = null;
  #timer: NodeJS.Timeout | null = null;
  #timerAt = Infinity;
  #immediate: NodeJS.Immediate | null = null;
  #stopped = false;
  /** Called once after `stop` or a failure, when the kernel has let go of everything. */
  onSettled: (() => void) | null = null;
  /** 1 for each fd that ends with this reactor. */
  #own = new Uint8Array(1024);
  readonly #onWake = (): void => {
    this.#immediate = null;
    this.#wakeUp();
  };
  readonly #onTimer = (): void => {
    this.#timer = null;
    this.#timerAt = Infinity;
    this.#wakeUp();
  };

  constructor(memory: SlabMemory) {
    this.memory = memory;
    this.#now = monotonicMs();
    this.#wallMs = Date.now();
    this.#wheel = new TimerWheel(this.#now);
  }

  /** Fixed within a turn; outside of turns (code called by Node itself) each reading is fresh. */
  get now(): number {
    if (!this.#inTurn) this.#now = monotonicMs();
    return this.#now;
  }
  get wallMs(): number {
    if (!this.#inTurn) this.#wallMs = Date.now();
    return this.#wallMs;
  }

  /** Operations that have not completed. */
  get inFlight(): number {
    return this.table.inFlight;
  }

  /** After `stop` or a failure: nothing may be submitted any more. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  protected own(fd: number): void {
    if (fd >= this.#own.length) {
      const wider = new Uint8Array(2 ** Math.ceil(Math.log2(fd + 1)));
      wider.set(this.#own);
      this.#own = wider;
    }
    this.#own[fd] = 1;
  }

  letGo(fd: number): void {
    if (fd < this.#own.length) this.#own[fd] = 0;
  }

  adopt(fd: number): void {
    this.own(fd);
  }

  /** The fd that libuv watches. */
  protected abstract readonly door: number;
  /** Runs at most `budget` completions that are there already. */
  protected abstract complete(budget: number): number;
  /** Hands everything submitted to the kernel. */
  protected abstract flush(): void;
  /** Work that needs another turn and that the door will not announce. */
  protected abstract hasWork(): boolean;
  protected abstract release(): void;

  abstract accept(listener: number, operation: Operation): void;
  abstract connect(fd: number, at: number, length: number, operation: Operation): void;
  abstract recv(fd: number, operation: Operation): void;
  abstract recvLarge(fd: number, operation: Operation): void;
  abstract recvInto(fd: number, at: number, length: number, operation: Operation): void;
  abstract send(fd: number, at: number, length: number, more: boolean, operation: Operation): void;
  abstract spliceIn(fd: number, length: number, operation: Operation): void;
  abstract spliceOut(pipe: number, fd: number, length: number, more: boolean, operation: Operation): void;
  abstract sendDatagram(fd: number, at: number, length: number, operation: Operation): void;
  abstract poll(fd: number, events: number, operation: Operation): void;
  abstract cancel(operation: Operation): void;
  abstract close(fd: number): void;

  at(deadlineMs: number, operation: TimerOperation): void {
    this.#wheel.at(deadlineMs, operation);
    if (!this.#inTurn && this.#poll !== null) this.#armTimer();
  }

  clear(operation: TimerOperation): void {
    this.#wheel.clear(operation);
  }

  forget(operation: TimerOperation): void {
    this.#wheel.forget(operation);
  }

  defer(task: Operation): void {
    this.#deferred.push(task);
    this.wake();
  }

  /** Something was submitted: outside of a turn that asks for one. */
  protected wake(): void {
    if (this.#inTurn || this.#poll === null || this.#immediate !== null) return;
    this.#immediate = setImmediate(this.#onWake);
  }

  start(): void {
    if (this.#poll !== null || this.#stopped) return;
    this.#poll = new LoopPoll(this.door, () => this.#wakeUp());
    this.wake();
  }

  tick(waitMs: number, budget: number): number {
    this.flush();
    const idle = this.#deferred.length === 0 && !this.hasWork();
    const untilTimer = this.#wheel.nextDeadline() - monotonicMs();
    this.#look(idle ? Math.max(0, Math.min(waitMs, untilTimer)) : 0);
    return this.#turn(1, budget);
  }

  #wakeUp(): void {
    if (this.#inTurn || this.#stopped) return;
    try {
      this.#turn(WAKE_ROUNDS, WAKE_BUDGET);
    } catch (error) {
      this.fail(error);
    }
  }

  /**
   * The end after a bug: whoever waits for a completion cannot be trusted any more, so nobody is told. Sockets, ring
   * and libuv's handle are closed, then `error` is thrown from a turn of libuv's own, for Node to report: thrown
   * through libuv's C frames, or while libuv still polls for us, it would end the process. Harmless when stopped.
   */
  fail(error: unknown): void {
    if (this.#stopped) return;
    this.#end(() => {
      setImmediate(() => {
        throw error;
      });
    });
  }

  #turn(rounds: number, budget: number): number {
    this.#now = monotonicMs();
    this.#wallMs = Date.now();
    this.#inTurn = true;
    this.turns++;
    let ran = 0;
    try {
      ran = this.#wheel.advance(this.#now);
      for (let round = 0; round < rounds && ran < budget; round++) {
        const completed = this.complete(budget - ran) + this.#runDeferred();
        ran += completed;
        this.flush();
        if (completed === 0 && round > 0) break;
      }
      if (ran >= budget) this.flush();
    } finally {
      this.#inTurn = false;
      if (this.#poll !== null) {
        if (this.#deferred.length > 0 || this.hasWork()) this.wake();
        this.#armTimer();
      }
    }
    return ran;
  }

  #runDeferred(): number {
    const tasks = this.#deferred;
    if (tasks.length === 0) return 0;
    this.#deferred = this.#deferredSpare;
    this.#deferredSpare = tasks;
    for (let i = 0; i < tasks.length; i++) tasks[i]!.onComplete(0);
    const ran = tasks.length;
    tasks.length = 0;
    return ran;
  }

  #armTimer(): void {
    const deadline = this.#wheel.nextDeadline();
    if (deadline >= this.#timerAt) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timerAt = deadline;
    // Beyond Node's longest delay it fires early, finds nothing due and is armed again.
    const delay = Math.min(Math.max(deadline - monotonicMs(), 0), 0x7fff_ffff);
    this.#timer = setTimeout(this.#onTimer, delay);
  }

  stop(): void {
    if (this.#stopped) return;
    if (this.#inTurn && this.#poll === null)
      throw new Error('a reactor driven by hand cannot stop inside its turn');
    this.flush();
    this.#end(() => {});
  }

  #end(afterwards: () => void): void {
    this.#stopped = true;
    this.memory.onRelease = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    const poll = this.#poll;
    this.#poll = null;
    const finish = (): void => {
      try {
        this.#settle();
        for (let fd = 0; fd < this.#own.length; fd++) if (this.#own[fd] === 1) closeNow(fd);
        this.pipes?.destroy();
        this.release();
        if (this.table.inFlight === 0) this.onSettled?.();
      } finally {
        afterwards();
      }
    };
    if (poll === null) finish();
    else poll.close(finish);
  }

  /** Takes back what is in flight, so that the kernel neither keeps a connection nor writes to our memory. */
  #settle(): void {
    const { table } = this;
    if (table.inFlight === 0) return;
    for (let slot = 0; slot < table.operations.length; slot++) {
      if (table.operations[slot] === null) continue;
      const orphan = new Orphan(slot);
      table.operations[slot] = orphan;
      // What was cancelled already will complete by itself.
      this.cancel(orphan);
    }
    for (const end = monotonicMs() + SETTLE_MS; table.inFlight > 0 && monotonicMs() < end;) {
      this.flush();
      this.complete(WAKE_BUDGET);
      if (table.inFlight > 0) this.#look(this.hasWork() ? 0 : 10);
    }
  }

  /** Waits for the door; even without waiting this call lets the kernel post what it has finished. */
  #look(waitMs: number): void {
    scratch.words[POLLFD.fd >> 2] = this.door;
    scratch.words[POLLFD.events >> 2] = 1;
    pollNow(scratch.address, 1, waitMs);
  }
}
