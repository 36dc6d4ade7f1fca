// What the stats socket's commands see of the running process.

import type { PatternStore } from '../acl/store.ts';
import type { Refusals } from '../core/error-capture.ts';
import { Counter, ProcessInt, readRate } from '../core/shared.ts';
import { BUF0_DESCRIPTION, isImplicit, isShown } from '../config/log-ring.ts';
import { LogRing, makeRingMemory } from '../core/log-ring.ts';
import { RELEASE_DATE, VERSION } from '../version.ts';
import { commandContext } from '../config/command-context.ts';
import { pipesOf } from '../config/splicing.ts';
import { ConfigError } from '../registry/define.ts';
import { toStr } from '../sample/cast.ts';
import { setProcessVariable } from '../sample/config-stream.ts';
import { Sample, Type, TYPE_NAMES } from '../sample/sample.ts';
import { getLimit } from '../sys/limits.ts';
import type {
  Baselines,
  CliSocketRow,
  ControlView,
  EventSink,
  ProcessFacts,
  SessionRow,
  StartupLog,
} from '../cli/view.ts';
import type { ControlProxy } from './control-proxy.ts';
import type { Running } from './running.ts';

export class RunningView implements ControlView {
  private readonly running: Running;

  constructor(running: Running) {
    this.running = running;
  }

  get baselines(): Baselines {
    return this.running.baselines;
  }

  get proxies(): readonly ControlProxy[] {
    return this.running.plane!.proxies;
  }

  get patterns(): PatternStore {
    return this.running.generation!.patterns;
  }

  get sockets(): readonly CliSocketRow[] {
    return this.running.statsSockets.rows;
  }

  get environment(): Readonly<Record<string, string | undefined>> {
    return Object.fromEntries(this.running.environment);
  }

  get eventSinks(): readonly EventSink[] {
    const { config, logRings } = this.running.generation!;
    const empty = new LogRing(makeRingMemory(0), null);
    const buffer = config.logRings.get('ring@buf0');
    const sinks: EventSink[] = [
      { name: 'stdout', description: 'standard output (fd#1)', ring: null },
      { name: 'stderr', description: 'standard output (fd#2)', ring: null },
    ];
    if (buffer === undefined) sinks.push({ name: 'buf0', description: BUF0_DESCRIPTION, ring: empty });
    const rings = [...config.logRings.values()].filter(isShown);
    // Those that nobody named come last.
    rings.sort((left, right) => Number(isImplicit(left)) - Number(isImplicit(right)));
    for (const { key, name, description } of rings) {
      sinks.push({ name, description, ring: new LogRing(logRings.get(key)!.memory, null) });
    }
    return sinks;
  }

  get startupLogs(): readonly StartupLog[] {
    const logs: StartupLog[] = [];
    for (const line of this.running.startupLog.split('\n')) {
      const match = /^\[(ALERT|WARNING|NOTICE)\] +\(\d+\) : (.*)$/.exec(line);
      if (match !== null)
        logs.push({ level: match[1]!.toLowerCase() as StartupLog['level'], text: match[2]! });
    }
    return logs;
  }

  clock(): { second: number; millisecond: number } {
    const now = Date.now();
    return { second: Math.floor(now / 1000), millisecond: now % 1000 };
  }

