// Messages of the control thread: to the process's stderr in HAProxy's frame, and to the log targets of the proxy
// they are about.

import type { LogTarget } from '../config/model.ts';
import type { LogIdentity } from './header.ts';
import { HEADER_ROOM, TargetFilter } from './target.ts';

/** The frame of a message on stderr: `[WARNING]  (123) : text`. */
export function frame(kind: 'NOTICE' | 'WARNING' | 'ALERT', pid: number, text: string): string {
  return `${`[${kind}]`.padEnd(10)} (${pid}) : ${text}\n`;
}

export interface EventLogOptions extends LogIdentity {
  /** Sends one datagram or writes to a descriptor; must not block. False: it was lost. */
  deliver(target: LogTarget, line: Buffer): boolean;
  dropped(): void;
}

/** Sends control-thread messages to a proxy's targets. */
export class EventLog {
  private readonly filters: TargetFilter[];
  private readonly options: EventLogOptions;
  private readonly line: Buffer;

  constructor(targets: readonly LogTarget[], options: EventLogOptions) {
    this.options = options;
    this.filters = targets.map((target) => new TargetFilter(target, options));
    this.line = Buffer.alloc(Math.max(0, ...targets.map((target) => target.length)) + HEADER_ROOM);
  }

  /** `level`: 0 emerg to 7 debug. */
  send(level: number, text: string, wallMs: number): void {
    for (const filter of this.filters) {
      if (!filter.accepts(level)) continue;
      const length = filter.format(this.line, 0, level, text, wallMs);
      if (!this.options.deliver(filter.target, this.line.subarray(0, length))) this.options.dropped();
    }
  }
}

/** Numbers that end each message about a server. */
export interface ServersLeft {
  readonly active: number;
  readonly backup: number;
  readonly sessions: number;
  readonly requeued: number;
  readonly queued: number;
}

function left(counts: ServersLeft): string {
  return (
    `${counts.active} active and ${counts.backup} backup servers left. ` +
    `${counts.sessions} sessions active, ${counts.requeued} requeued, ${counts.queued} remaining in queue.`
  );
}

/** `reason`: what the check said, or null for an administrator's change. */
export interface StateReason {
  readonly description: string;
  readonly code: number;
  readonly info: string;
  readonly durationMs: number;
}

function because(reason: StateReason | null): string {
  if (reason === null) return '';
  const code = reason.code > 0 ? `, code: ${reason.code}` : '';
  const info = reason.info === '' ? '' : `, info: "${reason.info}"`;
  const took = reason.durationMs < 0 ? '' : `, check duration: ${reason.durationMs}ms`;
  return `, reason: ${reason.description}${code}${info}${took}`;
}

/** `server`: `backend/name`. */
export const serverDown = (server: string, reason: StateReason | null, counts: ServersLeft): string =>
  `Server ${server} is DOWN${because(reason)}. ${left(counts)}`;
export const serverUp = (
  server: string,
  reason: StateReason | null,
  active: number,
  backup: number,
  queued: number,
): string =>
  `Server ${server} is UP${because(reason)}. ${active} active and ${backup} backup servers online. ` +
  `0 sessions requeued, ${queued} total in queue.`;
export const serverMaintenance = (server: string, counts: ServersLeft): string =>
  `Server ${server} is going DOWN for maintenance. ${left(counts)}`;
export const serverReady = (server: string): string =>
  `Server ${server} is UP/READY (leaving forced maintenance).`;
export const noServer = (kind: 'proxy' | 'backend', name: string): string =>
  `${kind} '${name}' has no server available!`;
export const frontendPaused = (name: string): string => `Paused frontend ${name}.`;
export const frontendResumed = (name: string): string => `Resumed frontend ${name}.`;
export const proxyStopped = (name: string, frontend: number, backend: number): string =>
  `Proxy ${name} stopped (cumulated conns: FE: ${frontend}, BE: ${backend}).`;
