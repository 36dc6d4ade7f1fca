// Agent checks (manual 5.2 agent-check): a program beside the server says how much load it wants. Its word moves the
// administrative state, the weight, the limit and the health; what it does not mention stays. An agent that cannot be
// reached says nothing.

import { ServerInt } from '../../core/shared.ts';
import { Operational, type Server } from '../server.ts';
import { parseAgentAnswer, type AgentAnswer } from './agent-answer.ts';
import type { CheckEnvironment } from './checker.ts';
import { checkSource } from './tcp.ts';
import { spread } from './spread.ts';
import { RecurringCheck } from './recurring.ts';
import type { Exchange, Verdict } from './probe.ts';
import { CheckStatus, describe, type CheckResult } from './status.ts';

/** What may be changed at run time; the rest is in the server's configuration. */
export interface AgentSettings {
  /** Textual address, null for the server's own. */
  address: string | null;
  port: number;
  send: string;
}

class AgentExchange implements Exchange {
  readonly request: string;
  answer: AgentAnswer | null = null;

  constructor(request: string) {
    this.request = request;
  }

  judge(received: string, over: boolean): Verdict | null {
    this.answer = parseAgentAnswer(received);
    if (this.answer !== null) return verdict(this.answer);
    if (!over) return null;
    if (received === '')
      return { status: CheckStatus.L7RSP, code: 0, info: 'the agent closed without a word' };
    return { status: CheckStatus.CHECKED, code: 0, info: 'Ignoring incomplete line from agent' };
  }
}

function verdict(answer: AgentAnswer): Verdict {
  const { health, word, description, unknown } = answer;
  if (health === null) {
    const info = unknown === '' ? '' : `agent reports an error : ${unknown}`;
    return { status: CheckStatus.CHECKED, code: 0, info };
  }
  const status = health === 'up' ? CheckStatus.L7OK : CheckStatus.L7STS;
  const more = description === '' ? '' : ` (${description})`;
  return { status, code: 0, info: `via agent : ${word}${more}` };
}

/** Asks one server's agent for as long as it runs. */
export class AgentChecker extends RecurringCheck<AgentSettings> {
  /** `address`: textual form of `agent-addr`, or null. */
  constructor(environment: CheckEnvironment, server: Server, address: string | null) {
    const { config, ints } = server;
    super(environment, server, { address, port: config.agentPort, send: config.agentSend });
    if (ints[ServerInt.AGENT_STATUS] === CheckStatus.UNK) ints[ServerInt.AGENT_STATUS] = CheckStatus.INI;
  }

  /** 0 or 1. */
  get health(): number {
    return this.server.ints[ServerInt.AGENT_HEALTH]!;
  }

  /** `set server agent`: as if the agent had said so. */
  force(state: 'up' | 'down'): void {
    const { server, environment } = this;
    server.ints[ServerInt.AGENT_HEALTH] = state === 'up' ? 1 : 0;
    environment.keeper.setHealth(server, state, ', changed from CLI');
  }

  /** A finished check. Public for tests. */
  report(result: CheckResult, answer: AgentAnswer | null): void {
    const { ints } = this.server;
    const lastStatus = ints[ServerInt.AGENT_STATUS]!;
    const lastHealth = this.health;
    // An answer that came after `disable agent` may no more change the weight (management.txt).
    const warning = answer === null ? '' : this.administer(answer, ints[ServerInt.AGENT_ENABLED] !== 0);
    const said =
      warning !== '' && answer!.health === null ? { ...result, info: `agent warns : ${warning}` } : result;
    this.info = said.info;
    ints[ServerInt.AGENT_STATUS] = said.status;
    ints[ServerInt.AGENT_DURATION] = said.durationMs;
    if (answer !== null && answer.health !== null)
      ints[ServerInt.AGENT_HEALTH] = answer.health === 'up' ? 1 : 0;
    const changed = said.status !== lastStatus || this.health !== lastHealth;
    const logged = this.logs && changed && said.status !== CheckStatus.CHECKED;
    if (logged) this.logResult(said);
    if (answer !== null && answer.health !== null)
      this.judge(answer.health, logged ? '' : describe(said, true));
  }

  /** Administrative state, weight and limit. The text is what was wrong with one of them, or ''. */
  private administer(answer: AgentAnswer, mayWeigh: boolean): string {
    const { server } = this;
    const { keeper } = this.environment;
    if (answer.admin === 'ready') keeper.setReady(server);
    else if (answer.admin === 'drain' && mayWeigh) keeper.setDrain(server);
    else if (answer.admin === 'maint') keeper.setMaintenance(server);
    let warning = '';
    if (answer.weight !== null && mayWeigh) warning = keeper.setWeight(server, answer.weight) ?? '';
    if (answer.maxconn !== null) {
      if (/^\d{1,9}$/.test(answer.maxconn)) keeper.setMaxconn(server, Number(answer.maxconn));
      else warning = 'maxconn string empty or preceded by garbage';
    }
    return warning;
  }

  /** The server is up only where its health check, if it has one, agrees. */
  private judge(health: 'up' | 'down', cause: string): void {
    const { server, environment } = this;
    const { config, ints } = server;
    const checked = config.check && ints[ServerInt.CHECK_ENABLED] !== 0;
    if (health === 'up') {
      // One that is stopping (disable-on-404) goes on stopping.
      if (server.operational !== Operational.STOPPED) return;
      if (checked && ints[ServerInt.CHECK_HEALTH]! < config.rise) return;
    }
    environment.keeper.setHealth(server, health, cause);
  }

  private logResult(result: CheckResult): void {
    const { server, backend } = this;
    const kind = server.backup ? 'backup server' : 'server';
    const how = result.status === CheckStatus.L7OK ? 'succeeded' : 'failed';
    const state = this.health === 1 ? '1/1 UP' : '0/1 DOWN';
    const name = `${backend.config.name}/${server.name}`;
    const text = `Agent check for ${kind} ${name} ${how}${describe(result, true)}, status: ${state}.`;
    this.environment.log(backend, 5, text);
  }

  override interval(): number {
    return spread(this.server.config.agentInterMs, this.environment);
  }

  protected override isDue(): boolean {
    return this.server.ints[ServerInt.AGENT_ENABLED] !== 0;
  }

  protected override ask(): void {
    const { server, settings } = this;
    const { timeouts } = this.backend.config;
    const { agentInterMs } = server.config;
    const exchange = new AgentExchange(settings.send);
    const probe = {
      target: {
        host: settings.address ?? server.addressText,
        port: settings.port,
        source: checkSource(server.config),
      },
      connectMs:
        timeouts.check > 0 && timeouts.connect > 0 ? Math.min(timeouts.connect, agentInterMs) : agentInterMs,
      answerMs: timeouts.check,
      proxy: 0 as const,
    };
    this.probeWith(probe, exchange, (result) => this.report(result, exchange.answer));
  }
}
