// The reactor over a simulated network: what is ready completes in an order that a seed decides, and time stands still
// until nothing is. Nothing here blocks or reads a real clock.

import { TimerWheel } from '../core/wheel.ts';
import type { SlabMemory } from '../core/slab.ts';
import { decodeAddress, type SocketAddress } from '../sys/address.ts';
import { ECANCELED, EMFILE, ENOPROTOOPT } from '../sys/errno.ts';
import { pipeIn, type Operation, type Reactor, type TimerOperation } from './reactor.ts';
import type { SimListener, SimNetwork, SimSocket } from './sim-network.ts';
import { SIM_PIPE_BYTES, SimPipes } from './sim-pipes.ts';
import type { Sockets } from './sockets.ts';

type Kind =
  'accept' | 'connect' | 'recv' | 'recvLarge' | 'recvInto' | 'send' | 'datagram' | 'spliceIn' | 'spliceOut';

interface InFlight {
  readonly kind: Kind;
  readonly operation: Operation;
  fd: number;
  readonly at: number;
  readonly length: number;
  done: number;
  cancelled: boolean;
  /** connect: what the network answered; 1 means nothing yet and never. */
  outcome: number;
}

/** Calendar time when the simulation begins, ms. */
const EPOCH_MS = 1_700_000_000_000;
/** So few that streams have to do without. */
const SIM_PIPES = 3;

/** Thrown where a simulated thread meets a bug. */
class SimBug extends Error {}

export class SimReactor implements Reactor {
  readonly kind = 'simulation' as const;
  readonly memory: SlabMemory;
  readonly sockets: Sockets;
  readonly pipes: SimPipes;
  now = 1000;
  turns = 0;
  private readonly network: SimNetwork;
  private wheel = new TimerWheel(1000);
  /** By descriptor. */
  readonly listeners = new Map<number, SimListener>();
  private readonly inFlight: InFlight[] = [];
  private deferred: Operation[] = [];
  private slots = 0;
  /** Sockets that the data plane holds, and how many it may hold. */
  readonly held = new Set<number>();
  heldMax = Infinity;
  /** So many calls from now one of them meets a bug, which is the end of the thread. */
  bugIn = Infinity;
  dead = false;
  onDeath: (() => void) | null = null;
  /** Datagrams sent, for logs. */
  readonly datagrams: string[] = [];

  constructor(memory: SlabMemory, network: SimNetwork) {
    this.memory = memory;
    this.network = network;
    this.pipes = new SimPipes(network.prng, SIM_PIPES);
    this.sockets = this.makeSockets();
  }

  get wallMs(): number {
    return EPOCH_MS + this.now;
  }

  private makeSockets(): Sockets {
    const { network } = this;
    const socketOf = (fd: number): SimSocket => network.sockets.get(fd)!;
    const nothing = (): void => {};
    return {
      open: () => {
        if (this.held.size >= this.heldMax) return -EMFILE;
        const { fd } = network.open();
        this.held.add(fd);
        return fd;
      },
      noDelay: nothing,
      delayAck: nothing,
      apply: () => null,
      bind: () => 0,
      discard: (fd) => this.close(fd),
      localAddress: (fd) => network.sockets.get(fd)?.local ?? null,
      peerAddress: (fd) => network.sockets.get(fd)?.remote ?? null,
      tcpInfo: () => -ENOPROTOOPT,
      savedSyn: () => '',
      isLocal: () => true,
      shutdownWrite: (fd) => network.shutdown(socketOf(fd)),
      resetOnClose: (fd) => {
        socketOf(fd).linger = false;
      },
      dropSilently: (fd) => {
        const socket = socketOf(fd);
        if (socket.peer !== null) socket.peer.peer = null;
        socket.peer = null;
      },
    };
  }

  /** A listening socket for `accept`. */
  listen(address: string, port: number): number {
    const { fd } = this.network.open();
    this.listeners.set(fd, this.network.listen(address, port));
    return fd;
  }

  private claim(kind: Kind, fd: number, at: number, length: number, operation: Operation): InFlight {
    this.mayFail();
    if (operation.slot !== -1) throw new Error(`an operation on fd ${fd} was submitted twice`);
    if (kind !== 'accept' && kind !== 'datagram' && !this.held.has(fd)) {
      throw new Error(`${kind} on fd ${fd}, which is not open`);
    }
    operation.slot = this.slots++;
    const made = { kind, operation, fd, at, length, done: 0, cancelled: false, outcome: 1 };
    this.inFlight.push(made);
    return made;
  }

  accept(listener: number, operation: Operation): void {
    this.claim('accept', listener, 0, 0, operation);
  }

  connect(fd: number, at: number, length: number, operation: Operation): void {
    const address = decodeAddress(this.memory.bytes, at, length) as SocketAddress;
    const made = this.claim('connect', fd, at, length, operation);
    made.outcome = this.network.connect(this.network.sockets.get(fd)!, address);
  }

  recv(fd: number, operation: Operation): void {
    operation.slab = -1;
    this.claim('recv', fd, 0, 0, operation);
  }

