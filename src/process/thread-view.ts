// Answers of one data thread to samples that ask about proxies and servers.

import { ProxyInt, readRate } from '../core/shared.ts';
import { limitOf, ProcessVariables } from '../sample/process-variables.ts';
import type { Backend } from '../backend/backend.ts';
import type { Config, ProxyConfig } from '../config/model.ts';
import type { DataThreadInit } from './messages.ts';
import type { Frontend } from '../stream/frontend.ts';
import type { ProcessView, ProxyFigures, ServerView } from '../sample/context.ts';
import type { Reactor } from '../reactor/reactor.ts';

const NONE: ProxyFigures = { current: 0, sessionRate: 0, requestRate: 0, queued: 0 };

export class ThreadView implements ProcessView {
  readonly config: Config;
  readonly threadId: number;
  readonly startedMs: number;
  readonly processVariables: ProcessVariables;
  stopping = false;
  /** The thread's log, once there is one. */
  events: { emit(sink: string, text: string): void } | null = null;
  private readonly reactor: Reactor;
  private readonly fronts = new Map<ProxyConfig, Frontend>();
  private readonly backs = new Map<ProxyConfig, Backend>();

  constructor(config: Config, init: DataThreadInit, reactor: Reactor) {
    this.config = config;
    this.processVariables = new ProcessVariables(init.variables, limitOf(config));
    this.threadId = init.thread;
    this.startedMs = init.startedMs;
    this.reactor = reactor;
  }

  addFrontend(frontend: Frontend): void {
    this.fronts.set(frontend.config, frontend);
  }

  addBackend(backend: Backend): void {
    this.backs.set(backend.config, backend);
  }

  figures(proxy: ProxyConfig, side: 'frontend' | 'backend'): ProxyFigures {
    const block = side === 'frontend' ? this.fronts.get(proxy)?.block : this.backs.get(proxy)?.block;
    if (block === undefined) return NONE;
    const { ints } = block;
    const { wallMs } = this.reactor;
    const second = Math.floor(wallMs / 1000);
    return {
      current: ints[ProxyInt.CURRENT]!,
      sessionRate: readRate(ints, ProxyInt.SESSION_RATE, second, wallMs % 1000),
      requestRate: readRate(ints, ProxyInt.REQUEST_RATE, second, wallMs % 1000),
      queued: ints[ProxyInt.QUEUED]!,
    };
  }

  emit(sink: string, text: string): void {
    this.events?.emit(sink, text);
  }

  servers(proxy: ProxyConfig): readonly ServerView[] {
    return this.backs.get(proxy)?.servers ?? [];
  }
}
