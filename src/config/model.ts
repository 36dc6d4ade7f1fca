// What a checked configuration says: plain data plus the closures that expressions and rules were compiled to.
// The parser fills it once; after `Config.freeze` nobody changes it. Each data thread builds its own copy from the
// same sources, because closures cannot cross threads.

import type { Enabled } from '../sample/jwe.ts';
import type { Expression } from '../sample/expression.ts';
import type { Variables } from '../sample/variables.ts';
import type { LogFormat } from '../sample/logformat.ts';
import type { Condition } from '../acl/condition.ts';
import type { AclTable } from '../acl/acl.ts';
import type { LocalReply, RuleAction, RuleTarget } from '../rules/rule.ts';
import type { BalanceSettings } from '../balance/balance.ts';
import type { Address } from './address.ts';
import type { Userlist } from './userlists.ts';

/** Where a word was read. */
export interface Position {
  readonly file: string;
  readonly line: number;
}

/** `log` is of backends alone: their servers take log lines. */
export type Mode = 'tcp' | 'http' | 'log';
export type ProxyKind = 'defaults' | 'frontend' | 'backend' | 'listen';

/** Milliseconds; 0 means that the timeout is not set (infinite). */
export interface Timeouts {
  client: number;
  clientFin: number;
  connect: number;
  server: number;
  serverFin: number;
  queue: number;
  tunnel: number;
  check: number;
  httpRequest: number;
  httpKeepAlive: number;
  tarpit: number;
}

/** A rule of any family: what it does and when. */
export interface Rule {
  readonly action: RuleAction;
  readonly condition: Condition | null;
  readonly position: Position;
}

export interface UseBackendRule {
  /** A constant name resolved after parsing, or a format evaluated per stream. */
  readonly name: string | null;
  readonly format: LogFormat | null;
  backend: ProxyConfig | null;
  readonly condition: Condition | null;
  readonly position: Position;
}

export interface UseServerRule {
  readonly name: string | null;
  readonly format: LogFormat | null;
  server: ServerConfig | null;
  readonly condition: Condition | null;
  readonly position: Position;
}

/** force-persist, ignore-persist. */
export interface PersistRule {
  readonly kind: 'force' | 'ignore';
  readonly condition: Condition;
  readonly position: Position;
}

export type LogLevel = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;
export type LogTargetFormat =
  'local' | 'rfc3164' | 'rfc5424' | 'priority' | 'short' | 'timed' | 'iso' | 'raw';

/** What a log-profile says of one step; what is null is the proxy's own. */
export interface LogProfileStep {
  readonly drop: boolean;
  readonly format: LogFormat | null;
  readonly sd: LogFormat | null;
}

/** A `log-profile` section. */
export interface LogProfile {
  readonly name: string;
  tag: string | null;
  /** By `Origin`. */
  readonly steps: Map<number, LogProfileStep>;
  any: LogProfileStep | null;
}

/** A ring of log lines in shared memory: a `ring` section, or what stands before a log backend or a TCP server. */
export interface LogRingConfig {
  /** By this the memory is found, across reloads too: `ring@NAME`, `backend@NAME`, `tcp@ADDRESS`. */
  readonly key: string;
  readonly name: string;
  readonly position: Position;
  description: string;
  format: LogTargetFormat;
  /** Longest line kept, bytes. */
  maxlen: number;
  /** Bytes. */
  size: number;
  /** Mirrored to this file; null without one. */
  backingFile: string | null;
  /** Servers and timeouts of a ring that is sent on; of a log backend the backend itself. */
  readonly proxy: ProxyConfig;
}

/** A `log-forward` section. */
export interface LogForwardConfig {
  readonly name: string;
  readonly position: Position;
  /** Its stream sockets, limits and log targets. */
  readonly proxy: ProxyConfig;
  readonly datagramBinds: BindConfig[];
  host: 'replace' | 'fill' | 'keep' | 'append';
  /** option assume-rfc6587-ntf. */
  onlyLines: boolean;
  /** Not with option dont-parse-log. */
  parses: boolean;
}

