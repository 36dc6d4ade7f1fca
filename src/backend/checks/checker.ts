// The health of one server: when to check, what a result does to it, what is logged (manual 5.2 check, inter,
// rise, fall; 4.2 option log-health-checks). `health` runs from 0 to rise + fall - 1; from `rise` on it is up. The
// first failure below `rise` empties it and a success at `rise` fills it, because only results in a row count.

import type { LogLevel } from '../../config/model.ts';
import { ProxyInt, ServerInt } from '../../core/shared.ts';
import type { Backend } from '../backend.ts';
import { Operational, type Server } from '../server.ts';
import type { StateKeeper } from '../state.ts';
import { AgentChecker } from './agent.ts';
import { HttpExchange } from './http.ts';
import { RecurringCheck } from './recurring.ts';
import type { CheckTimers, Dialer } from './probe.ts';
import { spread } from './spread.ts';
import { CheckStatus, describe, type CheckResult } from './status.ts';
import { checkProxy, checkTarget } from './tcp.ts';

/** What all checkers share. */
export interface CheckEnvironment {
  readonly keeper: StateKeeper;
  readonly timers: CheckTimers;
  readonly dialer: Dialer;
  /** 0 to 1. */
  random(): number;
  /** global `spread-checks`, percent. */
  readonly spreadPercent: number;
  /** global `node`, else the host's name: for the state header. */
  readonly node: string;
  log(backend: Backend, level: LogLevel, text: string): void;
}

/** What `set server` may change at run time. */
export interface CheckSettings {
  /** Textual address where checks go, null for the server's own. */
  address: string | null;
  /** 0 for the server's own. */
  port: number;
}

/** Checks one server for as long as it runs. */
export class Checker extends RecurringCheck<CheckSettings> {
  private readonly rise: number;
  private readonly full: number;
  private checked = false;

  /** `address`: textual form of the server's `addr`, or null. */
  constructor(environment: CheckEnvironment, server: Server, address: string | null) {
    super(environment, server, { address, port: server.config.checkPort });
    this.rise = server.config.rise;
    this.full = server.config.rise + server.config.fall - 1;
    server.ints[ServerInt.CHECK_STATUS] = CheckStatus.INI;
    server.ints[ServerInt.CHECK_CODE] = 0;
    this.restart();
    environment.keeper.onReady((ready) => {
      if (ready === server) this.restart();
    });
  }

  /** 0..rise+fall-1. */
  get health(): number {
    return this.server.ints[ServerInt.CHECK_HEALTH]!;
  }

  /** Health as `show stat` and logs count it: `x/y UP` or `x/y DOWN`. */
  healthText(): string {
    const { health, rise } = this;
    return health >= rise ? `${health - rise + 1}/${this.server.config.fall} UP` : `${health}/${rise} DOWN`;
  }

  /** `set server health`: the count goes to the end that the state names. */
  force(state: 'up' | 'stopping' | 'down'): void {
    this.setHealth(state === 'down' ? 0 : this.full);
    this.environment.keeper.setHealth(this.server, state, ', changed from CLI');
  }

  /** Goes on where a server state file says that another process was: one of `Operational`, one of `CheckStatus`. */
  resume(operational: number, status: number): void {
    const { STOPPED, STARTING, STOPPING } = Operational;
    const ends = new Map<number, number>([
      [STOPPED, 0],
      [STARTING, this.rise - 1],
      [STOPPING, this.rise],
    ]);
    this.setHealth(ends.get(operational) ?? this.full);
    this.server.ints[ServerInt.CHECK_STATUS] = status;
  }

  /** inter, fastinter or downinter, spread. */
  override interval(): number {
    const { interMs, fastinterMs, downinterMs } = this.server.config;
    let base = interMs;
    if (!this.checked || (this.health > 0 && this.health < this.full)) base = fastinterMs || interMs;
    else if (this.health === 0) base = downinterMs || interMs;
    return spread(base, this.environment);
  }

  /** A finished check. Public for tests and for `observe`-like sources. */
  report(result: CheckResult): void {
    const { server, environment } = this;
    const { ints } = server;
    const lastStatus = ints[ServerInt.CHECK_STATUS]!;
    const lastHealth = this.health;
    const passed =
      result.status === CheckStatus.L4OK ||
      result.status === CheckStatus.L7OK ||
      result.status === CheckStatus.L7OKC;
    this.checked = true;
    this.info = result.info;
    ints[ServerInt.CHECK_STATUS] = result.status;
    ints[ServerInt.CHECK_CODE] = result.code;
    ints[ServerInt.CHECK_DURATION] = result.durationMs;
    if (passed) {
      this.setHealth(lastHealth + 1 >= this.rise ? this.full : lastHealth + 1);
    } else {
      if (lastHealth >= this.rise) ints[ServerInt.CHECK_FAILED]!++;
      this.setHealth(lastHealth > this.rise ? lastHealth - 1 : 0);
    }
    const logged = this.logs && (result.status !== lastStatus || this.health !== lastHealth);
    if (logged) this.logResult(result, passed);
    const cause = logged ? '' : describe(result);
    const keeper = environment.keeper;
    if (this.health < this.rise) {
      keeper.setHealth(server, 'down', cause);
    } else if (saidDown(server)) return;
    else if (result.status === CheckStatus.L7OKC) keeper.setHealth(server, 'stopping', cause);
    else if (passed) keeper.setHealth(server, 'up', cause);
  }

