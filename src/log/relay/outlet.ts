// Ways of log lines to one server: a connection that is made again when it is lost, or datagrams.

import net from 'node:net';
import { closeSocket, openSocket, sendDatagramNow, SOCK_DGRAM, SOCK_STREAM } from '../../sys/socket.ts';
import { domainOf, type SocketAddress } from '../../sys/address.ts';
import { frame } from './framing.ts';
import { isPlain, openFor } from './server-socket.ts';
import type { ServerConfig } from '../../config/model.ts';

/** Pause before a server is tried again, ms. */
const RETRY_MS = 1000;

export interface Outlet {
  /** Whether a line sent now would not wait behind too many others. */
  readonly hasRoom: boolean;
  /** Nothing of what was sent still waits here. */
  readonly isEmpty: boolean;
  /** `line`: without line end. False: lost. */
  send(line: Buffer): boolean;
  close(): void;
}

/** PROXY headers that name no client, since there is none (PROXY protocol, 2.1 and 2.2: UNKNOWN and LOCAL). */
const UNKNOWN = Buffer.from('PROXY UNKNOWN\r\n', 'latin1');
const LOCAL = Buffer.from('\r\n\r\n\0\r\nQUIT\n\x20\0\0\0', 'latin1');

const greetingOf = ({ sendProxy }: ServerConfig): Buffer | null =>
  sendProxy === 0 ? null : sendProxy === 1 ? UNKNOWN : LOCAL;

export interface ConnectionOptions {
  readonly address: SocketAddress;
  readonly server: ServerConfig;
  /** 0 for no limit. */
  readonly connectMs: number;
  /** How long bytes may wait for the server before the connection is given up; 0 for no limit. */
  readonly serverMs: number;
  /** Bytes that may wait for the server. */
  readonly room: number;
  /** There is room again. */
  onRoom(): void;
}

export class ConnectionOutlet implements Outlet {
  private readonly options: ConnectionOptions;
  private socket: net.Socket | null = null;
  private connected = false;
  private retry: NodeJS.Timeout | null = null;
  private stalled: NodeJS.Timeout | null = null;
  /** Lines that came before there was a connection. */
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private closed = false;
  /** On the present connection. */
  private sentLines = 0;

  constructor(options: ConnectionOptions) {
    this.options = options;
  }

  private get pending(): number {
    return this.waitingBytes + (this.socket?.writableLength ?? 0);
  }

  get hasRoom(): boolean {
    return this.pending < this.options.room;
  }

  get isEmpty(): boolean {
    return this.pending === 0;
  }

  /** A connection that takes lines. */
  get isConnected(): boolean {
    return this.connected;
  }

  send(line: Buffer): boolean {
    if (this.closed || !this.hasRoom) return false;
    this.sendAlways(line);
    return true;
  }

  /** Beyond the room too: for who looks for it before. */
  sendAlways(line: Buffer): void {
    const bytes = frame(line, this.options.server.logProto);
    if (this.connected) {
      this.socket!.write(bytes);
      this.sentLines++;
      this.renew();
    } else {
      this.waiting.push(bytes);
      this.waitingBytes += bytes.length;
      this.open();
    }
    this.watch();
  }

  /** Connects, where that is not done or tried already. */
  open(): void {
    if (this.closed || this.socket !== null || this.retry !== null) return;
    const { connectMs } = this.options;
    const socket = this.connect();
    if (socket === null) {
      this.later();
      return;
    }
    this.socket = socket;
    this.sentLines = 0;
    const late = connectMs > 0 ? setTimeout(() => socket.destroy(), connectMs) : null;
    socket.on('connect', () => {
      if (late !== null) clearTimeout(late);
      this.connected = true;
      const greeting = greetingOf(this.options.server);
      if (greeting !== null) socket.write(greeting);
      for (const bytes of this.waiting) socket.write(bytes);
      this.sentLines = this.waiting.length;
      this.waiting = [];
      this.waitingBytes = 0;
      this.renew();
      this.options.onRoom();
    });
    socket.on('drain', () => this.options.onRoom());
    // Servers have nothing to say; what they say is not kept.
    socket.resume();
    socket.on('error', () => {});
    socket.on('close', () => {
      if (late !== null) clearTimeout(late);
      this.socket = null;
      this.connected = false;
      if (this.closed) return;
      if (this.spent) this.open();
      else this.later();
    });
  }

  private later(): void {
    this.retry = setTimeout(() => {
      this.retry = null;
      this.open();
    }, RETRY_MS);
  }

  /** A socket that connects; null where the kernel refuses what the server line asks for. */
  private connect(): net.Socket | null {
    const { address, server } = this.options;
    const path = address.family === 'abns' ? `\0${address.address}` : address.address;
    if (address.family === 'unix' || address.family === 'abns') return net.connect({ path });
    const where = { host: address.address, port: address.port };
    if (isPlain(server)) return net.connect(where);
    const fd = openFor(server, address, SOCK_STREAM);
    if (fd < 0) return null;
    // Node begins to read from a descriptor at once; this one is not connected yet.
    const options: net.SocketConstructorOpts & { manualStart: boolean } = { fd, manualStart: true };
    return new net.Socket(options).connect(where);
  }

  /** max-reuse: this connection has had its lines. */
  private get spent(): boolean {
    const { maxReuse } = this.options.server;
    return maxReuse >= 0 && this.sentLines > maxReuse;
  }

  /** max-reuse: ends a connection that has had its lines; the next one follows once it is closed. */
  private renew(): void {
    if (!this.spent || !this.connected) return;
    this.connected = false;
    this.socket!.end();
    this.socket!.destroySoon();
  }

  /** timeout server: gives up a connection on which nothing moves while lines wait. */
  private watch(): void {
    const { serverMs } = this.options;
    if (serverMs === 0 || this.stalled !== null) return;
    const before = this.socket?.bytesWritten ?? 0;
    const pending = this.pending;
    this.stalled = setTimeout(() => {
      this.stalled = null;
      const { socket } = this;
      if (socket === null || !this.connected || this.isEmpty) return;
      const moved = this.pending < pending || socket.bytesWritten - socket.writableLength > before;
      if (moved) this.watch();
      else socket.destroy();
    }, serverMs);
    this.stalled.unref();
  }

  /** Lets what waits go out, then closes. */
  close(): void {
    this.closed = true;
    if (this.retry !== null) clearTimeout(this.retry);
    if (this.stalled !== null) clearTimeout(this.stalled);
    if (this.connected) this.socket!.end();
    else this.socket?.destroy();
  }
}

/** Datagrams; a line that the kernel does not take now is lost. */
export class DatagramOutlet implements Outlet {
  readonly hasRoom = true;
  readonly isEmpty = true;
  private readonly address: SocketAddress;
  private readonly server: ServerConfig | null;
  private fd = -1;

  /** `server`: whose line says where datagrams come from; null for a plain target. */
  constructor(address: SocketAddress, server: ServerConfig | null = null) {
    this.address = address;
    this.server = server;
  }

  send(line: Buffer): boolean {
    if (this.fd < 0) {
      this.fd =
        this.server === null
          ? openSocket(domainOf(this.address), SOCK_DGRAM)
          : openFor(this.server, this.address, SOCK_DGRAM);
    }
    if (this.fd < 0) return false;
    return sendDatagramNow(this.fd, Buffer.concat([line, Buffer.from('\n')]), this.address) >= 0;
  }

  close(): void {
    if (this.fd >= 0) closeSocket(this.fd);
    this.fd = -1;
  }
}
