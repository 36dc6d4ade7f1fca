// Wakes a thread from any other thread: an eventfd that the owner's reactor watches.

import { SystemError } from '../sys/errno.ts';
import * as libc from '../sys/libc.ts';
import type { Reactor } from './reactor.ts';
import { Operation, POLLIN } from './reactor.ts';

const EFD_NONBLOCK_CLOEXEC = 0x80800;
const { scratch } = libc;

/** Wakes the owner of eventfd `fd`. Callable from every thread; many calls make one wake-up. */
export function wakeThread(fd: number): void {
  scratch.words[0] = 1;
  scratch.words[1] = 0;
  libc.write(fd, scratch.address, 8);
}

/** An eventfd, for `Waker` in the thread to wake and `wakeThread` in others. Throws SystemError. */
export function makeWakeFd(): number {
  const fd = libc.eventfd(0, EFD_NONBLOCK_CLOEXEC);
  if (fd < 0) throw new SystemError('cannot create an eventfd', fd);
  return fd;
}

export class Waker extends Operation {
  readonly fd: number;
  readonly #reactor: Reactor;
  readonly #onWake: () => void;
  #closing = false;

  /**
   * Runs `onWake` in the reactor's turn once for any number of `wake()` since the last. `fd` is of `makeWakeFd` and
   * outlives this thread, so that others never write to a number that means something else by now.
   */
  constructor(reactor: Reactor, fd: number, onWake: () => void) {
    super();
    this.fd = fd;
    this.#reactor = reactor;
    this.#onWake = onWake;
    reactor.poll(this.fd, POLLIN, this);
  }

  wake(): void {
    wakeThread(this.fd);
  }

  override onComplete(result: number): void {
    if (this.#closing || result < 0) return;
    // Emptied before the callback looks at what the others wrote, so no wake-up is lost.
    libc.read(this.fd, scratch.address, 8);
    this.#reactor.poll(this.fd, POLLIN, this);
    this.#onWake();
  }

  /** Stops to look. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#reactor.cancel(this);
  }
}
