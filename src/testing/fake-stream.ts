// A stream made of literals: what rules, samples and log formats see in tests, and what they did to it.

import type {
  BandwidthFilter,
  BindConfig,
  Config,
  LogProfile,
  Position,
  ProxyConfig,
} from '../config/model.ts';
import type {
  Effort,
  Endpoint,
  ProcessView,
  ServerView,
  SessionContext,
  TimeoutKind,
} from '../sample/context.ts';
import { Origin } from '../sample/origin.ts';
import { Variables } from '../sample/variables.ts';
import { type LocalReply, type RuleTarget, Verdict } from '../rules/rule.ts';
import type { HttpMessage } from '../http/message.ts';
import { formatIpv4, parseIpv4, parseIpv6 } from '../sample/address.ts';
import { FakeMessage } from './fake-message.ts';

/** An endpoint from text. */
export function endpoint(text: string, port: number): Endpoint {
  const ipv4 = parseIpv4(text);
  if (ipv4 >= 0) return { family: 'ipv4', text: formatIpv4(ipv4), ipv4, ipv6: '', port };
  return { family: 'ipv6', text, ipv4: 0, ipv6: parseIpv6(text), port };
}

/** As much of a proxy as samples and rules look at. */
export function fakeProxy(kind: 'frontend' | 'backend' | 'listen', name: string): ProxyConfig {
  return {
    kind,
    name,
    id: kind === 'frontend' ? 2 : 3,
    mode: 'http',
    servers: [],
    acls: new Map(),
    options: new Set(),
    defaultBackend: null,
    requestCaptures: [],
    responseCaptures: [],
  } as unknown as ProxyConfig;
}

/** All fields may be changed by the test. */
export class FakeStream implements RuleTarget {
  readonly calls: string[] = [];
  frontend = fakeProxy('frontend', 'fe');
  backend: ProxyConfig | null = fakeProxy('backend', 'be');
  server: ServerView | null = null;
  serverViews: ServerView[] = [];
  session: SessionContext & { source: Endpoint | null } = {
    frontend: this.frontend,
    bind: { id: 1, name: 'web' } as BindConfig,
    source: endpoint('192.0.2.1', 4321),
    destination: endpoint('198.51.100.2', 80),
    wireSource: endpoint('192.0.2.1', 4321),
    wireDestination: endpoint('198.51.100.2', 80),
    acceptedMs: 1795409219403,
    proxyTlvs: null,
    receivedProxy: false,
    variables: new Variables(),
    isFirstRequest: true,
    connectionFd: -1,
    listenerCurrent: 4,
    connectionFault: '',
    clientFault: 0,
    savedSyn: () => 'E\0',
  };
  process: ProcessView = {
    config: { proxies: [this.frontend, this.backend!] } as unknown as Config,
    figures: () => ({ current: 3, sessionRate: 2, requestRate: 5, queued: 4 }),
    servers: () => this.serverViews,
    threadId: 0,
    startedMs: 0,
    stopping: false,
    processVariables: new Variables(),
    emit: (sink, text) => void this.calls.push(`${sink} ${text}`),
  };
  request: FakeMessage | null = new FakeMessage(false, [['host', 'example.com']]);
  response: FakeMessage | null = null;
  direction: 'request' | 'response' = 'request';
  payload = '';
  inspectionOver = true;
  transactionVariables = new Variables();
  requestVariables = new Variables();
  responseVariables = new Variables();
  requestCaptured: (string | null)[] = [];
  responseCaptured: (string | null)[] = [];
  timers = { handshake: 0, idle: 1, request: 3, queue: 6, connect: 10, response: 15, data: 21, total: 28 };
  wallMs = 1795409219500;
  acceptedMs = 1795409219403;
  status = 200;
  bytesOut = 119;
  bytesIn = 108;
  bytesToServer = 90;
  bytesFromServer = 130;
  serverStatus = -1;
  priorityClass = 0;
  priorityOffset = 0;
  retriesDone = 0;
  redispatched = false;
  reused = false;
  retriesAllowed = 3;
  flags = '----';
  logSource = '';
  logOrigin: Origin = Origin.UNSPEC;
  /** Lines that rules asked for: origin and profile. */
  readonly logged: [Origin, string | null][] = [];
  logNow(origin: Origin, profile: LogProfile | null): void {
    this.logged.push([origin, profile?.name ?? null]);
  }
  lastRule: Position | null = null;
  waitingRule: Position | null = null;
  serverFault = 0;
  effort: Effort | null = { calls: () => 3, cpuNs: () => 100, latencyNs: () => 10 };
  counts = {
    process: 2,
    frontend: 1,
    backend: 0,
    server: 0,
    serverQueue: 0,
    backendQueue: 0,
    requests: 7,
  };
  backendSource: Endpoint | null = endpoint('10.0.0.1', 5555);
  backendDestination: Endpoint | null = endpoint('10.0.0.2', 8080);
  serverLogName = 's1';
  capturedMethod: string | null = 'GET';
  capturedTarget = '/a?b=1';
  capturedVersion = '1.1';
  requestCookieCaptured: string | null = null;
  responseCookieCaptured: string | null = null;
  inProgress = false;
  logCounter = 1;
  reply: LocalReply | null = null;
  denyStatus = 0;
  challenge: string | null = null;
  dropTtl = 0;
  logLevel = 6;
  strict = true;
  rewritesFailed = 0;
  bodyReady = true;
  pauseOver = true;

