// How each column of `show stat` is computed for the four kinds of rows. A row is an array of values in column
// order; null leaves a column empty.

import { Counter, ProxyInt, ServerInt, readRate, type SharedBlock } from '../core/shared.ts';
import type { Baselines, ControlView, ListenerView, ProxyControl, ServerControl } from '../cli/view.ts';
import { DELIMITER, columnAt, columns, Kind, type Value } from './columns.ts';
import { h1Columns } from './h1.ts';
import { Admin } from '../core/server-admin.ts';
import { inMaintenance, serverStatus } from './server-status.ts';

export interface Row {
  readonly kind: Kind;
  readonly proxyId: number;
  readonly objectId: number;
  readonly values: readonly Value[];
}

export interface Clock {
  readonly second: number;
  readonly millisecond: number;
}

/** What every row needs beside its object. */
export interface RowContext {
  readonly clock: Clock;
  readonly maxconn: number;
  readonly baselines: Baselines;
}

export function rowContext(view: ControlView): RowContext {
  return { clock: view.clock(), maxconn: view.facts().maxconn, baselines: view.baselines };
}

class Builder {
  readonly values: Value[] = new Array<Value>(columns.length).fill(null);
  private readonly block: SharedBlock;
  private readonly clock: Clock;

  constructor(block: SharedBlock, clock: Clock) {
    this.block = block;
    this.clock = clock;
    this.values[DELIMITER] = '-';
  }

  set(name: string, value: Value): void {
    this.values[columnAt.get(name)!] = value;
  }
  int(name: string, field: number): void {
    this.set(name, this.block.ints[field]!);
  }
  total(name: string, counter: number): void {
    this.set(name, this.block.total(counter));
  }
  rate(name: string, field: number): void {
    this.set(name, readRate(this.block.ints, field, this.clock.second, this.clock.millisecond));
  }
  responses(): void {
    this.total('hrsp_1xx', Counter.RESPONSES_1XX);
    this.total('hrsp_2xx', Counter.RESPONSES_2XX);
    this.total('hrsp_3xx', Counter.RESPONSES_3XX);
    this.total('hrsp_4xx', Counter.RESPONSES_4XX);
    this.total('hrsp_5xx', Counter.RESPONSES_5XX);
    this.total('hrsp_other', Counter.RESPONSES_OTHER);
  }
  /** Columns that all four kinds share. */
  common(proxy: ProxyControl, name: string, kind: Kind, id: number): void {
    this.set('pxname', proxy.config.name);
    this.set('svname', name);
    this.total('stot', Counter.SESSIONS);
    this.total('bin', Counter.BYTES_IN);
    this.total('bout', Counter.BYTES_OUT);
    this.total('dresp', Counter.DENIED_RESPONSES);
    this.set('pid', 1);
    this.set('iid', proxy.config.id);
    this.set('sid', id);
    this.set('type', kind);
    this.set('mode', proxy.config.mode);
    this.total('wrew', Counter.FAILED_REWRITES);
    this.total('eint', Counter.INTERNAL_ERRORS);
    this.total('reqbin', Counter.BYTES_IN);
    this.total('reqbout', Counter.BYTES_TO_SERVER);
    this.total('resbin', Counter.BYTES_FROM_SERVER);
    this.total('resbout', Counter.BYTES_OUT);
  }
  /** Columns of backends and servers. */
  serverSide(sessionsAt: number, changedAt: number): void {
    const seconds = this.clock.second;
    const last = this.block.ints[sessionsAt]!;
    this.set('lastsess', last === 0 ? -1 : Math.max(0, seconds - last));
    this.set('lastchg', Math.max(0, seconds - this.block.ints[changedAt]!));
    this.total('econ', Counter.FAILED_CONNECTIONS);
    this.total('eresp', Counter.FAILED_RESPONSES);
    this.total('wretr', Counter.RETRIES);
    this.total('wredis', Counter.REDISPATCHES);
    this.total('lbtot', Counter.LB_TOTAL);
    this.total('cli_abrt', Counter.CLIENT_ABORTS);
    this.total('srv_abrt', Counter.SERVER_ABORTS);
    this.total('connect', Counter.CONNECT_ATTEMPTS);
    this.total('reuse', Counter.CONNECTION_REUSES);
    const timed = this.block.total(Counter.TIMED_SESSIONS);
    const mean = (counter: number): number =>
      timed === 0 ? 0 : Math.round(this.block.total(counter) / timed);
    this.set('qtime', mean(Counter.QUEUE_TIME));
    this.set('ctime', mean(Counter.CONNECT_TIME));
    this.set('rtime', mean(Counter.RESPONSE_TIME));
    this.set('ttime', mean(Counter.TOTAL_TIME));
    this.set('qtime_max', this.block.largest(Counter.QUEUE_TIME_MAX));
    this.set('ctime_max', this.block.largest(Counter.CONNECT_TIME_MAX));
    this.set('rtime_max', this.block.largest(Counter.RESPONSE_TIME_MAX));
    this.set('ttime_max', this.block.largest(Counter.TOTAL_TIME_MAX));
  }
}

