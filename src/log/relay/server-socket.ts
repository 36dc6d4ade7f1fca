// Sockets towards servers of rings and log backends, made as their `server` lines say: source, tcp-ut, tfo.

import { socketAddressOf } from '../../config/socket-address.ts';
import { domainOf, type SocketAddress } from '../../sys/address.ts';
import { applyOptions, type SocketOptions } from '../../sys/options.ts';
import { bindSocket, closeSocket, openSocket, SOCK_STREAM } from '../../sys/socket.ts';
import type { ServerConfig } from '../../config/model.ts';

const EADDRINUSE = -98;

/** Whether a server asks for anything that is not as the system makes it. */
export function isPlain({ source, tcpUserTimeout, tfo }: ServerConfig): boolean {
  return source === null && tcpUserTimeout === 0 && !tfo;
}

/** An unconnected socket of `type` (SOCK_STREAM, SOCK_DGRAM), or a negated errno. */
export function openFor(server: ServerConfig, address: SocketAddress, type: number): number {
  const fd = openSocket(domainOf(address), type);
  if (fd < 0) return fd;
  const result = prepare(fd, server, address, type);
  if (result < 0) closeSocket(fd);
  return result < 0 ? result : fd;
}

function prepare(fd: number, server: ServerConfig, address: SocketAddress, type: number): number {
  const { source, tcpUserTimeout, tfo } = server;
  const options: { -readonly [K in keyof SocketOptions]: SocketOptions[K] } = {};
  if (type === SOCK_STREAM) {
    if (tcpUserTimeout > 0) options.userTimeoutMs = tcpUserTimeout;
    if (tfo) options.fastOpenConnect = true;
  }
  const interfaceName = source?.interfaceName ?? null;
  if (interfaceName !== null) options.interfaceName = interfaceName;
  if (applyOptions(fd, address, options) !== null) return EADDRINUSE;
  const from = source === null || source.address === null ? null : socketAddressOf(source.address);
  if (from === null) return 0;
  const high = source!.address!.portKind === 'range' ? source!.address!.portHigh : from.port;
  let result = 0;
  for (let port = from.port; port <= high; port++) {
    result = bindSocket(fd, { ...from, port });
    if (result !== EADDRINUSE) break;
  }
  return result;
}
