// The data plane's only door to the kernel. io_uring, epoll or a simulation stands behind it; the suite in
// contract.ts says what each of them owes.

import type { SlabMemory } from '../core/slab.ts';
import type { PipePool } from './pipes.ts';
import type { Sockets } from './sockets.ts';

/**
 * A place for one kernel operation: allocated once with its owner and submitted again and again, never twice at
 * the same time. `onComplete` runs inside the reactor's turn, never inside the call that submitted it, so an
 * owner may submit from anywhere without being re-entered.
 */
export abstract class Operation {
  /** Place in the reactor's table of operations in flight; -1 while idle. Written by the reactor alone. */
  slot = -1;
  /**
   * After `recv` completed with a count above 0: the slab that holds the bytes, now owned by the receiver. After
   * `spliceIn` it may be a pipe instead: below -1, see `pipeIn`. After `recvLarge` it may be a large slab: those are
   * numbered on from `memory.slabCount`.
   */
  slab = -1;
  /** `result` is a count, an fd, or a negated errno. */
  abstract onComplete(result: number): void;
}

/** The pipe that a `slab` below -1 stands for, and the other way round. */
export function pipeIn(slab: number): number {
  return -2 - slab;
}

export const POLLIN = 1;
export const POLLOUT = 4;

export interface Reactor {
  readonly kind: 'io_uring' | 'epoll' | 'simulation';
  /** Sockets beside their bytes. */
  readonly sockets: Sockets;
  /** Where all bytes of this thread live; positions (`at`) are offsets into `memory.bytes`. */
  readonly memory: SlabMemory;
  /** What `spliceIn` takes from; null where nothing is spliced. */
  readonly pipes: PipePool | null;
  /** Milliseconds, monotonic, read once a turn: code between two turns sees one instant. Integer. */
  readonly now: number;
  /** Turns so far. */
  readonly turns: number;
  /** Milliseconds since 1970, read at the same moment as `now`. Integer. */
  readonly wallMs: number;
  /**
   * Accepts until cancelled: completes once for each new connection with its fd (non-blocking, close-on-exec),
   * and a last time with the negated errno that ended it. -EMFILE/-ENFILE and the like end it too: the owner
   * decides when to call again.
   */
  accept(listener: number, operation: Operation): void;
  /** `address` is a sockaddr of `length` bytes at offset `at` of `memory.bytes` (see SlabMemory.permanent). */
  connect(fd: number, at: number, length: number, operation: Operation): void;
  /**
   * Waits for bytes while holding no memory; completes with a count and `operation.slab`, with 0 at end of
   * stream, or with an error. While no slab is free the operation waits for one.
   */
  recv(fd: number, operation: Operation): void;
  /**
   * As `recv`, for where more than a slab of bytes is likely: they come into a large slab, taken when bytes are there.
   * Where none is free at that moment they come as with `recv`.
   */
  recvLarge(fd: number, operation: Operation): void;
  /** Receives into the caller's own bytes [at, at+length). */
  recvInto(fd: number, at: number, length: number, operation: Operation): void;
  /**
   * Sends all of [at, at+length) unless the connection breaks: completes with `length` or a negated errno.
   * The bytes belong to the kernel until then. `more` says that the next send follows at once (MSG_MORE).
   */
  send(fd: number, at: number, length: number, more: boolean, operation: Operation): void;
  /**
   * As `recv`, but at most `length` bytes come into a pipe and stay in the kernel: the receiver owns that pipe then.
   * Where none can be had at that moment, or the socket cannot do it, they come in a slab.
   */
  spliceIn(fd: number, length: number, operation: Operation): void;
  /** As `send`, for the first `length` bytes of those in `pipe`. */
  spliceOut(pipe: number, fd: number, length: number, more: boolean, operation: Operation): void;
  /** One datagram on a connected or addressed socket. Fire and forget: completes with a count or an error. */
  sendDatagram(fd: number, at: number, length: number, operation: Operation): void;
  /** Completes once `fd` is readable/writable (POLLIN, POLLOUT) with the mask seen. */
  poll(fd: number, events: number, operation: Operation): void;
  /** Asks the kernel to give up. The operation still completes exactly once more, perhaps with -ECANCELED. */
  cancel(operation: Operation): void;
  /** Closes `fd` (in this turn's batch). Nothing may be in flight on it but a receive that was cancelled. */
  close(fd: number): void;
  /**
   * `fd` goes on elsewhere. Sockets that were accepted, connected or sent datagrams through the reactor are closed with
   * it unless they were closed or let go before.
   */
  letGo(fd: number): void;
  /** A connected stream socket that the reactor of another thread let go goes on here. */
  adopt(fd: number): void;
  /** Runs `operation` (result 0) at `now >= deadlineMs`. Re-arming and cancelling cost O(1). */
  at(deadlineMs: number, operation: TimerOperation): void;
  /** Forgets a timer; harmless when it is not armed. */
  clear(operation: TimerOperation): void;
  /**
   * Forgets a timer, and lets go of its object at once: a cleared one may be held until it would have fired. For
   * owners that go; O(1), but dearer than `clear` where the timer is soon armed again.
   */
  forget(operation: TimerOperation): void;
  /** Runs `task` at the end of this turn, after the completions; for work that must not re-enter. */
  defer(task: Operation): void;
  /** Starts to be polled by this thread's libuv loop (Node's own APIs keep working). */
  start(): void;
  /** One bounded turn by hand (tests, simulation): returns how many completions ran. */
  tick(waitMs: number, budget: number): number;
  /** Releases ring, memory and handles. Nothing may be in flight. */
  stop(): void;
}

/** A timer that lives with its owner; the wheel links it in place. */
export abstract class TimerOperation {
  /** When it will fire (ms, `reactor.now` scale); 0 while it is not armed. */
  deadline = 0;
  /** Links of the wheel's bucket list. Written by the wheel alone. */
  next: TimerOperation | null = null;
  previous: TimerOperation | null = null;
  bucket = -1;
  /** The tick for which the wheel filed it. Written by the wheel alone. */
  due = 0;
  abstract onTimeout(): void;
}
