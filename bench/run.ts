// Compares the processor time per request of Hawser with HAProxy's:
// npm run bench -- [--quick] [--case NAME]... [--rounds N] [--seconds N]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { spawnSync } from 'node:child_process';
import { CASES, configText } from './cases.ts';
import type { Case, Ports, Target } from './cases.ts';
import { HAPROXY, HAWSER, LOAD_CORE, PROXY_CORE, Scene } from './scene.ts';
import { cpuTime, ending, freePort, ringCompletions, leaveProxyCore, median, startBackend } from './scene.ts';
import type { Actor } from './scene.ts';
import { runWrk } from './wrk.ts';

interface Contender {
  readonly name: 'haproxy' | 'hawser-uring' | 'hawser-epoll';
  readonly program: string;
  readonly global: readonly string[];
  readonly target: keyof Target | null;
}

const CONTENDERS: readonly Contender[] = [
  { name: 'haproxy', program: HAPROXY, global: [], target: null },
  { name: 'hawser-uring', program: HAWSER, global: [], target: 'uring' },
  { name: 'hawser-epoll', program: HAWSER, global: ['noiouring'], target: 'epoll' },
];

/** One round of one proxy. Processor time in microseconds per request. */
interface Round {
  requests: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  userUs: number;
  systemUs: number;
  totalUs: number;
  errors: string[];
}

/** The medians of the rounds; `failure` is set where there is nothing to compare. */
interface Row {
  case: string;
  proxy: Contender['name'];
  interface: 'io_uring' | 'epoll' | 'unknown';
  median: Omit<Round, 'errors' | 'requests'>;
  ratio: number | null;
  target: number | null;
  rounds: Round[];
  failure: string | null;
}

interface Player {
  readonly contender: Contender;
  readonly port: number;
  readonly actor: Actor;
  readonly row: Row;
}

interface Plan {
  rounds: number;
  seconds: number;
  warmSeconds: number;
}

async function startDrain(scene: Scene): Promise<number> {
  const script = join(import.meta.dirname, 'drain.ts');
  const actor = scene.start('drain', LOAD_CORE, [process.execPath, '--no-warnings', script]);
  for (let tries = 0; tries < 100; tries++) {
    const port = Number(readFileSync(actor.log, 'utf8'));
    if (port > 0) return port;
    await delay(50);
  }
  throw new Error(`starting the log drain: ${readFileSync(actor.log, 'utf8')}`);
}

function emptyRow(test: Case, contender: Contender): Row {
  const nothing = { perSecond: NaN, p50Ms: NaN, p99Ms: NaN, userUs: NaN, systemUs: NaN, totalUs: NaN };
  const target = contender.target === null ? null : (test.target?.[contender.target] ?? null);
  const row = { case: test.name, proxy: contender.name, interface: 'unknown' as const, median: nothing };
  return { ...row, ratio: null, target, rounds: [], failure: null };
}

/** Prefers the end of the proxy as the reason of a failure: everything else follows from it. */
async function reason(actor: Actor, error: Error): Promise<string> {
  await delay(200); // the end of a process is told a little later than its effects
  return ending(actor) || error.message;
}

async function measure(player: Player, test: Case, seconds: number): Promise<Round> {
  const url = `http://127.0.0.1:${player.port}${test.path}`;
  const before = cpuTime(player.actor.pid);
  const { requests, perSecond, p50Ms, p99Ms, errors } = await runWrk(
    url,
    seconds,
    test.connections,
    test.headers,
    test.pauseMs,
  );
  const after = cpuTime(player.actor.pid);
  const userUs = ((after.user - before.user) * 1e6) / requests;
  const systemUs = ((after.system - before.system) * 1e6) / requests;
  return { requests, perSecond, p50Ms, p99Ms, userUs, systemUs, totalUs: userUs + systemUs, errors };
}

/** Each request takes several completions where they come through io_uring, and none of them otherwise. */
function kernelInterface(pid: number, requests: number): Row['interface'] {
  const completions = ringCompletions(pid);
  if (completions === null || requests === 0) return 'unknown';
  return completions >= requests ? 'io_uring' : 'epoll';
}

