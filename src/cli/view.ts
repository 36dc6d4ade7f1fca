// What the stats socket's commands may see and do. The control thread implements it over the running process; tests
// use `fake.ts`. Commands never reach around it, so that they know neither threads nor generations.

import type { PatternStore } from '../acl/store.ts';
import type { BindConfig, ProxyConfig, ServerConfig } from '../config/model.ts';
import type { Refusals } from '../core/error-capture.ts';
import type { LogRing } from '../core/log-ring.ts';
import type { SharedBlock } from '../core/shared.ts';

export type Level = 'user' | 'operator' | 'admin';

/** One message of `show startup-logs`. */
export interface StartupLog {
  readonly level: 'notice' | 'warning' | 'alert';
  readonly text: string;
}

/** What some totals of `show stat` were when `clear counters` set them back, see stats/h1.ts. Outlives reloads. */
export type Baselines = Map<string, readonly number[]>;

/** Facts about the process for `show info`; read once for each answer. Sizes in bytes. */
export interface ProcessFacts {
  readonly pid: number;
  readonly threads: number;
  readonly node: string;
  readonly description: string | null;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly releaseDate: string;
  readonly version: string;
  readonly ulimitN: number;
  readonly maxSockets: number;
  readonly maxconn: number;
  readonly hardMaxconn: number;
  readonly currentConnections: number;
  readonly connections: number;
  readonly requests: number;
  readonly connectionRate: number;
  readonly connectionRateMax: number;
  /** 0 for none. */
  readonly connectionRateLimit: number;
  readonly sessionRate: number;
  readonly sessionRateMax: number;
  readonly sessionRateLimit: number;
  /** Region sizes of the data threads: mapped, and in use now. */
  readonly poolAllocated: number;
  readonly poolUsed: number;
  readonly poolFailures: number;
  readonly tasks: number;
  readonly idlePercent: number;
  readonly stopping: boolean;
  readonly jobs: number;
  readonly listeners: number;
  readonly droppedLogs: number;
  readonly bytesOut: number;
  readonly bytesOutRate: number;
  readonly splicedBytesOut: number;
  readonly maxpipes: number;
  readonly pipesUsed: number;
  readonly pipesFree: number;
  readonly warnings: number;
}

/** The last result of a health or agent check, as texts that `show stat` prints. */
export interface CheckView {
  /** `L4OK`, `L7STS` and so on; `* ` is put in front while `running`. */
  readonly status: string;
  readonly description: string;
  /** The numeric code of `status` in `show servers state`. */
  readonly statusCode: number;
  /** 0 unknown, 1 neutral, 2 failed, 3 passed, 4 conditionally passed. */
  readonly result: number;
  readonly running: boolean;
  /** Layer 7 code, 0 for none. */
  readonly code: number;
  /** Milliseconds, -1 when no check finished yet. */
  readonly durationMs: number;
  readonly health: number;
  readonly rise: number;
  readonly fall: number;
  /** Contents of the last answer or the error text. */
  readonly last: string;
}

/** A refusal's text as shown to the user, without line end; null when the change was made. */
export type Refusal = string | null;

/** What `set server agent-*` changes in place. */
export interface AgentSettings {
  /** Textual address, null for the server's own. */
  address: string | null;
  port: number;
  send: string;
}

/** A server and everything that may be changed at run time. */
export interface ServerControl {
  readonly config: ServerConfig;
  readonly block: SharedBlock;
  /** Current textual address, `-` when there is none. */
  readonly address: string;
  readonly port: number;
  /** The value of the persistence cookie that names it, or null. */
  readonly cookie: string | null;
  /** null where no health (agent) check is configured. */
  readonly check: CheckView | null;
  readonly agent: CheckView | null;
  readonly checkPort: number;
  /** null: the server's own. */
  readonly checkAddress: string | null;
  /** What `set server agent-*` may change; null without an agent check. */
  readonly agentSettings: AgentSettings | null;
  setState(state: 'ready' | 'drain' | 'maint'): void;
  /** Absolute, 0..256; changes are validated by the command. */
  setWeight(weight: number): Refusal;
  setMaxconn(maxconn: number): void;
  setHealth(health: 'up' | 'stopping' | 'down'): Refusal;
  setAgentHealth(health: 'up' | 'down'): Refusal;
  /** Only where the check exists. */
  enableCheck(on: boolean): void;
  enableAgent(on: boolean): void;
  setCheckAddress(address: string): void;
  setCheckPort(port: number): void;
  /** Either may be null: not to be changed. */
  setAddress(address: string | null, port: number | null): void;
  shutdownSessions(): void;
}

