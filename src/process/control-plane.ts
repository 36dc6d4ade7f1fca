// The control thread's side of a generation: the same backends over the same shared blocks, with the one who may
// change their state, the event logs, and what the stats socket shows of it all.

import { openRing } from '../core/ring-file.ts';
import { AgentChecker } from '../backend/checks/agent.ts';
import { checkName, checkNumbers, checkText } from '../backend/checks/status.ts';
import { SocketDialer } from './check-dialer.ts';
import { startChecks, type Checker, type Checks } from '../backend/checks/checker.ts';
import { ControlProxy } from './control-proxy.ts';
import { EventLog } from '../log/events.ts';
import { ServerInt } from '../core/shared.ts';
import { StateKeeper } from '../backend/state.ts';
import { nobody } from '../balance/balance.ts';
import { isBack } from '../config/defaults.ts';
import { controlWaiters, seatBackend } from './reclaim.ts';
import { logAddress } from '../log/log-socket.ts';
import { EMFILE, ENFILE } from '../sys/errno.ts';
import { getLimit } from '../sys/limits.ts';
import { openSocket, sendDatagramNow, SOCK_DGRAM } from '../sys/socket.ts';
import { domainOf } from '../sys/address.ts';
import { writeNow } from '../log/write-now.ts';
import { keepSettings } from './check-settings.ts';
import { noteAddress } from './server-addresses.ts';
import type { Backend } from '../backend/backend.ts';
import type { Server } from '../backend/server.ts';
import type { CheckView } from '../cli/view.ts';
import type { Generation } from './generation.ts';
import type { LogTarget, ProxyConfig } from '../config/model.ts';
import type { Printer } from '../config/diagnostics.ts';

/** How often slow starts climb and shutdowns are looked for, ms. */
const TICK_MS = 200;

export class ControlPlane {
  readonly generation: Generation;
  readonly keeper: StateKeeper;
  readonly backends = new Map<ProxyConfig, Backend>();
  readonly proxies: ControlProxy[] = [];
  private readonly printer: Printer;
  private readonly logs = new Map<ProxyConfig, EventLog>();
  private readonly sockets = new Map<LogTarget, number>();
  private readonly shutdowns = new Map<Server, number>();
  private readonly timer: NodeJS.Timeout;
  private readonly checks: Checks;
  dropped = 0;
  /** A server of a log backend got another address. */
  onLogServerMoved: (() => void) | null = null;
  private readonly logWake: SharedArrayBuffer;

  /** `before`: who is replaced by a reload; what `set server` changed of its checks goes on. */
  constructor(
    generation: Generation,
    printer: Printer,
    hostname: string,
    before: ControlPlane | null,
    logWake: SharedArrayBuffer,
  ) {
    this.generation = generation;
    this.logWake = logWake;
    this.printer = printer;
    const { config } = generation;
    const waiters = controlWaiters(generation.waiters, generation.wakers);
    this.keeper = new StateKeeper({
      log: (backend, level, text) => this.say(backend.config, level, text),
      now: () => Date.now(),
    });
    for (const proxy of config.proxies) {
      this.openLog(proxy, hostname);
      if (!isBack(proxy.kind)) continue;
      const backend = seatBackend(proxy, generation, 0, waiters, () => nobody);
      this.backends.set(proxy, backend);
      this.keeper.add(backend);
      for (const server of backend.servers) {
        if (server.config.onMarkedDown !== 'none' || server.backup) {
          this.shutdowns.set(server, server.ints[ServerInt.SHUTDOWN_VERSION]!);
        }
      }
    }
    this.keeper.link();
    for (const proxy of config.proxies) this.proxies.push(new ControlProxy(this, proxy));
    this.checks = startChecks(
      {
        keeper: this.keeper,
        timers: {
          now: () => performance.now(),
          after: (ms, task) => setTimeout(task, ms),
          cancel: (timer) => clearTimeout(timer as NodeJS.Timeout),
        },
        dialer: new SocketDialer(),
        random: Math.random,
        spreadPercent: config.global.spreadChecks,
        node: config.global.node ?? hostname,
        log: (backend, level, text) => this.say(backend.config, level, text),
      },
      [...this.backends.values()],
      (server) => server.config.checkAddress?.host ?? null,
      (server) => server.config.agentAddress?.host ?? null,
    );
    if (before !== null) keepSettings(before.checks, this.checks);
    generation.onShortage = (name, errno) => this.sayShortage(name, errno);
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.timer.unref();
  }

  private openLog(proxy: ProxyConfig, hostname: string): void {
    if (proxy.logTargets.length === 0) return;
    const { global } = this.generation.config;
    const log = new EventLog(proxy.logTargets, {
      tag: proxy.logTag ?? global.logTag ?? 'haproxy',
      pid: process.pid,
      hostname: global.logSendHostname !== null ? global.logSendHostname || hostname : null,
      deliver: (target, line) => this.deliver(target, line),
      dropped: () => {
        this.dropped++;
      },
    });
    this.logs.set(proxy, log);
  }