/** Sessions and requests that a frontend of this mode cannot have. */
const HTTP_ONLY = ['sess_other', 'req_other', 'h2_sess', 'h2req', 'h3_sess', 'h3req'];
const TCP_ONLY = ['h1_sess', 'h1req', 'h2_sess', 'h2req', 'h3_sess', 'h3req'];

export function frontendRow(proxy: ProxyControl, block: SharedBlock, context: RowContext): Row {
  const row = new Builder(block, context.clock);
  row.common(proxy, 'FRONTEND', Kind.FRONTEND, 0);
  row.int('scur', ProxyInt.CURRENT);
  row.int('smax', ProxyInt.CURRENT_MAX);
  row.set('slim', block.ints[ProxyInt.MAXCONN]! || context.maxconn);
  row.total('dreq', Counter.DENIED_REQUESTS);
  row.total('ereq', Counter.FAILED_REQUESTS);
  row.set('status', proxy.frontendState);
  row.rate('rate', ProxyInt.SESSION_RATE);
  row.set('rate_lim', proxy.config.sessionRate);
  row.int('rate_max', ProxyInt.SESSION_RATE_MAX);
  row.rate('req_rate', ProxyInt.REQUEST_RATE);
  row.int('req_rate_max', ProxyInt.REQUEST_RATE_MAX);
  row.total('req_tot', Counter.REQUESTS);
  for (const name of ['comp_in', 'comp_out', 'comp_byp', 'comp_rsp']) row.set(name, 0);
  row.rate('conn_rate', ProxyInt.CONNECTION_RATE);
  row.int('conn_rate_max', ProxyInt.CONNECTION_RATE_MAX);
  row.total('conn_tot', Counter.CONNECTIONS);
  row.total('dcon', Counter.DENIED_CONNECTIONS);
  row.total('dses', Counter.DENIED_SESSIONS);
  const isHttp = proxy.config.mode === 'http';
  row.total(isHttp ? 'h1_sess' : 'sess_other', Counter.SESSIONS);
  row.total(isHttp ? 'h1req' : 'req_other', isHttp ? Counter.REQUESTS : Counter.SESSIONS);
  for (const name of isHttp ? HTTP_ONLY : TCP_ONLY) row.set(name, 0);
  if (isHttp) {
    row.responses();
    row.total('intercepted', Counter.INTERCEPTED);
    row.set('cache_lookups', 0);
    row.set('cache_hits', 0);
    row.set('cache_hint_hits', 0);
  }
  h1Columns(proxy, block, true, context.baselines, (name, value) => row.set(name, value));
  return { kind: Kind.FRONTEND, proxyId: proxy.config.id, objectId: 0, values: row.values };
}

/** `full`: the text after an address family: "a:1" or "[v6]:1". */
function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : host.startsWith('/') ? 'unix' : `${host}:${port}`;
}