  recvLarge(fd: number, operation: Operation): void {
    operation.slab = -1;
    this.claim('recvLarge', fd, 0, 0, operation);
  }

  recvInto(fd: number, at: number, length: number, operation: Operation): void {
    if (length <= 0) throw new Error(`a receive of ${length} bytes on fd ${fd}`);
    this.claim('recvInto', fd, at, length, operation);
  }

  send(fd: number, at: number, length: number, _more: boolean, operation: Operation): void {
    if (length <= 0) throw new Error(`a send of ${length} bytes on fd ${fd}`);
    this.claim('send', fd, at, length, operation);
  }

  sendDatagram(fd: number, at: number, length: number, operation: Operation): void {
    this.claim('datagram', fd, at, length, operation);
  }

  spliceIn(fd: number, length: number, operation: Operation): void {
    if (length <= 0) throw new Error(`a splice of ${length} bytes from fd ${fd}`);
    operation.slab = -1;
    this.claim('spliceIn', fd, 0, length, operation);
  }

  spliceOut(pipe: number, fd: number, length: number, _more: boolean, operation: Operation): void {
    const have = this.pipes.contents[pipe]!.length;
    if (length <= 0 || length > have)
      throw new Error(`a splice of ${length} bytes out of a pipe with ${have}`);
    this.claim('spliceOut', fd, pipe, length, operation);
  }

  poll(): void {
    throw new Error('the simulation has nothing to poll');
  }

  cancel(operation: Operation): void {
    const found = this.inFlight.find((one) => one.operation === operation);
    if (found !== undefined) found.cancelled = true;
  }

  close(fd: number): void {
    if (!this.held.delete(fd)) throw new Error(`close of fd ${fd}, which is not open`);
    for (const one of this.inFlight) {
      if (one.fd !== fd) continue;
      if (!one.cancelled || !(one.kind.startsWith('recv') || one.kind === 'spliceIn'))
        throw new Error(`close of fd ${fd} with work in flight`);
      one.fd = -1;
    }
    const socket = this.network.sockets.get(fd);
    if (socket !== undefined) this.network.close(socket);
  }

  letGo(fd: number): void {
    if (!this.held.delete(fd)) throw new Error(`fd ${fd} was let go and is not open`);
    if (this.inFlight.some((one) => one.fd === fd))
      throw new Error(`fd ${fd} was let go with work in flight`);
    this.network.loose.add(fd);
  }

  adopt(fd: number): void {
    if (!this.network.loose.delete(fd)) throw new Error(`fd ${fd} was adopted and nobody let it go`);
    const port = this.network.sockets.get(fd)?.local?.port;
    if ([...this.listeners.values()].some(({ address }) => address.port === port)) this.network.shared++;
    else this.network.moved++;
    this.held.add(fd);
  }

  at(deadlineMs: number, operation: TimerOperation): void {
    this.mayFail();
    this.wheel.at(deadlineMs, operation);
  }

  clear(operation: TimerOperation): void {
    this.wheel.clear(operation);
  }

  forget(operation: TimerOperation): void {
    this.wheel.forget(operation);
  }

  defer(task: Operation): void {
    this.deferred.push(task);
  }

  start(): void {}

  stop(): void {
    if (this.inFlight.length > 0) {
      const left = this.inFlight.map(({ kind, fd }) => `${kind} ${fd}`).join(', ');
      throw new Error(`stopped with work in flight: ${left}`);
    }
    // Who was not accepted is sent away, as the kernel does when a listening socket closes.
    for (const { backlog } of this.listeners.values()) {
      for (const socket of backlog.splice(0)) this.network.reset(socket);
    }
  }

  /** Runs `task` as one turn: what wakes a thread from outside. */
  turn(task: () => void): void {
    if (this.dead) return;
    try {
      task();
      this.runDeferred();
    } catch (error) {
      if (!(error instanceof SimBug)) throw error;
      this.die();
    }
  }

  private mayFail(): void {
    if (--this.bugIn <= 0) throw new SimBug();
  }

  /** As `LoopReactor.fail`: nobody is told of anything any more, and what was open is closed. */
  private die(): void {
    this.dead = true;
    this.inFlight.length = 0;
    this.deferred = [];
    this.wheel = new TimerWheel(this.now);
    for (const fd of this.held) {
      const socket = this.network.sockets.get(fd);
      if (socket !== undefined) this.network.close(socket);
    }
    this.held.clear();
    this.onDeath?.();
  }

  /** Takes the listening sockets of one that died over, with who waits there. */
  inherit(dead: SimReactor): void {
    for (const [fd, listener] of dead.listeners) this.listeners.set(fd, listener);
  }

  /** The next moment at which a timer may fire; Infinity without timers. */
  get nextDeadline(): number {
    return this.wheel.nextDeadline();
  }

  /** Time goes on to `ms`; timers that are due run. */
  advance(ms: number): void {
    this.now = ms;
    this.turns++;
    this.turn(() => this.wheel.advance(ms));
  }

  tick(): number {
    throw new Error('a simulation is stepped by its world');
  }

