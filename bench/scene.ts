// The bench's scene on loopback: nginx as backend and the proxies under test, each started for the run and ended by
// its pid. One core for the proxy, another for load and backend.

import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '..');
const BACKEND_PORT = 9801;
/** Clock ticks of /proc/PID/stat a second (USER_HZ). */
const TICKS = 100;

export interface Figures {
  readonly user: number;
  readonly system: number;
}

/** CPU seconds that a process has used, all its threads together. */
export function cpuOf(pid: number): Figures {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
  return { user: Number(fields[11]) / TICKS, system: Number(fields[12]) / TICKS };
}

const NGINX = (folder: string): string => `
worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log /dev/null;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000000; keepalive_timeout 300;
  server { listen 127.0.0.1:${BACKEND_PORT} backlog=4096;
    location = / { return 200 "hello world\\n"; } location / { root ${folder}/www; } } }
`;

export class Scene {
  readonly folder = mkdtempSync(join(tmpdir(), 'hawser-bench-'));
  private readonly children: ChildProcess[] = [];

  /** Starts the backend. */
  async open(): Promise<void> {
    // The backend's workers give up root: they must be able to read the files.
    chmodSync(this.folder, 0o755);
    mkdirSync(join(this.folder, 'www'));
    writeFileSync(join(this.folder, 'www', '64k'), randomBytes(65536));
    writeFileSync(join(this.folder, 'www', '1m'), randomBytes(1048576));
    writeFileSync(join(this.folder, 'nginx.conf'), NGINX(this.folder));
    this.start(1, 'nginx', ['-c', join(this.folder, 'nginx.conf')]);
    await sleep(500);
  }

  private start(core: number, program: string, args: readonly string[]): ChildProcess {
    const child = spawn('taskset', ['-c', String(core), program, ...args], {
      stdio: 'ignore',
      env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
    });
    this.children.push(child);
    return child;
  }

  /** Starts a proxy with `config` (its server is the backend); returns its pid. */
  async proxy(name: string, config: string): Promise<number> {
    const file = join(this.folder, `${name}.cfg`);
    writeFileSync(file, config.replaceAll('BACKEND', `127.0.0.1:${BACKEND_PORT}`));
    const program = name === 'haproxy' ? 'haproxy' : join(ROOT, 'bin/hawser');
    const child = this.start(0, program, ['-f', file]);
    await sleep(1500);
    if (child.exitCode !== null) throw new Error(`${name} did not start with ${file}`);
    return child.pid!;
  }

  async close(): Promise<void> {
    for (const child of this.children.reverse()) child.kill('SIGTERM');
    await sleep(300);
    for (const child of this.children) if (child.exitCode === null) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
