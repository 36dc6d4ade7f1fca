// The reactor over epoll, for kernels and containers that refuse io_uring: completions are made from readiness.
// Each fd is registered once, edge-triggered, for both directions. What epoll said is remembered per fd, so an
// operation is tried as soon as there is hope and costs one system call.

import { IntFifo } from '../core/fifo.ts';
import type { SlabMemory } from '../core/slab.ts';
import { EPOLL_EVENT, POLLFD } from '../sys/abi.ts';
import * as e from '../sys/errno.ts';
import * as libc from '../sys/libc.ts';
import { mapRegion, unmapRegion } from '../sys/memory.ts';
import { LoopReactor } from './loop-reactor.ts';
import { pipeIn, type Operation } from './reactor.ts';
import * as t from './table.ts';

const EPOLL_CLOEXEC = 0x80000;
const CTL_ADD = 1;
const CTL_DEL = 2;
const EPOLLIN = 1;
const EPOLLOUT = 4;
const EPOLLERR = 8;
const EPOLLHUP = 16;
const EPOLLRDHUP = 0x2000;
const EPOLLEXCLUSIVE = 1 << 28;
const EPOLLET = 1 << 31;
const BOTH = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_MORE = 0x8000;
const ACCEPT_NONBLOCK_CLOEXEC = 0x80800;
/** Connections taken before other fds get their turn. */
const ACCEPTS_PER_ATTEMPT = 16;
const EVENTS = 256;

/** What is known of an fd. */
const READABLE = 1;
const WRITABLE = 2;
const REGISTERED = 4;
/** A byte stream: a short read emptied it, so asking again would be in vain. */
const STREAM = 8;
/** The end or an error is waiting behind the bytes, and no further edge will announce it. */
const ENDED = 16;

/** `done` of a connect that is under way. */
const TRIED = 1;

/** Layout of the mapped page: events, then an epoll_event and a pollfd. */
const CONTROL_AT = EVENTS * 16;
const POLLFD_AT = CONTROL_AT + 16;

export class EpollReactor extends LoopReactor {
  readonly kind = 'epoll' as const;
  protected readonly door: number;
  readonly #page = mapRegion(POLLFD_AT + POLLFD.size);
  readonly #words = new Int32Array(this.#page.buffer);
  readonly #eventsAddress = this.#page.address;
  readonly #controlAddress = this.#page.address + BigInt(CONTROL_AT);
  readonly #pollfdAddress = this.#page.address + BigInt(POLLFD_AT);
  readonly #memoryLo: number;
  readonly #memoryHi: number;
  readonly #slabAddresses: bigint[] = [];
  readonly #whole = new BigUint64Array(1);
  readonly #halves = new Uint32Array(this.#whole.buffer);
  /** Slots of the operations that wait on an fd, by fd; -1 for none. */
  #readers = new Int32Array(1024).fill(-1);
  #writers = new Int32Array(1024).fill(-1);
  #pollers = new Int32Array(1024).fill(-1);
  #state = new Uint8Array(1024).fill(WRITABLE);
  /** Slots worth a try, each at most once (QUEUED). */
  readonly #attempts = new IntFifo();
  #starving: number[] = [];
  #eventsPending = false;

  /** Throws SystemError. */
  constructor(memory: SlabMemory) {
    super(memory);
    this.door = libc.epollCreate(EPOLL_CLOEXEC);
    if (this.door < 0) throw new e.SystemError('cannot create an epoll instance', this.door);
    this.#memoryLo = Number(memory.address & 0xffffffffn);
    this.#memoryHi = Number(memory.address >> 32n);
    for (let slab = 0; slab < memory.slabCount; slab++) {
      this.#slabAddresses.push(memory.address + BigInt(memory.offsetOf(slab)));
    }
  }