  private isReady(one: InFlight): boolean {
    if (one.cancelled) return true;
    const socket = this.network.sockets.get(one.fd);
    switch (one.kind) {
      case 'accept':
        return this.listeners.get(one.fd)!.backlog.length > 0;
      case 'connect':
        return one.outcome <= 0;
      case 'datagram':
        return true;
      case 'send':
      case 'spliceOut':
        return socket === undefined || socket.broken < 0 || this.network.room(socket) > 0;
      default:
        if (socket === undefined) return true;
        if (socket.inbox.length > 0) return one.kind === 'recvInto' || this.memory.free > 0;
        return socket.ended || socket.broken < 0;
    }
  }

  /** How many operations could complete now. */
  get readyCount(): number {
    let count = 0;
    for (const one of this.inFlight) if (this.isReady(one)) count++;
    return count;
  }

  /** Lets the ready operation number `choice` make progress. */
  progress(choice: number): void {
    let left = choice;
    for (const one of this.inFlight) {
      if (!this.isReady(one) || left-- > 0) continue;
      this.turn(() => this.run(one));
      return;
    }
  }

  private runDeferred(): void {
    while (this.deferred.length > 0) {
      const tasks = this.deferred;
      this.deferred = [];
      for (const task of tasks) task.onComplete(0);
    }
  }

  private complete(one: InFlight, result: number): void {
    this.inFlight.splice(this.inFlight.indexOf(one), 1);
    one.operation.slot = -1;
    one.operation.onComplete(result);
  }

  private run(one: InFlight): void {
    const socket = this.network.sockets.get(one.fd);
    // A cancellation may come too late: what had completed before it counts.
    const late = one.cancelled && this.network.prng.chance(30);
    if (one.cancelled && !(late && this.couldRun(one))) {
      this.complete(one, -ECANCELED);
      return;
    }
    switch (one.kind) {
      case 'accept': {
        if (this.held.size >= this.heldMax) {
          this.complete(one, -EMFILE);
          return;
        }
        const accepted = this.listeners.get(one.fd)!.backlog.shift()!;
        this.held.add(accepted.fd);
        one.operation.onComplete(accepted.fd);
        return;
      }
      case 'connect':
        this.complete(one, one.outcome);
        return;
      case 'datagram':
        this.datagrams.push(this.memory.buffer.latin1Slice(one.at, one.at + one.length));
        this.complete(one, one.length);
        return;
      case 'send':
        this.runSend(one, socket);
        return;
      case 'spliceOut':
        this.runSpliceOut(one, socket);
        return;
      default:
        this.runReceive(one, socket);
    }
  }

  private couldRun(one: InFlight): boolean {
    one.cancelled = false;
    const ready = this.isReady(one);
    one.cancelled = true;
    return ready && one.kind !== 'send' && one.kind !== 'spliceOut';
  }

  private runSend(one: InFlight, socket: SimSocket | undefined): void {
    if (socket === undefined) {
      this.complete(one, -32);
      return;
    }
    const bytes = this.memory.bytes.slice(one.at + one.done, one.at + one.length);
    const count = this.network.write(socket, bytes);
    if (count < 0) {
      this.complete(one, count);
      return;
    }
    one.done += count;
    if (one.done === one.length) this.complete(one, one.length);
  }

  private runSpliceOut(one: InFlight, socket: SimSocket | undefined): void {
    if (socket === undefined) {
      this.complete(one, -32);
      return;
    }
    const queue = this.pipes.contents[one.at]!;
    const room = Math.min(this.network.room(socket), one.length - one.done);
    const bytes = queue.take(room);
    const count = socket.broken < 0 ? socket.broken : this.network.write(socket, bytes);
    if (count < 0) {
      this.complete(one, count);
      return;
    }
    // What the socket did not take is still the front of the pipe.
    if (count < bytes.length) queue.unshift(bytes.subarray(count));
    one.done += count;
    if (one.done === one.length) this.complete(one, one.length);
  }

  private runReceive(one: InFlight, socket: SimSocket | undefined): void {
    if (socket === undefined) {
      this.complete(one, -104);
      return;
    }
    if (socket.inbox.length === 0) {
      const result = socket.broken < 0 ? socket.broken : 0;
      this.complete(one, result);
      return;
    }
    let { at, length } = one;
    const pipe = one.kind === 'spliceIn' ? this.pipes.take() : -1;
    if (pipe >= 0) {
      one.operation.slab = pipeIn(pipe);
      const moved = this.network.read(socket, Math.min(length, SIM_PIPE_BYTES));
      this.pipes.contents[pipe]!.push(moved);
      this.complete(one, moved.length);
      return;
    }
    if (one.kind !== 'recvInto') {
      const { memory } = this;
      const large = one.kind === 'recvLarge' ? memory.takeLarge() : -1;
      const slab = large < 0 ? memory.take() : -1;
      one.operation.slab = large < 0 ? slab : memory.slabCount + large;
      at = large < 0 ? memory.offsetOf(slab) : memory.offsetOfLarge(large);
      length = large < 0 ? memory.slabSize : memory.largeSize;
    }
    const bytes = this.network.read(socket, length);
    this.memory.bytes.set(bytes, at);
    this.complete(one, bytes.length);
  }
}
