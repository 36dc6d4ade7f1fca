// The running process: limits, listening sockets, the present generation and those that drain, signals.

import { applyServerChanges } from './changed-servers.ts';
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { Diagnostics, type Printer } from '../config/diagnostics.ts';
import { Trimmer } from './trimmer.ts';
import { ControlPlane } from './control-plane.ts';
import { Generation } from './generation.ts';
import { LogThread, needsLogThread, type ForwardRef } from './log-thread.ts';
import { Listeners } from './listeners.ts';
import { connectionsWithin, deriveLimits } from './limits.ts';
import { dumpStates } from './dump-states.ts';
import { dropPrivileges } from './privileges.ts';
import { ProcessInt } from '../core/shared.ts';
import { settleFullconn } from '../config/check.ts';
import { Sampler } from './sampler.ts';
import { isFront } from '../config/defaults.ts';
import { joinRefusals, NO_REFUSALS, type Refusals } from '../core/error-capture.ts';
import { refusalsWithin } from './past-errors.ts';
import { applySavedStates } from './server-states.ts';
import { readConfiguration, type ReadConfiguration } from './read-configuration.ts';
import { OldProcesses } from './old-processes.ts';
import { RunningMaster } from './master/running-master.ts';
import { daemonIsReady, isDaemon } from './daemon.ts';
import { StatsSockets } from './stats-sockets.ts';
import { threadNotice, threadsOf } from './threads.ts';
import { fetchSockets } from './handover.ts';
import { RunningView } from './control-view.ts';
import { scrapeMetrics } from '../stats/prometheus.ts';
import type { Baselines } from '../cli/view.ts';
import type { Arguments } from './args.ts';
import type { BindConfig, Config } from '../config/model.ts';
import type { ListenerRef } from './messages.ts';

/** When listeners are armed anew after a handover, ms. */
const REARM_MS = [20, 100, 500, 2000];
/**
 * Counter rows: so many threads of all generations together may count at a time. They are laid out once, so a reload may
 * have twice the threads of the start and no more.
 */
const ROWS_MIN = 32;

/** How long threads of a stopped generation get to write their last log lines, ms. */
const LAST_LINES_MS = 50;
/** How long threads get to stop accepting before the sockets stop listening, ms. */
const PAUSE_MS = 5;
/** A thread that hangs cannot hold up a hard stop for longer than this, ms. */
const HARD_STOP_MS = 1000;
/** How often a reload looks whether a generation that it ended is gone, ms. */
const ROOM_LOOK_MS = 10;
/** How often the control thread looks for slots that one generation freed and another waits for, ms. */
const PUMP_MS = 10;

export class Running {
  readonly args: Arguments;
  readonly printer: Printer;
  readonly startedMs = Date.now();
  /** See ProcessInt. */
  readonly baselines: Baselines = new Map();
  readonly processInts = new SharedArrayBuffer(ProcessInt.SIZE * 4);
  /** Woken by who writes to a ring that the log thread reads. */
  readonly logWake = new SharedArrayBuffer(4);
  generation: Generation | null = null;
  private readonly entry: URL;
  readonly hostname: string;
  /** The control side of `generation`. */
  plane: ControlPlane | null = null;
  environment: readonly (readonly [string, string])[] = [];
  startupLog = '';
  warnings = 0;
  private readonly logThread: LogThread;
  private forwards: ForwardRef[] = [];
  private readonly sampler = new Sampler(this);
  private readonly listeners: Listeners;
  readonly statsSockets: StatsSockets;
  private readonly master: RunningMaster | null;
  /** Messages of the latest start or reload, failed ones too. */
  latestLog = '';
  private readonly old = new Set<Generation>();
  private rowCount = 0;
  private pumping: NodeJS.Timeout | null = null;
  private freeRows: number[] = [];
  private number = 0;
  private stopping = false;
  /** Exit status once the last generation is gone. */
  private status = 0;
  /** The first generation serves. */
  private started = false;
  /** A signal asked for a reload while none could begin. */
  private reloadWanted = false;
  private reloading = false;

  constructor(args: Arguments, entry: URL, printer: Printer, hostname: string) {
    this.args = args;
    this.entry = entry;
    this.logThread = new LogThread(entry, (level, text) => printer.say(level, text));
    this.printer = printer;
    this.hostname = hostname;
    this.listeners = new Listeners();
    this.statsSockets = new StatsSockets(this, () => this.listeners.all);
    this.master = args.master === false ? null : new RunningMaster(this);
  }

  get drainingGenerations(): readonly Generation[] {
    return [...this.old];
  }

