// A network in memory whose story follows from a seed: byte streams with delays, short writes and full buffers, halves
// that close, resets, addresses that refuse or stay silent. Both the simulated reactor and the clients and servers of a
// test hold sockets of it.
//
//   writer -> wire (on its way, arrives in pieces) -> inbox (arrived, unread) -> reader

import type { Prng } from '../core/prng.ts';
import type { SocketAddress } from '../sys/address.ts';
import { ECONNREFUSED, ECONNRESET, EPIPE } from '../sys/errno.ts';

/** Bytes that one direction of a connection can hold. */
const CAPACITY = 24_000;

/** Bytes in the order of their arrival. */
export class ByteQueue {
  private chunks: Uint8Array[] = [];
  length = 0;

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.chunks.push(bytes);
    this.length += bytes.length;
  }

  /** Puts back what was taken. */
  unshift(bytes: Uint8Array): void {
    this.chunks.unshift(bytes);
    this.length += bytes.length;
  }

  /** Takes `count` bytes, or all where there are fewer. */
  take(count: number): Uint8Array {
    const taken = new Uint8Array(Math.min(count, this.length));
    let at = 0;
    while (at < taken.length) {
      const first = this.chunks[0]!;
      const part = Math.min(first.length, taken.length - at);
      taken.set(first.subarray(0, part), at);
      at += part;
      if (part === first.length) this.chunks.shift();
      else this.chunks[0] = first.subarray(part);
    }
    this.length -= taken.length;
    return taken;
  }

  clear(): void {
    this.chunks = [];
    this.length = 0;
  }
}

export class SimSocket {
  readonly fd: number;
  peer: SimSocket | null = null;
  readonly wire = new ByteQueue();
  readonly inbox = new ByteQueue();
  local: SocketAddress | null = null;
  remote: SocketAddress | null = null;
  /** The peer's end is on the wire, or has arrived. */
  endOnWire = false;
  ended = false;
  resetOnWire = false;
  /** A negated errno that the next call is told, once the bytes before it are read. */
  broken = 0;
  /** This side said that it will write no more. */
  shut = false;
  closed = false;
  linger = true;

  constructor(fd: number) {
    this.fd = fd;
  }

  get arriving(): boolean {
    return this.wire.length > 0 || (this.endOnWire && !this.ended) || this.resetOnWire;
  }
}

export interface SimListener {
  readonly address: SocketAddress;
  readonly backlog: SimSocket[];
  /** Whether a connection attempt is answered, refused, or not answered at all. */
  mode: 'open' | 'refused' | 'silent';
}

const keyOf = (address: SocketAddress): string => `${address.address}:${address.port}`;

export class SimNetwork {
  readonly prng: Prng;
  readonly sockets = new Map<number, SimSocket>();
  /** Several listen on one address as with SO_REUSEPORT: each connection goes to one of them. */
  private readonly listeners = new Map<string, SimListener[]>();
  /** Descriptors that one reactor let go and none has adopted yet. */
  readonly loose = new Set<number>();
  /** Connections to servers that went from one reactor to another. */
  moved = 0;
  /** Connections of clients that did. */
  shared = 0;
  private nextFd = 100;
  private nextPort = 30_000;

  constructor(prng: Prng) {
    this.prng = prng;
  }

  open(): SimSocket {
    const socket = new SimSocket(this.nextFd++);
    this.sockets.set(socket.fd, socket);
    return socket;
  }

  listen(address: string, port: number): SimListener {
    const listener: SimListener = { address: { family: 'ipv4', address, port }, backlog: [], mode: 'open' };
    const key = keyOf(listener.address);
    this.listeners.set(key, [...(this.listeners.get(key) ?? []), listener]);
    return listener;
  }

  /** 0 when connected, a negated errno when refused, 1 when nobody answers. */
  connect(socket: SimSocket, to: SocketAddress): number {
    const all = this.listeners.get(keyOf(to)) ?? [];
    const group = all.length > 1 ? all.filter(({ mode }) => mode === 'open') : all;
    const listener = group.length > 1 ? group[this.prng.below(group.length)] : group[0];
    if (listener === undefined || listener.mode === 'refused') return -ECONNREFUSED;
    if (listener.mode === 'silent') return 1;
    const other = this.open();
    socket.local ??= { family: 'ipv4', address: '127.0.0.1', port: this.nextPort++ };
    socket.remote = other.local = to;
    other.remote = socket.local;
    socket.peer = other;
    other.peer = socket;
    listener.backlog.push(other);
    return 0;
  }

  /** Room for bytes from `socket`. */
  room(socket: SimSocket): number {
    const { peer } = socket;
    if (peer === null || peer.closed) return CAPACITY;
    return Math.max(0, CAPACITY - peer.wire.length - peer.inbox.length);
  }

  /** How many bytes were taken, maybe fewer than there is room for, or a negated errno. */
  write(socket: SimSocket, bytes: Uint8Array): number {
    if (socket.broken < 0) return socket.broken;
    const { peer } = socket;
    if (socket.shut || peer === null) return -EPIPE;
    if (peer.closed) {
      // The other end is gone: bytes to it are answered with a reset.
      socket.resetOnWire = true;
      return bytes.length;
    }
    const room = Math.min(this.room(socket), bytes.length);
    if (room === 0) return 0;
    const count = this.prng.chance(70) ? room : this.prng.between(1, room);
    peer.wire.push(bytes.slice(0, count));
    return count;
  }

  /** Some bytes; none at the end of the stream (`ended`) or while nothing has arrived. */
  read(socket: SimSocket, most: number): Uint8Array {
    const count = Math.min(most, socket.inbox.length);
    return socket.inbox.take(this.prng.chance(70) || count < 2 ? count : this.prng.between(1, count));
  }

  shutdown(socket: SimSocket): void {
    if (socket.shut || socket.closed) return;
    socket.shut = true;
    if (socket.peer !== null) socket.peer.endOnWire = true;
  }

  reset(socket: SimSocket): void {
    if (socket.closed) return;
    if (socket.peer !== null && !socket.peer.closed) {
      socket.peer.wire.clear();
      socket.peer.resetOnWire = true;
    }
    this.forget(socket);
  }

  /** Unread bytes make the other side see a reset, as in the kernel. */
  close(socket: SimSocket): void {
    if (socket.closed) return;
    if (!socket.linger || socket.inbox.length > 0 || socket.wire.length > 0) {
      this.reset(socket);
      return;
    }
    this.shutdown(socket);
    this.forget(socket);
  }

  private forget(socket: SimSocket): void {
    socket.closed = true;
    socket.inbox.clear();
    socket.wire.clear();
    this.sockets.delete(socket.fd);
  }

  /** Lets a part of what is on the wire to `socket` arrive. */
  deliver(socket: SimSocket): void {
    if (socket.resetOnWire) {
      socket.resetOnWire = false;
      socket.wire.clear();
      socket.broken = -ECONNRESET;
      return;
    }
    const { length } = socket.wire;
    if (length > 0) {
      const count = this.prng.chance(60) ? length : this.prng.between(1, length);
      socket.inbox.push(socket.wire.take(count));
    } else if (socket.endOnWire) socket.ended = true;
  }
}
