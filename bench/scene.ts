// The stage of a benchmark: a temporary folder, the processes in it, and what the kernel says about them.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, mkdirSync, openSync, closeSync, readFileSync } from 'node:fs';
import { readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The processor that the proxy under test has for itself. */
export const PROXY_CORE = 0;
/** The processor of the load, the backend, the log drain and the measuring program. */
export const LOAD_CORE = 1;

/** The program under test; HAWSER names another one. */
export const HAWSER = process.env.HAWSER ?? join(import.meta.dirname, '../bin/hawser');
/** The reference; HAPROXY names another one. */
export const HAPROXY = process.env.HAPROXY ?? 'haproxy';

const START_MS = 10_000;
const STOP_MS = 3_000;

/** A process of the scene. `log` is the path of the file with its standard output and error. */
export interface Actor {
  readonly name: string;
  readonly child: ChildProcess;
  readonly pid: number;
  readonly log: string;
}

/** Processor time in seconds since the process started. */
export interface CpuTime {
  user: number;
  system: number;
}

/** Tells how an actor ended, with the last of its output, or returns an empty text while it runs. */
export function ending(actor: Actor): string {
  const how = actor.child.exitCode ?? actor.child.signalCode;
  if (how === null) return '';
  return `${actor.name} ended with ${how}\n${readFileSync(actor.log, 'utf8').trim().slice(-2000)}`;
}

/** Waits for so many milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** Returns a TCP port of 127.0.0.1 that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => server.close(() => done()));
  return port;
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => done(true)).once('error', () => done(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Owns the folder and the processes; `close` ends and removes all of them. */
export class Scene {
  readonly folder: string;
  private readonly actors: Actor[] = [];

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'hawser-bench-'));
    // The worker of nginx may run as another user and has to read the files.
    chmodSync(this.folder, 0o755);
    // Reached also where an exception or a signal ends the program: no process may outlive it.
    process.on('exit', () => this.abandon());
    for (const [signal, code] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const]) {
      process.on(signal, () => process.exit(code));
    }
  }

  /** Writes a file into the folder and returns its path. */
  write(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  /** Starts a process on one processor. */
  start(name: string, core: number, command: readonly string[]): Actor {
    const log = join(this.folder, `${name}.log`);
    const output = openSync(log, 'w');
    const child = spawn('taskset', ['-c', String(core), ...command], { stdio: ['pipe', output, output] });
    closeSync(output);
    child.on('error', () => {});
    if (child.pid === undefined) throw new Error(`starting ${name}: taskset cannot be run`);
    const actor = { name, child, pid: child.pid, log };
    this.actors.push(actor);
    return actor;
  }

  /**
   * Waits until the actor accepts connections on the port.
   * @throws Error with the last output of the actor if it ends or does not listen within 10 s.
   */
  async listening(actor: Actor, port: number): Promise<void> {
    const deadline = Date.now() + START_MS;
    while (Date.now() < deadline && actor.child.exitCode === null && actor.child.signalCode === null) {
      if (await canConnect(port)) return;
      await sleep(50);
    }
    const output = readFileSync(actor.log, 'utf8').trim().slice(-2000);
    throw new Error(`starting ${actor.name}: nothing listens on port ${port}\n${output}`);
  }

  /** Ends one process: asks for it, and insists after 3 s. */
  async stop(actor: Actor): Promise<void> {
    const index = this.actors.indexOf(actor);
    if (index >= 0) this.actors.splice(index, 1);
    if (actor.child.exitCode !== null || actor.child.signalCode !== null) return;
    const ended = new Promise<void>((done) => actor.child.once('exit', () => done()));
    actor.child.kill('SIGTERM');
    const timer = setTimeout(() => actor.child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
  }

  /** Ends all processes and removes the folder. */
  async close(): Promise<void> {
    for (const actor of this.actors.toReversed()) await this.stop(actor);
    this.abandon();
  }

  private abandon(): void {
    // SIGTERM, because the master of nginx has to take its worker along.
    for (const actor of this.actors) actor.child.kill('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Moves this program, and by inheritance its children, to the processor of the load. */
export function leaveProxyCore(): void {
  const done = spawnSync('taskset', ['-a', '-p', '-c', String(LOAD_CORE), String(process.pid)]);
  if (done.status !== 0) throw new Error(`two processors and taskset are needed: ${String(done.stderr)}`);
}

/** Starts nginx with one worker: 12 bytes at `/`, 64 KiB at `/64k`, 1 MiB at `/1m`. Returns its port. */
export async function startBackend(scene: Scene): Promise<number> {
  const port = await freePort();
  const root = join(scene.folder, 'www');
  mkdirSync(root);
  scene.write('www/64k', Buffer.alloc(64 << 10, 'x'));
  scene.write('www/1m', Buffer.alloc(1 << 20, 'x'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const config = scene.write(
    'nginx.conf',
    [
      'worker_processes 1; daemon off; error_log stderr crit;',
      `pid ${join(scene.folder, 'nginx.pid')};`,
      'events { worker_connections 8192; }',
      'http {',
      ' access_log off; keepalive_requests 1000000000; keepalive_timeout 300; sendfile on;',
      ...temporary.map((name) => ` ${name}_temp_path ${join(scene.folder, `nginx-${name}`)};`),
      ` server { listen 127.0.0.1:${port} backlog=4096;`,
      '  location = / { return 200 "hello world\\n"; }',
      `  location / { root ${root}; } } }`,
      '',
    ].join('\n'),
  );
  const actor = scene.start('nginx', LOAD_CORE, ['nginx', '-e', 'stderr', '-p', scene.folder, '-c', config]);
  await scene.listening(actor, port);
  return port;
}

const ticksPerSecond = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100;

/** Reads the processor time of all threads of a process, see proc_pid_stat(5). */
export function cpuTime(pid: number): CpuTime {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name in parentheses may hold spaces: the fields are counted after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { user: Number(fields[11]) / ticksPerSecond, system: Number(fields[12]) / ticksPerSecond };
}

/** Reads the resident memory of a process, in KiB. */
export function residentKiB(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(line?.[1] ?? NaN);
}

/**
 * Reads what of the resident memory belongs to a process alone, in KiB: its anonymous and shared pages, without those
 * of program files, which all processes share and the kernel maps in pieces of its own choice.
 */
export function ownKiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const [anonymous, shared] = ['RssAnon', 'RssShmem'].map((name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? NaN),
  );
  return anonymous! + shared!;
}

/**
 * Counts the completions that a process has received through io_uring, or returns null where the kernel does not
 * tell. An open ring proves nothing, because Node has rings of its own that carry next to no traffic.
 */
export function ringCompletions(pid: number): number | null {
  let sum = 0;
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    try {
      if (!readlinkSync(`/proc/${pid}/fd/${fd}`).includes('io_uring')) continue;
      const tail = /^CqTail:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'));
      if (!tail) return null;
      sum += Number(tail[1]);
    } catch {
      // The descriptor was closed in between.
    }
  }
  return sum;
}

/** Returns the middle value, or NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] ?? NaN;
  return ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}
