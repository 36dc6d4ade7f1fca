// Connecting is the whole of a TCP check; what differs is where to and with which header.

import { socketAddressOf } from '../../config/socket-address.ts';
import type { ServerConfig } from '../../config/model.ts';
import type { Server } from '../server.ts';
import type { CheckTarget } from './probe.ts';

/** Where a server's checks go: `addr` and `port` of its line, else where its traffic goes. */
export function checkTarget(server: Server, checkAddress: string | null): CheckTarget {
  const { config } = server;
  return {
    host: checkAddress ?? server.addressText,
    port: config.checkPort > 0 ? config.checkPort : server.port,
    source: checkSource(config),
  };
}

/** What `source` says, but for usesrc and ranges of ports, which are for traffic. */
export function checkSource(config: ServerConfig): CheckTarget['source'] {
  const address = (config.source ?? config.backend.source)?.address ?? null;
  const own = address === null ? null : socketAddressOf(address);
  if (own === null || (own.family !== 'ipv4' && own.family !== 'ipv6')) return null;
  const port = address!.portKind === 'range' ? 0 : own.port;
  const any = own.address === '0.0.0.0' || own.address === '::';
  return any && port === 0 ? null : { host: own.address, port };
}

/** The PROXY version checks send: the traffic's, unless the check goes elsewhere; `check-send-proxy` forces one. */
export function checkProxy(config: ServerConfig): 0 | 1 | 2 {
  if (config.checkSendProxy) return config.sendProxy === 0 ? 1 : config.sendProxy;
  return config.checkPort > 0 || config.checkAddress !== null ? 0 : config.sendProxy;
}