export function listenerRow(proxy: ProxyControl, one: ListenerView, context: RowContext): Row {
  const row = new Builder(one.block, context.clock);
  row.common(proxy, one.name, Kind.LISTENER, one.bind.id);
  row.int('scur', ProxyInt.CURRENT);
  row.int('smax', ProxyInt.CURRENT_MAX);
  row.set('slim', one.bind.maxconn);
  row.total('dreq', Counter.DENIED_REQUESTS);
  row.total('ereq', Counter.FAILED_REQUESTS);
  row.set('status', one.status);
  row.set('addr', one.addressText);
  row.total('dcon', Counter.DENIED_CONNECTIONS);
  row.total('dses', Counter.DENIED_SESSIONS);
  row.set(
    'proto',
    one.addressText === 'unix' ? 'unix_stream' : one.addressText.startsWith('[') ? 'tcpv6' : 'tcpv4',
  );
  return { kind: Kind.LISTENER, proxyId: proxy.config.id, objectId: one.bind.id, values: row.values };
}

export function serverRow(proxy: ProxyControl, server: ServerControl, context: RowContext): Row {
  const { block, config, check, agent } = server;
  const { ints } = block;
  const row = new Builder(block, context.clock);
  row.common(proxy, config.name, Kind.SERVER, config.id);
  row.serverSide(ServerInt.LAST_SESSION, ServerInt.LAST_CHANGE);
  row.int('qcur', ServerInt.QUEUED);
  row.int('qmax', ServerInt.QUEUED_MAX);
  row.int('scur', ServerInt.CURRENT);
  row.int('smax', ServerInt.CURRENT_MAX);
  row.set('slim', ints[ServerInt.MAXCONN]! || null);
  row.set('status', serverStatus(server));
  const effective = ints[ServerInt.WEIGHT_EFFECTIVE]!;
  row.set('weight', Math.ceil(effective / 16));
  row.int('uweight', ServerInt.WEIGHT_USER);
  row.set('act', config.backup ? 0 : 1);
  row.set('bck', config.backup ? 1 : 0);
  row.set('qlimit', config.maxqueue || null);
  if (config.track !== null) row.set('tracked', config.track);
  const user = ints[ServerInt.WEIGHT_USER]! * 16;
  if (ints[ServerInt.SLOWSTART_FROM]! !== 0 && user > 0 && effective < user)
    row.set('throttle', Math.ceil((effective * 100) / user));
  row.rate('rate', ServerInt.SESSION_RATE);
  row.int('rate_max', ServerInt.SESSION_RATE_MAX);
  row.set('addr', hostPort(server.address, server.port));
  row.set('cookie', server.cookie);
  row.int('srv_icur', ServerInt.IDLE);
  if (config.poolMaxConn >= 0) row.set('src_ilim', config.poolMaxConn);
  row.set('idle_conn_cur', Math.max(0, ints[ServerInt.IDLE]! - ints[ServerInt.IDLE_SAFE]!));
  row.int('safe_conn_cur', ServerInt.IDLE_SAFE);
  row.int('used_conn_cur', ServerInt.CURRENT);
  row.int('need_conn_est', ServerInt.CURRENT);
  row.set('srid', 0);
  row.set('priv_idle_cur', 0);
  if (proxy.config.mode === 'http') {
    row.responses();
    row.total('req_tot', Counter.REQUESTS);
  }
  if (check !== null) {
    row.int('chkfail', ServerInt.CHECK_FAILED);
    row.int('chkdown', ServerInt.CHECK_DOWNS);
    const down = ints[ServerInt.DOWN_SECONDS]!;
    const isDown = ints[ServerInt.OPERATIONAL]! === 0;
    row.set(
      'downtime',
      down + (isDown ? Math.max(0, context.clock.second - ints[ServerInt.LAST_CHANGE]!) : 0),
    );
  }
  // Nobody asks a server in maintenance: what it last said is not shown.
  if (check !== null && ints[ServerInt.CHECK_ENABLED] !== 0 && !inMaintenance(server)) {
    row.set('check_status', (check.running ? '* ' : '') + check.status);
    row.set('check_code', check.code || null);
    row.set('check_duration', check.durationMs < 0 ? null : check.durationMs);
    row.set('check_desc', check.description);
    row.set('last_chk', check.last);
    row.set('check_rise', check.rise);
    row.set('check_fall', check.fall);
    row.set('check_health', check.health);
  }
  if (agent !== null && ints[ServerInt.AGENT_ENABLED] !== 0) {
    row.set('agent_status', (agent.running ? '* ' : '') + agent.status);
    if (agent.result > 1 && agent.status.startsWith('L7') && agent.last !== '') row.set('agent_code', 0);
    row.set('agent_duration', agent.durationMs < 0 ? null : agent.durationMs);
    row.set('agent_desc', agent.description);
    row.set('last_agt', agent.last);
    row.set('agent_rise', agent.rise);
    row.set('agent_fall', agent.fall);
    row.set('agent_health', agent.health);
  }
  return { kind: Kind.SERVER, proxyId: proxy.config.id, objectId: config.id, values: row.values };
}