  private deliver(target: LogTarget, line: Buffer): boolean {
    if (target.ring !== null) {
      const memory = this.generation.logRings.get(target.ring.key)!;
      return openRing(memory, this.logWake).write(line, 0, line.length - 1);
    }
    if (target.transport === 'fd') return writeNow(target.fd, line, 0, line.length) === line.length;
    const to = logAddress(target);
    if (to === null) return false;
    let fd = this.sockets.get(target) ?? -1;
    if (fd < 0) {
      fd = openSocket(domainOf(to), SOCK_DGRAM);
      if (fd < 0) return false;
      this.sockets.set(target, fd);
    }
    return sendDatagramNow(fd, line, to) >= 0;
  }

  /** A message about a proxy: to its log, and as the program's own warning to stderr. */
  say(proxy: ProxyConfig, level: number, text: string): void {
    this.logs.get(proxy)?.send(level, text, Date.now());
    this.printer.say(level === 0 ? 'alert' : 'warning', text);
  }

  /** A message for the log alone. */
  log(proxy: ProxyConfig, level: number, text: string): void {
    this.logs.get(proxy)?.send(level, text, Date.now());
  }

  /** Worded as HAProxy was seen to do, for those who watch for it. */
  private sayShortage(name: string, errno: number): void {
    const proxy = this.generation.config.proxies.find((one) => one.name === name);
    if (proxy === undefined) return;
    const sockets = `maxsock=${getLimit('nofile').soft}`;
    const text =
      errno === EMFILE
        ? `process FD limit (${sockets}). Please check 'ulimit-n' and restart.`
        : errno === ENFILE
          ? `system FD limit (${sockets}). Please check system tunables.`
          : `system memory limit (${sockets}). Please check system tunables.`;
    this.log(proxy, 0, `Proxy ${name} reached ${text}`);
  }

  private tick(): void {
    this.keeper.tick();
    this.passShutdowns();
  }

  /** The last result of a server's health check, or null where it has none. */
  checkView(server: Server): CheckView | null {
    const checker = this.checks.health.get(server);
    if (checker === undefined) return null;
    const { ints } = server;
    const status = ints[ServerInt.CHECK_STATUS]!;
    const [statusCode, result] = checkNumbers(status);
    const { rise, fall } = server.config;
    return {
      status: checkName(status),
      description: checkText(status),
      statusCode,
      result,
      running: checker.running,
      code: ints[ServerInt.CHECK_CODE]!,
      durationMs: ints[ServerInt.CHECK_DURATION]!,
      health: checker.health,
      rise,
      fall,
      last: checker.info,
    };
  }

  /** The last result of a server's agent check, or null where it has none. */
  agentView(server: Server): CheckView | null {
    const agent = this.checks.agents.get(server);
    if (agent === undefined) return null;
    const { ints } = server;
    const status = ints[ServerInt.AGENT_STATUS]!;
    const [statusCode, result] = checkNumbers(status);
    return {
      status: checkName(status),
      description: checkText(status),
      statusCode,
      result,
      running: agent.running,
      code: 0,
      durationMs: ints[ServerInt.AGENT_DURATION]!,
      health: agent.health,
      rise: 1,
      fall: 1,
      last: agent.info,
    };
  }

  checkerOf(server: Server): Checker | null {
    return this.checks.health.get(server) ?? null;
  }

  agentOf(server: Server): AgentChecker | null {
    return this.checks.agents.get(server) ?? null;
  }

  /** Checks that run from time to time. */
  get checkCount(): number {
    return this.checks.health.size + this.checks.agents.size;
  }

  /** Servers whose sessions are to be ended: data threads do it. */
  passShutdowns(): void {
    for (const [server, seen] of this.shutdowns) {
      const now = server.ints[ServerInt.SHUTDOWN_VERSION]!;
      if (now === seen) continue;
      this.shutdowns.set(server, now);
      this.shutdownSessions(server);
    }
  }

  shutdownSessions(server: Server): void {
    this.generation.send({
      type: 'shutdown-server',
      backend: server.config.backend.name,
      server: server.name,
    });
  }

  setAddress(server: Server, text: string, port: number): void {
    const version = Atomics.add(server.ints, ServerInt.ADDRESS_VERSION, 1) + 1;
    server.setAddress(text, port, version);
    noteAddress(this.generation.addresses, server.config, text, port);
    if (server.config.backend.mode === 'log') this.onLogServerMoved?.();
    this.generation.send({
      type: 'address',
      backend: server.config.backend.name,
      server: server.name,
      text,
      port,
      version,
    });
  }

  /** The generation is gone: timers and log sockets go too. */
  close(): void {
    clearInterval(this.timer);
    for (const checker of this.checks.health.values()) checker.stop();
    for (const checker of this.checks.agents.values()) checker.stop();
  }
}
