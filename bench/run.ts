// npm run bench [-- --quick] [-- --case NAME]: CPU time per request beside HAProxy in the same run. Rounds are
// interleaved, medians are printed, and the ratio to HAProxy is the result.

import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Scene, cpuOf } from './scene.ts';
import { cases, type Case } from './cases.ts';

const PROXIES = ['haproxy', 'io_uring', 'epoll'] as const;
type Name = (typeof PROXIES)[number];

interface Round {
  readonly requests: number;
  readonly perSecond: number;
  readonly userUs: number;
  readonly systemUs: number;
  readonly p50: string;
  readonly p99: string;
  readonly errors: string;
}

const quick = process.argv.includes('--quick');
const only = process.argv.includes('--case') ? process.argv[process.argv.indexOf('--case') + 1] : undefined;
const ROUNDS = quick ? 1 : 3;
const SECONDS = quick ? 2 : 4;
const WARM_UP_SECONDS = quick ? 2 : 4;

function load(one: Case, port: number, seconds: number): string {
  const args = ['-c', '1', 'wrk', '-t1', `-c${one.connections}`, `-d${seconds}s`, '--latency'];
  for (const header of one.headers) args.push('-H', header);
  return execFileSync('taskset', [...args, `http://127.0.0.1:${port}${one.path}`], { encoding: 'latin1' });
}

function measure(one: Case, port: number, pid: number): Round {
  const before = cpuOf(pid);
  const report = load(one, port, SECONDS);
  const after = cpuOf(pid);
  const requests = Number(/(\d+) requests in/.exec(report)?.[1] ?? 0);
  return {
    requests,
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(report)?.[1] ?? 0),
    userUs: ((after.user - before.user) * 1e6) / requests,
    systemUs: ((after.system - before.system) * 1e6) / requests,
    p50: /50%\s+(\S+)/.exec(report)?.[1] ?? '-',
    p99: /99%\s+(\S+)/.exec(report)?.[1] ?? '-',
    errors: /(Socket errors.*|Non-2xx.*)/.exec(report)?.[1] ?? '',
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

const results: Record<string, Record<string, unknown>> = {};
// Log lines go to a socket that nobody reads: the kernel drops them, as a busy syslog would.
const sink = createSocket('udp4');
await new Promise<void>((bound) => sink.bind(0, '127.0.0.1', bound));
const logPort = sink.address().port;
console.log('case            proxy      req/s   user µs  sys µs  total µs   ratio  target  p50      p99');
for (const one of cases) {
  if (only !== undefined && one.name !== only) continue;
  const scene = new Scene();
  await scene.open();
  try {
    const pids = new Map<Name, number>();
    const rounds = new Map<Name, Round[]>();
    let port = 9811;
    for (const name of PROXIES) {
      const config = one.config(port, logPort).replace('GLOBAL', name === 'epoll' ? '  noiouring' : '');
      pids.set(name, await scene.proxy(name, config));
      rounds.set(name, []);
      load(one, port, WARM_UP_SECONDS);
      port++;
    }
    for (let round = 0; round < ROUNDS; round++) {
      PROXIES.forEach((name, index) => rounds.get(name)!.push(measure(one, 9811 + index, pids.get(name)!)));
    }
    const total = (name: Name): number => median(rounds.get(name)!.map((r) => r.userUs + r.systemUs));
    results[one.name] = {};
    for (const name of PROXIES) {
      const mine = rounds.get(name)!;
      const ratio = total(name) / total('haproxy');
      const target = name === 'io_uring' ? one.uring : name === 'epoll' ? one.epoll : 1;
      const last = mine.at(-1)!;
      console.log(
        `${one.name.padEnd(15)} ${name.padEnd(9)} ${median(mine.map((r) => r.perSecond))
          .toFixed(0)
          .padStart(7)}  ` +
          `${median(mine.map((r) => r.userUs))
            .toFixed(2)
            .padStart(7)} ${median(mine.map((r) => r.systemUs))
            .toFixed(2)
            .padStart(8)} ` +
          `${total(name).toFixed(2).padStart(8)}   ${ratio.toFixed(2)}   ${name === 'haproxy' ? '    ' : target.toFixed(2)}   ${last.p50.padEnd(8)} ${last.p99.padEnd(8)} ${last.errors}`,
      );
      results[one.name]![name] = { ratio, target, rounds: mine };
    }
  } finally {
    await scene.close();
  }
}
sink.close();
const folder = join(import.meta.dirname, 'results');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'latest.json'), `${JSON.stringify(results, null, 2)}\n`);
