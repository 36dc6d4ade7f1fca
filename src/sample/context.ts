// What sample fetches, converters, log formats and actions see of the traffic. The stream implements it; tests
// implement it with literals. Properties are plain fields wherever the data path has them at hand.

import type { ProxyConfig, ServerConfig, BindConfig, Position } from '../config/model.ts';
import type { HttpMessage } from '../http/message.ts';
import type { Origin } from './origin.ts';
import type { ProcessVariableStore, Variables } from './variables.ts';

/** A peer address as the kernel or the PROXY protocol gave it. */
export interface Endpoint {
  readonly family: 'ipv4' | 'ipv6' | 'unix';
  /** Textual form, for example 192.0.2.1 or 2001:db8::1; empty for unix. */
  readonly text: string;
  /** IPv4 as an unsigned integer; 0 otherwise. */
  readonly ipv4: number;
  /** IPv6 as 16 latin1 bytes; empty otherwise. */
  readonly ipv6: string;
  readonly port: number;
}

/** Figures of one frontend, backend or server that rules may read; global across threads. */
export interface ProxyFigures {
  /** Current sessions. */
  readonly current: number;
  /** Sessions in the last second. */
  readonly sessionRate: number;
  readonly requestRate: number;
  readonly queued: number;
}

export interface ServerView {
  readonly config: ServerConfig;
  readonly name: string;
  readonly id: number;
  /** The address used now, textual, and its port. */
  readonly addressText: string;
  readonly port: number;
  readonly usable: boolean;
  readonly current: number;
  readonly queued: number;
  readonly sessionRate: number;
  /** Effective weight as `show stat` reports it, and the user's (0..256). */
  readonly weight: number;
  readonly userWeight: number;
}

/** Runtime answers about proxies, given by the process: used by be_conn, nbsrv, srv_is_up and so on. */
export interface ProcessView {
  readonly config: import('../config/model.ts').Config;
  figures(proxy: ProxyConfig, side: 'frontend' | 'backend'): ProxyFigures;
  servers(proxy: ProxyConfig): readonly ServerView[];
  readonly threadId: number;
  readonly startedMs: number;
  readonly stopping: boolean;
  readonly processVariables: ProcessVariableStore;
  /** Writes an event to a sink that exists: stdout, stderr or a ring. Best effort. */
  emit(sink: string, text: string): void;
}

export interface SessionContext {
  readonly frontend: ProxyConfig;
  readonly bind: BindConfig | null;
  /** Client address and the address it connected to; after PROXY protocol or set-src, the new ones. */
  source: Endpoint | null;
  destination: Endpoint | null;
  /** The same as seen on the wire. */
  readonly wireSource: Endpoint | null;
  readonly wireDestination: Endpoint | null;
  readonly acceptedMs: number;
  /** Bytes of the TLVs of a PROXY v2 header by type, latin1, or null. */
  readonly proxyTlvs: Map<number, string> | null;
  readonly receivedProxy: boolean;
  readonly variables: Variables;
  readonly isFirstRequest: boolean;
  readonly connectionFd: number;
  /** Why the connection was refused before its first byte counted, as the log words it; '' while it was not. */
  readonly connectionFault: string;
  /** The negated errno that broke the connection later; 0 or more while none did. */
  readonly clientFault: number;
  /** Headers of the SYN that opened the connection, latin1; '' where the kernel kept none (bind option tcp-ss). */
  savedSyn(): string;
  /** Connections that the same listening socket has at present, in all threads. */
  readonly listenerCurrent: number;
}

/**
 * Moments of 8.4, each in ms since the accept date (of the stream); -1 while not reached. The times that logs show
 * are differences: TR is `request - idle`, Tw `queue - request`, Tc `connect - queue`, Tr `response - connect`.
 */
export interface StreamTimers {
  /** Handshakes over (0 without any). */
  handshake: number;
  /** First byte of the request. */
  idle: number;
  /** Request head complete; stays -1 in TCP mode. */
  request: number;
  /** Out of the queue: a server slot was given. */
  queue: number;
  /** Connected to the server. */
  connect: number;
  /** Response head complete. */
  response: number;
  /** Last byte of the response. */
  data: number;
  /** End of the stream. */
  total: number;
}

/** What it took to process a stream (manual 7.3.2: cpu_calls and its kin). */
export interface Effort {
  /** Calls, with the one under way. */
  calls(): number;
  /** Nanoseconds in these calls so far. */
  cpuNs(): number;
  /** Nanoseconds that these calls waited for others of the same turn. */
  latencyNs(): number;
}

/** Timeouts that rules may set for one stream. */
export type TimeoutKind = 'server' | 'tunnel' | 'client' | 'connect' | 'queue' | 'tarpit';

