// One socket of a data thread: at most one receive and one send in flight, and an owner who is told of each end.
// Idle connections hold no slab: bytes arrive together with a slab and leave with it.

import { ECANCELED } from '../sys/errno.ts';
import { Operation, pipeIn, type Reactor } from '../reactor/reactor.ts';

/** Told what happened to a connection's operations. `result` is a count or a negated errno. */
export interface ConnectionOwner {
  /** Bytes [at, end) of the connection's slab grew by `result`; 0 means the peer closed its side. */
  onReceived(connection: Connection, result: number): void;
  onSent(connection: Connection, result: number): void;
  onConnected(connection: Connection, result: number): void;
}

/** Told when a closed connection has given everything back: its object may serve again. */
export interface ConnectionHome {
  connectionClosed(connection: Connection): void;
}

class ReceiveOperation extends Operation {
  readonly connection: Connection;
  constructor(connection: Connection) {
    super();
    this.connection = connection;
  }
  override onComplete(result: number): void {
    this.connection.received(result);
  }
}

/** Lent to a connection while it connects or sends: of all connections few do so at once. */
class SendOperation extends Operation {
  connection: Connection | null = null;
  override onComplete(result: number): void {
    const connection = this.connection!;
    this.connection = null;
    if (spareSends.length < SPARE_SENDS_MAX) spareSends.push(this);
    connection.sent(result);
  }
}

const SPARE_SENDS_MAX = 1024;
const spareSends: SendOperation[] = [];

const IDLE = 0;
const CONNECTING = 1;
const SENDING = 2;
/** Only `aside` is on its way. */
const ASIDE = 3;

/** Interim answers on their way, and what the owner sent meanwhile and has to wait. */
interface Aside {
  slab: number;
  /** Those that follow the one in the slab. */
  readonly texts: string[];
  /** What `send` (pipe -1) or `sendSpliced` was given. */
  pipe: number;
  at: number;
  end: number;
  more: boolean;
  /** The owner's send shall not begin any more. */
  cancelled: boolean;
}

/** Unread bytes are [at, end) of `reactor.memory.bytes`, inside the slab that holds them. */
export class Connection {
  readonly reactor: Reactor;
  fd = -1;
  owner: ConnectionOwner | null = null;
  home: ConnectionHome | null = null;
  slab = -1;
  /** A large slab in use instead of `slab` while a stream fills it; -1 otherwise. */
  large = -1;
  /** Bytes that came through `receiveSpliced` wait in this pipe, to be sent from it; -1 otherwise. */
  pipe = -1;
  at = 0;
  end = 0;
  /** Bytes this socket ever received and sent. */
  bytesIn = 0;
  bytesOut = 0;
  reading = false;
  /** The peer closed its sending side, or the socket broke (`failed`, a negated errno). */
  ended = false;
  failed = 0;
  /** option nolinger: what was not sent when it closes is thrown away, and the peer gets a reset. */
  resets = false;
  private writing = IDLE;
  private closing = false;
  private readonly receiveOperation: ReceiveOperation;
  private sendOperation: SendOperation | null = null;
  private aside: Aside | null = null;

  constructor(reactor: Reactor) {
    this.reactor = reactor;
    this.receiveOperation = new ReceiveOperation(this);
  }

  /** Takes over an open socket. */
  open(fd: number, owner: ConnectionOwner): void {
    this.fd = fd;
    this.owner = owner;
    this.bytesIn = 0;
    this.bytesOut = 0;
    this.ended = false;
    this.failed = 0;
    this.closing = false;
  }

  /** The kernel still reads memory handed to `send`. */
  get busySending(): boolean {
    return this.writing === SENDING;
  }

  /** Asks for an early end of the send in flight; `onSent` follows all the same. */
  cancelSending(): void {
    if (this.writing !== SENDING) return;
    if (this.aside !== null) this.aside.cancelled = true;
    this.reactor.cancel(this.sendOperation!);
  }

  get isClosing(): boolean {
    return this.closing;
  }

  get length(): number {
    return this.end - this.at;
  }

  connect(at: number, length: number): void {
    this.writing = CONNECTING;
    this.reactor.connect(this.fd, at, length, this.lendSend());
  }

  /**
   * Asks for bytes: behind what is unread where some is, else into whatever slab they arrive with, a large one where
   * `likelyLong`.
   */
  receive(likelyLong = false): void {
    if (this.reading || this.closing || this.ended) return;
    this.reading = true;
    if (this.slab >= 0 || this.large >= 0) {
      const limit = this.limit();
      // A mistake in what belongs to whom must end the thread, not write into the memory of others.
      if (limit - this.end > this.size()) throw new Error(`a receive to ${this.end}, before its slab`);
      this.reactor.recvInto(this.fd, this.end, limit - this.end, this.receiveOperation);
    } else if (likelyLong) {
      this.reactor.recvLarge(this.fd, this.receiveOperation);
    } else {
      this.reactor.recv(this.fd, this.receiveOperation);
    }
  }