export interface ListenerView {
  readonly bind: BindConfig;
  readonly block: SharedBlock;
  /** Name in stats: the bind's name or `sock-N`. */
  readonly name: string;
  /** `ip:port`, `unix`. */
  readonly addressText: string;
  readonly status: 'OPEN' | 'FULL' | 'PAUSED' | 'STOP';
}

/** A proxy: a listen has both sides. */
export interface ProxyControl {
  readonly config: ProxyConfig;
  readonly frontend: SharedBlock | null;
  readonly backend: SharedBlock | null;
  readonly servers: readonly ServerControl[];
  readonly listeners: readonly ListenerView[];
  readonly frontendState: 'OPEN' | 'PAUSED' | 'STOP';
  /** Only for a frontend. */
  pause(): void;
  resume(): void;
  shutdown(): void;
  /** 0 takes the process's limit. */
  setMaxconn(maxconn: number): void;
}

/** A proxy, listener or server as `show sess` names it. */
export interface PartRow {
  /** '?' for a listener without a name. */
  readonly name: string;
  readonly id: number;
  /** The proxy's mode; '' for others. */
  readonly mode: string;
  /** The listener's or server's address, or ours towards the server: `1.2.3.4:80`, `unix`; '' where there is none. */
  readonly address: string;
}

/** A stream of a data thread. */
export interface SessionRow {
  /** The handle printed in front (`0x...`) and given to `shutdown session`. */
  readonly id: string;
  /** Counts the sessions of a data thread. */
  readonly serial: number;
  /** Unix time of the stream's start, ms. */
  readonly startedAtMs: number;
  readonly protocol: string;
  readonly source: string;
  readonly frontend: PartRow;
  readonly listener: PartRow;
  readonly backend: PartRow | null;
  readonly server: PartRow | null;
  /** From 0. */
  readonly thread: number;
  readonly ageMs: number;
  /** Until the nearest of its timeouts, below 0 where it is overdue; null where none runs. */
  readonly expiresMs: number | null;
  readonly retries: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** The request's target as received, as it may stand in a log; '' where there is none. */
  readonly uri: string;
  /** It should have ended already, or nothing would ever end it. */
  readonly suspicious: boolean;
}

export interface CliSocketRow {
  readonly name: string;
  readonly level: Level;
}

/** A buffer of events (management.txt `show events`). */
export interface EventSink {
  readonly name: string;
  readonly description: string;
  /** Null for a descriptor, which keeps nothing. */
  readonly ring: LogRing | null;
}

export interface ControlView {
  readonly eventSinks: readonly EventSink[];
  readonly proxies: readonly ProxyControl[];
  /** Maps and the patterns of ACLs. */
  readonly patterns: PatternStore;
  readonly sockets: readonly CliSocketRow[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly startupLogs: readonly StartupLog[];
  facts(): ProcessFacts;
  readonly baselines: Baselines;
  /** Seconds on the clock of `LAST_CHANGE` and the rates, and milliseconds within it. */
  clock(): { second: number; millisecond: number };
  /** The last refused request and response of each proxy, and how many there were in all. */
  errors(): Promise<Refusals>;
  listSessions(): Promise<readonly SessionRow[]>;
  /** False: no such session. */
  killSession(id: string): Promise<boolean>;
  /** False: out of the range that descriptors allow. */
  setMaxconn(maxconn: number): boolean;
  /** A variable of the process with the name of its type; null where it is not set. */
  getVariable(name: string): { readonly type: string; readonly text: string } | null;
  /** Sets it from an expression, or a format; returns what is wrong, or null. */
  setVariable(name: string, source: string, format: boolean): string | null;
  /** Of the process, each second; 0 for no limit. Holds at once, and until the next reload. */
  setRateLimit(what: 'connections' | 'sessions', rate: number): void;
  /** Makes data thread `thread` (from 1) or the control thread (0) fail as a bug would. False: no such thread now. */
  provokeBug(thread: number, where: 'turn' | 'message' | 'heap'): boolean;
  /** Clears the process-wide maxima or, with `all`, its totals too. */
  clearProcessCounters(all: boolean): void;
}

/** Finds a proxy by name or `#id`/number, with the side asked for. */
export function findProxy(
  view: ControlView,
  name: string,
  side: 'frontend' | 'backend',
): ProxyControl | null {
  for (const proxy of view.proxies) if (proxy.config.name === name && proxy[side] !== null) return proxy;
  const id = /^#?\d+$/.test(name) ? Number(name.replace('#', '')) : 0;
  if (id > 0)
    for (const proxy of view.proxies) if (proxy.config.id === id && proxy[side] !== null) return proxy;
  return null;
}
