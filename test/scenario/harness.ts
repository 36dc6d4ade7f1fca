// Runs the real program for a test: a configuration on free ports, scripted servers, raw clients.

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** The program under test. */
const PROGRAM = new URL('../../bin/hawser', import.meta.url).pathname;
/** How long a start, an answer or an end may take, ms. */
const PATIENCE_MS = 10_000;

export const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** `count` different ports on 127.0.0.1 that nobody listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const held = await Promise.all(Array.from({ length: count }, () => listenOn(net.createServer())));
  const ports = held.map(portOf);
  await Promise.all(held.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

function listenOn(server: net.Server): Promise<net.Server> {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => done(server));
  });
}

const portOf = (server: net.Server): number => (server.address() as net.AddressInfo).port;

/** Waits until `probe` is true; throws with `what` where it stays false. */
export async function until(
  probe: () => boolean | Promise<boolean>,
  what: string,
  ms = PATIENCE_MS,
): Promise<void> {
  const end = Date.now() + ms;
  while (!(await probe())) {
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
    await sleep(15);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.destroy());
  });
}

/** A running program. */
export class Hawser {
  readonly child: ChildProcess;
  readonly directory: string;
  readonly file: string;
  stdout = '';
  stderr = '';
  /** Exit status, or the name of the signal that ended it; null while it runs. */
  ended: number | NodeJS.Signals | null = null;

