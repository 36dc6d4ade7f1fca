// The reactor over io_uring: each operation is an entry of the ring, and one system call a round hands over all
// entries and fetches all completions. Waiting receives hold no memory: the kernel takes a slab out of a ring of
// lent buffers at the moment bytes are there.

import { IntFifo } from '../core/fifo.ts';
import type { SlabMemory } from '../core/slab.ts';
import { EAGAIN, ECANCELED, ECONNABORTED, EINTR, EINVAL, ENOBUFS, SystemError } from '../sys/errno.ts';
import { recv } from '../sys/libc.ts';
import * as u from '../sys/uring.ts';
import { Feeds } from './feeds.ts';
import { LentSlabs } from './lent-slabs.ts';
import { LoopReactor } from './loop-reactor.ts';
import type { Operation } from './reactor.ts';
import { POLLIN, POLLOUT, pipeIn } from './reactor.ts';
import * as t from './table.ts';

const MSG_DONTWAIT = 0x40;
const MSG_WAITALL = 0x100;
const MSG_NOSIGNAL = 0x4000;
const MSG_MORE = 0x8000;
const ACCEPT_NONBLOCK_CLOEXEC = 0x80800;
/** User data of entries whose answer nobody waits for. */
const NOBODY = -1;

export interface UringOptions {
  /** Entries of the submission queue, a power of two. */
  readonly entries?: number;
  /** Slabs lent to the kernel at a time, at most; a quarter of all slabs caps it. */
  readonly lentMax?: number;
  /** Uses only what kernels before 5.19 know. */
  readonly legacy?: boolean;
  /** Small messages from a socket before its receives go on by themselves. */
  readonly feedAfter?: number;
}

export class UringReactor extends LoopReactor {
  readonly kind = 'io_uring' as const;
  readonly #ring: u.Ring;
  readonly #memoryLo: number;
  readonly #memoryHi: number;
  readonly #whole = new BigUint64Array(1);
  readonly #halves = new Uint32Array(this.#whole.buffer);
  /** Null where the kernel knows no buffer rings: then a receive polls first and takes a slab after. */
  #lent: LentSlabs | null = null;
  readonly #feeds: Feeds;
  /** Receives that wait for a slab, oldest first. */
  #starving: number[] = [];
  readonly #finished = new IntFifo();
  /** Splices that are over, with their results in `table.done`. */
  readonly #settled = new IntFifo();

  /** Throws SystemError where the kernel refuses io_uring. */
  constructor(memory: SlabMemory, options: UringOptions = {}) {
    super(memory);
    const entries = options.entries ?? 1024;
    this.#memoryLo = Number(memory.address & 0xffffffffn);
    this.#memoryHi = Number(memory.address >> 32n);
    this.#ring = new u.Ring(entries, entries * 4);
    const ring = {
      pushCancel: (slot: number) => this.#pushCancel(slot),
      pushReceive: (slot: number) => this.#pushReceive(slot),
      starve: (slot: number) => this.#starve(slot),
      slabOf: (flags: number) => this.#slabOf(flags),
    };
    this.#feeds = new Feeds(ring, this.table, memory, options.feedAfter);
    if (options.legacy === true) return;
    try {
      this.#lent = new LentSlabs(this.#ring, memory, options.lentMax ?? 128);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
    }
  }

  protected get door(): number {
    return this.#ring.fd;
  }