export interface StreamContext {
  readonly session: SessionContext;
  readonly process: ProcessView;
  readonly frontend: ProxyConfig;
  /** The backend in charge, the frontend's own for a listen; null before it is chosen. */
  backend: ProxyConfig | null;
  server: ServerView | null;
  /** Present in HTTP mode once the head is parsed. */
  readonly request: HttpMessage | null;
  readonly response: HttpMessage | null;
  /** Which side rules run for: decides `hdr()` without prefix. */
  readonly direction: 'request' | 'response';
  /** Raw bytes received so far in TCP content inspection, latin1, made when asked. */
  requestPayload(): string;
  responsePayload(): string;
  /** No more bytes will come (end of input, full buffer or inspect-delay over). */
  readonly inspectionOver: boolean;
  readonly transactionVariables: Variables;
  readonly requestVariables: Variables;
  readonly responseVariables: Variables;
  /** unique-id, made once on first use from the frontend's format. */
  uniqueId(): string;
  readonly requestCaptured: (string | null)[];
  readonly responseCaptured: (string | null)[];
  readonly timers: StreamTimers;
  readonly wallMs: number;
  readonly acceptedMs: number;
  /** Both ends of the connection to the server; null before it is made. */
  readonly backendSource: Endpoint | null;
  readonly backendDestination: Endpoint | null;
  /** The connection to the server had carried other requests before. */
  readonly reused: boolean;
  /** What logs show as the server: its name, `<NOSRV>`, or the internal service that answered (`<STATS>`). */
  readonly serverLogName: string;
  /**
   * The request line as received, before rules touched it, the target cut to tune.http.logurilen. Null until a valid
   * one was parsed: logs then show `<BADREQ>`.
   */
  readonly capturedMethod: string | null;
  readonly capturedTarget: string;
  readonly capturedVersion: string;
  /** `name=value` found by `capture cookie`, cut to its length; null where there was none. */
  readonly requestCookieCaptured: string | null;
  readonly responseCookieCaptured: string | null;
  /** The line is logged before the stream ended (option logasap): times and bytes get a '+'. */
  readonly inProgress: boolean;
  /** Why the line is made that is being written. */
  readonly logOrigin: Origin;
  /** Lines this frontend has logged, this one included. */
  readonly logCounter: number;
  /** Status sent to the client, -1 before. */
  readonly status: number;
  /** Bytes sent to the client / received from it. */
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly retriesDone: number;
  readonly redispatched: boolean;
  /** Bytes sent to the server / received from it. */
  readonly bytesToServer: number;
  readonly bytesFromServer: number;
  /** The server's own status, before rules changed it; -1 without an answer. */
  readonly serverStatus: number;
  readonly priorityClass: number;
  readonly priorityOffset: number;
  /**
   * A field of the kernel's TCP_INFO (tcp(7)) of one of the connections.
   *
   * @param at offset in bytes of a field of four bytes
   * @returns -1 where there is no connection, or none of TCP
   */
  tcpInfo(side: 'client' | 'server', at: number): number;
  /** The negated errno that ended the last attempt to reach the server; 0 while none failed. */
  readonly serverFault: number;
  /** The rule that waits, or waited when the stream was ended by an error or a timeout; null without one. */
  readonly waitingRule: Position | null;
  /**
   * Inner state of one side for developers: `name=value` words.
   *
   * @param layers sum of 1 stream, 2 protocol, 4 transport, 8 connection, 16 socket
   * @returns '' where that side has no connection
   */
  debugText(side: 'client' | 'server', layers: number): string;
  /** What ended so far at each level, from the client's connection to the server's (term_events). */
  endEvents(): string;
  /** Cost of this stream so far; null where the configuration has nobody who asks. */
  readonly effort: Effort | null;
  /** Whether an address is one of this machine's; some system calls. */
  isLocal(address: Endpoint): boolean;
  /** Retries this stream may make: the backend's or what a rule set. */
  readonly retriesAllowed: number;
  /** A timeout that holds for this stream, ms: what a rule set or the proxy's. */
  timeoutOf(kind: TimeoutKind): number;
  /** Termination flags, four letters such as `SC--` (manual 8.5). */
  terminationFlags(): string;
  /** No error has been met so far: what option dontlog-normal goes by. */
  isNormal(): boolean;
  readonly logSource: string;
  readonly lastRule: Position | null;
  readonly counts: StreamCounts;
}

/** Concurrency and queue figures as they were when the stream went through, for %ac %fc %bc %sc %sq %bq. */
export interface StreamCounts {
  readonly process: number;
  readonly frontend: number;
  readonly backend: number;
  readonly server: number;
  readonly serverQueue: number;
  readonly backendQueue: number;
  readonly requests: number;
}
