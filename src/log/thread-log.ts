// One data thread's traffic log: which line a finished stream gets, at which level, and who sends it.

import { LogSender, type LogPages } from './sender.ts';
import type { Config, ProxyConfig } from '../config/model.ts';
import type { DataThreadInit } from '../process/messages.ts';
import type { FaultReport } from '../proto/http1/faults.ts';
import type { Frontend } from '../stream/frontend.ts';
import type { LogSink } from '../stream/plane.ts';
import type { Reactor } from '../reactor/reactor.ts';
import type { Session } from '../stream/session.ts';
import type { Stream } from '../stream/stream.ts';

const INFO = 6;
const ERR = 3;

interface ProxyLog {
  readonly sender: LogSender;
  lines: number;
}

export class ThreadLog implements LogSink {
  private readonly config: Config;
  private readonly init: DataThreadInit;
  private readonly reactor: Reactor;
  private readonly pages: LogPages;
  private readonly logs = new Map<ProxyConfig, ProxyLog>();
  /** Latest malformed messages, newest last, for `show errors`. */
  readonly errors: { readonly side: string; readonly proxy: string; readonly state: string; readonly wallMs: number }[] = [];

  constructor(config: Config, init: DataThreadInit, reactor: Reactor, pages: LogPages) {
    this.config = config;
    this.init = init;
    this.reactor = reactor;
    this.pages = pages;
  }

  addFrontend(frontend: Frontend): void {
    const { config } = frontend;
    if (config.logTargets.length === 0) return;
    const { global } = this.config;
    const facts = {
      tag: config.logTag ?? global.logTag ?? 'haproxy',
      pid: process.pid,
      hostname: global.logSendHostname || this.init.hostname,
      sendHostname: global.logSendHostname !== null,
    };
    const sender = new LogSender(config.logTargets, facts, this.reactor, this.pages, frontend.block.counters);
    this.logs.set(config, { sender, lines: 0 });
  }

  log(stream: Stream): void {
    const { frontend } = stream;
    const log = this.logs.get(frontend);
    if (log === undefined) return;
    log.lines++;
    stream.logCounter = log.lines;
    const failed = !stream.isNormal();
    const separate = failed && frontend.options.has('log-separate-errors');
    const level = stream.logLevel >= 0 ? stream.logLevel : separate ? ERR : INFO;
    const format = frontend.logFormat;
    if (format !== null) {
      log.sender.send(level, format.render(stream));
      return;
    }
    log.sender.send(level, defaultLine(stream));
  }

  invalid(session: Session, _stream: Stream | null, fault: FaultReport, side: 'request' | 'response'): void {
    this.errors.push({ side, proxy: session.frontend.name, state: fault.state, wallMs: this.reactor.wallMs });
    if (this.errors.length > 32) this.errors.shift();
  }
}

/** The line of a proxy without `option httplog` or `tcplog` (manual 8.2.1). */
function defaultLine(stream: Stream): string {
  const { session, frontend } = stream;
  const from = session.source;
  const to = session.destination;
  const mode = frontend.mode === 'http' ? 'HTTP' : 'TCP';
  return `Connect from ${from?.text ?? ''}:${from?.port ?? 0} to ${to?.text ?? ''}:${to?.port ?? 0} (${frontend.name}/${mode})`;
}