/** One `log` line. */
export interface LogTarget {
  /** Known once all files are read. */
  profile: LogProfile | null;
  readonly transport: 'udp' | 'unix' | 'fd' | 'ring';
  /** For transport ring; known once all files are read. */
  ring: LogRingConfig | null;
  readonly address: Address | null;
  /** For transport fd: 1 stdout, 2 stderr, or `fd@N`. */
  readonly fd: number;
  /** Longest line sent, bytes. */
  length: number;
  format: LogTargetFormat;
  /** The line names a format; else messages of others keep theirs. */
  readonly formatGiven: boolean;
  readonly facility: number;
  /** Least severe level sent. */
  readonly level: LogLevel;
  /** Messages more severe than this are sent as this. */
  readonly minLevel: LogLevel;
  /** `sample` ranges: 1-based [low, high] pairs within `size`; null when all are sent. */
  readonly sample: { readonly ranges: readonly (readonly [number, number])[]; readonly size: number } | null;
  readonly position: Position;
}

/** An error reply: a whole HTTP message (errorfile, built-in), or a redirect (errorloc). */
export interface ErrorReply {
  readonly status: number;
  /** The complete message in HTTP/1 form, latin1; null where `make` is set, or where there is no page after all. */
  readonly raw: string | null;
  /** Makes the reply per stream (http-error). */
  readonly make: ((target: RuleTarget) => LocalReply | null) | null;
  /** Where it came from, for `show` and diagnostics. */
  readonly source: string;
}

export interface CookieSettings {
  name: string;
  mode: 'insert' | 'rewrite' | 'prefix' | 'passive';
  indirect: boolean;
  nocache: boolean;
  postonly: boolean;
  preserve: boolean;
  httponly: boolean;
  secure: boolean;
  dynamic: boolean;
  domains: string[];
  attrs: string[];
  /** Seconds; 0 when unset. */
  maxidle: number;
  maxlife: number;
}

export interface HttpCheckSettings {
  method: string;
  uri: string;
  version: string;
  host: string | null;
  /** Header lines of `http-check send`, in order. */
  headers: { name: string; value: string }[];
  body: string;
}

export interface CheckExpect {
  readonly negate: boolean;
  readonly kind: 'status' | 'rstatus' | 'string' | 'rstring';
  readonly pattern: string;
  /** `pattern` of rstatus and rstring, translated; null for the other kinds. */
  readonly regex: RegExp | null;
  readonly ranges: readonly (readonly [number, number])[];
}

export interface CheckSettings {
  kind: 'tcp' | 'http';
  http: HttpCheckSettings;
  expects: CheckExpect[];
  /** Whether `http-check send` has made the request. */
  sends: boolean;
  /** The request, the expectations are those of a `defaults` section: the first one of our own takes their place. */
  inheritsRequest: boolean;
  inheritsExpects: boolean;
  disableOn404: boolean;
  sendState: boolean;
}

export interface CaptureHeader {
  readonly name: string;
  readonly length: number;
}

export interface ForwardHeader {
  readonly header: string;
  readonly except: Address | null;
  readonly ifNone: boolean;
  readonly exceptMask: number;
}

export interface SourceSettings {
  readonly address: Address | null;
  readonly interfaceName: string | null;
  /** usesrc: the address that servers see instead, which need not be one of ours; checks keep the first. */
  readonly presented: PresentedSource | null;
}

/** `client`: with its port. `expression`: an address, null for one that never gives any. */
export type PresentedSource =
  | { readonly kind: 'client' | 'clientip' }
  | { readonly kind: 'address'; readonly address: Address }
  | { readonly kind: 'expression'; readonly expression: Expression | null };