  private logResult(result: CheckResult, passed: boolean): void {
    const { server, backend } = this;
    const kind = server.backup ? 'backup server' : 'server';
    const how = !passed
      ? 'failed'
      : result.status === CheckStatus.L7OKC
        ? 'conditionally succeeded'
        : 'succeeded';
    const name = `${backend.config.name}/${server.name}`;
    const text = `Health check for ${kind} ${name} ${how}${describe(result)}, status: ${this.healthText()}.`;
    this.environment.log(backend, 5, text);
  }

  /** The server begins anew (start, end of maintenance): health as `init-state` says. What the last check found stays. */
  private restart(): void {
    const { config } = this.server;
    const states = {
      'fully-up': this.full,
      up: this.rise,
      down: this.rise - 1,
      'fully-down': 0,
      none: this.rise,
    };
    this.checked = false;
    this.setHealth(this.server.inMaintenance ? 0 : states[config.initState]);
  }

  private setHealth(health: number): void {
    this.server.ints[ServerInt.CHECK_HEALTH] = health;
  }

  protected override isDue(): boolean {
    return !this.server.inMaintenance && this.server.ints[ServerInt.CHECK_ENABLED] !== 0;
  }

  protected override ask(): void {
    const { server, environment, settings } = this;
    const { interMs } = server.config;
    const { timeouts, check } = this.backend.config;
    const separate = timeouts.check > 0;
    const connectMs = separate && timeouts.connect > 0 ? Math.min(timeouts.connect, interMs) : interMs;
    const exchange =
      check.kind === 'http'
        ? new HttpExchange(check, check.sendState ? this.stateHeader() : null, this.health >= this.rise)
        : null;
    const probe = {
      target: checkTarget(server, settings),
      connectMs,
      answerMs: timeouts.check,
      proxy: checkProxy(server.config, settings),
    };
    this.probeWith(probe, exchange, (result) => {
      if (!server.inMaintenance) this.report(result);
      environment.keeper.tick();
    });
  }

  /** `X-Haproxy-Server-State` (manual 4.2 http-check send-state). */
  private stateHeader(): string {
    const { server, backend, health, rise } = this;
    let word = health >= rise ? 'UP' : 'DOWN';
    if (health >= rise && server.operational === Operational.STOPPING) word = 'NOLB';
    const moving = health !== this.full && health !== 0;
    const steps = health >= rise ? `${health - rise + 1}/${server.config.fall}` : `${health}/${rise}`;
    let weights = 0;
    let sessions = 0;
    for (const other of backend.members) weights += other.weight;
    for (const other of backend.servers) sessions += other.current;
    const unix = server.port === 0;
    return (
      `${word}${moving ? ` ${steps}` : ''}; address=${unix ? 'unix' : server.addressText}; ` +
      `port=${unix ? 'unix' : server.port}; name=${backend.config.name}/${server.name}; ` +
      `node=${this.environment.node}; weight=${server.weight}/${weights}; ` +
      `scur=${server.current}/${sessions}; qcur=${server.ints[ServerInt.QUEUED]!}`
    );
  }
}

/** The server's agent keeps it down, whatever its health check finds. */
function saidDown({ config, ints }: Server): boolean {
  return config.agentCheck && ints[ServerInt.AGENT_ENABLED] !== 0 && ints[ServerInt.AGENT_HEALTH] === 0;
}

/** The checkers of a generation by their server. */
export interface Checks {
  readonly health: ReadonlyMap<Server, Checker>;
  readonly agents: ReadonlyMap<Server, AgentChecker>;
}

/** Starts a checker for each checked server, their first checks spread over the shortest interval; and agents so. */
export function startChecks(
  environment: CheckEnvironment,
  backends: readonly Backend[],
  checkAddress: (server: Server) => string | null,
  agentAddress: (server: Server) => string | null,
): Checks {
  const health = new Map<Server, Checker>();
  const agents = new Map<Server, AgentChecker>();
  let span = Infinity;
  let agentSpan = Infinity;
  for (const backend of backends) {
    if (backend.ints[ProxyInt.STATE] !== 0) continue;
    for (const server of backend.servers) {
      const { config } = server;
      if (config.agentCheck) {
        agents.set(server, new AgentChecker(environment, server, agentAddress(server)));
        agentSpan = Math.min(agentSpan, config.agentInterMs);
      }
      if (!config.check || config.track !== null) continue;
      health.set(server, new Checker(environment, server, checkAddress(server)));
      span = Math.min(span, config.interMs);
    }
  }
  let position = 0;
  for (const checker of health.values()) checker.start(position++, health.size, span);
  position = 0;
  for (const agent of agents.values()) agent.start(position++, agents.size, agentSpan);
  return { health, agents };
}
