// Rings that log lines go through: those of `ring` sections, and those that stand before log backends and TCP servers.

import { newProxy, newServer } from './defaults.ts';
import type { Address } from './address.ts';
import type { LogRingConfig, LogTarget, LogTargetFormat, Position, ProxyConfig } from './model.ts';
import type { ParseContext } from '../registry/define.ts';

/** BUFSIZE of the manual: the size of a ring without `size`. */
export const RING_BYTES = 16384;
/** The longest line of a ring without `maxlen`. */
const LINE_BYTES = 1024;

/** What `show events` calls the ring that is always there. */
export const BUF0_DESCRIPTION = 'in-memory ring buffer';

export function newRing(key: string, name: string, proxy: ProxyConfig): LogRingConfig {
  return {
    key,
    name,
    position: proxy.position,
    description: name,
    format: 'raw',
    maxlen: LINE_BYTES,
    size: RING_BYTES,
    backingFile: null,
    proxy,
  };
}

/** The ring that is always there takes memory only once something writes to it. */
function makeBuf0(rings: Map<string, LogRingConfig>, position: Position): LogRingConfig {
  const ring = newRing('ring@buf0', 'buf0', newProxy('backend', 'buf0', position));
  ring.description = BUF0_DESCRIPTION;
  ring.format = 'timed';
  rings.set(ring.key, ring);
  return ring;
}

/** Whether events can be sent to `name`: stdout, stderr, buf0 or a ring declared before. */
export function isSink(name: string, { config, position }: ParseContext): boolean {
  if (name === 'stdout' || name === 'stderr' || config.logRings.has(`ring@${name}`)) return true;
  if (name !== 'buf0') return false;
  makeBuf0(config.logRings, position);
  return true;
}

/** `log ring@NAME`, `log backend@NAME`: gives `target` its ring; `format`: what the line said. */
export function findRing(
  target: LogTarget,
  where: string,
  format: LogTargetFormat | null,
  context: ParseContext,
): void {
  const { logRings } = context.config;
  let ring = logRings.get(where) ?? null;
  const name = where.slice(where.indexOf('@') + 1);
  if (ring === null && name === 'buf0') ring = makeBuf0(logRings, target.position);
  if (ring === null && where.startsWith('backend@')) ring = ringOfBackend(where, name, context);
  else if (ring === null) context.alert(`log : unable to find ring '${name}'.`);
  if (ring === null) return;
  target.ring = ring;
  if (where.startsWith('ring@')) {
    // The ring says how events are stored, whatever the line asks for: so HAProxy 2.6 was seen to do. Messages that
    // are forwarded keep their own format nevertheless, as reg-tests/log/log_forward.vtc expects.
    target.format = ring.format;
    target.length = Math.min(target.length, ring.maxlen);
    return;
  }
  target.format = format ?? ring.format;
  ring.maxlen = Math.max(ring.maxlen, target.length);
}

function ringOfBackend(key: string, name: string, context: ParseContext): LogRingConfig | null {
  const proxy = context.config.byName.get(name);
  if (proxy === undefined || proxy.kind !== 'backend') {
    context.alert(`log : unable to find log backend '${name}'.`);
    return null;
  }
  if (proxy.mode !== 'log') {
    context.alert(`log : backend '${name}' is not in log mode (see 'mode').`);
    return null;
  }
  const ring = newRing(key, name, proxy);
  ring.format = 'local';
  ring.size = Math.max(RING_BYTES * 4, ...proxy.servers.map((server) => server.logBufsize));
  context.config.logRings.set(key, ring);
  return ring;
}

/** How the keys of rings before servers begin. */
const IMPLICIT = 'server@';

/** A ring that a `log` line to a TCP or stream socket made. */
export const isImplicit = ({ key }: LogRingConfig): boolean => key.startsWith(IMPLICIT);

/** Whether `show events` lists a ring: those before log backends have no lines to read. */
export const isShown = (ring: LogRingConfig): boolean => ring.key.startsWith('ring@') || isImplicit(ring);

/** `log tcp@ADDRESS`: a ring of its own with one server. */
export function ringBefore(where: string, address: Address, context: ParseContext): LogRingConfig {
  const { logRings } = context.config;
  const { file, line } = context.position;
  const implicit = [...logRings.keys()].filter((key) => key.startsWith(IMPLICIT));
  // By address and turn: after a reload the lines that wait go where they were meant to go.
  const turn = implicit.filter((key) => key.startsWith(`${IMPLICIT}${where} `)).length;
  const key = `${IMPLICIT}${where} ${turn}`;
  const proxy = newProxy('backend', where, context.position);
  proxy.mode = 'log';
  proxy.timeouts.connect = 5000;
  const server = newServer(
    'default',
    { ...address, portLow: address.portLow || 514 },
    proxy,
    context.position,
  );
  if (server.port === 0) server.port = 514;
  proxy.servers.push(server);
  const ring = newRing(key, `ring#${implicit.length + 1}`, proxy);
  ring.description = `created from logserver declared into '${file}' at line ${line}`;
  ring.size = RING_BYTES * 4;
  logRings.set(key, ring);
  return ring;
}
