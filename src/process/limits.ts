// maxconn and file descriptors (manual: maxconn, ulimit-n): one follows from the other.

import { getLimit, raiseOpenFiles } from '../sys/limits.ts';
import { pipesOf } from '../config/splicing.ts';
import { isFront } from '../config/defaults.ts';
import type { Config } from '../config/model.ts';
import type { Diagnostics } from '../config/diagnostics.ts';

/** What Node, the reactors and logs keep open beside connections. */
const RESERVED_FDS = 64;

/** Systems allow many more than anybody needs. */
const DEFAULT_HARD_LIMIT = 1048576;

/** Descriptors beside those of connections: listeners, checks, stats sockets, our own. */
function fixedFds(config: Config): number {
  let count = RESERVED_FDS + config.global.statsMaxconn + config.global.statsSockets.length;
  for (const proxy of config.proxies) {
    if (isFront(proxy.kind)) count += proxy.binds.length;
    for (const server of proxy.servers) if (server.check) count++;
  }
  return count;
}

/** Connections that so many descriptors allow: two each, and two for each pipe. */
export function connectionsFor(fds: number, config: Config): number {
  const most = Math.floor(fds / 2);
  if (config.global.maxpipes >= 0) return most - config.global.maxpipes;
  return pipesOf(config, most) === 0 ? most : Math.floor(fds / 2.5);
}

/** Settles global.maxconn (`-n` wins) and raises RLIMIT_NOFILE. False after a fatal alert. */
export function deriveLimits(config: Config, option: number, diagnostics: Diagnostics): boolean {
  const { global } = config;
  const fixed = fixedFds(config);
  if (option > 0) global.maxconn = option;
  const limit = getLimit('nofile');
  if (global.maxconn === 0) {
    const fds =
      global.ulimitN > 0 ? global.ulimitN : Math.min(limit.hard, global.fdHardLimit || DEFAULT_HARD_LIMIT);
    global.maxconn = Math.max(100, connectionsFor(fds - fixed, config));
    if (global.ulimitN === 0) {
      diagnostics.notice(null, `Automatically setting global.maxconn to ${global.maxconn}.`, 'late');
    }
  }
  // A pipe is two descriptors.
  const wanted = global.ulimitN > 0 ? global.ulimitN : global.maxconn * 2 + fixed + pipesOf(config) * 2;
  if (limit.soft >= wanted) return true;
  const reached = raiseOpenFiles(wanted);
  if (reached >= wanted) return true;
  if (global.strictLimits) {
    diagnostics.alert(
      null,
      `[haproxy.main()] Cannot raise FD limit to ${wanted}, limit is ${reached}.`,
      'late',
    );
    return false;
  }
  diagnostics.warning(
    null,
    `[haproxy.main()] Cannot raise FD limit to ${wanted}, limit is ${reached}.`,
    'late',
  );
  const most = Math.max(10, connectionsFor(reached - fixed, config));
  if (most < global.maxconn) global.maxconn = most;
  return true;
}

/** MiB that the program needs without any connection. */
const PROGRAM_MIB = 96;
/** Bytes of objects that a connection has beside its two slabs. */
const CONNECTION_BYTES = 4096;

/** -m: connections that fit into `memoryMib`; at least 10, so that somebody can still look at the process. */
export function connectionsWithin(memoryMib: number, bufsize: number): number {
  const bytes = (memoryMib - PROGRAM_MIB) * 1048576;
  return Math.max(10, Math.floor(bytes / (2 * bufsize + CONNECTION_BYTES)));
}