/** One listening socket option set; a `bind` line with ranges or comma lists makes several. */
export interface BindConfig {
  /** Socket id, `id` option or automatic, unique in its proxy. */
  id: number;
  /** `name` option, else null. */
  name: string | null;
  readonly address: Address;
  readonly position: Position;
  acceptProxy: boolean;
  backlog: number;
  maxconn: number;
  interfaceName: string | null;
  v4v6: boolean;
  v6only: boolean;
  deferAccept: boolean;
  transparent: boolean;
  tfo: boolean;
  tcpUserTimeout: number;
  /** What is kept of a SYN: 0 nothing, 1 from its IP header on, 2 from its Ethernet header on (tcp-ss). */
  saveSyn: number;
  mss: number;
  mode: number | null;
  uid: number | null;
  gid: number | null;
  nice: number;
  /** Only on stats sockets. */
  level: 'user' | 'operator' | 'admin';
  exposeFdListeners: boolean;
  severityOutput: 'none' | 'number' | 'string';
}

export interface ServerConfig {
  readonly name: string;
  /** `id` option or automatic (1-based in its backend). */
  id: number;
  /** Whether the configuration gave the id. */
  forcedId: boolean;
  readonly position: Position;
  address: Address;
  /** Port of the address: fixed, the client's plus an offset, or none (the client's). */
  portKind: 'fixed' | 'offset' | 'none';
  port: number;
  weight: number;
  backup: boolean;
  disabled: boolean;
  maxconn: number;
  minconn: number;
  maxqueue: number;
  slowstartMs: number;
  cookie: string | null;
  redir: string | null;
  check: boolean;
  interMs: number;
  fastinterMs: number;
  downinterMs: number;
  rise: number;
  fall: number;
  checkPort: number;
  checkAddress: Address | null;
  checkSendProxy: boolean;
  agentCheck: boolean;
  agentInterMs: number;
  agentPort: number;
  agentAddress: Address | null;
  /** Sent to the agent as it stands. */
  agentSend: string;
  track: string | null;
  onMarkedDown: 'none' | 'shutdown-sessions';
  onMarkedUp: 'none' | 'shutdown-backup-sessions';
  sendProxy: 0 | 1 | 2;
  /** proxy-v2-options in use: 'unique-id', 'crc32c', 'authority'. */
  proxyV2Options: string[];
  proxyV2Tlvs: { type: number; format: LogFormat }[];
  source: SourceSettings | null;
  tcpUserTimeout: number;
  tfo: boolean;
  poolMaxConn: number;
  poolLowConn: number;
  poolPurgeDelayMs: number;
  maxReuse: number;
  initAddr: readonly string[];
  hashKey: 'id' | 'addr' | 'addr-port';
  /** How lines of logs are told apart on a TCP connection (RFC 6587). */
  logProto: 'legacy' | 'octet-count';
  /** log-bufsize, bytes. */
  logBufsize: number;
  initState: 'fully-up' | 'up' | 'down' | 'fully-down' | 'none';
  backend: ProxyConfig;
}

/** Options that are plain switches: `option NAME`. The value says where `no option NAME` left it. */
export type OptionName = string;

/** A `filter bwlim-in` or `bwlim-out` line, in force where a set-bandwidth-limit rule names it. */
export interface BandwidthFilter {
  readonly name: string;
  readonly direction: 'in' | 'out';
  /** Bytes within `periodMs`. */
  readonly limit: number;
  readonly periodMs: number;
  /** The least that is forwarded at a time, bytes; 0 where none was given. */
  readonly minSize: number;
}

/** How TCP probes an idle peer; 0 leaves it to the system. */
export interface KeepAliveTimes {
  readonly count: number;
  readonly idleSeconds: number;
  readonly intervalSeconds: number;
}

/** What the kernel keeps of a socket's data, in bytes; 0 leaves it to the system. */
export interface KernelBuffers {
  receive: number;
  send: number;
  unsent: number;
}

/** unix-bind: of unix sockets of `bind` lines, where these say nothing themselves. */
export interface UnixBindSettings {
  prefix: string;
  mode: number | null;
  uid: number | null;
  gid: number | null;
}

/** Kinds of sockets with settings of their own: connections by their side, datagrams by what they are for. */
export type SocketSide = 'client' | 'server' | 'frontend' | 'backend';

