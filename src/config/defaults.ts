// Values that hold before a configuration says otherwise (manual chapters 3 to 5), and inheritance from `defaults`.

import { copyAcls } from '../acl/compile.ts';
import type {
  BindConfig,
  GlobalConfig,
  HttpCheckSettings,
  KeepAliveTimes,
  KernelBuffers,
  Position,
  ProxyConfig,
  ProxyKind,
  ServerConfig,
  Timeouts,
} from './model.ts';
import type { Address } from './address.ts';
import type { BalanceSettings } from '../balance/balance.ts';

export function newGlobal(): GlobalConfig {
  return {
    maxconn: 0,
    connectionRate: 0,
    sessionRate: 0,
    nbthread: 0,
    ulimitN: 0,
    daemon: false,
    pidfile: null,
    serverStateFile: null,
    serverStateBase: null,
    chroot: null,
    user: null,
    group: null,
    uid: null,
    gid: null,
    node: null,
    description: null,
    hardStopAfterMs: 0,
    graceMs: 0,
    statsSockets: [],
    statsTimeoutMs: 10_000,
    statsMaxconn: 10,
    logTargets: [],
    logTag: null,
    logSendHostname: null,
    uring: true,
    acceptPolicy: 'on',
    sharedIdlePools: true,
    variableLimits: null,
    measuresStreams: false,
    experimental: false,
    spliceHttp: true,
    spliceTcp: true,
    maxpipes: -1,
    pipesize: 0,
    epoll: true,
    fastForward: true,
    reusePort: true,
    threadHardLimit: 0,
    tokenDecryption: null,
    strictLimits: true,
    setuidWanted: false,
    dumpable: false,
    spreadChecks: 0,
    bufsize: 16384,
    maxrewrite: 1024,
    maxhdr: 101,
    logurilen: 1024,
    cookielen: 63,
    unixBind: { prefix: '', mode: null, uid: null, gid: null },
    fdHardLimit: 0,
    kernelBuffers: {
      client: systemBuffers(),
      server: systemBuffers(),
      frontend: systemBuffers(),
      backend: systemBuffers(),
    },
    tune: new Map(),
  };
}

/** What the system gives to any socket. */
export const systemBuffers = (): KernelBuffers => ({ receive: 0, send: 0, unsent: 0 });

const SYSTEM_KEEP_ALIVE: KeepAliveTimes = { count: 0, idleSeconds: 0, intervalSeconds: 0 };

function noTimeouts(): Timeouts {
  return {
    client: 0,
    clientFin: 0,
    connect: 0,
    server: 0,
    serverFin: 0,
    queue: 0,
    tunnel: 0,
    check: 0,
    httpRequest: 0,
    httpKeepAlive: 0,
    tarpit: 0,
  };
}

/** Since 3.3 a backend without `balance` draws two servers at random. */
export function newBalance(): BalanceSettings {
  return {
    algorithm: 'random',
    draws: 2,
    uriLength: 0,
    uriDepth: 0,
    uriWhole: false,
    uriPathOnly: false,
    name: '',
    checkPost: false,
    useDomainOnly: false,
    expression: null,
    consistent: false,
    hashFunction: 'sdbm',
    avalanche: false,
    hashBalanceFactor: 0,
    preserveAffinity: 'always',
  };
}

/** What `option httpchk` sends without arguments. */
export const newHttpCheck = (): HttpCheckSettings => ({
  method: 'OPTIONS',
  uri: '/',
  version: 'HTTP/1.0',
  host: null,
  headers: [],
  body: '',
});