  constructor(child: ChildProcess, directory: string, file: string) {
    this.child = child;
    this.directory = directory;
    this.file = file;
    child.stdout!.on('data', (data: Buffer) => (this.stdout += data.toString('latin1')));
    child.stderr!.on('data', (data: Buffer) => (this.stderr += data.toString('latin1')));
    child.on('exit', (status, signal) => (this.ended = status ?? signal));
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Waits for its end; gives the exit status or the name of the signal. */
  async end(): Promise<number | NodeJS.Signals> {
    await until(() => this.ended !== null, `the end of the program; it said: ${this.stderr}`);
    return this.ended!;
  }

  /** Lines on standard output that match, once there are `count` of them. */
  async logs(pattern: RegExp, count = 1): Promise<string[]> {
    const found = (): string[] => this.stdout.split('\n').filter((line) => pattern.test(line));
    await until(() => found().length >= count, `${count} log line(s) like ${pattern}; got: ${this.stdout}`);
    return found();
  }
}

/**
 * Starts the program with a configuration text and ends it with the test. Waits until each of `ports` accepts; throws
 * with what it printed where it ends before that.
 */
export async function start(
  t: TestContext,
  config: string,
  ports: readonly number[],
  args: readonly string[] = [],
): Promise<Hawser> {
  const directory = mkdtempSync(join(tmpdir(), 'hawser-'));
  const file = join(directory, 'hawser.cfg');
  writeFileSync(file, config);
  const child = spawn(PROGRAM, [...args, '-f', file], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  const program = new Hawser(child, directory, file);
  t.after(async () => {
    if (program.ended === null) {
      child.kill('SIGKILL');
      await program.end();
    }
    rmSync(directory, { recursive: true, force: true });
  });
  for (const port of ports) {
    await until(async () => {
      if (program.ended !== null) throw new Error(`ended with ${program.ended}: ${program.stderr}`);
      return accepts(port);
    }, `port ${port}`);
  }
  // The kernel takes connections before the process goes on to its stats sockets.
  for (const [, path] of ports.length === 0 ? [] : config.matchAll(/^\s*stats socket (\/\S+)/gm))
    await until(() => existsSync(path!), `stats socket ${path}`);
  return program;
}

/** One connection that a scripted server accepted: bytes as they come, in latin1. */
export class Peer {
  readonly socket: net.Socket;
  /** Everything received and not yet taken. */
  text = '';
  /** The other side sent its end. */
  finished = false;
  /** The connection is over, in order or by a reset. */
  closed = false;
  reset = false;

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('data', (data: Buffer) => (this.text += data.toString('latin1')));
    socket.on('end', () => (this.finished = true));
    socket.on('error', (error: NodeJS.ErrnoException) => (this.reset = error.code === 'ECONNRESET'));
    socket.on('close', () => (this.closed = true));
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Waits until the text received matches, or throws with what there is. */
  async seen(pattern: RegExp, ms = PATIENCE_MS): Promise<string> {
    await this.wait(() => pattern.test(this.text), `${pattern}`, ms);
    return this.text;
  }

  /** Waits for the end of the other side and gives all that it sent. */
  async all(ms = PATIENCE_MS): Promise<string> {
    await this.wait(() => this.finished || this.closed, 'the end', ms);
    return this.text;
  }

  /** Takes one head off the text received, blank line included. */
  async head(): Promise<string> {
    await this.wait(() => this.text.includes('\r\n\r\n'), 'a head', PATIENCE_MS);
    return this.take(this.text.indexOf('\r\n\r\n') + 4);
  }

  /** Takes `length` bytes off the text received. */
  async bytes(length: number): Promise<string> {
    await this.wait(() => this.text.length >= length, `${length} bytes`, PATIENCE_MS);
    return this.take(length);
  }

  private take(length: number): string {
    const taken = this.text.slice(0, length);
    this.text = this.text.slice(length);
    return taken;
  }

  private async wait(probe: () => boolean, what: string, ms: number): Promise<void> {
    const show = (): string => JSON.stringify(this.text.slice(-500));
    const end = Date.now() + ms;
    while (!probe()) {
      if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}; got ${show()}`);
      if (this.closed && !probe()) throw new Error(`closed before ${what}; got ${show()}`);
      await sleep(2);
    }
  }
}

/** Connects to a port of the program; closed with the test. `from`: an address of its own. */
export async function connect(t: TestContext, port: number, from?: string): Promise<Peer> {
  const source = from === undefined ? {} : { localAddress: from };
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, ...source });
  const peer = new Peer(socket);
  t.after(() => socket.destroy());
  await new Promise((done, fail) => {
    socket.once('connect', done);
    socket.once('error', fail);
  });
  return peer;
}

/** Sends `text` on a new connection and gives everything that came back before the other side's end. */
export async function exchange(t: TestContext, port: number, text: string, from?: string): Promise<string> {
  const client = await connect(t, port, from);
  client.send(text);
  return client.all();
}

export interface ScriptedServer {
  readonly port: number;
  /** Connections accepted so far. */
  readonly peers: Peer[];
}

/** A server whose behaviour is `script`, run for each connection; what it throws after the test is nobody's loss. */
export async function serve(
  t: TestContext,
  script: (peer: Peer, index: number) => Promise<void> | void,
): Promise<ScriptedServer> {
  const peers: Peer[] = [];
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    const peer = new Peer(socket);
    const index = peers.push(peer) - 1;
    void (async () => {
      try {
        await script(peer, index);
      } catch {
        socket.destroy();
      }
    })();
  });
  await listenOn(server);
  t.after(() => {
    for (const { socket } of peers) socket.destroy();
    server.close();
  });
  return { port: portOf(server), peers };
}

/** A script for `serve`: answers each head with `answer`, for as long as the connection lives. */
export function answering(answer: string | ((head: string) => string)): (peer: Peer) => Promise<void> {
  return async (peer) => {
    while (!peer.closed) {
      const head = await peer.head();
      peer.send(typeof answer === 'string' ? answer : answer(head));
    }
  };
}

/** A 200 answer with a length. */
export const ok = (body: string): string =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

/** What a test adds to a configuration, by section; `words`: those of the server line. */
export interface Lines {
  readonly global?: string;
  readonly defaults?: string;
  readonly front?: string;
  readonly back?: string;
  readonly words?: string;
}

/** One data thread unless `lines` say otherwise, short timeouts, logs on standard output. */
const preamble = ({ global = '', defaults = '' }: Lines): string => `
global
    nbthread 1
    log stdout format raw local0
    ${global}
defaults
    mode http
    log global
    option httplog
    timeout connect 1s
    timeout client 5s
    timeout server 5s
    ${defaults}
`;

/** The head of a configuration for one data thread and short timeouts, logging to standard output. */
export const PREAMBLE = preamble({});

/** Frontend `fe` on `port` before backend `be` with server `s1` on `serverPort`. */
export const configOf = (port: number, serverPort: number, lines: Lines): string => `${preamble(lines)}
frontend fe
    bind 127.0.0.1:${port}
    ${lines.front ?? ''}
    default_backend be
backend be
    ${lines.back ?? ''}
    server s1 127.0.0.1:${serverPort} ${lines.words ?? ''}
`;

/** Runs `configOf` on a free port before `server`. */
export async function proxy(
  t: TestContext,
  server: ScriptedServer,
  lines: Lines = {},
): Promise<{ readonly program: Hawser; readonly port: number }> {
  const [port] = await freePorts(1);
  return { program: await start(t, configOf(port!, server.port, lines), [port!]), port: port! };
}