export interface ProxyConfig {
  readonly kind: ProxyKind;
  readonly name: string;
  /** The proxy's id in stats: `id` keyword or automatic. */
  id: number;
  /** Whether the configuration gave the id. */
  forcedId: boolean;
  readonly position: Position;
  mode: Mode;
  description: string | null;
  disabled: boolean;
  /** be-unpublished. */
  unpublished: boolean;
  /** Frontend side capacity; 0 takes the global value. */
  maxconn: number;
  /** Sessions that may begin each second; 0 for no limit. */
  sessionRate: number;
  backlog: number;
  fullconn: number;
  retries: number;
  retryOn: Set<string>;
  /** clitcpka-*, srvtcpka-*. */
  keepAlive: { client: KeepAliveTimes; server: KeepAliveTimes };
  /** option tcp-smart-accept; null: as the mode says. */
  smartAccept: boolean | null;
  /** option redispatch: 0 off, -1 on the last retry, N every N retries. */
  redispatch: number;
  timeouts: Timeouts;
  /** Switch options present and on (`option httplog` and so on are settled into fields below). */
  options: Set<OptionName>;
  /** option http-restrict-req-hdr-names. */
  headerNames: 'preserve' | 'delete' | 'reject';
  httpConnection: 'keep-alive' | 'server-close' | 'close';
  httpReuse: 'never' | 'safe' | 'aggressive' | 'always';
  binds: BindConfig[];
  servers: ServerConfig[];
  defaultServer: Partial<ServerConfig>;
  balance: BalanceSettings;
  cookie: CookieSettings | null;
  dynamicCookieKey: string | null;
  defaultBackendName: string | null;
  defaultBackend: ProxyConfig | null;
  acls: AclTable;
  useBackend: UseBackendRule[];
  useServer: UseServerRule[];
  /** force-be-switch. */
  forceSwitch: Condition[];
  persistRules: PersistRule[];
  /** persist rdp-cookie: its name in lower case, or null. */
  rdpPersist: string | null;
  bandwidthFilters: BandwidthFilter[];
  /** load-server-state-from-file. */
  serverStates: 'global' | 'local' | 'none';
  /** server-state-file-name, or null for the backend's name. */
  serverStateFile: string | null;
  tcpRequestConnection: Rule[];
  tcpRequestSession: Rule[];
  tcpRequestContent: Rule[];
  tcpRequestInspectDelayMs: number;
  tcpResponseContent: Rule[];
  tcpResponseInspectDelayMs: number;
  httpRequest: Rule[];
  httpResponse: Rule[];
  httpAfterResponse: Rule[];
  /** `redirect` keyword rules: run after http-request. */
  redirects: Rule[];
  errors: Map<number, ErrorReply>;
  monitorUri: string | null;
  monitorFail: Condition[];
  forwardFor: ForwardHeader | null;
  originalTo: ForwardHeader | null;
  /** option forwarded: the header's parts in order, or null. */
  forwarded: ForwardedSettings | null;
  uniqueIdFormat: LogFormat | null;
  uniqueIdHeader: string | null;
  requestCaptures: CaptureHeader[];
  responseCaptures: CaptureHeader[];
  captureCookie: { readonly name: string; readonly length: number; readonly prefix: boolean } | null;
  logTargets: LogTarget[];
  logTag: string | null;
  logFormat: LogFormat | null;
  errorLogFormat: LogFormat | null;
  /** The structured data of lines in format rfc5424. */
  logFormatSd: LogFormat | null;
  /** log-steps: a bit for each `Origin` that makes a line; 0 for one line in the end. */
  logSteps: number;
  /** What stands in for `option httplog` in TCP mode. */
  tcpLogFormat: LogFormat | null;
  /** What `option httplog`/`tcplog` chose, for messages about overriding. */
  logFormatSource: string | null;
  /** Where that was written. */
  logFormatPosition: Position | null;
  check: CheckSettings;
  source: SourceSettings | null;
  stats: StatsSettings | null;
}

export interface ForwardedPart {
  readonly name: 'proto' | 'host' | 'by' | 'by_port' | 'for' | 'for_port';
  readonly expression: Expression | null;
}

export interface ForwardedSettings {
  readonly parts: readonly ForwardedPart[];
}

