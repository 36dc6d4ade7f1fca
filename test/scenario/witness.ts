// Looks at a running program from outside: its stats socket, its descriptors, its memory.

import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { strictEqual } from 'node:assert/strict';
import { configOf, freePorts, start, until, type Hawser, type Lines } from './harness.ts';
import { askSocket, parseStat } from './stats-socket.ts';

/** Which reactor and how many data threads a run has; half of the runs have two. */
export interface Kind {
  readonly uring: boolean;
  readonly threads: number;
}

export const kinds: readonly Kind[] = [
  { uring: true, threads: 1 },
  { uring: false, threads: 2 },
];
export const nameOf = ({ uring, threads }: Kind): string =>
  `${uring ? 'io_uring where allowed' : 'epoll'}, ${threads} thread(s)`;

/** A program under observation, with frontend `fe` on `port`. */
export class Witness {
  readonly program: Hawser;
  readonly port: number;
  readonly t: TestContext;
  private readonly path: string;
  private descriptorsBefore = 0;

  constructor(t: TestContext, program: Hawser, port: number, path: string) {
    this.t = t;
    this.program = program;
    this.port = port;
    this.path = path;
  }

  /** One command of the stats socket; gives its answer. */
  ask(command: string): Promise<string> {
    return askSocket(this.path, command);
  }

  async info(field: string): Promise<number> {
    const match = new RegExp(`^${field}: (\\d+)`, 'm').exec(await this.ask('show info'));
    return Number(match?.[1]);
  }

  /** A column of `show stat`, by proxy and server name. */
  async stat(proxy: string, server: string, column: string): Promise<number> {
    const rows = parseStat(await this.ask('show stat'));
    return Number(rows.get(`${proxy}/${server}`)?.[column]);
  }

  /** The thread of each client, from 0, by the client's port. */
  async threads(): Promise<Map<number, number>> {
    const rows = (await this.ask('show sess all')).matchAll(
      / source=127.0.0.1:(\d+)\n(?: {2}.*\n)*? {2}task .* tid=(\d+)/g,
    );
    return new Map(Array.from(rows, ([, port, thread]) => [Number(port), Number(thread)]));
  }

  get pid(): number {
    return this.program.child.pid!;
  }

  descriptors(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  /** Resident memory, bytes. */
  resident(): number {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${this.pid}/status`, 'latin1'))![1]) * 1024;
  }

  /** Waits until all threads serve, and notes what is open then: it is to be what is open in the end. */
  async note(): Promise<void> {
    const served = async (): Promise<boolean> =>
      (await this.info('CumConns')) > 0 && (await this.info('CurrConns')) === 0;
    await until(() => this.program.stderr.includes('data thread(s)'), 'all threads');
    await until(() => served().catch(() => false), 'the end of the probe');
    this.descriptorsBefore = this.descriptors();
  }

  /** All that the run took has come back: sessions, places on servers, descriptors. */
  async quiet(proxy = 'be', server = 's1'): Promise<void> {
    const counts = async (): Promise<string> =>
      [
        await this.info('CurrConns'),
        await this.stat('fe', 'FRONTEND', 'scur'),
        await this.stat(proxy, 'BACKEND', 'scur'),
        await this.stat(proxy, 'BACKEND', 'qcur'),
        await this.stat(proxy, server, 'scur'),
        await this.stat(proxy, server, 'qcur'),
      ].join();
    let last = '';
    await until(async () => (last = await counts()) === '0,0,0,0,0,0', 'quiet').catch(() => {});
    strictEqual(last, '0,0,0,0,0,0', 'sessions of process, fe and be, queued, of s1, queued');
    // Idle server connections are of no session: they go when they are told to.
    let open = -1;
    await until(() => (open = this.descriptors()) <= this.descriptorsBefore, 'descriptors').catch(() => {});
    strictEqual(Math.max(open, this.descriptorsBefore), this.descriptorsBefore, 'open descriptors');
    strictEqual(this.program.ended, null);
  }
}

/** What a run has. `words` are `pool-max-conn 0` when absent, so that nothing stays open. */
export interface Setup extends Lines {
  readonly kind: Kind;
  /** Port of server s1. */
  readonly server: number;
  /** Words of the command line. */
  readonly args?: readonly string[];
}

/** Shorter than the harness's: a run waits for the end of what hangs. */
const TIMEOUTS = 'timeout client 3s\n    timeout server 3s';

export async function observe(t: TestContext, setup: Setup): Promise<Witness> {
  const [port] = await freePorts(1);
  const directory = mkdtempSync(join(tmpdir(), 'hawser-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 's');
  const { kind } = setup;
  const config = configOf(port!, setup.server, {
    ...setup,
    global: `nbthread ${kind.threads}
    ${kind.uring ? '' : 'noiouring'}
    stats socket ${path} level admin
    ${setup.global ?? ''}`,
    defaults: `${TIMEOUTS}\n    ${setup.defaults ?? ''}`,
    words: setup.words ?? 'pool-max-conn 0',
  });
  const program = await start(t, config, [port!], ['-V', ...(setup.args ?? [])]);
  const witness = new Witness(t, program, port!, path);
  await witness.note();
  return witness;
}