  /**
   * As `receive`, but at most `length` bytes come into a pipe, where one can be had: `pipe` tells. Only while no byte
   * is held.
   */
  receiveSpliced(length: number): void {
    if (this.reading || this.closing || this.ended) return;
    this.reading = true;
    this.reactor.spliceIn(this.fd, length, this.receiveOperation);
  }

  private size(): number {
    const { memory } = this.reactor;
    return this.large >= 0 ? memory.largeSize : memory.slabSize;
  }

  /** Where the memory that holds this connection's bytes ends. */
  limit(): number {
    const { memory } = this.reactor;
    return this.large >= 0
      ? memory.offsetOfLarge(this.large) + memory.largeSize
      : memory.offsetOf(this.slab) + memory.slabSize;
  }

  /** Sends [at, end) of thread memory; the bytes must stay until `onSent`. */
  send(at: number, end: number, more: boolean): void {
    if (this.writing === ASIDE) {
      this.follow(-1, at, end, more);
      return;
    }
    this.writing = SENDING;
    this.reactor.send(this.fd, at, end - at, more, this.lendSend());
  }

  /** Sends all `length` bytes of another connection's pipe, which must stay until `onSent`. */
  sendSpliced(pipe: number, length: number): void {
    if (this.writing === ASIDE) {
      this.follow(pipe, 0, length, false);
      return;
    }
    this.writing = SENDING;
    this.reactor.spliceOut(pipe, this.fd, length, false, this.lendSend());
  }

  /**
   * Sends a text of latin1 that is not the owner's answer: nobody is told of its end, and the owner's next send follows
   * it. False, and nothing is sent: no slab is free, or the text does not fit in one. Not while `busySending`.
   */
  sendAside(text: string): boolean {
    const { memory } = this.reactor;
    if (text.length > memory.slabSize) return false;
    if (this.aside !== null) {
      this.aside.texts.push(text);
      return true;
    }
    const slab = memory.take();
    if (slab < 0) return false;
    this.aside = { slab, texts: [text], pipe: -1, at: 0, end: 0, more: false, cancelled: false };
    this.writing = ASIDE;
    this.sendAsideText(this.aside);
    return true;
  }

  private sendAsideText({ slab, texts }: Aside): void {
    const { memory } = this.reactor;
    const at = memory.offsetOf(slab);
    const length = memory.buffer.latin1Write(texts.shift()!, at, memory.slabSize);
    this.reactor.send(this.fd, at, length, this.writing === SENDING, this.lendSend());
  }

  private follow(pipe: number, at: number, end: number, more: boolean): void {
    this.writing = SENDING;
    Object.assign(this.aside!, { pipe, at, end, more });
  }

  /** True: the owner's send, if there is one, goes on. */
  private asideSent(aside: Aside, result: number): boolean {
    const { pipe, at, end, more } = aside;
    const goesOn = result >= 0 && !this.closing && !aside.cancelled;
    if (goesOn && aside.texts.length > 0) {
      this.sendAsideText(aside);
      return true;
    }
    this.reactor.memory.release(aside.slab);
    this.aside = null;
    if (this.writing === ASIDE) this.writing = IDLE;
    if (!goesOn || this.writing === IDLE) return false;
    if (pipe < 0) this.send(at, end, more);
    else this.sendSpliced(pipe, end);
    return true;
  }

  /** The pipe was emptied. */
  givePipe(): void {
    this.reactor.pipes!.give(this.pipe);
    this.pipe = -1;
  }

  /** Nobody wants what is in the pipe. */
  dropPipe(): void {
    this.reactor.pipes!.drop(this.pipe);
    this.pipe = -1;
  }

  private lendSend(): SendOperation {
    const operation = spareSends.pop() ?? new SendOperation();
    operation.connection = this;
    this.sendOperation = operation;
    return operation;
  }

  /** Gives the descriptor away and ends this object. Nothing may be in flight. */
  letGo(): number {
    const { fd } = this;
    this.releaseSlab();
    this.reactor.letGo(fd);
    this.fd = -1;
    this.owner = null;
    this.closing = true;
    this.home?.connectionClosed(this);
    return fd;
  }