/** `stats enable` and friends; null when the proxy serves no statistics page. */
export interface StatsSettings {
  uri: string;
}

export interface StatsSocketConfig {
  readonly bind: BindConfig;
  readonly position: Position;
}

/** The most that variables of each scope may take, bytes; 0 for no limit. */
export interface VariableLimits {
  global: number;
  proc: number;
  sess: number;
  txn: number;
  reqres: number;
}

export interface GlobalConfig {
  maxconn: number;
  /** Connections and sessions that may begin each second; 0 for no limit. */
  connectionRate: number;
  sessionRate: number;
  nbthread: number;
  ulimitN: number;
  daemon: boolean;
  pidfile: string | null;
  /** server-state-file and server-state-base, as written. */
  serverStateFile: string | null;
  serverStateBase: string | null;
  chroot: string | null;
  user: string | null;
  group: string | null;
  uid: number | null;
  gid: number | null;
  node: string | null;
  description: string | null;
  hardStopAfterMs: number;
  graceMs: number;
  statsSockets: StatsSocketConfig[];
  statsTimeoutMs: number;
  statsMaxconn: number;
  logTargets: LogTarget[];
  logTag: string | null;
  /** log-send-hostname: the name sent, or null. */
  logSendHostname: string | null;
  uring: boolean;
  epoll: boolean;
  /** Data may be forwarded without a look at it (not with tune.disable-fast-forward, -dF). */
  fastForward: boolean;
  /** Other processes may listen on the same addresses (not with noreuseport, -dR). */
  reusePort: boolean;
  /** thread-hard-limit: data threads at most; 0 for no limit. */
  threadHardLimit: number;
  /** Whether data of proxies in HTTP and TCP mode may be spliced at all (nosplice, -dS and others). */
  spliceHttp: boolean;
  spliceTcp: boolean;
  /** As given; -1 derives it, see `pipesOf`. */
  maxpipes: number;
  /** tune.pipesize in bytes; 0 for the system's size. */
  pipesize: number;
  /** tune.listener.multi-queue: which data thread serves a new connection. */
  acceptPolicy: 'on' | 'fair' | 'off';
  /** tune.idle-pool.shared: data threads take idle server connections over from each other. */
  sharedIdlePools: boolean;
  /** tune.vars.*; null where none is given. */
  variableLimits: VariableLimits | null;
  /** Some rule or log asks what streams cost (cpu_calls and its kin). */
  measuresStreams: boolean;
  /** jwt.decrypt_alg_list and jwt.decrypt_enc_list; null where neither is given. */
  tokenDecryption: Enabled | null;
  /** expose-experimental-directives. */
  experimental: boolean;
  strictLimits: boolean;
  /** insecure-setuid-wanted. */
  setuidWanted: boolean;
  /** set-dumpable. */
  dumpable: boolean;
  spreadChecks: number;
  bufsize: number;
  maxrewrite: number;
  maxhdr: number;
  logurilen: number;
  cookielen: number;
  unixBind: UnixBindSettings;
  /** fd-hard-limit; 0 for the built-in one. */
  fdHardLimit: number;
  /** tune.rcvbuf, tune.sndbuf and tune.notsent-lowat. */
  kernelBuffers: Record<SocketSide, KernelBuffers>;
  /** Anything numeric under tune.* that acts, by name. */
  tune: Map<string, number>;
}

export interface Config {
  readonly global: GlobalConfig;
  /** Frontends, backends and listens in declaration order. */
  readonly proxies: ProxyConfig[];
  readonly defaults: ProxyConfig[];
  readonly byName: Map<string, ProxyConfig>;
  /** http-errors sections: pages by status. */
  readonly httpErrors: Map<string, Map<number, ErrorReply>>;
  readonly userlists: Map<string, Userlist>;
  /** What set-var of the global section left. */
  readonly processVariables: Variables;
  readonly logProfiles: Map<string, LogProfile>;
  readonly logForwards: LogForwardConfig[];
  /** By key. */
  readonly logRings: Map<string, LogRingConfig>;
}