  #push(slot: number, head: number, at: number, length: number, flags: number, offset: number): void {
    const low = this.#memoryLo + at;
    const carry = low >= 4294967296 ? 1 : 0;
    const fd = this.table.fd[slot]!;
    const generation = this.table.generation[slot]!;
    this.#ring.push(head, fd, low | 0, (this.#memoryHi + carry) | 0, length, flags, slot, generation, offset);
    this.wake();
  }

  #pushBare(slot: number, head: number, length: number, flags: number): void {
    const { fd, generation } = this.table;
    this.#ring.push(head, fd[slot]!, 0, 0, length, flags, slot, generation[slot]!, 0);
    this.wake();
  }

  accept(listener: number, operation: Operation): void {
    this.#pushAccept(this.table.claim(operation, t.ACCEPT, listener, 0, 0));
  }

  #pushAccept(slot: number): void {
    const multishot = this.#lent === null ? 0 : u.ACCEPT_MULTISHOT << 16;
    this.#pushBare(slot, u.OP_ACCEPT | multishot, 0, ACCEPT_NONBLOCK_CLOEXEC);
  }

  connect(fd: number, at: number, length: number, operation: Operation): void {
    const slot = this.table.claim(operation, t.CONNECT, fd, at, length);
    this.own(fd);
    this.#push(slot, u.OP_CONNECT, at, 0, 0, length);
  }

  recv(fd: number, operation: Operation): void {
    operation.slab = -1;
    this.#receive(t.RECV, fd, 0, 0, operation);
  }

  #receive(kind: number, fd: number, at: number, length: number, operation: Operation): void {
    if (this.#feeds.receive(kind, fd, at, length, operation)) this.wake();
    else this.#pushReceive(this.table.claim(operation, kind, fd, at, length));
  }

  #pushReceive(slot: number): void {
    switch (this.table.kind[slot]) {
      case t.RECV:
        this.#pushRecv(slot);
        return;
      case t.RECV_INTO:
        this.#pushRecvInto(slot);
        return;
      default:
        this.#pushBare(slot, u.OP_POLL_ADD, 0, POLLIN);
    }
  }

  #pushRecv(slot: number): void {
    if (this.#lent === null) {
      this.#pushBare(slot, u.OP_POLL_ADD, 0, POLLIN);
      return;
    }
    if (this.#feeds.begins(slot)) {
      const flags = u.RECVSEND_POLL_FIRST | u.RECV_MULTISHOT;
      this.#pushBare(slot, u.OP_RECV | (u.SQE_BUFFER_SELECT << 8) | (flags << 16), 0, 0);
      return;
    }
    const head = u.OP_RECV | (u.SQE_BUFFER_SELECT << 8) | (u.RECVSEND_POLL_FIRST << 16);
    this.#pushBare(slot, head, this.memory.slabSize, 0);
  }

  // The memory is chosen when bytes are there, so that the same few large slabs, warm in the cache, serve all.

  recvLarge(fd: number, operation: Operation): void {
    operation.slab = -1;
    this.#receive(t.RECV_LARGE, fd, 0, 0, operation);
  }

  recvInto(fd: number, at: number, length: number, operation: Operation): void {
    this.#receive(t.RECV_INTO, fd, at, length, operation);
  }

  #pushRecvInto(slot: number): void {
    const { at, length } = this.table;
    const first = this.#lent === null ? 0 : u.RECVSEND_POLL_FIRST << 16;
    this.#push(slot, u.OP_RECV | first, at[slot]!, length[slot]!, 0, 0);
  }

  send(fd: number, at: number, length: number, more: boolean, operation: Operation): void {
    const slot = this.table.claim(operation, t.SEND, fd, at, length);
    if (more) this.table.flags[slot] = t.MORE_FOLLOWS;
    this.#pushSend(slot);
  }

  #pushSend(slot: number): void {
    const { at, done, flags, length } = this.table;
    const gone = done[slot]!;
    const more = (flags[slot]! & t.MORE_FOLLOWS) === 0 ? 0 : MSG_MORE;
    const options = MSG_NOSIGNAL | MSG_WAITALL | more;
    this.#push(slot, u.OP_SEND, at[slot]! + gone, length[slot]! - gone, options, 0);
  }

  // The kernel hands OP_SPLICE to a worker thread, always: waiting here and splice(2) after it is what costs less.

  spliceIn(fd: number, length: number, operation: Operation): void {
    operation.slab = -1;
    this.#receive(t.SPLICE_IN, fd, 0, length, operation);
  }

  spliceOut(pipe: number, fd: number, length: number, more: boolean, operation: Operation): void {
    const slot = this.table.claim(operation, t.SPLICE_OUT, fd, pipe, length);
    if (more) this.table.flags[slot] = t.MORE_FOLLOWS;
    // There is room more often than not: tried at once, it needs no entry of the ring.
    if (!this.#spliceOut(slot)) return;
    this.#settled.push(slot);
    this.wake();
  }

  sendDatagram(fd: number, at: number, length: number, operation: Operation): void {
    const slot = this.table.claim(operation, t.DATAGRAM, fd, at, length);
    this.own(fd);
    this.#push(slot, u.OP_SEND, at, length, MSG_NOSIGNAL, 0);
  }

  poll(fd: number, events: number, operation: Operation): void {
    this.#pushBare(this.table.claim(operation, t.POLL, fd, 0, 0), u.OP_POLL_ADD, 0, events);
  }

  cancel(operation: Operation): void {
    const slot = operation.slot;
    if (slot < 0) return;
    const { flags } = this.table;
    if ((flags[slot]! & t.CANCELLED) !== 0) return;
    flags[slot]! |= t.CANCELLED;
    if ((flags[slot]! & t.STARVING) !== 0) {
      flags[slot]! &= ~t.STARVING;
      this.#starving.splice(this.#starving.indexOf(slot), 1);
      this.#finish(slot);
      return;
    }
    if ((flags[slot]! & t.ENDING) === 0) this.#pushCancel(slot);
  }

  #pushCancel(slot: number): void {
    const head = u.OP_ASYNC_CANCEL | (this.#skipSuccess() << 8);
    this.#ring.push(head, -1, slot, this.table.generation[slot]!, 0, 0, NOBODY, 0, 0);
    this.wake();
  }

  /** Completes a cancelled operation that the kernel knows nothing of, in the next round. */
  #finish(slot: number): void {
    this.#finished.push(slot);
    this.wake();
  }

  #skipSuccess(): number {
    return this.#lent === null ? 0 : u.SQE_SKIP_SUCCESS;
  }

  override letGo(fd: number): void {
    super.letGo(fd);
    if (this.#feeds.leave(fd)) this.flush();
  }

  close(fd: number): void {
    super.letGo(fd);
    this.#feeds.leave(fd);
    this.#ring.push(u.OP_CLOSE | (this.#skipSuccess() << 8), fd, 0, 0, 0, 0, NOBODY, 0, 0);
    this.wake();
  }

  protected flush(): void {
    if (this.#ring.unsubmitted > 0) this.#ring.submit(0);
  }

  protected hasWork(): boolean {
    // Unread completions keep the ring's fd readable, so libuv calls again for them.
    return (
      this.#finished.length > 0 ||
      this.#settled.length > 0 ||
      this.#feeds.ready > 0 ||
      this.#ring.unsubmitted > 0 ||
      this.#ring.overflowed
    );
  }

  protected complete(budget: number): number {
    const ring = this.#ring;
    if (ring.overflowed) ring.submit(0);
    let ran = 0;
    const count = Math.min(ring.ready, budget);
    try {
      while (ran < count) {
        const i = ring.next();
        ran++;
        const slot = ring.words[i]!;
        if (slot === NOBODY || this.table.generation[slot] !== ring.words[i + 1]) continue;
        this.#onCompletion(slot, ring.words[i + 2]!, ring.words[i + 3]!);
      }
    } finally {
      ring.publishHead();
    }
    for (let waiting = this.#finished.length; waiting > 0; waiting--) {
      this.table.release(this.#finished.shift()).onComplete(-ECANCELED);
      ran++;
    }
    for (let waiting = this.#settled.length; waiting > 0; waiting--) {
      const slot = this.#settled.shift();
      const result = this.table.done[slot]!;
      this.table.release(slot).onComplete(result);
      ran++;
    }
    for (let waiting = this.#feeds.ready; waiting > 0; waiting--) {
      this.#feeds.give();
      ran++;
    }
    if ((this.#lent !== null && !this.#lent.isFull) || this.#starving.length > 0) this.#refill();
    return ran;
  }

  #onCompletion(slot: number, result: number, flags: number): void {
    switch (this.table.kind[slot]) {
      case t.ACCEPT:
        this.#onAccept(slot, result, flags);
        return;
      case t.RECV:
        if (this.#lent === null) this.#onLegacyRecv(slot, result);
        else this.#onRecv(slot, result, flags);
        return;
      case t.FEED:
        this.#feeds.onCompletion(slot, result, flags);
        return;
      case t.SEND:
        this.#onSend(slot, result);
        return;
      case t.RECV_LARGE:
        this.#onReadableLarge(slot, result);
        return;
      case t.SPLICE_IN:
        this.#onSpliceIn(slot, result);
        return;
      case t.SPLICE_OUT:
        this.#onSpliceOut(slot, result);
        return;
      default:
        if (this.#again(slot, result) && this.table.kind[slot] === t.RECV_INTO) this.#pushRecvInto(slot);
        else this.table.release(slot).onComplete(result);
    }
  }

  /** Whether the kernel gave up for no reason that concerns the owner. */
  #again(slot: number, result: number): boolean {
    return (result === -EINTR || result === -EAGAIN) && !this.#cancelled(slot);
  }

  #cancelled(slot: number): boolean {
    return (this.table.flags[slot]! & t.CANCELLED) !== 0;
  }

  #onAccept(slot: number, result: number, flags: number): void {
    if (result < 0) {
      if (this.#again(slot, result) || (result === -ECONNABORTED && !this.#cancelled(slot)))
        this.#pushAccept(slot);
      else this.table.release(slot).onComplete(result);
      return;
    }
    // One shot, or the kernel ended many for lack of room: go on, unless nobody wants to.
    if ((flags & u.CQE_MORE) === 0) {
      if (this.#cancelled(slot)) this.#finish(slot);
      else this.#pushAccept(slot);
    }
    this.own(result);
    this.table.operations[slot]!.onComplete(result);
  }

  #onRecv(slot: number, result: number, flags: number): void {
    const slab = this.#slabOf(flags);
    if (result > 0) {
      this.#feeds.count(this.table.fd[slot]!, result);
      const operation = this.table.release(slot);
      operation.slab = slab;
      operation.onComplete(result);
      return;
    }
    if (slab >= 0) this.memory.release(slab);
    if (result === -ENOBUFS && !this.#cancelled(slot)) this.#starve(slot);
    else if (this.#again(slot, result)) this.#pushRecv(slot);
    else this.table.release(slot).onComplete(result);
  }

  #slabOf(flags: number): number {
    return (flags & u.CQE_BUFFER) === 0 ? -1 : this.#lent!.taken(flags >>> u.CQE_BUFFER_SHIFT);
  }

  #onLegacyRecv(slot: number, result: number): void {
    const { done, flags } = this.table;
    if ((flags[slot]! & t.POLLED) === 0) {
      if (result < 0) this.table.release(slot).onComplete(result);
      else if (this.#cancelled(slot)) this.table.release(slot).onComplete(-ECANCELED);
      else this.#receiveNow(slot);
      return;
    }
    flags[slot]! &= ~t.POLLED;
    const slab = done[slot]!;
    if (result > 0) {
      const operation = this.table.release(slot);
      operation.slab = slab;
      operation.onComplete(result);
      return;
    }
    this.memory.release(slab);
    if (this.#again(slot, result)) this.#pushRecv(slot);
    else this.table.release(slot).onComplete(result === -EAGAIN ? -ECANCELED : result);
  }

  #receiveNow(slot: number): void {
    const slab = this.memory.take();
    if (slab < 0) {
      this.#starve(slot);
      return;
    }
    this.table.flags[slot]! |= t.POLLED;
    this.table.done[slot] = slab;
    this.#push(slot, u.OP_RECV, this.memory.offsetOf(slab), this.memory.slabSize, MSG_DONTWAIT, 0);
  }

  #onSend(slot: number, result: number): void {
    const { done, length } = this.table;
    if (result > 0) {
      done[slot]! += result;
      if (done[slot] === length[slot]) this.table.release(slot).onComplete(length[slot]!);
      else if (this.#cancelled(slot)) this.table.release(slot).onComplete(-ECANCELED);
      else this.#pushSend(slot);
      return;
    }
    if (this.#again(slot, result)) this.#pushSend(slot);
    else this.table.release(slot).onComplete(result);
  }

  #onReadableLarge(slot: number, polled: number): void {
    if (polled < 0 || this.#cancelled(slot)) {
      this.table.release(slot).onComplete(polled < 0 ? polled : -ECANCELED);
      return;
    }
    const { memory } = this;
    const large = memory.takeLarge();
    if (large < 0) {
      this.table.kind[slot] = t.RECV;
      this.#pushRecv(slot);
      return;
    }
    const count = recv(
      this.table.fd[slot]!,
      this.#addressOf(memory.offsetOfLarge(large)),
      memory.largeSize,
      MSG_DONTWAIT,
    );
    if (count > 0) {
      const operation = this.table.release(slot);
      operation.slab = memory.slabCount + large;
      operation.onComplete(count);
      return;
    }
    memory.releaseLarge(large);
    if (this.#again(slot, count)) this.#pushBare(slot, u.OP_POLL_ADD, 0, POLLIN);
    else this.table.release(slot).onComplete(count);
  }

  /** As a call outside of the ring wants it; see EpollReactor. */
  #addressOf(at: number): bigint {
    const low = this.#memoryLo + at;
    this.#halves[0] = low;
    this.#halves[1] = this.#memoryHi + (low >= 4294967296 ? 1 : 0);
    return this.#whole[0]!;
  }

  #onSpliceIn(slot: number, polled: number): void {
    const { fd, kind, length } = this.table;
    if (polled < 0 || this.#cancelled(slot)) {
      this.table.release(slot).onComplete(polled < 0 ? polled : -ECANCELED);
      return;
    }
    const pipes = this.pipes!;
    const pipe = pipes.take();
    const count = pipe < 0 ? -EINVAL : pipes.fill(pipe, fd[slot]!, length[slot]!);
    if (count > 0) {
      const operation = this.table.release(slot);
      operation.slab = pipeIn(pipe);
      operation.onComplete(count);
      return;
    }
    if (pipe >= 0) pipes.give(pipe);
    if (count === -EINVAL) {
      kind[slot] = t.RECV;
      this.#pushRecv(slot);
    } else if (this.#again(slot, count)) this.#pushBare(slot, u.OP_POLL_ADD, 0, POLLIN);
    else this.table.release(slot).onComplete(count);
  }

  #onSpliceOut(slot: number, polled: number): void {
    if (polled < 0 || this.#cancelled(slot)) {
      this.table.release(slot).onComplete(polled < 0 ? polled : -ECANCELED);
    } else if (this.#spliceOut(slot)) {
      const result = this.table.done[slot]!;
      this.table.release(slot).onComplete(result);
    }
  }

  /** True when it is over, its result in `table.done`; false while it waits for room. */
  #spliceOut(slot: number): boolean {
    const { at, done, fd, flags, length } = this.table;
    const more = (flags[slot]! & t.MORE_FOLLOWS) !== 0;
    const count = this.pipes!.empty(at[slot]!, fd[slot]!, length[slot]! - done[slot]!, more);
    if (count > 0) done[slot]! += count;
    if (done[slot] === length[slot]) return true;
    if (count > 0 || this.#again(slot, count)) {
      this.#pushBare(slot, u.OP_POLL_ADD, 0, POLLOUT);
      return false;
    }
    done[slot] = count;
    return true;
  }

  #starve(slot: number): void {
    this.table.flags[slot]! |= t.STARVING;
    this.#starving.push(slot);
    this.memory.onRelease = this.#onRelease;
  }

  readonly #onRelease = (): void => {
    this.memory.onRelease = null;
    this.#refill();
  };

  /** Lends free slabs and lets as many starving receives try again as there is something for them. */
  #refill(): void {
    const { memory } = this;
    const lent = this.#lent;
    if (lent !== null) lent.refill();
    if (this.#starving.length === 0) return;
    const chances = Math.min(this.#starving.length, lent === null ? memory.free : lent.count);
    for (const slot of this.#starving.splice(0, chances)) {
      this.table.flags[slot]! &= ~t.STARVING;
      if (lent === null) this.#receiveNow(slot);
      else this.#pushRecv(slot);
    }
    if (this.#starving.length > 0) memory.onRelease = this.#onRelease;
  }

  protected release(): void {
    this.#ring.close();
    this.#lent?.release();
  }
}
