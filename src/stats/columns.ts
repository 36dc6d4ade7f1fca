// The columns of `show stat` in the manual's order (management.txt 9.1): number, name, type tags and meaning.

/** Order of `type` in rows: also the bit that says who has a column. */
export const Kind = { FRONTEND: 0, BACKEND: 1, SERVER: 2, LISTENER: 3 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

export type Value = string | number | null;
export type ValueType = 's32' | 's64' | 'u32' | 'u64' | 'str' | 'flt';

export interface Column {
  readonly name: string;
  /** Origin, nature, scope, persistence (management.txt 9.2). */
  readonly tags: string;
  readonly type: ValueType;
  readonly doc: string;
}

const column = (line: string): Column => {
  const [name, tags, type, ...words] = line.split(' ');
  return { name: name!, tags: tags!, type: type as ValueType, doc: words.join(' ') };
};

/**
 * All columns; the position is the number. Behind the static ones and the delimiter `-` come those of the HTTP/1 part,
 * whose numbers may change from release to release: only their names count.
 */
export const columns: readonly Column[] = `pxname KNSV str Proxy name
svname KNSV str Server, listener or side name
qcur MGPV u32 Sessions waiting in the queue now
qmax MMPV u32 Most sessions ever seen waiting in the queue
scur MGPV u32 Sessions now
smax MMPV u32 Most sessions ever seen
slim CLPV u32 Limit of sessions
stot MCPP u64 Sessions so far
bin MCPP u64 Bytes received from clients so far
bout MCPP u64 Bytes sent to clients so far
dreq MCPP u64 Requests denied by rules so far
dresp MCPP u64 Responses denied by rules so far
ereq MCPP u64 Invalid or interrupted requests so far
econ MCPP u64 Failed attempts to connect to a server so far
eresp MCPP u64 Invalid or interrupted responses so far
wretr MCPP u64 Repeated attempts to connect so far
wredis MCPP u64 Requests moved to another server so far
status SGPV str Operational state
weight MaPV u32 Weight in use
act MGPV u32 Active servers in use, or whether this server is active
bck MGPV u32 Backup servers in use, or whether this server is a backup
chkfail MCPP u64 Failed checks while the server was up
chkdown MCPP u64 Changes from up to down
lastchg MAPV u32 Seconds since the last change of state
downtime MCPV u32 Seconds spent down in total
qlimit CLPV u32 Most sessions allowed to wait for the server
pid KGPV u32 Relative process number
iid KGSV u32 Proxy id
sid KGSV u32 Server or listener id
throttle MaPV u32 Percentage of the weight during slow start
lbtot MCPP u64 Choices by load balancing so far
tracked CNSV str Server whose state is followed
type CGSV u32 0 frontend, 1 backend, 2 server, 3 listener
rate MRPV u32 Sessions in the last second
rate_lim CLPV u32 Limit of sessions each second
rate_max MMPV u32 Most sessions seen in one second
check_status MOPV str Result of the last health check
check_code MOPV u32 Status code of the last health check
check_duration MDPV u64 Milliseconds the last health check took
hrsp_1xx MCPP u64 Responses with a 1xx status
hrsp_2xx MCPP u64 Responses with a 2xx status
hrsp_3xx MCPP u64 Responses with a 3xx status
hrsp_4xx MCPP u64 Responses with a 4xx status
hrsp_5xx MCPP u64 Responses with a 5xx status
hrsp_other MCPP u64 Responses with any other status
hanafail MCPP u64 Failures seen in live traffic
req_rate MRPV u32 Requests in the last second
req_rate_max MMPV u32 Most requests seen in one second
req_tot MCPP u64 Requests so far
cli_abrt MCPP u64 Transfers ended early by the client
srv_abrt MCPP u64 Transfers ended early by the server
comp_in MCPP u64 Bytes given to the compressor
comp_out MCPP u64 Bytes returned by the compressor
comp_byp MCPP u64 Bytes that bypassed the compressor
comp_rsp MCPP u64 Compressed responses
lastsess MAPV s32 Seconds since the last session, -1 for none
last_chk MOPV str Answer or error of the last health check
last_agt MOPV str Answer or error of the last agent check
qtime MaPV u32 Average milliseconds in the queue
ctime MaPV u32 Average milliseconds to connect
rtime MaPV u32 Average milliseconds to the response
ttime MaPV u32 Average milliseconds of a whole session
agent_status MOPV str Result of the last agent check
agent_code MOPV u32 Code of the last agent check
agent_duration MDPV u64 Milliseconds the last agent check took
check_desc MOPV str Result of the last health check in words
agent_desc MOPV str Result of the last agent check in words
check_rise CGSV u32 Successful checks needed to be up
check_fall CGSV u32 Failed checks needed to be down
check_health CGSV u32 Health between 0 and rise+fall-1
agent_rise CGSV u32 Successful agent checks needed to be up
agent_fall CGSV u32 Failed agent checks needed to be down
agent_health CGSV u32 Agent health between 0 and rise+fall-1
addr CGSV str Address and port
cookie CNSV str Cookie name of the backend, or value of the server
mode CGSV str tcp or http
algo CGSV str Load balancing algorithm
conn_rate MRPV u32 Connections in the last second
conn_rate_max MMPV u32 Most connections seen in one second
conn_tot MCPP u64 Connections so far
intercepted MCPP u64 Requests answered by the proxy itself
dcon MCPP u64 Connections denied by rules
dses MCPP u64 Sessions denied by rules
wrew MCPP u64 Header changes that failed
connect MCPP u64 Attempts to connect to a server
reuse MCPP u64 Requests sent over an idle connection
cache_lookups MCPP u64 Lookups in the cache
cache_hits MCPP u64 Answers found in the cache
srv_icur MGPV u32 Idle connections now
src_ilim CLPV u32 Limit of idle connections
qtime_max MMPV u32 Most milliseconds in the queue
ctime_max MMPV u32 Most milliseconds to connect
rtime_max MMPV u32 Most milliseconds to the response
ttime_max MMPV u32 Most milliseconds of a whole session
eint MCPP u64 Internal errors
idle_conn_cur MGPV u32 Idle connections that are not safe to share
safe_conn_cur MGPV u32 Idle connections that are safe to share
used_conn_cur MGPV u32 Connections in use
need_conn_est MGPV u32 Estimate of connections needed
uweight MaPV u32 Weight set by the user
agg_server_status MGPV u32 Servers by state
agg_server_check_status MGPV u32 Former name of the aggregated check state
agg_check_status MGPV u32 Checks by state
srid MCPV u32 Revision of the server id
sess_other MCPP u64 Sessions other than HTTP
h1_sess MCPP u64 HTTP/1 sessions
h2_sess MCPP u64 HTTP/2 sessions
h3_sess MCPP u64 HTTP/3 sessions
req_other MCPP u64 Requests other than HTTP
h1req MCPP u64 HTTP/1 requests
h2req MCPP u64 HTTP/2 requests
h3req MCPP u64 HTTP/3 requests
proto CNSV str Protocol of the listener
priv_idle_cur MGPV u32 Private idle connections now
reqbin MCPP u64 Bytes of requests received
reqbout MCPP u64 Bytes of requests sent
resbin MCPP u64 Bytes of responses received
resbout MCPP u64 Bytes of responses sent
cache_hint_hits MCPP u64 Cache hits that sent early hints
- MOPV str End of the static columns
h1_open_connections MGPV u64 HTTP/1 connections now
h1_open_streams MGPV u64 HTTP/1 exchanges now
h1_total_connections MCPV u64 HTTP/1 connections so far
h1_total_streams MCPV u64 HTTP/1 exchanges so far
h1_bytes_in MCPV u64 Bytes received, of clients by a frontend and of servers by a backend
h1_bytes_out MCPV u64 Bytes sent, to clients by a frontend and to servers by a backend
h1_spliced_bytes_in MCPV u64 Of these, bytes that came through pipes
h1_spliced_bytes_out MCPV u64 Of these, bytes that left through pipes`
  .split('\n')
  .map(column);

/** Number of a column. */
export const columnAt: ReadonlyMap<string, number> = new Map(columns.map((one, at) => [one.name, at]));

/** Number of the delimiter, which has no value of its own. */
export const DELIMITER = columnAt.get('-')!;
