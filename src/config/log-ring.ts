// Rings that log lines go through: those of `ring` sections, and those that stand before log backends and TCP servers.

import { newProxy, newServer } from './defaults.ts';
import type { Address } from './address.ts';
import type { LogRingConfig, LogTarget, LogTargetFormat, ProxyConfig } from './model.ts';
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
    proxy,
  };
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
  if (ring === null && name === 'buf0') {
    ring = newRing(where, name, newProxy('backend', name, target.position));
    ring.description = BUF0_DESCRIPTION;
    ring.format = 'timed';
    logRings.set(where, ring);
  }
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

/** `log tcp@ADDRESS`: a ring with one server, one for all lines with the same address. */
export function ringBefore(where: string, address: Address, context: ParseContext): LogRingConfig {
  const { logRings } = context.config;
  const known = logRings.get(where);
  if (known !== undefined) return known;
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
  const ring = newRing(where, where, proxy);
  ring.size = RING_BYTES * 4;
  logRings.set(where, ring);
  return ring;
}
