// One data thread's traffic log: which line a finished stream gets, at which level, and who sends it.

import { openRing } from '../core/ring-file.ts';
import { Counter } from '../core/shared.ts';
import { LogRing } from '../core/log-ring.ts';
import { EventSink } from './event-sink.ts';
import { LogSender } from './sender.ts';
import { RuleContext } from '../stream/rule-context.ts';
import { localDateMs } from '../sample/dates.ts';
import { openLogSocket } from './log-socket.ts';
import { writeNow } from './write-now.ts';
import { captureKey, type ErrorCapture, type Refusals } from '../core/error-capture.ts';
import { Origin } from '../sample/origin.ts';
import type { Config, LogProfile, ProxyConfig } from '../config/model.ts';
import type { DataThreadInit } from '../process/messages.ts';
import type { FaultReport } from '../proto/http1/faults.ts';
import type { Frontend } from '../stream/frontend.ts';
import type { LogSink } from '../stream/plane.ts';
import type { Reactor } from '../reactor/reactor.ts';
import type { Session } from '../stream/session.ts';
import { LEVEL_UNSET, type Stream } from '../stream/stream.ts';

/** Lines of one proxy that may be with the kernel at a time. */
const LINES_IN_FLIGHT = 256;
const INFO = 6;
const ERR = 3;

interface ProxyLog {
  readonly sender: LogSender;
  /** Targets have profiles, or lines have structured data: each target's line is made apart. */
  readonly structured: boolean;
  lines: number;
}

export class ThreadLog implements LogSink {
  private readonly config: Config;
  private readonly init: DataThreadInit;
  private readonly reactor: Reactor;
  private readonly logs = new Map<ProxyConfig, ProxyLog>();
  private readonly captures = new Map<string, ErrorCapture>();
  private readonly rings = new Map<string, LogRing>();
  private readonly sinks = new Map<string, EventSink>();
  private refusals = 0;

  constructor(config: Config, init: DataThreadInit, reactor: Reactor) {
    this.config = config;
    this.init = init;
    this.reactor = reactor;
  }

  addFrontend(frontend: Frontend): void {
    const { config } = frontend;
    if (config.logTargets.length === 0) return;
    const { global } = this.config;
    const { reactor } = this;
    const { counters } = frontend.block;
    const named = global.logSendHostname !== null;
    const structured =
      config.logFormatSd !== null ||
      config.logTargets.some(({ profile }) => profile !== null) ||
      this.config.logProfiles.size > 0;
    const sender = new LogSender(config.logTargets, {
      structured,
      tag: config.logTag ?? global.logTag ?? 'haproxy',
      pid: process.pid,
      hostname: named ? global.logSendHostname || this.init.hostname : null,
      reactor,
      slots: LINES_IN_FLIGHT,
      openSocket: (target) => openLogSocket(target, global.kernelBuffers.backend),
      ringOf: ({ key }) => this.ringOf(key),
      write: (fd, at, length) => writeNow(fd, reactor.memory.bytes, at, length),
      dropped: () => {
        counters[Counter.LOG_DROPS]! += 1;
      },
    });
    this.logs.set(config, { sender, structured, lines: 0 });
  }

  private ringOf(key: string): LogRing {
    let ring = this.rings.get(key);
    if (ring === undefined) {
      ring = openRing(this.init.logRings.get(key)!, this.init.logWake);
      this.rings.set(key, ring);
    }
    return ring;
  }

  /** A line to stdout, stderr or a ring; lost where that has no room. */
  emit(name: string, text: string): void {
    let sink = this.sinks.get(name);
    if (sink === undefined) {
      const { global, logRings } = this.config;
      const ring = logRings.get(`ring@${name}`) ?? null;
      const identity = {
        tag: global.logTag ?? 'haproxy',
        pid: process.pid,
        hostname: global.logSendHostname === null ? null : global.logSendHostname || this.init.hostname,
      };
      sink = new EventSink(
        name,
        ring,
        ring === null ? null : this.ringOf(ring.key),
        global.bufsize,
        identity,
      );
      this.sinks.set(name, sink);
    }
    sink.write(text, this.reactor.wallMs);
  }

