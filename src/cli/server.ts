// Listens for the stats socket on unix paths, TCP addresses and inherited descriptors, with the limits of
// `stats timeout` and `stats maxconn`.

import { chmodSync, chownSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Command, Severity } from './command.ts';
import { CliSession, type Sink } from './session.ts';
import type { ControlView, Level } from './view.ts';

export type CliAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'fd'; readonly fd: number };

export interface CliListenOptions {
  readonly address: CliAddress;
  readonly level: Level;
  readonly severity: Severity;
  /** File mode of a unix socket, or null for the umask's. */
  readonly mode: number | null;
  readonly uid: number | null;
  readonly gid: number | null;
  /** `expose-fd listeners`: passes the listening sockets to the connected unix socket `fd`. */
  readonly handover?: (fd: number) => Promise<void>;
}

/** What answers on a connection: the stats socket's session, or the master's. */
export interface ServedSession {
  readonly state: { readonly timeoutMs: number };
  readonly running: boolean;
  receive(bytes: Buffer): void;
  receiveEnd(): void;
  abort(): void;
}

export type OpenSession = (sink: Sink, listen: CliListenOptions, timeoutMs: number) => ServedSession;

/** The whole first line of a process that wants the listening sockets (see src/process/handover.ts). */
const HANDOVER_LINE = Buffer.from('_getsocks\n');

export interface CliServerOptions {
  /** Idle time after which a connection is closed, ms. */
  readonly timeoutMs: number;
  readonly maxconn: number;
}

class SocketSink implements Sink {
  private readonly socket: Socket;
  private waiting: ((open: boolean) => void) | null = null;

  constructor(socket: Socket) {
    this.socket = socket;
    const wake = (): void => {
      const { waiting } = this;
      this.waiting = null;
      waiting?.(!socket.destroyed);
    };
    socket.on('drain', wake);
    socket.on('close', wake);
  }

  write(bytes: Buffer): boolean {
    return !this.socket.destroyed && this.socket.write(bytes);
  }
  drained(): Promise<boolean> {
    if (this.socket.destroyed) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  }
  end(): void {
    // What the client may still send is read and dropped, else its kernel would see a reset before the answer.
    this.socket.end();
    this.socket.resume();
  }
  pause(): void {
    this.socket.pause();
  }
  resume(): void {
    this.socket.resume();
  }
}

/** Connections that may wait beyond `maxconn`; more are closed. */
const HELD_MAX = 1024;

interface CliListener {
  readonly server: Server;
  listen: CliListenOptions;
}

export class CliServer {
  private readonly open: OpenSession;
  private options: CliServerOptions;
  private readonly listeners = new Map<string, CliListener>();
  private readonly sockets = new Set<Socket>();
  /** Beyond maxconn: nothing is read from these, they wait for the end of another as in the kernel's queue. */
  private readonly held = new Map<Socket, CliListenOptions>();

  constructor(open: OpenSession, options: CliServerOptions) {
    this.open = open;
    this.options = options;
  }

  /** A server of the stats socket's commands. */
  static ofCommands(view: ControlView, commands: readonly Command[], options: CliServerOptions): CliServer {
    return new CliServer(
      (sink, { level, severity }, timeoutMs) =>
        new CliSession(view, commands, sink, { level, severity, timeoutMs }),
      options,
    );
  }

  /** What a listener is known by across reloads. */
  static keyOf(address: CliAddress): string {
    if (address.kind === 'unix') return `unix ${address.path}`;
    return address.kind === 'fd' ? `fd ${address.fd}` : `tcp ${address.host} ${address.port}`;
  }