  facts(): ProcessFacts {
    const { running } = this;
    const generation = running.generation!;
    const { global } = generation.config;
    const ints = new Int32Array(running.processInts);
    const { second, millisecond } = this.clock();
    const current = ints[ProcessInt.CURRENT]!;
    let connections = 0;
    let requests = 0;
    let bytesOut = 0;
    let spliced = 0;
    let dropped = running.plane?.dropped ?? 0;
    let listeners = running.statsSockets.rows.length;
    for (const proxy of this.proxies) {
      listeners += proxy.listeners.length;
      spliced += proxy.backend?.total(Counter.SPLICED_OUT) ?? 0;
      if (proxy.frontend === null) continue;
      spliced += proxy.frontend.total(Counter.SPLICED_OUT);
      connections += proxy.frontend.total(Counter.CONNECTIONS);
      requests += proxy.frontend.total(Counter.REQUESTS);
      bytesOut += proxy.frontend.total(Counter.BYTES_OUT);
      dropped += proxy.frontend.total(Counter.LOG_DROPS);
    }
    const memory = process.memoryUsage();
    return {
      pid: process.pid,
      threads: generation.threads,
      node: global.node ?? running.hostname,
      description: global.description,
      startedAtMs: running.startedMs,
      releaseDate: RELEASE_DATE,
      version: VERSION,
      ulimitN: getLimit('nofile').soft,
      maxSockets: getLimit('nofile').soft,
      maxconn: ints[ProcessInt.MAXCONN]!,
      hardMaxconn: global.maxconn,
      currentConnections: current,
      connections,
      requests,
      connectionRate: readRate(ints, ProcessInt.CONNECTION_RATE, second, millisecond),
      connectionRateLimit: ints[ProcessInt.CONNECTION_RATE_LIMIT]!,
      sessionRateLimit: ints[ProcessInt.SESSION_RATE_LIMIT]!,
      connectionRateMax: ints[ProcessInt.CONNECTION_RATE_MAX]!,
      sessionRate: readRate(ints, ProcessInt.SESSION_RATE, second, millisecond),
      sessionRateMax: ints[ProcessInt.SESSION_RATE_MAX]!,
      poolAllocated: memory.rss,
      poolUsed: memory.heapUsed + memory.external,
      poolFailures: 0,
      tasks: current + (running.plane?.checkCount ?? 0),
      idlePercent: running.lastSecond.idlePercent,
      stopping: running.isStopping,
      jobs: current + listeners + running.statsSockets.connections,
      listeners,
      droppedLogs: dropped,
      bytesOut,
      bytesOutRate: running.lastSecond.bytesOut,
      splicedBytesOut: spliced,
      maxpipes: pipesOf(generation.config),
      pipesUsed: ints[ProcessInt.PIPES_USED]!,
      pipesFree: ints[ProcessInt.PIPES_FREE]!,
      warnings: running.warnings,
    };
  }

  errors(): Promise<Refusals> {
    return this.running.errors();
  }

  listSessions(): Promise<readonly SessionRow[]> {
    return this.running.generation!.listSessions();
  }

  async killSession(id: string): Promise<boolean> {
    const rows = await this.running.generation!.listSessions();
    if (!rows.some((row) => row.id === id)) return false;
    this.running.generation!.send({ type: 'kill-session', id });
    return true;
  }

  setMaxconn(maxconn: number): boolean {
    const { global } = this.running.generation!.config;
    if (maxconn < 0 || maxconn > global.maxconn) return false;
    new Int32Array(this.running.processInts)[ProcessInt.MAXCONN] = maxconn === 0 ? global.maxconn : maxconn;
    return true;
  }

  getVariable(name: string): { readonly type: string; readonly text: string } | null {
    if (!name.startsWith('proc.')) return null;
    const sample = new Sample();
    if (!this.running.generation!.variables.get(name.slice(5), sample)) return null;
    const type = TYPE_NAMES[sample.type]!;
    // Bytes are not shown, as in HAProxy.
    return { type, text: sample.type !== Type.BIN && toStr(sample) ? sample.text : '' };
  }

  setVariable(name: string, source: string, format: boolean): string | null {
    const { config, variables } = this.running.generation!;
    try {
      setProcessVariable(name, source, format, commandContext(config), variables, 'here');
      return null;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.message;
    }
  }

  setRateLimit(what: 'connections' | 'sessions', rate: number): void {
    const field = what === 'connections' ? ProcessInt.CONNECTION_RATE_LIMIT : ProcessInt.SESSION_RATE_LIMIT;
    new Int32Array(this.running.processInts)[field] = rate;
  }

  provokeBug(thread: number, where: 'turn' | 'message' | 'heap'): boolean {
    if (thread === 0) {
      setImmediate(() => {
        throw new Error('debug dev bug, in the control thread');
      });
      return true;
    }
    return this.running.generation!.sendTo(thread - 1, { type: 'bug', where });
  }

  clearProcessCounters(): void {
    this.running.clearMaxima();
  }
}