export function newProxy(kind: ProxyKind, name: string, position: Position): ProxyConfig {
  return {
    kind,
    name,
    id: 0,
    forcedId: false,
    position,
    mode: 'tcp',
    description: null,
    disabled: false,
    unpublished: false,
    maxconn: 0,
    sessionRate: 0,
    backlog: 0,
    fullconn: 0,
    retries: 3,
    retryOn: new Set(['conn-failure']),
    keepAlive: { client: SYSTEM_KEEP_ALIVE, server: SYSTEM_KEEP_ALIVE },
    smartAccept: null,
    redispatch: 0,
    timeouts: noTimeouts(),
    options: new Set(),
    headerNames: 'preserve',
    httpConnection: 'keep-alive',
    httpReuse: 'safe',
    binds: [],
    servers: [],
    defaultServer: {},
    balance: newBalance(),
    cookie: null,
    dynamicCookieKey: null,
    defaultBackendName: null,
    defaultBackend: null,
    acls: new Map(),
    useBackend: [],
    useServer: [],
    forceSwitch: [],
    persistRules: [],
    rdpPersist: null,
    bandwidthFilters: [],
    serverStates: 'none',
    serverStateFile: null,
    tcpRequestConnection: [],
    tcpRequestSession: [],
    tcpRequestContent: [],
    tcpRequestInspectDelayMs: 0,
    tcpResponseContent: [],
    tcpResponseInspectDelayMs: 0,
    httpRequest: [],
    httpResponse: [],
    httpAfterResponse: [],
    redirects: [],
    errors: new Map(),
    monitorUri: null,
    monitorFail: [],
    forwardFor: null,
    originalTo: null,
    forwarded: null,
    uniqueIdFormat: null,
    uniqueIdHeader: null,
    requestCaptures: [],
    responseCaptures: [],
    captureCookie: null,
    logTargets: [],
    logTag: null,
    logFormat: null,
    tcpLogFormat: null,
    errorLogFormat: null,
    logFormatSd: null,
    logSteps: 0,
    logFormatSource: null,
    logFormatPosition: null,
    check: {
      kind: 'tcp',
      http: newHttpCheck(),
      expects: [],
      sends: false,
      inheritsRequest: false,
      inheritsExpects: false,
      disableOn404: false,
      sendState: false,
    },
    source: null,
    stats: null,
  };
}

/** Sections that have a frontend side, a backend side. */
export const isFront = (kind: ProxyKind): boolean => kind === 'frontend' || kind === 'listen';
export const isBack = (kind: ProxyKind): boolean => kind === 'backend' || kind === 'listen';

/**
 * Takes over what a `defaults` section set, field by field, as far as it concerns the new section's side. Rules come
 * along only from named ones, which the caller has checked.
 */