  /** Rejects with the system's error when the address cannot be used. False: it is open already. */
  async listen(listen: CliListenOptions): Promise<boolean> {
    const key = CliServer.keyOf(listen.address);
    if (this.listeners.has(key)) return false;
    const server = createServer({ allowHalfOpen: true }, (socket) => this.accept(socket, listener.listen));
    const listener: CliListener = { server, listen };
    const { address } = listen;
    // The socket appears under its name only once it listens with its final owner and mode.
    const temporary = address.kind === 'unix' ? `${address.path}.${process.pid}.tmp` : '';
    if (address.kind === 'unix') removeSocket(temporary);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      const done = (): void => {
        server.off('error', reject);
        resolve();
      };
      if (address.kind === 'unix') server.listen({ path: temporary }, done);
      else if (address.kind === 'fd') server.listen({ fd: address.fd }, done);
      else server.listen({ host: address.host, port: address.port }, done);
    });
    // An accept that fails for want of descriptors fails alone: the next connection may find one.
    server.on('error', () => {});
    this.listeners.set(key, listener);
    if (address.kind !== 'unix') return true;
    own(temporary, listen);
    renameSync(temporary, address.path);
    return true;
  }

  /** Closes the listeners that are not among `wanted` and gives the others their new options. */
  settle(wanted: readonly CliListenOptions[], options: CliServerOptions): void {
    this.options = options;
    this.admitHeld();
    const byKey = new Map(wanted.map((listen) => [CliServer.keyOf(listen.address), listen]));
    for (const [key, listener] of this.listeners) {
      const listen = byKey.get(key);
      if (listen === undefined) {
        this.closeListener(key);
        continue;
      }
      listener.listen = listen;
      if (listen.address.kind === 'unix') own(listen.address.path, listen);
    }
  }

  /** Stops listening there; its connections go on. */
  closeListener(key: string): void {
    const listener = this.listeners.get(key);
    if (listener === undefined) return;
    this.listeners.delete(key);
    listener.server.close();
    const { address } = listener.listen;
    if (address.kind === 'unix') removeSocket(address.path);
  }

  /** Connections that are served now. */
  get connections(): number {
    return this.sockets.size;
  }

  /** Port of the first TCP listener, 0 for none. */
  get port(): number {
    for (const { server } of this.listeners.values()) {
      const address = server.address();
      if (address !== null && typeof address === 'object') return address.port;
    }
    return 0;
  }

  /** Stops listening; connections in progress end when they are done, or at once with `now`. */
  close(now: boolean): void {
    for (const { server } of this.listeners.values()) server.close();
    this.listeners.clear();
    for (const socket of this.held.keys()) socket.destroy();
    if (now) for (const socket of this.sockets) socket.destroy();
  }

  private get isFull(): boolean {
    const { maxconn } = this.options;
    return maxconn > 0 && this.sockets.size >= maxconn;
  }

  private accept(socket: Socket, listen: CliListenOptions): void {
    socket.on('error', () => socket.destroy());
    if (!this.isFull) this.serve(socket, listen);
    else if (this.held.size >= HELD_MAX) socket.destroy();
    else {
      this.held.set(socket, listen);
      socket.on('close', () => this.held.delete(socket));
    }
  }

  private admitHeld(): void {
    for (const [socket, listen] of this.held) {
      if (this.isFull) return;
      this.held.delete(socket);
      this.serve(socket, listen);
    }
  }

  private serve(socket: Socket, listen: CliListenOptions): void {
    this.sockets.add(socket);
    const session = this.open(new SocketSink(socket), listen, this.options.timeoutMs);
    const arm = (): void => {
      socket.setTimeout(session.state.timeoutMs);
    };
    arm();
    const { handover } = listen;
    socket.on('data', (bytes: Buffer) => {
      if (handover !== undefined && bytes.equals(HANDOVER_LINE)) {
        void passOn(socket, handover);
        return;
      }
      session.receive(bytes);
      arm();
    });
    socket.on('end', () => session.receiveEnd());
    socket.on('timeout', () => {
      if (session.running && socket.writableLength === 0) arm();
      else socket.destroy();
    });
    socket.on('close', () => {
      this.sockets.delete(socket);
      session.abort();
      this.admitHeld();
    });
  }
}

/** Node has no public way to a socket's fd, and file descriptors only travel by sendmsg(2) on it. */
async function passOn(socket: Socket, handover: (fd: number) => Promise<void>): Promise<void> {
  const { _handle: handle } = socket as unknown as { readonly _handle: { readonly fd: number } | null };
  try {
    if (handle !== null) await handover(handle.fd);
    socket.end();
  } catch {
    socket.destroy();
  }
}

/** Gives a socket file its mode and owner. */
function own(path: string, { mode, uid, gid }: CliListenOptions): void {
  if (path.startsWith('\0')) return;
  if (mode !== null) chmodSync(path, mode);
  if (uid !== null || gid !== null) chownSync(path, uid ?? -1, gid ?? -1);
}

function removeSocket(path: string): void {
  try {
    if (lstatSync(path).isSocket()) unlinkSync(path);
  } catch {
    // Nothing there: nothing to remove.
  }
}
