// Checks without a network and without waiting: time moved by hand, peers that do as told, and a backend to look after.

import type { ProxyConfig, ServerConfig } from '../../config/model.ts';
import { FirstFree, backendConfig, makeBackend, makeGround } from '../testing.ts';
import { StateKeeper } from '../state.ts';
import type { CheckEnvironment } from './checker.ts';
import type { CheckEvents, CheckTarget, CheckTimers, Dialer } from './probe.ts';

/** Time that stands still until it is told to go on. */
export class HandTimers implements CheckTimers {
  ms = 0;
  private tasks: { at: number; task: () => void }[] = [];
  now(): number {
    return this.ms;
  }
  after(ms: number, task: () => void): unknown {
    const entry = { at: this.ms + ms, task };
    this.tasks.push(entry);
    return entry;
  }
  cancel(handle: unknown): void {
    this.tasks = this.tasks.filter((one) => one !== handle);
  }
  pass(ms: number): void {
    const end = this.ms + ms;
    for (;;) {
      const next = this.tasks.toSorted((one, other) => one.at - other.at)[0];
      if (next === undefined || next.at > end) break;
      this.cancel(next);
      this.ms = next.at;
      next.task();
    }
    this.ms = end;
  }
}

/** Peers that do what `peer` says. */
export class FakeDialer implements Dialer {
  /** What the peer does: an answer, 'hang', 'mute' (connects only), 'close' or an errno. */
  peer = 'hang';
  readonly sent: string[] = [];
  readonly dialled: string[] = [];
  private readonly timers: HandTimers;
  constructor(timers: HandTimers) {
    this.timers = timers;
  }
  dial(target: CheckTarget, events: CheckEvents) {
    this.dialled.push(`${this.timers.ms} ${target.host}:${target.port}`);
    const { peer } = this;
    let open = true;
    this.timers.after(0, () => {
      if (!open || peer === 'hang') return;
      if (/^E[A-Z]+$/.test(peer)) return events.onError(peer, false);
      events.onConnected('192.0.2.200', 5555);
      if (peer === 'mute') return;
      if (peer !== 'close') for (const byte of peer) if (open) events.onBytes(byte);
      if (open) events.onClosed();
    });
    return {
      send: (text: string) => void this.sent.push(text),
      close: () => {
        open = false;
      },
    };
  }
}

/** A backend `h` with these servers under checks, on hand-moved time; `dialer` in place of the fake one. */
export function house(
  servers: Partial<ServerConfig>[],
  more: Partial<ProxyConfig> = {},
  dialer: ((timers: HandTimers) => Dialer) | null = null,
) {
  const timers = new HandTimers();
  const fake = new FakeDialer(timers);
  const lines: string[] = [];
  const keeper = new StateKeeper({
    log: (_b, level, text) => lines.push(`${level} ${text}`),
    now: () => timers.ms,
  });
  const config = backendConfig(servers, { name: 'h', ...more });
  const { backend } = makeBackend(
    makeGround(config, 1, 2),
    0,
    () => {},
    (farm) => new FirstFree(farm),
  );
  keeper.add(backend);
  keeper.link();
  const environment: CheckEnvironment = {
    keeper,
    timers,
    dialer: dialer?.(timers) ?? fake,
    random: () => 0.5,
    spreadPercent: 0,
    node: 'vm',
    log: (_b, level, text) => lines.push(`${level} ${text}`),
  };
  return { timers, fake, lines, keeper, backend, environment };
}