export function backendRow(proxy: ProxyControl, block: SharedBlock, context: RowContext): Row {
  const { config } = proxy;
  const { ints } = block;
  const row = new Builder(block, context.clock);
  row.common(proxy, 'BACKEND', Kind.BACKEND, 0);
  row.serverSide(ProxyInt.LAST_SESSION, ProxyInt.LAST_CHANGE);
  row.int('qcur', ProxyInt.UNASSIGNED);
  row.int('qmax', ProxyInt.UNASSIGNED_MAX);
  row.int('scur', ProxyInt.CURRENT);
  row.int('smax', ProxyInt.CURRENT_MAX);
  row.set('slim', config.fullconn);
  row.total('dreq', Counter.DENIED_REQUESTS);
  const usable = ints[ProxyInt.ACTIVE_SERVERS]! + ints[ProxyInt.BACKUP_SERVERS]!;
  const up = usable > 0 || proxy.servers.length === 0;
  row.set('status', up ? 'UP' : 'DOWN');
  let weight = 0;
  let userWeight = 0;
  for (const server of proxy.servers) {
    const own = server.block.ints;
    if (server.config.backup !== (ints[ProxyInt.ACTIVE_SERVERS]! === 0)) continue;
    const state = own[ServerInt.OPERATIONAL]!;
    if (state === 0 || state === 3 || (own[ServerInt.ADMIN]! & (Admin.MAINT | Admin.DRAIN)) !== 0) continue;
    weight += Math.ceil(own[ServerInt.WEIGHT_EFFECTIVE]! / 16);
    userWeight += own[ServerInt.WEIGHT_USER]!;
  }
  row.set('weight', weight);
  row.set('uweight', userWeight);
  row.int('act', ProxyInt.ACTIVE_SERVERS);
  row.int('bck', ProxyInt.BACKUP_SERVERS);
  row.int('chkdown', ProxyInt.DOWN_TRANSITIONS);
  if (proxy.servers.length > 0) {
    const since = up ? 0 : Math.max(0, context.clock.second - ints[ProxyInt.LAST_CHANGE]!);
    row.set('downtime', ints[ProxyInt.DOWN_SECONDS]! + since);
  }
  row.rate('rate', ProxyInt.SESSION_RATE);
  row.int('rate_max', ProxyInt.SESSION_RATE_MAX);
  if (config.cookie !== null) row.set('cookie', config.cookie.name);
  row.set('algo', config.balance.algorithm);
  for (const name of ['comp_in', 'comp_out', 'comp_byp', 'comp_rsp']) row.set(name, 0);
  for (const name of ['agg_server_status', 'agg_server_check_status', 'agg_check_status']) row.set(name, 0);
  if (config.mode === 'http') {
    row.responses();
    row.total('req_tot', Counter.REQUESTS);
    row.total('intercepted', Counter.INTERCEPTED);
    row.set('cache_lookups', 0);
    row.set('cache_hits', 0);
    row.set('cache_hint_hits', 0);
  }
  h1Columns(proxy, block, false, context.baselines, (name, value) => row.set(name, value));
  return { kind: Kind.BACKEND, proxyId: config.id, objectId: 0, values: row.values };
}
