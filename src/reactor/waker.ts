// Wakes a thread from any other thread: an eventfd that the owner's reactor watches.

import { SystemError } from '../sys/errno.ts';
import * as libc from '../sys/libc.ts';
import type { Reactor } from './reactor.ts';
import { Operation, POLLIN } from './reactor.ts';

const EFD_NONBLOCK_CLOEXEC = 0x80800;
const { scratch } = libc;

/** Wakes the owner of eventfd `fd` (see Waker.fd). Callable from every thread; many calls make one wake-up. */
export function wakeThread(fd: number): void {
  scratch.words[0] = 1;
  scratch.words[1] = 0;
  libc.write(fd, scratch.address, 8);
}

export class Waker extends Operation {
  /** Hand this number to the threads that may wake us. */
  readonly fd: number;
  readonly #reactor: Reactor;
  readonly #onWake: () => void;
  #closing = false;

  /** Runs `onWake` in the reactor's turn once for any number of `wake()` since the last. Throws SystemError. */
  constructor(reactor: Reactor, onWake: () => void) {
    super();
    this.fd = libc.eventfd(0, EFD_NONBLOCK_CLOEXEC);
    if (this.fd < 0) throw new SystemError('cannot create an eventfd', this.fd);
    this.#reactor = reactor;
    this.#onWake = onWake;
    reactor.poll(this.fd, POLLIN, this);
  }

  wake(): void {
    wakeThread(this.fd);
  }

  override onComplete(result: number): void {
    if (this.#closing || result < 0) {
      this.#reactor.close(this.fd);
      return;
    }
    // Emptied before the callback looks at what the others wrote, so no wake-up is lost.
    libc.read(this.fd, scratch.address, 8);
    this.#reactor.poll(this.fd, POLLIN, this);
    this.#onWake();
  }

  /** The fd is closed when the reactor has confirmed that it lets go. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#reactor.cancel(this);
  }
}