  log(stream: Stream, origin: Origin, profile: LogProfile | null): void {
    const { frontend } = stream;
    const log = this.logs.get(frontend);
    if (log === undefined) return;
    log.lines++;
    stream.logCounter = log.lines;
    stream.logOrigin = origin;
    const failed = !stream.isNormal();
    const separate = failed && frontend.options.has('log-separate-errors');
    const level = stream.logLevel !== LEVEL_UNSET ? stream.logLevel : separate ? ERR : INFO;
    const own = origin === Origin.SESS_ERROR ? frontend.errorLogFormat : null;
    const format = own ?? frontend.logFormat;
    if (log.structured) {
      const text = format === null ? defaultLine(stream) : '';
      log.sender.sendMessage(level, { format, text, sd: frontend.logFormatSd, stream }, origin, profile);
      return;
    }
    if (format !== null) {
      log.sender.sendFormat(level, format, stream);
      return;
    }
    log.sender.send(level, defaultLine(stream));
  }

  refused(session: Session, reason: string): void {
    const { frontend } = session;
    const log = this.logs.get(frontend);
    if (log === undefined) return;
    log.lines++;
    const level = frontend.options.has('log-separate-errors') ? ERR : INFO;
    const format = frontend.errorLogFormat;
    const stream = RuleContext.of(session);
    stream.logOrigin = Origin.SESS_KILLED;
    if (log.structured) {
      const text = format === null ? refusedLine(session, reason) : '';
      log.sender.sendMessage(level, { format, text, sd: null, stream }, Origin.SESS_KILLED, null);
    } else if (format === null) log.sender.send(level, refusedLine(session, reason));
    else log.sender.sendFormat(level, format, stream);
  }

  /** Keeps the last refused request of each frontend and response of each backend, for `show errors`. */
  invalid(session: Session, stream: Stream | null, fault: FaultReport, side: 'request' | 'response'): void {
    const { memory, wallMs } = this.reactor;
    const connection = side === 'request' ? session.client : (stream?.upstream ?? null);
    if (connection === null) return;
    const server = stream?.server ?? null;
    const source = session.source;
    const capture: ErrorCapture = {
      atMs: wallMs,
      side,
      frontend: session.frontend.name,
      frontendId: session.frontend.id,
      backend: side === 'request' ? '' : (stream?.backend?.name ?? ''),
      backendId: side === 'request' ? -1 : (stream?.backend?.id ?? -1),
      server: side === 'request' ? '' : (server?.name ?? ''),
      serverId: side === 'request' ? -1 : (server?.id ?? -1),
      event: this.refusals++,
      source: source === null ? 'unknown' : `${source.text}:${source.port}`,
      state: fault.state,
      position: Math.max(0, fault.offset - connection.at),
      bufferSize: memory.slabSize,
      bytes: memory.buffer.latin1Slice(connection.at, connection.end),
    };
    this.captures.set(captureKey(capture), capture);
  }

  get errors(): Refusals {
    return { total: this.refusals, captures: [...this.captures.values()] };
  }

  /** For whoever keeps them when the thread is gone: they are not told a second time. */
  takeErrors(): Refusals {
    const { errors } = this;
    this.refusals = 0;
    this.captures.clear();
    return errors;
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

/** The line about a refused connection of a proxy without error-log-format (manual 8.2.5). */
function refusedLine(session: Session, reason: string): string {
  const { source, bind } = session;
  const socket = bind === null ? '' : bind.name || String(bind.id);
  const from = `${source?.text ?? '-'}:${source?.port ?? 0}`;
  return `${from} [${localDateMs(session.acceptedMs)}] ${session.frontend.name}/${socket}: ${reason}`;
}
