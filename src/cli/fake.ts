// A small process for tests of the stats socket: one frontend `f`, one backend `b` with servers.

import { ProxyInt, ServerInt, SharedArena, SharedBlock } from '../core/shared.ts';
import type { ProxyConfig, ServerConfig } from '../config/model.ts';
import type { ControlView, ProcessFacts, ProxyControl, ServerControl } from './view.ts';

function block(size: number): SharedBlock {
  return new SharedBlock(new SharedArena(SharedArena.bytesFor(size, 1)).block(size, 1), 0);
}

function proxyConfig(name: string, id: number): ProxyConfig {
  const balance = { algorithm: 'roundrobin' };
  const plain = {
    name,
    id,
    mode: 'http',
    fullconn: 999,
    sessionRate: 0,
    options: new Set<string>(),
    cookie: null,
    balance,
  };
  return plain as unknown as ProxyConfig;
}

/** A server whose changes act on its block at once. */
export function fakeServer(name: string, id: number): ServerControl {
  const own = block(ServerInt.SIZE);
  const { ints } = own;
  ints[ServerInt.OPERATIONAL] = 2;
  ints[ServerInt.WEIGHT_USER] = ints[ServerInt.WEIGHT_INITIAL] = 1;
  ints[ServerInt.WEIGHT_EFFECTIVE] = 16;
  const config = {
    name,
    id,
    backup: false,
    track: null,
    cookie: null,
    maxqueue: 0,
    poolMaxConn: -1,
    poolPurgeDelayMs: 5000,
  };
  const place = { address: '127.0.0.1', port: 18982 };
  return {
    config: config as unknown as ServerConfig,
    block: own,
    get address() {
      return place.address;
    },
    get port() {
      return place.port;
    },
    cookie: null,
    check: null,
    agent: null,
    checkPort: 0,
    checkAddress: null,
    agentSettings: null,
    setState(state) {
      ints[ServerInt.ADMIN] = state === 'maint' ? 1 : state === 'drain' ? 8 : 0;
      ints[ServerInt.OPERATIONAL] = state === 'maint' ? 0 : 2;
    },
    setWeight(weight) {
      ints[ServerInt.WEIGHT_USER] = weight;
      ints[ServerInt.WEIGHT_EFFECTIVE] = weight * 16;
      return null;
    },
    setMaxconn(maxconn) {
      ints[ServerInt.MAXCONN] = maxconn;
    },
    setHealth: () => null,
    setAgentHealth: () => null,
    enableCheck() {},
    enableAgent() {},
    setCheckAddress() {},
    setCheckPort() {},
    setAddress(address, port) {
      place.address = address ?? place.address;
      place.port = port ?? place.port;
    },
    shutdownSessions() {
      ints[ServerInt.SHUTDOWN_VERSION]!++;
    },
  };
}

/** `serverCount`: servers s1, s2, ... of backend `b`. */
export function fakeView(serverCount: number): ControlView {
  const servers: ServerControl[] = [];
  for (let id = 1; id <= serverCount; id++) servers.push(fakeServer(`s${id}`, id));
  let state: ProxyControl['frontendState'] = 'OPEN';
  const front = block(ProxyInt.SIZE);
  const back = block(ProxyInt.SIZE);
  back.ints[ProxyInt.ACTIVE_SERVERS] = serverCount;
  const actions = {
    pause: (): void => void (state = 'PAUSED'),
    resume: (): void => void (state = 'OPEN'),
    shutdown: (): void => void (state = 'STOP'),
  };
  const frontend: ProxyControl = {
    ...actions,
    config: proxyConfig('f', 2),
    frontend: front,
    backend: null,
    servers: [],
    listeners: [],
    get frontendState() {
      return state;
    },
    setMaxconn: (maxconn) => void (front.ints[ProxyInt.MAXCONN] = maxconn),
  };
  const backend: ProxyControl = {
    ...actions,
    config: proxyConfig('b', 3),
    frontend: null,
    backend: back,
    servers,
    listeners: [],
    frontendState: 'STOP',
    setMaxconn() {},
  };
  const numbers = new Proxy({} as Record<string, unknown>, { get: () => 0 });
  const facts = Object.create(numbers) as ProcessFacts;
  Object.assign(facts, {
    version: '3.5.0-hawser-test',
    node: 'n',
    description: null,
    releaseDate: '2026/01/01',
    maxconn: 100,
    pid: 7,
    startedAtMs: Date.now(),
    stopping: false,
  });
  return {
    proxies: [frontend, backend],
    sockets: [{ name: 'unix@/run/s', level: 'admin' }],
    environment: { A: 'b' },
    startupLogs: [],
    eventSinks: [],
    facts: () => facts,
    baselines: new Map(),
    clock: () => ({ second: 10, millisecond: 0 }),
    errors: () => Promise.resolve({ total: 0, captures: [] }),
    listSessions: () =>
      Promise.resolve([
        {
          id: '0x1',
          protocol: 'tcpv4',
          source: '127.0.0.1:5',
          serial: 3,
          startedAtMs: new Date(2026, 1, 3, 4, 5, 6, 7).getTime(),
          frontend: { name: 'f', id: 2, mode: 'http', address: '' },
          listener: { name: '?', id: 1, mode: '', address: '127.0.0.1:80' },
          backend: { name: 'b', id: 3, mode: 'http', address: '127.0.0.1:4000' },
          server: { name: 's1', id: 1, mode: '', address: '127.0.0.2:80' },
          thread: 1,
          ageMs: 61000,
          expiresMs: 24_000,
          retries: 1,
          bytesIn: 51,
          bytesOut: 0,
          uri: '/a?b=c',
          suspicious: false,
        },
      ]),
    killSession: (id) => Promise.resolve(id === '0x1'),
    setMaxconn: (maxconn) => maxconn <= 1000,
    setRateLimit() {},
    provokeBug: (thread) => thread === 1,
    clearProcessCounters() {},
  };
}
