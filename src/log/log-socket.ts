// The socket of a log target: datagrams, connected once.

import { SOCK_DGRAM, closeSocket, connectSocket, openSocket } from '../sys/socket.ts';
import { domainOf, type SocketAddress } from '../sys/address.ts';
import { socketAddressOf } from '../config/socket-address.ts';
import type { LogTarget } from '../config/model.ts';

/** The port of syslog, for addresses without one. */
const SYSLOG_PORT = 514;

/** Where a target's lines go; null for targets that are descriptors. */
export function logAddress(target: LogTarget): SocketAddress | null {
  return target.address === null ? null : socketAddressOf(target.address, SYSLOG_PORT);
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
