// The fields of `show info`: position, name, tags and how each is read. Positions never change; fields about what
// this program does not have (TLS keys) stand at 0, as for a build without them.

import type { ControlView, ProcessFacts } from '../cli/view.ts';
import type { Column, Value, ValueType } from './columns.ts';

export interface InfoField extends Column {
  readonly position: number;
  read(facts: ProcessFacts, nowMs: number): Value;
}

const fields: InfoField[] = [];
let next = 0;
function add(name: string, tags: string, type: ValueType, doc: string, read: InfoField['read']): void {
  fields.push({ position: next++, name, tags, type, doc, read });
}
const zero = (): number => 0;
const MEBIBYTE = 1048576;

function uptimeSeconds(facts: ProcessFacts, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - facts.startedAtMs) / 1000));
}

/** `0d 0h00m07s`. */
export function uptimeText(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor((seconds % 86400) / 3600);
  return `${Math.floor(seconds / 86400)}d ${hours}h${two(Math.floor((seconds % 3600) / 60))}m${two(seconds % 60)}s`;
}

add('Name', 'POSV', 'str', 'Product name', () => 'HAProxy');
add('Version', 'POSV', 'str', 'Emulated release and product version', (f) => f.version);
add('Release_date', 'POSV', 'str', 'Date of the release', (f) => f.releaseDate);
add('Nbthread', 'CGSV', 'u32', 'Data threads', (f) => f.threads);
add('Nbproc', 'CGSV', 'u32', 'Processes', () => 1);
add('Process_num', 'KGPV', 'u32', 'Relative process number', () => 1);
add('Pid', 'SGPV', 'u32', 'Process id', (f) => f.pid);
add('Uptime', 'MDPV', 'str', 'Time since the start', (f, now) => uptimeText(uptimeSeconds(f, now)));
add('Uptime_sec', 'MDPV', 'u32', 'Seconds since the start', uptimeSeconds);
add('Memmax_MB', 'CLPV', 'u32', 'Memory limit in MiB, 0 for none', zero);
add('PoolAlloc_MB', 'MGPV', 'u32', 'Memory of the pools in MiB', (f) =>
  Math.floor(f.poolAllocated / MEBIBYTE),
);
add('PoolUsed_MB', 'MGPV', 'u32', 'Memory of the pools in use in MiB', (f) =>
  Math.floor(f.poolUsed / MEBIBYTE),
);
add('PoolFailed', 'MCPV', 'u32', 'Allocations that failed', (f) => f.poolFailures);
add('Ulimit-n', 'CLPV', 'u32', 'Limit of file descriptors', (f) => f.ulimitN);
add('Maxsock', 'CLPV', 'u32', 'Sockets that may be needed', (f) => f.maxSockets);
add('Maxconn', 'CLPV', 'u32', 'Limit of connections', (f) => f.maxconn);
add('Hard_maxconn', 'CLPV', 'u32', 'Highest limit of connections that can be set', (f) => f.hardMaxconn);
add('CurrConns', 'MGPV', 'u32', 'Connections now', (f) => f.currentConnections);
add('CumConns', 'MCPV', 'u32', 'Connections so far', (f) => f.connections);
add('CumReq', 'MCPV', 'u32', 'Requests so far', (f) => f.requests);
add('MaxSslConns', 'MMPV', 'u32', 'Limit of TLS connections, 0 for none', zero);
add('CurrSslConns', 'MGPV', 'u32', 'TLS connections now', zero);
add('CumSslConns', 'MCPV', 'u32', 'TLS connections so far', zero);
add('Maxpipes', 'CLPV', 'u32', 'Limit of pipes', (f) => f.maxpipes);
add('PipesUsed', 'MGPV', 'u32', 'Pipes in use', (f) => f.pipesUsed);
add('PipesFree', 'MGPV', 'u32', 'Pipes kept for reuse', (f) => f.pipesFree);
add('ConnRate', 'MRPV', 'u32', 'Connections in the last second', (f) => f.connectionRate);
add(
  'ConnRateLimit',
  'CLPV',
  'u32',
  'Limit of connections each second, 0 for none',
  (f) => f.connectionRateLimit,
);
add('MaxConnRate', 'MMPV', 'u32', 'Most connections in one second', (f) => f.connectionRateMax);
add('SessRate', 'MRPV', 'u32', 'Sessions in the last second', (f) => f.sessionRate);
add('SessRateLimit', 'CLPV', 'u32', 'Limit of sessions each second, 0 for none', (f) => f.sessionRateLimit);
add('MaxSessRate', 'MRPV', 'u32', 'Most sessions in one second', (f) => f.sessionRateMax);
for (const [name, tags, doc] of [
  ['SslRate', 'MRPV', 'TLS connections in the last second'],
  ['SslRateLimit', 'CLPV', 'Limit of TLS connections each second'],
  ['MaxSslRate', 'MMPV', 'Most TLS connections in one second'],
  ['SslFrontendKeyRate', 'MGPV', 'Key computations of frontends in the last second'],
  ['SslFrontendMaxKeyRate', 'MMPV', 'Most key computations of frontends in one second'],
  ['SslFrontendSessionReuse_pct', 'MGPV', 'Percentage of resumed TLS sessions'],
  ['SslBackendKeyRate', 'MRPV', 'Key computations of backends in the last second'],
  ['SslBackendMaxKeyRate', 'MMPV', 'Most key computations of backends in one second'],
  ['SslCacheLookups', 'MCPV', 'Lookups in the TLS session cache'],
  ['SslCacheMisses', 'MCPV', 'Lookups that found nothing'],
  ['CompressBpsIn', 'MRPV', 'Bytes a second into the compressor'],
  ['CompressBpsOut', 'MRPV', 'Bytes a second out of the compressor'],
  ['CompressBpsRateLim', 'CLPV', 'Limit of compressed bytes a second'],
] as const)
  add(name, tags, 'u32', doc, zero);
