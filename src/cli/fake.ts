// A small process for tests of the stats socket: one frontend `f`, one backend `b` with servers.

import { ProxyInt, ServerInt, SharedArena, SharedBlock } from '../core/shared.ts';
import type { Method } from '../acl/methods.ts';
import type { Output } from '../acl/output.ts';
import { PatternStore } from '../acl/store.ts';
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
    description: null,
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
    address: { kind: 'inet', host: '127.0.0.1', ip: '127.0.0.1', text: '127.0.0.1:18982' },
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
const MAP_FILES: Readonly<Record<string, string>> = {
  'm.map': '# c\n\n/a one\n  /a/b  two words \n/A three\n/a dup\n',
  'i2.map': '1 10\n2 20\n',
  'i.map': '1:5 five\n3 three\n7 7v\n',
  'ip.map': '10.0.0.0/8 ten\n10.1.0.0/16 tenone\n::/0 any6\n',
  'l.lst': 'example.com\n#x\nfoo.com\n',
};

/** Maps and pattern files: 0 l.lst (ACL), 1 m.map (both), 2 i2.map, 3 i.map, 4 ip.map. */
function fakePatterns(): PatternStore {
  const store = PatternStore.reading((path) => ({ text: MAP_FILES[path]! }));
  const use = (file: string, columns: 1 | 2, method: Method, ignoreCase: boolean, output?: Output): void => {
    const set = store.open(file, columns);
    set.inAcls ||= output === undefined;
    set.uses.push(`by ${columns === 2 ? 'map' : 'acl'} at file 'h.cfg' line 1`);
    set.lookup(method, ignoreCase, output ?? null);
  };
  use('l.lst', 1, 'str', false);
  use('l.lst', 1, 'str', true);
  use('m.map', 2, 'str', true);
  use('m.map', 2, 'str', false, 'str');
  use('i2.map', 2, 'str', false, 'int');
  use('i.map', 2, 'int', false, 'str');
  use('ip.map', 2, 'ip', false, 'str');
  store.share();
  return store;
}

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
    patterns: fakePatterns(),
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
    getVariable: (name) => (name === 'proc.a' ? { type: 'sint', text: '7' } : null),
    setVariable: (name) => (name.startsWith('proc.') ? null : `invalid variable name '${name}'`),
    setRateLimit() {},
    provokeBug: (thread) => thread === 1,
    clearProcessCounters() {},
  };
}