  /** Gives the slab back once nothing in it is wanted. */
  releaseSlab(): void {
    if (this.reading && (this.slab >= 0 || this.large >= 0)) return;
    if (this.slab >= 0) {
      this.reactor.memory.release(this.slab);
      this.slab = -1;
    }
    if (this.large >= 0) {
      this.reactor.memory.releaseLarge(this.large);
      this.large = -1;
    }
    this.at = 0;
    this.end = 0;
  }

  /** Moves unread bytes to the start of the slab, to make room behind them. */
  compact(): void {
    if ((this.slab < 0 && this.large < 0) || this.reading) return;
    const { memory } = this.reactor;
    const start = this.large >= 0 ? memory.offsetOfLarge(this.large) : memory.offsetOf(this.slab);
    if (this.at === start) return;
    memory.bytes.copyWithin(start, this.at, this.end);
    this.end = start + this.end - this.at;
    this.at = start;
  }

  /** Bytes that may still arrive in the present slab. */
  room(): number {
    return this.slab < 0 && this.large < 0 ? this.reactor.memory.slabSize : this.limit() - this.end;
  }

  /** For the next receive, uses a large slab where one is free; only while no byte is held. */
  grow(): void {
    if (this.large >= 0 || this.reading || this.at !== this.end) return;
    const large = this.reactor.memory.takeLarge();
    if (large < 0) return;
    this.releaseSlab();
    this.large = large;
    this.at = this.end = this.reactor.memory.offsetOfLarge(large);
  }

  /** Rewinds an emptied slab so that the next receive has all of it. */
  rewind(): void {
    if (this.reading) return;
    const { memory } = this.reactor;
    if (this.large >= 0) this.at = this.end = memory.offsetOfLarge(this.large);
    else if (this.slab >= 0) this.at = this.end = memory.offsetOf(this.slab);
  }

  /**
   * Closes the socket: what was handed to `send` before and completed has been given to the kernel. The owner hears
   * nothing more. Memory is given back when the last operation in flight has ended, the fd at once where nothing is
   * being sent: if the peer closed first, its end would cost a packet more.
   */
  close(): void {
    if (this.closing) return;
    this.closing = true;
    this.owner = null;
    if (this.reading) this.reactor.cancel(this.receiveOperation);
    if (this.writing !== IDLE) this.reactor.cancel(this.sendOperation!);
    else this.closeSocket();
    this.finish();
  }

  private closeSocket(): void {
    const { fd, reactor } = this;
    if (fd < 0) return;
    this.fd = -1;
    if (this.resets) reactor.sockets.resetOnClose(fd);
    reactor.close(fd);
  }

  /** Stops waiting for bytes; the owner of a cancelled receive is told -ECANCELED only if it is still the owner. */
  stopReceiving(): void {
    if (this.reading) this.reactor.cancel(this.receiveOperation);
  }

  received(result: number): void {
    this.reading = false;
    const slab = this.receiveOperation.slab;
    if (slab >= 0) {
      this.receiveOperation.slab = -1;
      const { memory } = this.reactor;
      if (slab < memory.slabCount) {
        this.slab = slab;
        this.at = this.end = memory.offsetOf(slab);
      } else {
        this.large = slab - memory.slabCount;
        this.at = this.end = memory.offsetOfLarge(this.large);
      }
    }
    if (result > 0) {
      if (slab >= -1) this.end += result;
      else this.receivedPipe(slab);
      this.bytesIn += result;
    } else if (result === 0) {
      this.ended = true;
    } else {
      this.failed = result;
    }
    if (this.closing) {
      this.finish();
      return;
    }
    this.owner?.onReceived(this, result);
  }

  private receivedPipe(slab: number): void {
    this.receiveOperation.slab = -1;
    this.pipe = pipeIn(slab);
  }

  sent(result: number): void {
    this.sendOperation = null;
    if (this.aside !== null) {
      if (this.asideSent(this.aside, result)) return;
      if (this.writing === IDLE) {
        if (this.closing) this.finish();
        return;
      }
      // Of what the owner sent nothing went out.
      if (result >= 0) result = -ECANCELED;
    }
    const was = this.writing;
    this.writing = IDLE;
    if (result > 0) this.bytesOut += result;
    if (this.closing) {
      this.finish();
      return;
    }
    if (was === CONNECTING) this.owner?.onConnected(this, result);
    else this.owner?.onSent(this, result);
  }

  private finish(): void {
    if (this.writing !== IDLE) return;
    this.closeSocket();
    if (this.reading) return;
    this.releaseSlab();
    if (this.pipe >= 0) this.dropPipe();
    this.home?.connectionClosed(this);
  }
}
