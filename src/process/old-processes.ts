// The processes of -sf and -st: they are asked to free their ports while ours cannot be bound, and told to leave once
// we serve (management.txt 4).

import { setTimeout as sleep } from 'node:timers/promises';
import { signalProcess } from '../sys/identity.ts';

const SIGUSR1 = 10;
const SIGTERM = 15;
const SIGTTIN = 21;
const SIGTTOU = 22;
/** How often and at what distance (ms) binding is tried again after the old processes were asked to pause. */
const TRIES = 100;
const DISTANCE_MS = 10;

export class OldProcesses {
  private readonly soft: readonly number[];
  private readonly hard: readonly number[];
  private readonly signal: (pid: number, signal: number) => number;

  /** `signal`: kill(2) as a function of pid and number, returning 0 or a negated errno. */
  constructor(soft: readonly number[], hard: readonly number[], signal = signalProcess) {
    this.soft = soft;
    this.hard = hard;
    this.signal = signal;
  }

  /**
   * Runs `attempt` until it gives something other than a text, which is the reason of a failure. Between the tries
   * the old processes are paused; if it fails for good they resume as if nothing had happened.
   */
  async whilePaused<T>(attempt: () => T | string): Promise<T | string> {
    let result = attempt();
    if (typeof result !== 'string' || !this.all(SIGTTOU)) return result;
    for (let tries = 0; tries < TRIES && typeof result === 'string'; tries++) {
      await sleep(DISTANCE_MS);
      result = attempt();
    }
    if (typeof result === 'string') this.all(SIGTTIN);
    return result;
  }

  /** We are in charge: -sf processes finish, -st processes end. Those that are gone already are not an error. */
  dismiss(): void {
    for (const pid of this.soft) this.signal(pid, SIGUSR1);
    for (const pid of this.hard) this.signal(pid, SIGTERM);
  }

  /** True when at least one of them got the signal. */
  private all(signal: number): boolean {
    let reached = false;
    for (const pid of [...this.soft, ...this.hard]) if (this.signal(pid, signal) === 0) reached = true;
    return reached;
  }
}