  /** Starts serving, or prints why not and sets the exit status. */
  async start(read: ReadConfiguration): Promise<void> {
    const { printer } = this;
    // First of all: once it listens, somebody may take it for started.
    process.on('SIGUSR2', () => this.reloadSoon());
    if (!this.applyLimits(read.config)) {
      process.exitCode = 1;
      return;
    }
    const before = new OldProcesses(this.args.softStop, this.args.hardStop);
    const lost = await this.inheritSockets();
    const refs = lost ?? (await before.whilePaused(() => this.bindAll(read.config)));
    if (typeof refs === 'string') {
      for (const line of refs.split('\n')) printer.say('alert', line);
      process.exitCode = 1;
      return;
    }
    this.listeners.closeUnclaimed();
    this.environment = read.environment;
    const deaf =
      (await this.statsSockets.open(read.config)) ??
      (await this.master?.listen(this.args.masterSockets)) ??
      null;
    if (deaf !== null) {
      printer.say('alert', deaf);
      process.exit(1);
    }
    this.statsSockets.settle(read.config);
    const { global } = read.config;
    const pidfile = this.args.pidfile ?? global.pidfile;
    if (pidfile !== null) {
      try {
        writeFileSync(pidfile, `${process.pid}\n`, { mode: 0o644 });
      } catch {
        printer.say('alert', `Cannot create pidfile ${pidfile}`);
        process.exitCode = 1;
        return;
      }
    }
    const refused = dropPrivileges(global);
    if (refused !== null) {
      printer.say('alert', refused);
      process.exitCode = 1;
      return;
    }
    this.installSignals(pidfile);
    const notice = threadNotice(read.config);
    if (notice !== null) printer.say('notice', notice);
    const generation = this.newGeneration(read, null);
    this.generation = generation;
    this.startupLog = this.latestLog = printer.log;
    this.plane = new ControlPlane(generation, printer, this.hostname, null, this.logWake);
    applySavedStates(this.plane, read.savedStates, null);
    try {
      await this.configureLogThread(read, generation);
      await generation.start(refs);
    } catch (error) {
      printer.say(
        'alert',
        `a data thread cannot start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      // An exit while the other threads poll would be an abort: they leave first, and onGone ends the process.
      this.stopping = true;
      this.status = 1;
      generation.end();
      setTimeout(() => this.exit(1), HARD_STOP_MS);
      return;
    }
    if (!this.args.quiet && this.args.verbose)
      printer.say('notice', `New generation 1 : ${generation.threads} data thread(s), ${generation.reactor}`);
    before.dismiss();
    this.rearmLater();
    this.outliveBugs();
    new Trimmer().start();
    this.master?.isReady();
    if (isDaemon()) daemonIsReady();
    this.started = true;
    if (this.reloadWanted) this.reloadSoon();
  }

  /** A signal asks for a reload: after the start or reload that is under way, so that the latest files count. */
  private reloadSoon(): void {
    this.reloadWanted = !this.started || this.reloading;
    if (!this.reloadWanted) void this.reload();
  }

  /** A bug in a command, a check or a reload ends what it was about; traffic is not its business and goes on. */
  private outliveBugs(): void {
    process.on('uncaughtException', (error) => {
      this.printer.say('alert', `the control thread met a bug and goes on:\n${error.stack ?? String(error)}`);
    });
  }

  /** -x: null, or the alert that says why the old process gave nothing. */
  private async inheritSockets(): Promise<string | null> {
    const { transfer } = this.args;
    if (transfer === null || transfer === '/dev/null') return null;
    try {
      this.listeners.inherit(await fetchSockets(transfer));
      return null;
    } catch (error) {
      return `[haproxy.main()] Failed to get the sockets from the old process! (${(error as Error).message})`;
    }
  }

  get isStopping(): boolean {
    return this.stopping;
  }

  /** The last second: bytes sent to clients, and the share of time that data threads waited. */
  get lastSecond(): { readonly bytesOut: number; readonly idlePercent: number } {
    return this.sampler;
  }

  /** Refused messages of the present generation and of those before it. */
  async errors(): Promise<Refusals> {
    const present = this.generation!;
    const parts = await Promise.all([...this.old, present].map((generation) => generation.errors()));
    return refusalsWithin(present.config, joinRefusals([this.pastErrors, ...parts]));
  }

  clearMaxima(): void {
    const ints = new Int32Array(this.processInts);
    ints[ProcessInt.CURRENT_MAX] = 0;
    ints[ProcessInt.CONNECTION_RATE_MAX] = 0;
    ints[ProcessInt.SESSION_RATE_MAX] = 0;
  }

  private applyLimits(config: Config): boolean {
    const diagnostics = new Diagnostics();
    for (const proxy of config.proxies) {
      if (proxy.maxconn === 0 && isFront(proxy.kind)) proxy.maxconn = this.args.proxyMaxconn;
    }
    const ok = deriveLimits(config, this.args.maxconn, diagnostics);
    this.printer.print(diagnostics);
    if (this.args.memoryMib > 0) {
      const { global } = config;
      global.maxconn = Math.min(global.maxconn, connectionsWithin(this.args.memoryMib, global.bufsize));
    }
    const ints = new Int32Array(this.processInts);
    ints[ProcessInt.MAXCONN] = config.global.maxconn;
    ints[ProcessInt.CONNECTION_RATE_LIMIT] = config.global.connectionRate;
    ints[ProcessInt.SESSION_RATE_LIMIT] = config.global.sessionRate;
    settleFullconn(config);
    return ok;
  }

  /** All sockets of the configuration, or the alerts that say why some cannot be had. */
  private bindAll(config: Config): ListenerRef[] | string {
    const refs: ListenerRef[] = [];
    const failures: string[] = [];
    this.listeners.reusePort = config.global.reusePort;
    this.listeners.buffers = config.global.kernelBuffers;
    for (const proxy of config.proxies) {
      if (!isFront(proxy.kind) || proxy.disabled) continue;
      for (const bind of proxy.binds) {
        const fd = this.listeners.acquire(bind, proxy);
        if (typeof fd === 'string') {
          const kind = proxy.kind === 'listen' ? 'proxy' : 'frontend';
          failures.push(
            `Binding [${bind.position.file}:${bind.position.line}] for ${kind} ${proxy.name}: ${fd}`,
          );
        } else refs.push({ proxy: proxy.name, bindId: bind.id, fd });
      }
    }
    this.bindForwards(config, failures);
    if (failures.length === 0) return refs;
    return [...failures, '[haproxy.main()] Some protocols failed to start their listeners! Exiting.'].join(
      '\n',
    );
  }

  /** Sockets of log-forward sections. */
  private bindForwards(config: Config, failures: string[]): void {
    this.forwards = [];
    for (const { name, proxy, datagramBinds } of config.logForwards) {
      for (const bind of [...proxy.binds, ...datagramBinds]) {
        const kind = datagramBinds.includes(bind) ? ('datagram' as const) : ('stream' as const);
        const fd =
          kind === 'stream' ? this.listeners.acquire(bind, proxy) : this.listeners.acquireDatagram(bind);
        const { file, line } = bind.position;
        if (typeof fd === 'string') failures.push(`Binding [${file}:${line}] for log-forward ${name}: ${fd}`);
        else {
          const { acceptProxy, maxconn } = bind;
          const ipv6 = bind.address.family === 'ipv6';
          this.forwards.push({ section: name, kind, fd, ipv6, acceptProxy, maxconn });
        }
      }
    }
  }

  /** Starts the log thread where the configuration has work for it, or gives it the new one. */
  private configureLogThread(read: ReadConfiguration, generation: Generation): Promise<void> {
    this.plane!.onLogServerMoved = () => this.logThread.moved();
    const recorded = {
      ...read.recorded,
      maxconn: read.config.global.maxconn,
      proxyMaxconn: this.args.proxyMaxconn,
    };
    const { logRings: rings, table, addresses } = generation;
    const init = {
      recorded,
      rings,
      wake: this.logWake,
      blocks: table.blocks,
      forwards: this.forwards,
      addresses,
    };
    return this.logThread.configure(init, needsLogThread(read.config));
  }

  private newGeneration(read: ReadConfiguration, before: Generation | null): Generation {
    const { global } = read.config;
    if (this.rowCount === 0) {
      this.rowCount = Math.max(ROWS_MIN, 2 * threadsOf(read.config));
      this.freeRows = Array.from({ length: this.rowCount }, (_, row) => row);
    }
    const rows = this.freeRows.slice(0, threadsOf(read.config));
    const generation = new Generation({
      config: read.config,
      number: ++this.number,
      entry: this.entry,
      recorded: read.recorded,
      patterns: read.patterns,
      before: before?.table ?? null,
      addresses: before?.addresses ?? null,
      logRings: before?.logRings ?? null,
      logWake: this.logWake,
      processInts: this.processInts,
      proxyMaxconn: this.args.proxyMaxconn,
      hostname: global.node ?? this.hostname,
      startedMs: this.startedMs,
      rows,
      rowCount: this.rowCount,
      report: (level, text) => this.printer.say(level, text),
    });
    this.freeRows.splice(0, rows.length);
    generation.onService = (query) => scrapeMetrics(new RunningView(this), query);
    generation.onGone = () => {
      this.freeRows.push(...rows);
      this.old.delete(generation);
      this.pastErrors = joinRefusals([this.pastErrors, generation.pastErrors]);
      if (this.stopping && this.old.size === 0) {
        void this.logThread.finish(HARD_STOP_MS).then(() => this.exit(this.status));
      }
    };
    return generation;
  }

  /**
   * Reads the files again and replaces the generation. The text says how it went. `hard`: sessions of the former
   * generation are closed rather than finished.
   */
  async reload(hard = false): Promise<{ readonly ok: boolean; readonly text: string }> {
    if (!this.started || this.reloading || this.stopping)
      return { ok: false, text: 'a reload or stop is under way\n' };
    this.reloading = true;
    this.master?.isReloading();
    try {
      const result = await this.tryReload(hard);
      this.latestLog = result.text;
      this.master?.hasReloaded(result.ok);
      return result;
    } finally {
      this.reloading = false;
      if (this.reloadWanted) this.reloadSoon();
    }
  }

  private async tryReload(hard: boolean): Promise<{ readonly ok: boolean; readonly text: string }> {
    const diagnostics = new Diagnostics();
    const read = await readConfiguration(this.args, diagnostics);
    const from = this.printer.log.length;
    this.printer.print(diagnostics);
    const said = (): string => this.printer.log.slice(from);
    if (read === null) {
      this.printer.say('alert', 'Loading failure! The present configuration stays in use.');
      return { ok: false, text: said() };
    }
    if (!this.applyLimits(read.config)) return { ok: false, text: said() };
    const refs = this.bindAll(read.config);
    if (typeof refs === 'string') {
      for (const line of refs.split('\n')) this.printer.say('alert', line);
      return { ok: false, text: said() };
    }
    const deaf = await this.statsSockets.open(read.config);
    if (deaf !== null) {
      this.printer.say('alert', deaf);
      return { ok: false, text: said() };
    }
    const wanted = threadsOf(read.config);
    const before = this.generation!;
    const most = this.rowCount - before.threads;
    if (wanted > most) {
      const why = `beside its ${before.threads} data threads this process has room for ${most}`;
      this.printer.say('alert', `nbthread ${wanted} needs a restart: ${why}.`);
      return { ok: false, text: said() };
    }
    let next: Generation | null = null;
    try {
      await this.makeRoom(wanted);
      next = this.newGeneration(read, before);
      await next.start(refs);
    } catch (error) {
      this.printer.say('alert', `a data thread cannot start: ${String(error)}`);
      next?.end();
      this.statsSockets.settle(before.config);
      return { ok: false, text: said() };
    }
    // Both accept for a moment; then the old one lets go and finishes what it has.
    this.generation = next;
    this.plane?.close();
    applyServerChanges(before.config, read.config, next.table);
    this.plane = new ControlPlane(next, this.printer, this.hostname, this.plane, this.logWake);
    applySavedStates(this.plane, read.savedStates, before.table);
    this.statsSockets.settle(read.config);
    await this.configureLogThread(read, next);
    this.environment = read.environment;
    this.old.add(before);
    before.drain();
    this.rearmLater();
    this.pumpWhileDraining();
    if (hard) before.send({ type: 'kill' });
    else this.bound(before);
    const binds: BindConfig[] = [];
    for (const proxy of read.config.proxies) if (!proxy.disabled) binds.push(...proxy.binds);
    const datagrams = read.config.logForwards.flatMap(({ datagramBinds }) => datagramBinds);
    for (const { proxy } of read.config.logForwards) binds.push(...proxy.binds);
    this.listeners.keepOnly(binds, datagrams);
    this.printer.say('notice', `Loading success.`);
    return { ok: true, text: said() };
  }

  /** Former generations that drain for long hold counter rows: the oldest are ended where a new one needs them. */
  private async makeRoom(threads: number): Promise<void> {
    for (const oldest of this.old) {
      if (this.freeRows.length >= threads) return;
      this.printer.say('warning', 'Too many generations are still draining, ending the oldest one.');
      oldest.end();
      const until = Date.now() + HARD_STOP_MS;
      while (this.old.has(oldest) && Date.now() < until) await setTimeoutPromise(ROOM_LOOK_MS);
    }
    if (this.freeRows.length < threads) throw new Error('too many generations are still draining');
  }

  /**
   * A connection that came in just when another thread or process let go of a shared socket may have woken only that
   * one: the present threads look again a few times.
   */
  private rearmLater(): void {
    for (const ms of REARM_MS) setTimeout(() => this.generation?.send({ type: 'rearm' }), ms).unref();
  }

  /** While several generations share the slots of servers, see generation-queues.ts. */
  private pumpWhileDraining(): void {
    if (this.pumping !== null) return;
    this.pumping = setInterval(() => {
      if (this.old.size === 0 && this.pumping !== null) {
        clearInterval(this.pumping);
        this.pumping = null;
        return;
      }
      // The oldest first.
      for (const generation of this.old) generation.pumpQueues();
      this.generation!.pumpQueues();
    }, PUMP_MS);
    this.pumping.unref();
  }

  /** hard-stop-after: a generation that drains is ended then. */
  private bound(generation: Generation): void {
    const limit = generation.config.global.hardStopAfterMs;
    if (limit === 0) return;
    setTimeout(() => {
      if (!this.old.has(generation)) return;
      this.printer.say('warning', `soft-stop running for too long, performing a hard-stop.`);
      generation.end();
    }, limit).unref();
  }

  /** SIGUSR1: no new connection, an end when the last one is over. */
  softStop(): void {
    if (this.stopping) return;
    this.stopping = true;
    this.master?.isStopping();
    const { generation } = this;
    if (generation === null) {
      this.exit(0);
      return;
    }
    const begin = (): void => {
      this.old.add(generation);
      generation.drain();
      this.listeners.closeAll();
      this.statsSockets.close();
      this.master?.close();
      this.bound(generation);
    };
    const grace = generation.config.global.graceMs;
    if (grace > 0) setTimeout(begin, grace);
    else begin();
  }

  private pidfile: string | null = null;
  /** What generations refused that are gone. */
  private pastErrors = NO_REFUSALS;

  private installSignals(pidfile: string | null): void {
    this.pidfile = pidfile;
    process.on('SIGUSR1', () => this.softStop());
    process.on('SIGHUP', () => this.plane && dumpStates(this.plane, this.printer));
    process.on('SIGPIPE', () => {});
    process.on('SIGTTOU', () => this.pause());
    process.on('SIGTTIN', () => this.resume());
    process.on('SIGQUIT', () => this.printer.say('notice', this.memoryLine()));
    for (const [signal, status] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      process.on(signal, () => this.hardStop(signal, status));
    }
  }

  private pausing: NodeJS.Timeout | undefined;

  /** SIGTTOU: the ports are free for another process, sessions go on. */
  private pause(): void {
    this.generation?.send({ type: 'pause' });
    // Threads give up their accepts first, so that none of them takes the shutdown for a failure.
    this.pausing = setTimeout(() => this.listeners.pause(), PAUSE_MS);
  }

  /** SIGTTIN: the other process could not bind either. */
  private resume(): void {
    clearTimeout(this.pausing);
    const lost = this.listeners.resume();
    if (lost !== null) this.printer.say('warning', lost);
    this.generation?.send({ type: 'resume' });
  }

  private memoryLine(): string {
    const { rss, heapUsed, external } = process.memoryUsage();
    const mib = (bytes: number): string => `${(bytes / 1048576).toFixed(1)} MiB`;
    return `Memory: resident ${mib(rss)}, heap ${mib(heapUsed)}, external ${mib(external)}`;
  }

  private hardStop(signal: 'SIGINT' | 'SIGTERM', status: number): void {
    this.master?.isStopping();
    const { generation } = this;
    if (this.master !== null && generation !== null) {
      // An exit while threads poll would be an abort: they leave first, and onGone ends the process.
      this.stopping = true;
      this.status = status;
      this.old.add(generation);
      for (const one of this.old) one.end();
      this.listeners.closeAll();
      setTimeout(() => this.exit(status), HARD_STOP_MS);
      return;
    }
    generation?.send({ type: 'kill' });
    for (const one of this.old) one.send({ type: 'kill' });
    this.listeners.closeAll();
    setTimeout(() => {
      this.removePidfile();
      // As a program without a handler would end: the parent sees the signal.
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }, LAST_LINES_MS);
  }

  private removePidfile(): void {
    if (this.pidfile === null) return;
    try {
      // The process that replaces us may have written its own pid into it.
      if (readFileSync(this.pidfile, 'latin1') === `${process.pid}\n`) unlinkSync(this.pidfile);
    } catch {
      // Under another root or user it may be out of reach.
    }
    this.pidfile = null;
  }

  private exit(status: number): void {
    this.removePidfile();
    process.exit(status);
  }
}
