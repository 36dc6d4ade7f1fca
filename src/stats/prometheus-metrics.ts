// Which values the Prometheus exporter shows, and under which names: those that HAProxy's own exporter has.

import { columnAt, columns } from './columns.ts';
import { infoFields } from './info-fields.ts';

export interface Metric {
  /** The whole name, as `haproxy_server_bytes_in_total`. */
  readonly name: string;
  /** Number of a column of `show stat`, or position in `infoFields`; -1 where there is none. */
  readonly at: number;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** Kept in milliseconds, shown in seconds. */
  readonly isTime: boolean;
  /** Only for proxies in HTTP mode. */
  readonly httpOnly: boolean;
  /** `code` label of a count of responses; '' for other metrics. */
  readonly code: string;
}

/** `name=column`; a name that ends in `_total` (or `+`) is a counter, `!` marks what only HTTP has, `*` milliseconds. */
function metricOf(scope: string, word: string): Metric {
  const [left, column] = word.split('=') as [string, string];
  const marks = /[+!*]*$/.exec(left)![0];
  const name = `haproxy_${scope}_${left.slice(0, left.length - marks.length)}`;
  const isProcess = scope === 'process';
  const at = isProcess
    ? infoFields.findIndex(({ name: own }) => own.replace(' ', '_') === column)
    : columnAt.get(column);
  if (column !== '-' && (at === undefined || at < 0))
    throw new Error(`'${column}' is shown as ${name}, but is no value`);
  const doc = column === '-' ? 'Not counted here' : isProcess ? infoFields[at!]!.doc : columns[at!]!.doc;
  return {
    name,
    at: column === '-' ? -1 : at!,
    type: name.endsWith('_total') || marks.includes('+') ? 'counter' : 'gauge',
    help: doc,
    isTime: marks.includes('*'),
    httpOnly: marks.includes('!'),
    code: column.startsWith('hrsp_') ? column.slice(5) : '',
  };
}

/** A table made when it is first asked for: most processes are never scraped, and each isolate would hold its own. */
function list(scope: string, text: string): () => readonly Metric[] {
  let made: readonly Metric[] | null = null;
  return () =>
    (made ??= text
      .trim()
      .split(/\s+/)
      .map((word) => metricOf(scope, word)));
}

const RESPONSES = ['1xx', '2xx', '3xx', '4xx', '5xx', 'other']
  .map((code) => `http_responses_total!=hrsp_${code}`)
  .join(' ');

const COMPRESSION = `http_comp_bytes_in_total!=comp_in http_comp_bytes_out_total!=comp_out
  http_comp_bytes_bypassed_total!=comp_byp http_comp_responses_total!=comp_rsp`;

export const processMetrics = list(
  'process',
  `nbthread=Nbthread nbproc=Nbproc relative_process_id=Process_num uptime_seconds=Uptime_sec
  pool_failures_total=PoolFailed max_fds=Ulimit-n max_sockets=Maxsock max_connections=Maxconn
  hard_max_connections=Hard_maxconn current_connections=CurrConns connections_total=CumConns requests_total=CumReq
  max_ssl_connections=MaxSslConns current_ssl_connections=CurrSslConns ssl_connections_total=CumSslConns
  max_pipes=Maxpipes pipes_used_total=PipesUsed pipes_free_total=PipesFree current_connection_rate=ConnRate
  limit_connection_rate=ConnRateLimit max_connection_rate=MaxConnRate current_session_rate=SessRate
  limit_session_rate=SessRateLimit max_session_rate=MaxSessRate current_ssl_rate=SslRate limit_ssl_rate=SslRateLimit
  max_ssl_rate=MaxSslRate current_frontend_ssl_key_rate=SslFrontendKeyRate
  max_frontend_ssl_key_rate=SslFrontendMaxKeyRate frontend_ssl_reuse=SslFrontendSessionReuse_pct
  current_backend_ssl_key_rate=SslBackendKeyRate max_backend_ssl_key_rate=SslBackendMaxKeyRate
  ssl_cache_lookups_total=SslCacheLookups ssl_cache_misses_total=SslCacheMisses
  http_comp_bytes_in_total=CompressBpsIn http_comp_bytes_out_total=CompressBpsOut limit_http_comp=CompressBpsRateLim
  current_zlib_memory=- max_zlib_memory=- current_tasks=Tasks current_run_queue=Run_queue
  idle_time_percent=Idle_pct node=node description=description stopping=Stopping jobs=Jobs unstoppable_jobs=Unstoppable_Jobs listeners=Listeners
  active_peers=ActivePeers connected_peers=ConnectedPeers dropped_logs_total=DroppedLogs
  busy_polling_enabled=BusyPolling failed_resolutions+=FailedResolutions bytes_out_total=TotalBytesOut
  spliced_bytes_out_total=TotalSplicedBytesOut bytes_out_rate=BytesOutRate recv_logs_total=CumRecvLogs
  build_info=Build_info max_memory_bytes=Memmax_bytes pool_allocated_bytes=PoolAlloc_bytes
  pool_used_bytes=PoolUsed_bytes start_time_seconds=Start_time_sec`,
);

