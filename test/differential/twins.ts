// Debian's haproxy and Hawser side by side: the same configuration, the same traffic, the same questions.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { freePorts, until } from '../scenario/harness.ts';
import { askSocket, parseStat } from '../scenario/stats-socket.ts';

const HAWSER = new URL('../../bin/hawser', import.meta.url).pathname;

/** Whether there is an haproxy to compare with; else the reason for `skip`. */
export function haproxyMissing(): string | false {
  try {
    execFileSync('haproxy', ['-v'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'haproxy is not installed';
  }
}

/** One running program with its stats socket. */
export interface Twin {
  readonly name: 'haproxy' | 'hawser';
  readonly ports: readonly number[];
  readonly child: ChildProcess;
  /** What it wrote to stdout and stderr. */
  readonly said: { text: string };
  /** The answer to a line on the stats socket, up to its end. */
  ask(line: string): Promise<string>;
  /** Rows of `show stat` by `pxname/svname`, columns by name. */
  stat(): Promise<Map<string, Record<string, string>>>;
}

async function startTwin(
  t: TestContext,
  name: Twin['name'],
  ports: readonly number[],
  config: string,
): Promise<Twin> {
  const directory = mkdtempSync(join(tmpdir(), `twin-${name}-`));
  const socket = join(directory, 'stats');
  const file = join(directory, 'haproxy.cfg');
  writeFileSync(file, config.replaceAll('STATS', socket));
  const program = name === 'haproxy' ? 'haproxy' : HAWSER;
  const child = spawn(program, ['-db', '-f', file], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (said.text += data.toString('latin1')));
  let ended = false;
  child.on('exit', () => (ended = true));
  t.after(async () => {
    child.kill('SIGKILL');
    await until(() => ended, `the end of ${name}`);
    rmSync(directory, { recursive: true, force: true });
  });
  const ask = (line: string): Promise<string> => askSocket(socket, line);
  await until(async () => {
    if (ended) throw new Error(`${name} ended: ${said.text}`);
    return existsSync(socket) && (await ask('show version').catch(() => '')) !== '';
  }, `the stats socket of ${name}`);
  return { name, ports, child, said, ask, stat: async () => parseStat(await ask('show stat')) };
}

/**
 * Starts both with the text that `config` makes of `count` free ports; `STATS` in it becomes the stats socket's path.
 * Nothing connects to the ports before the test does, so that counters start at 0.
 */
export async function startTwins(
  t: TestContext,
  count: number,
  config: (ports: readonly number[]) => string,
): Promise<readonly [Twin, Twin]> {
  const ports = await freePorts(2 * count);
  const [first, second] = [ports.slice(0, count), ports.slice(count)];
  return [
    await startTwin(t, 'haproxy', first, config(first)),
    await startTwin(t, 'hawser', second, config(second)),
  ];
}