function conclude(row: Row): void {
  const of = (key: keyof Row['median']): number => median(row.rounds.map((round) => round[key]));
  row.median = {
    perSecond: of('perSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    userUs: of('userUs'),
    systemUs: of('systemUs'),
    totalUs: of('totalUs'),
  };
  const errors = row.rounds.flatMap((round) => round.errors);
  // Requests that failed were cheaper than those that did not: such a run proves nothing.
  if (row.failure === null && errors.length > 0) row.failure = errors.join('; ');
  if (row.failure === null && row.rounds.some((round) => round.requests === 0))
    row.failure = 'no request done';
}

async function runCase(scene: Scene, test: Case, plan: Plan, shared: Omit<Ports, 'proxy'>): Promise<Row[]> {
  const rows: Row[] = [];
  const players: Player[] = [];
  for (const contender of CONTENDERS) {
    const row = emptyRow(test, contender);
    rows.push(row);
    const port = await freePort();
    const name = `${test.name}-${contender.name}`;
    const config = scene.write(`${name}.cfg`, configText(test, { ...shared, proxy: port }, contender.global));
    const actor = scene.start(name, PROXY_CORE, [contender.program, '-f', config]);
    const player = { contender, port, actor, row };
    players.push(player);
    try {
      await scene.listening(actor, port);
      const warm = await measure(player, test, plan.warmSeconds);
      row.interface = kernelInterface(actor.pid, warm.requests);
      if (contender.name === 'hawser-uring' && row.interface === 'epoll') {
        throw new Error('io_uring is not in use: the kernel or the program does not offer it');
      }
      if (contender.name === 'hawser-epoll' && row.interface === 'io_uring') {
        throw new Error('io_uring is in use in spite of noiouring');
      }
    } catch (error) {
      row.failure = await reason(actor, error as Error);
    }
  }
  for (let round = 0; round < plan.rounds; round++) {
    for (const player of players) {
      if (player.row.failure !== null) continue;
      try {
        player.row.rounds.push(await measure(player, test, plan.seconds));
      } catch (error) {
        player.row.failure = await reason(player.actor, error as Error);
      }
    }
  }
  for (const player of players) await scene.stop(player.actor);
  for (const row of rows) conclude(row);
  const reference = rows[0];
  if (reference === undefined || reference.failure !== null) return rows;
  for (const row of rows) {
    if (row.failure === null) row.ratio = row.median[test.compares] / reference.median[test.compares];
  }
  return rows;
}

function verdict(row: Row): string {
  if (row.failure !== null) return 'FAILED';
  if (row.target === null || row.ratio === null) return '';
  return row.ratio <= row.target ? 'met' : 'missed';
}

function number(value: number | null, digits: number, width: number): string {
  return (value === null || Number.isNaN(value) ? '-' : value.toFixed(digits)).padStart(width);
}

function printHead(): void {
  console.log('                                          CPU us per request        latency ms');
  console.log(
    'case               proxy              req/s    user     sys   total     p50      p99   ratio  target',
  );
}

function printRow(row: Row): void {
  const { perSecond, userUs, systemUs, totalUs, p50Ms, p99Ms } = row.median;
  const cells = [
    row.case.padEnd(18),
    row.proxy.padEnd(13),
    number(perSecond, 0, 9),
    number(userUs, 2, 7),
    number(systemUs, 2, 7),
    number(totalUs, 2, 7),
    number(p50Ms, 2, 7),
    number(p99Ms, 2, 8),
    number(row.ratio, 2, 7),
    number(row.target, 2, 7),
    verdict(row),
  ];
  console.log(cells.join(' ').trimEnd());
  if (row.failure !== null) console.log(`    ${row.failure.replaceAll('\n', '\n    ')}`);
}

function version(program: string): string {
  const output = spawnSync(program, ['-v'], { encoding: 'utf8', timeout: 10_000 });
  return (output.stdout ?? '').split('\n')[0] ?? '';
}

function save(plan: Plan, rows: readonly Row[]): string {
  const folder = join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  const date = new Date().toISOString();
  const path = join(folder, `run-${date.replaceAll(':', '-')}.json`);
  const machine = { processor: cpus()[0]?.model ?? '', processors: cpus().length, kernel: release() };
  const versions = { haproxy: version(HAPROXY), hawser: version(HAWSER) };
  writeFileSync(path, JSON.stringify({ date, machine, versions, plan, rows }, null, 2) + '\n');
  return path;
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 600) return value;
  throw new Error(`--${name}: '${text}' is not a whole number from 1 to 600`);
}

function choose(names: readonly string[] | undefined): readonly Case[] {
  if (names === undefined) return CASES;
  const known = CASES.map((test) => test.name);
  for (const name of names) {
    if (!known.includes(name)) throw new Error(`--case: unknown case '${name}', one of ${known.join(', ')}`);
  }
  return CASES.filter((test) => names.includes(test.name));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      case: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
    },
  });
  const tests = choose(values.case);
  const plan: Plan = {
    rounds: positive('rounds', values.rounds ?? (values.quick ? '1' : '3')),
    seconds: positive('seconds', values.seconds ?? (values.quick ? '2' : '4')),
    // The optimising compiler of the JavaScript engine needs some seconds of load before figures are steady.
    warmSeconds: values.quick ? 1 : 3,
  };
  leaveProxyCore();
  const scene = new Scene();
  const rows: Row[] = [];
  try {
    const shared = { backend: await startBackend(scene), log: await startDrain(scene) };
    printHead();
    for (const test of tests) {
      const found = await runCase(scene, test, plan, shared);
      for (const row of found) printRow(row);
      rows.push(...found);
    }
  } finally {
    await scene.close();
  }
  console.log(`written: ${save(plan, rows)}`);
  if (rows.some((row) => row.failure !== null)) process.exitCode = 1;
}

await main();