export function inheritDefaults(proxy: ProxyConfig, from: ProxyConfig): void {
  const { kind } = proxy;
  const front = kind !== 'backend';
  const back = kind !== 'frontend';
  proxy.mode = from.mode;
  proxy.disabled = from.disabled;
  proxy.options = new Set(from.options);
  proxy.headerNames = from.headerNames;
  proxy.httpConnection = from.httpConnection;
  proxy.timeouts = { ...from.timeouts };
  proxy.keepAlive = { ...from.keepAlive };
  proxy.errors = new Map(from.errors);
  proxy.forwardFor = from.forwardFor;
  proxy.originalTo = from.originalTo;
  proxy.forwarded = back ? from.forwarded : null;
  proxy.logTargets = [...from.logTargets];
  proxy.logTag = from.logTag;
  proxy.acls = copyAcls(from.acls);
  proxy.tcpRequestContent = [...from.tcpRequestContent];
  proxy.tcpRequestInspectDelayMs = from.tcpRequestInspectDelayMs;
  proxy.httpRequest = [...from.httpRequest];
  proxy.httpResponse = [...from.httpResponse];
  proxy.httpAfterResponse = [...from.httpAfterResponse];
  proxy.uniqueIdFormat = from.uniqueIdFormat;
  proxy.uniqueIdHeader = from.uniqueIdHeader;
  if (front) {
    proxy.maxconn = from.maxconn;
    proxy.backlog = from.backlog;
    proxy.smartAccept = from.smartAccept;
    proxy.defaultBackendName = from.defaultBackendName;
    proxy.monitorUri = from.monitorUri;
    proxy.logFormat = from.logFormat;
    proxy.tcpLogFormat = from.tcpLogFormat;
    proxy.errorLogFormat = from.errorLogFormat;
    proxy.logFormatSd = from.logFormatSd;
    proxy.logSteps = from.logSteps;
    proxy.logFormatSource = from.logFormatSource;
    proxy.logFormatPosition = from.logFormatPosition;
    proxy.sessionRate = from.sessionRate;
    proxy.tcpRequestConnection = [...from.tcpRequestConnection];
    proxy.tcpRequestSession = [...from.tcpRequestSession];
    proxy.requestCaptures = [...from.requestCaptures];
    proxy.responseCaptures = [...from.responseCaptures];
    proxy.captureCookie = from.captureCookie;
  }
  if (back) {
    proxy.fullconn = from.fullconn;
    proxy.retries = from.retries;
    proxy.retryOn = new Set(from.retryOn);
    proxy.redispatch = from.redispatch;
    proxy.httpReuse = from.httpReuse;
    proxy.balance = { ...from.balance };
    proxy.cookie = from.cookie === null ? null : { ...from.cookie };
    proxy.dynamicCookieKey = from.dynamicCookieKey;
    proxy.rdpPersist = from.rdpPersist;
    proxy.serverStates = from.serverStates;
    proxy.defaultServer = { ...from.defaultServer };
    proxy.tcpResponseContent = [...from.tcpResponseContent];
    proxy.tcpResponseInspectDelayMs = from.tcpResponseInspectDelayMs;
    proxy.source = from.source;
    proxy.check = {
      ...from.check,
      http: { ...from.check.http, headers: [...from.check.http.headers] },
      expects: [...from.check.expects],
      inheritsRequest: true,
      inheritsExpects: true,
    };
  }
}

export function newBind(address: Address, position: Position): BindConfig {
  return {
    id: 0,
    name: null,
    address,
    position,
    acceptProxy: false,
    backlog: 0,
    maxconn: 0,
    interfaceName: null,
    v4v6: false,
    v6only: false,
    deferAccept: false,
    saveSyn: 0,
    transparent: false,
    tfo: false,
    tcpUserTimeout: 0,
    mss: 0,
    mode: null,
    uid: null,
    gid: null,
    nice: 0,
    level: 'operator',
    exposeFdListeners: false,
    severityOutput: 'none',
  };
}

export function newServer(
  name: string,
  address: Address,
  backend: ProxyConfig,
  position: Position,
): ServerConfig {
  return {
    name,
    id: 0,
    forcedId: false,
    position,
    address,
    portKind: address.portKind === 'range' ? 'fixed' : address.portKind,
    port: address.portLow,
    weight: 1,
    backup: false,
    disabled: false,
    maxconn: 0,
    minconn: 0,
    maxqueue: 0,
    slowstartMs: 0,
    cookie: null,
    redir: null,
    check: false,
    interMs: 2000,
    fastinterMs: 0,
    downinterMs: 0,
    rise: 2,
    fall: 3,
    checkPort: 0,
    checkAddress: null,
    checkSendProxy: false,
    agentCheck: false,
    agentInterMs: 2000,
    agentPort: 0,
    agentAddress: null,
    agentSend: '',
    track: null,
    onMarkedDown: 'none',
    onMarkedUp: 'none',
    sendProxy: 0,
    proxyV2Options: [],
    proxyV2Tlvs: [],
    source: null,
    tcpUserTimeout: 0,
    tfo: false,
    poolMaxConn: -1,
    poolLowConn: 0,
    poolPurgeDelayMs: 5000,
    maxReuse: -1,
    initAddr: ['last', 'libc'],
    hashKey: 'id',
    logProto: 'legacy',
    logBufsize: 16384,
    initState: 'up',
    backend,
  };
}