// 45 and 46 belong to builds with zlib's own memory accounting.
next = 47;
add('Tasks', 'MGPV', 'u32', 'Sessions and timers under way', (f) => f.tasks);
add('Run_queue', 'MGPV', 'u32', 'Tasks waiting to run', zero);
add('Idle_pct', 'MaPV', 'u32', 'Percentage of time spent waiting', (f) => f.idlePercent);
add('node', 'COSV', 'str', 'Node name', (f) => f.node);
add('description', 'COSV', 'str', 'Description of the node', (f) => f.description);
add('Stopping', 'MGPV', 'u32', '1 while the process is stopping', (f) => (f.stopping ? 1 : 0));
add('Jobs', 'MGPV', 'u32', 'Listeners and connections', (f) => f.jobs);
add('Unstoppable Jobs', 'MGPV', 'u32', 'Jobs that do not delay the end', zero);
add('Listeners', 'MGPV', 'u32', 'Active listeners', (f) => f.listeners);
add('ActivePeers', 'MGPV', 'u32', 'Peers under way', zero);
add('ConnectedPeers', 'MGPV', 'u32', 'Peers connected', zero);
add('DroppedLogs', 'MGPV', 'u32', 'Log lines that could not be sent', (f) => f.droppedLogs);
add('BusyPolling', 'MGPV', 'u32', '1 while busy polling is on', zero);
add('FailedResolutions', 'MGPV', 'u32', 'Names that could not be resolved', zero);
add('TotalBytesOut', 'MGPV', 'u64', 'Bytes sent so far', (f) => f.bytesOut);
add('TotalSplicedBytesOut', 'MGPV', 'u64', 'Bytes sent by splicing so far', (f) => f.splicedBytesOut);
add('BytesOutRate', 'MRPV', 'u64', 'Bytes sent in the last second', (f) => f.bytesOutRate);
add('DebugCommandsIssued', 'MGPV', 'u32', 'Debugging commands received', zero);
add('CumRecvLogs', 'MCPV', 'u32', 'Log messages received', zero);
add('Build info', 'POSV', 'str', 'Version of the build', (f) => f.version);
add('Memmax_bytes', 'CLPV', 'u32', 'Memory limit in bytes', zero);
add('PoolAlloc_bytes', 'MGPV', 'u64', 'Memory of the pools in bytes', (f) => f.poolAllocated);
add('PoolUsed_bytes', 'MGPV', 'u64', 'Memory of the pools in use in bytes', (f) => f.poolUsed);
add('Start_time_sec', 'MDPV', 'u32', 'Start, seconds since 1970', (f) => Math.floor(f.startedAtMs / 1000));
add('Tainted', 'SGPV', 'str', 'Conditions that make bug reports doubtful', () => '0');
add('TotalWarnings', 'MCPV', 'u32', 'Warnings since the start', (f) => f.warnings);

export const infoFields: readonly InfoField[] = fields;

/** Fields with their values; those without a value (no description) are left out. */
export function readInfo(view: ControlView, nowMs: number): [InfoField, Value][] {
  const facts = view.facts();
  const list: [InfoField, Value][] = [];
  for (const field of infoFields) {
    const value = field.read(facts, nowMs);
    if (value !== null) list.push([field, value]);
  }
  return list;
}
