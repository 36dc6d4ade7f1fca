// The socket of a log target: datagrams, connected once.

import { SOCK_DGRAM, closeSocket, connectSocket, openSocket } from '../sys/socket.ts';
import { domainOf, type SocketAddress } from '../sys/address.ts';
import type { LogTarget } from '../config/model.ts';

/** The port of syslog, for addresses without one. */
const SYSLOG_PORT = 514;

/** Where a target's lines go; null for targets that are descriptors. */
export function logAddress(target: LogTarget): SocketAddress | null {
  const { address } = target;
  if (address === null) return null;
  if (address.family === 'abns' || address.family === 'abnsz') {
    return { family: address.family, address: address.host, port: 0 };
  }
  if (address.family === 'unix') return { family: 'unix', address: address.host, port: 0 };
  const port = address.portKind === 'fixed' ? address.portLow : SYSLOG_PORT;
  return { family: address.family === 'ipv6' ? 'ipv6' : 'ipv4', address: address.host, port };
}

/** A connected socket, or a negated errno. */
export function openLogSocket(target: LogTarget): number {
  const to = logAddress(target);
  if (to === null) return -22;
  const fd = openSocket(domainOf(to), SOCK_DGRAM);
  if (fd < 0) return fd;
  const result = connectSocket(fd, to);
  if (result >= 0) return fd;
  closeSocket(fd);
  return result;
}
