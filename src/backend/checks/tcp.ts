// Connecting is the whole of a TCP check; what differs is where to and with which header.

import { socketAddressOf } from '../../config/socket-address.ts';
import type { ServerConfig } from '../../config/model.ts';
import type { CheckSettings } from './checker.ts';
import type { Server } from '../server.ts';
import type { CheckSource, CheckTarget } from './probe.ts';

/** Where a server's checks go: `addr` and `port` of its line or `set server`, else where its traffic goes. */
export function checkTarget(server: Server, { address, port }: CheckSettings): CheckTarget {
  return {
    host: address ?? server.addressText,
    port: port > 0 ? port : server.port,
    source: checkSource(server.config),
  };
}

/** What `source` says, but for usesrc and ranges of ports, which are for traffic. */
export function checkSource(config: ServerConfig): CheckSource | null {
  const settings = config.source ?? config.backend.source;
  if (settings === null) return null;
  const { address, interfaceName } = settings;
  const own = address === null ? null : socketAddressOf(address);
  let host = '';
  let port = 0;
  if (own !== null && (own.family === 'ipv4' || own.family === 'ipv6')) {
    port = address!.portKind === 'range' ? 0 : own.port;
    const any = own.address === '0.0.0.0' || own.address === '::';
    if (!any || port !== 0) host = own.address;
  }
  return host === '' && interfaceName === null ? null : { host, port, interfaceName };
}

/** The PROXY version checks send: the traffic's, unless the check goes elsewhere; `check-send-proxy` forces one. */
export function checkProxy(config: ServerConfig, { address, port }: CheckSettings): 0 | 1 | 2 {
  if (config.checkSendProxy) return config.sendProxy === 0 ? 1 : config.sendProxy;
  return port > 0 || address !== null ? 0 : config.sendProxy;
}
