// A check of one server that comes round again and again: its timer, the probe under way, and what `set server` may
// change of where it goes. Health checks and agent checks differ in what they ask and what they make of the answer.

import type { Backend } from '../backend.ts';
import type { Server } from '../server.ts';
import type { CheckEnvironment } from './checker.ts';
import { Probe, type Exchange, type ProbeSettings } from './probe.ts';
import type { CheckResult } from './status.ts';

export abstract class RecurringCheck<Settings extends object> {
  readonly server: Server;
  /** What holds now, and what the configuration says. */
  readonly settings: Settings;
  readonly configured: Readonly<Settings>;
  /** The last result's own words, for `show stat`. */
  info = '';
  protected readonly environment: CheckEnvironment;
  protected readonly backend: Backend;
  /** option log-health-checks. */
  protected readonly logs: boolean;
  private probe: Probe | null = null;
  private timer: unknown = null;

  constructor(environment: CheckEnvironment, server: Server, configured: Settings) {
    this.environment = environment;
    this.server = server;
    this.configured = configured;
    this.settings = { ...configured };
    this.backend = environment.keeper.backendOf(server);
    this.logs = this.backend.config.options.has('log-health-checks');
  }

  /** Begins; `position` of `count` checks of its kind spreads their starts over `spanMs`. */
  start(position: number, count: number, spanMs: number): void {
    this.arm(Math.floor((spanMs * position) / Math.max(1, count)));
  }

  stop(): void {
    this.probe?.abort();
    this.probe = null;
    if (this.timer !== null) this.environment.timers.cancel(this.timer);
    this.timer = null;
  }

  get running(): boolean {
    return this.probe !== null;
  }

  /** Milliseconds from the start of one probe to the start of the next. */
  abstract interval(): number;
  /** Whether it may ask now; else it waits for the next time. */
  protected abstract isDue(): boolean;
  protected abstract ask(): void;

  /** Starts a probe; `done` gets its result, and then the next one is waited for. */
  protected probeWith(
    settings: ProbeSettings,
    exchange: Exchange | null,
    done: (result: CheckResult) => void,
  ): void {
    const { dialer, timers } = this.environment;
    const began = timers.now();
    this.probe = new Probe(dialer, timers, settings, exchange, (result) => {
      this.probe = null;
      done(result);
      this.arm(Math.max(0, this.interval() - (timers.now() - began)));
    });
  }

  private arm(ms: number): void {
    this.timer = this.environment.timers.after(ms, () => {
      this.timer = null;
      if (this.isDue()) this.ask();
      else this.arm(this.interval());
    });
  }
}