export const frontendMetrics = list(
  'frontend',
  `current_sessions=scur max_sessions=smax limit_sessions=slim sessions_total=stot bytes_in_total=bin
  bytes_out_total=bout requests_denied_total=dreq responses_denied_total=dresp request_errors_total=ereq status=status
  limit_session_rate=rate_lim max_session_rate=rate_max ${RESPONSES} http_requests_rate_max!=req_rate_max
  http_requests_total!=req_tot ${COMPRESSION} connections_rate_max=conn_rate_max connections_total=conn_tot
  intercepted_requests_total!=intercepted denied_connections_total=dcon denied_sessions_total=dses
  failed_header_rewriting_total=wrew http_cache_lookups_total!=cache_lookups http_cache_hits_total!=cache_hits
  internal_errors_total=eint`,
);

export const listenerMetrics = list(
  'listener',
  `current_sessions=scur max_sessions=smax limit_sessions=slim sessions_total=stot bytes_in_total=bin
  bytes_out_total=bout requests_denied_total=dreq responses_denied_total=dresp request_errors_total=ereq status=status
  denied_connections_total=dcon denied_sessions_total=dses failed_header_rewriting_total=wrew
  internal_errors_total=eint`,
);

const TIMES = `queue_time_average_seconds*=qtime connect_time_average_seconds*=ctime
  response_time_average_seconds*=rtime total_time_average_seconds*=ttime failed_header_rewriting_total=wrew
  connection_attempts_total=connect connection_reuses_total=reuse`;
const LONGEST = `max_queue_time_seconds*=qtime_max max_connect_time_seconds*=ctime_max
  max_response_time_seconds*=rtime_max max_total_time_seconds*=ttime_max internal_errors_total=eint`;

export const backendMetrics = list(
  'backend',
  `current_queue=qcur max_queue=qmax current_sessions=scur max_sessions=smax limit_sessions=slim sessions_total=stot
  bytes_in_total=bin bytes_out_total=bout requests_denied_total=dreq responses_denied_total=dresp
  connection_errors_total=econ response_errors_total=eresp retry_warnings_total=wretr redispatch_warnings_total=wredis
  status=status weight=weight active_servers=act backup_servers=bck check_up_down_total=chkdown
  check_last_change_seconds=lastchg downtime_seconds_total=downtime loadbalanced_total=lbtot max_session_rate=rate_max
  ${RESPONSES} http_requests_total!=req_tot client_aborts_total=cli_abrt server_aborts_total=srv_abrt ${COMPRESSION}
  last_session_seconds=lastsess ${TIMES} http_cache_lookups_total!=cache_lookups http_cache_hits_total!=cache_hits
  ${LONGEST} uweight=uweight agg_server_status=agg_server_status agg_server_check_status=agg_server_check_status
  agg_check_status=agg_check_status`,
);

export const serverMetrics = list(
  'server',
  `current_queue=qcur max_queue=qmax current_sessions=scur max_sessions=smax limit_sessions=slim sessions_total=stot
  bytes_in_total=bin bytes_out_total=bout responses_denied_total=dresp connection_errors_total=econ
  response_errors_total=eresp retry_warnings_total=wretr redispatch_warnings_total=wredis status=status weight=weight
  active=act backup=bck check_failures_total=chkfail check_up_down_total=chkdown check_last_change_seconds=lastchg
  downtime_seconds_total=downtime queue_limit=qlimit current_throttle=throttle loadbalanced_total=lbtot
  max_session_rate=rate_max check_status=check_status check_code=check_code check_duration_seconds*=check_duration
  ${RESPONSES} client_aborts_total=cli_abrt server_aborts_total=srv_abrt last_session_seconds=lastsess ${TIMES}
  idle_connections_current=srv_icur idle_connections_limit=src_ilim ${LONGEST}
  unsafe_idle_connections_current=idle_conn_cur safe_idle_connections_current=safe_conn_cur
  used_connections_current=used_conn_cur need_connections_current=need_conn_est uweight=uweight`,
);

/** Columns behind the static ones, for `extra-counters`: `haproxy_frontend_h1_open_streams`. */
export const extraMetrics = (scope: 'frontend' | 'backend'): readonly Metric[] =>
  columns.slice(columnAt.get('-')! + 1).map(({ name, tags, doc }) => ({
    name: `haproxy_${scope}_${name}`,
    at: columnAt.get(name)!,
    type: tags[1] === 'C' ? ('counter' as const) : ('gauge' as const),
    help: doc,
    isTime: false,
    httpOnly: true,
    code: '',
  }));