  /** Makes room for `fd` in the arrays and lets epoll watch it. */
  #watch(fd: number, events: number): number {
    if (fd >= this.#state.length) this.#grow(fd);
    if ((this.#state[fd]! & REGISTERED) !== 0) return 0;
    this.#words[(CONTROL_AT + EPOLL_EVENT.events) >> 2] = events;
    this.#words[(CONTROL_AT + EPOLL_EVENT.data) >> 2] = fd;
    this.#state[fd]! |= REGISTERED;
    const result = libc.epollControl(this.door, CTL_ADD, fd, this.#controlAddress);
    if (result === -e.EEXIST) return 0;
    // Regular files are refused: they are always ready.
    if (result === -e.EPERM) this.#state[fd]! |= READABLE | WRITABLE | ENDED;
    else if (result < 0) {
      this.#state[fd]! &= ~REGISTERED;
      return result;
    }
    return 0;
  }

  #grow(fd: number): void {
    const size = 2 ** Math.ceil(Math.log2(fd + 1));
    const wider = (old: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const array = new Int32Array(size).fill(-1);
      array.set(old);
      return array;
    };
    this.#readers = wider(this.#readers);
    this.#writers = wider(this.#writers);
    this.#pollers = wider(this.#pollers);
    const state = new Uint8Array(size).fill(WRITABLE);
    state.set(this.#state);
    this.#state = state;
  }

  #queue(slot: number): void {
    if ((this.table.flags[slot]! & t.QUEUED) !== 0) return;
    this.table.flags[slot]! |= t.QUEUED;
    this.#attempts.push(slot);
    this.wake();
  }

  /** An fd that cannot be watched is tried at once: the call itself tells the error. */
  #submitReader(slot: number, fd: number, events: number): void {
    const refused = this.#watch(fd, events) < 0;
    if (this.#readers[fd] !== -1) throw new Error(`two operations read fd ${fd} at once`);
    this.#readers[fd] = slot;
    if (refused || (this.#state[fd]! & READABLE) !== 0) this.#queue(slot);
  }

  #submitWriter(slot: number, fd: number): void {
    if (fd >= this.#state.length) this.#grow(fd);
    if (this.#writers[fd] !== -1) throw new Error(`two operations write fd ${fd} at once`);
    this.#writers[fd] = slot;
    if ((this.#state[fd]! & WRITABLE) !== 0) this.#queue(slot);
  }

  accept(listener: number, operation: Operation): void {
    const slot = this.table.claim(operation, t.ACCEPT, listener, 0, 0);
    this.#submitReader(slot, listener, EPOLLIN | EPOLLET | EPOLLEXCLUSIVE);
  }

  /** The bytes of the address must stay until completion here, too. */
  connect(fd: number, at: number, length: number, operation: Operation): void {
    const slot = this.table.claim(operation, t.CONNECT, fd, at, length);
    this.own(fd);
    if (fd < this.#state.length && (this.#state[fd]! & REGISTERED) === 0) this.#state[fd] = WRITABLE;
    this.#submitWriter(slot, fd);
    this.#queue(slot);
  }

  recv(fd: number, operation: Operation): void {
    operation.slab = -1;
    this.#submitReader(this.table.claim(operation, t.RECV, fd, 0, 0), fd, BOTH);
  }

  recvLarge(fd: number, operation: Operation): void {
    operation.slab = -1;
    this.#submitReader(this.table.claim(operation, t.RECV_LARGE, fd, 0, 0), fd, BOTH);
  }

  recvInto(fd: number, at: number, length: number, operation: Operation): void {
    this.#submitReader(this.table.claim(operation, t.RECV_INTO, fd, at, length), fd, BOTH);
  }

  send(fd: number, at: number, length: number, more: boolean, operation: Operation): void {
    const slot = this.table.claim(operation, t.SEND, fd, at, length);
    if (more) this.table.flags[slot] = t.MORE_FOLLOWS;
    this.#submitWriter(slot, fd);
  }

  spliceIn(fd: number, length: number, operation: Operation): void {
    operation.slab = -1;
    this.#submitReader(this.table.claim(operation, t.SPLICE_IN, fd, 0, length), fd, BOTH);
  }

  spliceOut(pipe: number, fd: number, length: number, more: boolean, operation: Operation): void {
    const slot = this.table.claim(operation, t.SPLICE_OUT, fd, pipe, length);
    if (more) this.table.flags[slot] = t.MORE_FOLLOWS;
    this.#submitWriter(slot, fd);
  }

  sendDatagram(fd: number, at: number, length: number, operation: Operation): void {
    // Several may be under way on one socket: each is tried once and does not wait for room.
    if (fd >= this.#state.length) this.#grow(fd);
    this.own(fd);
    this.#queue(this.table.claim(operation, t.DATAGRAM, fd, at, length));
  }

  poll(fd: number, events: number, operation: Operation): void {
    const slot = this.table.claim(operation, t.POLL, fd, events, 0);
    this.#watch(fd, BOTH);
    if (this.#pollers[fd] !== -1) throw new Error(`two operations poll fd ${fd} at once`);
    this.#pollers[fd] = slot;
    this.#queue(slot);
  }

  cancel(operation: Operation): void {
    const slot = operation.slot;
    if (slot < 0) return;
    const { flags } = this.table;
    flags[slot]! |= t.CANCELLED;
    if ((flags[slot]! & t.STARVING) !== 0) {
      flags[slot]! &= ~t.STARVING;
      this.#starving.splice(this.#starving.indexOf(slot), 1);
    }
    this.#queue(slot);
  }

  override letGo(fd: number): void {
    super.letGo(fd);
    if (fd < this.#state.length) this.#forget(fd);
  }

  override adopt(fd: number): void {
    super.adopt(fd);
    if (fd >= this.#state.length) this.#grow(fd);
    this.#state[fd] = WRITABLE | STREAM;
  }

  close(fd: number): void {
    // The kernel takes it out of the interest list itself.
    super.letGo(fd);
    if (fd < this.#state.length) {
      this.#state[fd] = WRITABLE;
      // A receive that was cancelled ends in the next round, when the number may be another socket's.
      this.#readers[fd] = -1;
    }
    libc.close(fd);
  }

  protected flush(): void {
    // Nothing is kept back: each attempt is a system call of its own.
  }

  protected hasWork(): boolean {
    return this.#attempts.length > 0 || this.#eventsPending;
  }

  protected complete(budget: number): number {
    this.#collect();
    let ran = 0;
    // What callbacks submit is tried in the next round, so no fd keeps the others waiting.
    for (let count = this.#attempts.length; count > 0 && ran < budget; count--) {
      const slot = this.#attempts.shift();
      this.table.flags[slot]! &= ~t.QUEUED;
      ran += this.#attempt(slot);
    }
    return ran;
  }

  /** Notes all edges before any callback runs, so none can be taken for a later fd of the same number. */
  #collect(): void {
    const words = this.#words;
    const count = libc.epollWait(this.door, this.#eventsAddress, EVENTS, 0);
    this.#eventsPending = count === EVENTS;
    for (let i = 0; i < count; i++) {
      const at = (i * EPOLL_EVENT.size) >> 2;
      const events = words[at + (EPOLL_EVENT.events >> 2)]!;
      const fd = words[at + (EPOLL_EVENT.data >> 2)]!;
      const over = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) !== 0;
      if (over || (events & EPOLLIN) !== 0) {
        this.#state[fd]! |= over ? READABLE | ENDED : READABLE;
        if (this.#readers[fd] !== -1) this.#queueUnlessStarving(this.#readers[fd]!);
      }
      if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) !== 0) {
        this.#state[fd]! |= WRITABLE;
        if (this.#writers[fd] !== -1) this.#queue(this.#writers[fd]!);
      }
      if (this.#pollers[fd] !== -1) this.#queue(this.#pollers[fd]!);
    }
  }

  #queueUnlessStarving(slot: number): void {
    if ((this.table.flags[slot]! & t.STARVING) === 0) this.#queue(slot);
  }

  /** Returns how many completions ran. */
  #attempt(slot: number): number {
    if ((this.table.flags[slot]! & t.CANCELLED) !== 0) return this.#end(slot, -e.ECANCELED);
    switch (this.table.kind[slot]) {
      case t.RECV:
        return this.#tryRecv(slot);
      case t.SEND:
        return this.#trySend(slot);
      case t.ACCEPT:
        return this.#tryAccept(slot);
      case t.CONNECT:
        return this.#tryConnect(slot);
      case t.RECV_INTO:
        return this.#tryRecvInto(slot);
      case t.RECV_LARGE:
        return this.#tryRecvLarge(slot);
      case t.SPLICE_IN:
        return this.#trySpliceIn(slot);
      case t.SPLICE_OUT:
        return this.#trySpliceOut(slot);
      case t.DATAGRAM:
        return this.#tryDatagram(slot);
      default:
        return this.#tryPoll(slot);
    }
  }

  #end(slot: number, result: number): number {
    const fd = this.table.fd[slot]!;
    if (this.#readers[fd] === slot) {
      this.#readers[fd] = -1;
      if (this.table.kind[slot] === t.ACCEPT) this.#forget(fd);
    } else if (this.#writers[fd] === slot) this.#writers[fd] = -1;
    else if (this.#pollers[fd] === slot) this.#pollers[fd] = -1;
    this.table.release(slot).onComplete(result);
    return 1;
  }

  /** It lives on with another thread or process, and must not wake this one then. */
  #forget(fd: number): void {
    if ((this.#state[fd]! & REGISTERED) !== 0)
      libc.epollControl(this.door, CTL_DEL, fd, this.#controlAddress);
    this.#state[fd] = WRITABLE;
  }

  /** Waits for an edge; false when the fd cannot be watched. */
  #waitWritable(fd: number): number {
    this.#state[fd]! &= ~WRITABLE;
    return this.#watch(fd, BOTH);
  }

  #tryRecv(slot: number): number {
    const fd = this.table.fd[slot]!;
    const slab = this.memory.take();
    if (slab < 0) {
      this.table.flags[slot]! |= t.STARVING;
      this.#starving.push(slot);
      this.memory.onRelease = this.#onRelease;
      return 0;
    }
    const size = this.memory.slabSize;
    const count = libc.recv(fd, this.#slabAddresses[slab]!, size, MSG_DONTWAIT);
    if (count > 0) {
      this.#noteRead(fd, count, size);
      this.#readers[fd] = -1;
      const operation = this.table.release(slot);
      operation.slab = slab;
      operation.onComplete(count);
      return 1;
    }
    this.memory.release(slab);
    return this.#nothingRead(slot, fd, count);
  }

  #tryRecvLarge(slot: number): number {
    const { memory } = this;
    const large = memory.takeLarge();
    if (large < 0) {
      this.table.kind[slot] = t.RECV;
      return this.#tryRecv(slot);
    }
    const fd = this.table.fd[slot]!;
    const size = memory.largeSize;
    const count = libc.recv(fd, this.#addressOf(memory.offsetOfLarge(large)), size, MSG_DONTWAIT);
    if (count > 0) {
      this.#noteRead(fd, count, size);
      this.#readers[fd] = -1;
      const operation = this.table.release(slot);
      operation.slab = memory.slabCount + large;
      operation.onComplete(count);
      return 1;
    }
    memory.releaseLarge(large);
    return this.#nothingRead(slot, fd, count);
  }

  #noteRead(fd: number, count: number, size: number): void {
    if (count < size && (this.#state[fd]! & (STREAM | ENDED)) === STREAM) this.#state[fd]! &= ~READABLE;
  }

  #nothingRead(slot: number, fd: number, result: number): number {
    if (result === -e.EINTR) this.#queue(slot);
    else if (result === -e.EAGAIN) this.#state[fd]! &= ~READABLE;
    else return this.#end(slot, result);
    return 0;
  }

  /**
   * The address of a place in thread memory. Written as halves and read as a whole: optimised code hands it to the call
   * without making a BigInt of it.
   */
  #addressOf(at: number): bigint {
    const low = this.#memoryLo + at;
    this.#halves[0] = low;
    this.#halves[1] = this.#memoryHi + (low >= 4294967296 ? 1 : 0);
    return this.#whole[0]!;
  }

  #tryRecvInto(slot: number): number {
    const fd = this.table.fd[slot]!;
    const length = this.table.length[slot]!;
    const count = libc.recv(fd, this.#addressOf(this.table.at[slot]!), length, MSG_DONTWAIT);
    if (count <= 0) return this.#nothingRead(slot, fd, count);
    this.#noteRead(fd, count, length);
    return this.#end(slot, count);
  }

  #trySend(slot: number): number {
    const { at, done, fd: fds, flags, length } = this.table;
    const fd = fds[slot]!;
    const gone = done[slot]!;
    const rest = length[slot]! - gone;
    const more = (flags[slot]! & t.MORE_FOLLOWS) === 0 ? 0 : MSG_MORE;
    const count = libc.send(fd, this.#addressOf(at[slot]! + gone), rest, MSG_NOSIGNAL | MSG_DONTWAIT | more);
    if (count === rest) {
      this.#writers[fd] = -1;
      this.table.release(slot).onComplete(gone + rest);
      return 1;
    }
    if (count === -e.EINTR) this.#queue(slot);
    else if (count >= 0 || count === -e.EAGAIN) {
      if (count > 0) done[slot] = gone + count;
      const refused = this.#waitWritable(fd);
      if (refused < 0) return this.#end(slot, refused);
      // A short write says that the buffer is full, but only a refused one makes the kernel announce room.
      if (count >= 0) this.#queue(slot);
    } else return this.#end(slot, count);
    return 0;
  }

  /** However little came, the pipe may be what was full: only a refusal says that nothing is left. */
  #trySpliceIn(slot: number): number {
    const { fd: fds, kind, length } = this.table;
    const fd = fds[slot]!;
    const pipes = this.pipes!;
    const pipe = pipes.take();
    const count = pipe < 0 ? -e.EINVAL : pipes.fill(pipe, fd, length[slot]!);
    if (count > 0) {
      this.#readers[fd] = -1;
      const operation = this.table.release(slot);
      operation.slab = pipeIn(pipe);
      operation.onComplete(count);
      return 1;
    }
    if (pipe >= 0) pipes.give(pipe);
    if (count !== -e.EINVAL) return this.#nothingRead(slot, fd, count);
    kind[slot] = t.RECV;
    return this.#tryRecv(slot);
  }

  #trySpliceOut(slot: number): number {
    const { at, done, fd: fds, flags, length } = this.table;
    const fd = fds[slot]!;
    const more = (flags[slot]! & t.MORE_FOLLOWS) !== 0;
    const count = this.pipes!.empty(at[slot]!, fd, length[slot]! - done[slot]!, more);
    if (count > 0) done[slot]! += count;
    if (done[slot] === length[slot]) return this.#end(slot, length[slot]!);
    if (count > 0 || count === -e.EINTR) this.#queue(slot);
    else if (count === -e.EAGAIN) {
      const refused = this.#waitWritable(fd);
      if (refused < 0) return this.#end(slot, refused);
    } else return this.#end(slot, count);
    return 0;
  }

  #tryDatagram(slot: number): number {
    const fd = this.table.fd[slot]!;
    const { at, length } = this.table;
    const address = this.#addressOf(at[slot]!);
    return this.#end(slot, libc.send(fd, address, length[slot]!, MSG_NOSIGNAL | MSG_DONTWAIT));
  }

  #tryConnect(slot: number): number {
    const fd = this.table.fd[slot]!;
    const { at, done, length } = this.table;
    // Room without an error says that the attempt under way succeeded; else connect() itself tells how it ended.
    let connected = done[slot] === TRIED && (this.#state[fd]! & (WRITABLE | ENDED)) === WRITABLE;
    let result = 0;
    if (!connected) {
      result = libc.connect(fd, this.#addressOf(at[slot]!), length[slot]!);
      if (result === -e.EINPROGRESS || result === -e.EALREADY || result === -e.EINTR) {
        done[slot] = TRIED;
        const refused = this.#waitWritable(fd);
        return refused < 0 ? this.#end(slot, refused) : 0;
      }
      connected = result === 0 || result === -e.EISCONN;
    }
    if (connected) this.#state[fd]! |= STREAM | WRITABLE;
    return this.#end(slot, connected ? 0 : result);
  }

  #tryAccept(slot: number): number {
    const listener = this.table.fd[slot]!;
    const operation = this.table.operations[slot]!;
    let ran = 0;
    while (ran < ACCEPTS_PER_ATTEMPT) {
      const fd = libc.accept4(listener, ACCEPT_NONBLOCK_CLOEXEC);
      if (fd >= 0) {
        if (fd >= this.#state.length) this.#grow(fd);
        this.#state[fd] = WRITABLE | STREAM;
        ran++;
        this.own(fd);
        operation.onComplete(fd);
        if ((this.table.flags[slot]! & t.CANCELLED) !== 0) return ran;
      } else if (fd === -e.EAGAIN) {
        this.#state[listener]! &= ~READABLE;
        return ran;
      } else if (fd !== -e.EINTR && fd !== -e.ECONNABORTED) return ran + this.#end(slot, fd);
    }
    this.#queue(slot);
    return ran;
  }

  #tryPoll(slot: number): number {
    const words = this.#words;
    words[(POLLFD_AT + POLLFD.fd) >> 2] = this.table.fd[slot]!;
    words[(POLLFD_AT + POLLFD.events) >> 2] = this.table.at[slot]!;
    const result = libc.poll(this.#pollfdAddress, 1, 0);
    if (result === 0) return 0;
    return this.#end(slot, result < 0 ? result : words[(POLLFD_AT + POLLFD.events) >> 2]! >>> 16);
  }

  readonly #onRelease = (): void => {
    this.memory.onRelease = null;
    const waiting = this.#starving;
    this.#starving = [];
    for (const slot of waiting) {
      this.table.flags[slot]! &= ~t.STARVING;
      this.#queue(slot);
    }
  };

  protected release(): void {
    libc.close(this.door);
    unmapRegion(this.#page);
  }
}
