// The socket of a log target: datagrams, connected once.

import { SOCK_DGRAM, closeSocket, connectSocket, openSocket } from '../sys/socket.ts';
import { domainOf, type SocketAddress } from '../sys/address.ts';
import { socketAddressOf } from '../config/socket-address.ts';
import { applyOptions } from '../sys/options.ts';
import { buffersOf } from '../config/socket-options.ts';
import type { KernelBuffers, LogTarget } from '../config/model.ts';

/** The port of syslog, for addresses without one. */
const SYSLOG_PORT = 514;

/** Where a target's lines go; null for targets that are descriptors. */
export function logAddress(target: LogTarget): SocketAddress | null {
  return target.address === null ? null : socketAddressOf(target.address, SYSLOG_PORT);
}

/** A connected socket, or a negated errno. `buffers`: tune.sndbuf.backend, tune.rcvbuf.backend. */
export function openLogSocket(target: LogTarget, buffers: KernelBuffers): number {
  const to = logAddress(target);
  if (to === null) return -22;
  const fd = openSocket(domainOf(to), SOCK_DGRAM);
  if (fd < 0) return fd;
  applyOptions(fd, to, buffersOf(buffers));
  const result = connectSocket(fd, to);
  if (result >= 0) return fd;
  closeSocket(fd);
  return result;
}