  get message(): HttpMessage {
    const message = this.direction === 'request' ? this.request : this.response;
    if (message === null) throw new Error('no message in this direction');
    return message;
  }
  /** Each field holds its offset. */
  tcpInfo(side: 'client' | 'server', at: number): number {
    return side === 'client' ? at : at * 1000;
  }
  debugText(side: 'client' | 'server', layers: number): string {
    return `${side}=${layers}`;
  }
  endEvents(): string {
    return '{,-,-,,-,-,}';
  }
  isLocal(address: Endpoint): boolean {
    return address.text.startsWith('192.');
  }
  requestPayload(): string {
    return this.payload;
  }
  responsePayload(): string {
    return this.payload;
  }
  uniqueId(): string {
    return 'id-1';
  }
  terminationFlags(): string {
    return this.flags;
  }
  isNormal(): boolean {
    return this.flags === '----';
  }
  sendEarlyHints(lines: readonly (readonly [string, string])[]): void {
    this.calls.push(`hints ${lines.map((line) => line.join(': ')).join(', ')}`);
  }
  setSource(address: Endpoint): void {
    this.session.source = address;
  }
  setDestination(address: Endpoint): void {
    this.session.destination = address;
  }
  setTimeout(kind: string, ms: number): void {
    this.calls.push(`timeout ${kind} ${ms}`);
  }
  timeoutOf(kind: TimeoutKind): number {
    return this.frontend.timeouts[kind];
  }
  setRetries(count: number): void {
    this.calls.push(`retries ${count}`);
  }
  setPriority(kind: string, value: number): void {
    this.calls.push(`priority ${kind} ${value}`);
  }
  waitForBody(timeMs: number, atLeast: number): boolean {
    this.calls.push(`body ${timeMs} ${atLeast}`);
    return this.bodyReady;
  }
  paused(ms: number): boolean {
    this.calls.push(`pause ${ms}`);
    return this.pauseOver;
  }
  disableRetries(): void {
    this.calls.push('no retries');
  }
  captureRequest(slot: number, value: string): void {
    this.requestCaptured[slot] = value;
  }
  captureResponse(slot: number, value: string): void {
    this.responseCaptured[slot] = value;
  }
  setClientPackets(kind: string, value: number): void {
    this.calls.push(`client ${kind} ${value}`);
  }
  setServerPackets(kind: string, value: number): void {
    this.calls.push(`server ${kind} ${value}`);
  }
  rewriteFailed(): Verdict {
    this.rewritesFailed++;
    return this.strict ? Verdict.ERROR : Verdict.CONTINUE;
  }
  limitBandwidth(filter: BandwidthFilter, limit: number, periodMs: number): void {
    this.calls.push(`bandwidth ${filter.name} ${limit} ${periodMs}`);
  }
  expectProxy(): void {
    this.calls.push('expect proxy');
  }
}
