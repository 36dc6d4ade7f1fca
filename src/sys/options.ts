// Socket options of `bind` and `server` lines, and the listener made from them.

import type { SocketAddress } from './address.ts';
import { domainOf } from './address.ts';
import { SystemError, errnoText } from './errno.ts';
import * as libc from './libc.ts';
import * as s from './socket.ts';

/** Options that listeners and outgoing connections share; what is absent keeps the kernel's default. */
export interface SocketOptions {
  /** SO_BINDTODEVICE: traffic of this interface alone. */
  readonly interfaceName?: string;
  /** Data may go with the SYN of connect() (server option tfo). */
  readonly fastOpenConnect?: boolean;
  /** TCP_USER_TIMEOUT in milliseconds. */
  readonly userTimeoutMs?: number;
  /** TCP_MAXSEG in bytes. */
  readonly maxSegmentBytes?: number;
  readonly noDelay?: boolean;
  readonly keepAlive?: boolean;
  readonly keepAliveCount?: number;
  readonly keepAliveIdleSeconds?: number;
  readonly keepAliveIntervalSeconds?: number;
  /** SO_LINGER in seconds; 0 resets at close. */
  readonly lingerSeconds?: number;
  /** SO_MARK; needs CAP_NET_ADMIN. */
  readonly mark?: number;
  /** IP_TOS or IPV6_TCLASS. */
  readonly tos?: number;
  readonly receiveBufferBytes?: number;
  readonly sendBufferBytes?: number;
  /** TCP_NOTSENT_LOWAT. */
  readonly unsentLowBytes?: number;
  readonly quickAck?: boolean;
  /** TCP_CONGESTION. */
  readonly congestionControl?: string;
  /** IP_TRANSPARENT: foreign addresses as our own. */
  readonly transparent?: boolean;
  /** IP_FREEBIND: an address that does not exist yet. */
  readonly freeBind?: boolean;
}

export interface ListenerOptions extends SocketOptions {
  readonly address: SocketAddress;
  readonly type?: 'stream' | 'datagram';
  /** IPPROTO_MPTCP instead of TCP. */
  readonly multipath?: boolean;
  /** Connections that wait for accept; somaxconn caps it. */
  readonly backlog?: number;
  /** Lets each thread have a socket of its own on one address. */
  readonly reusePort?: boolean;
  /** true: IPv6 alone; false: IPv4 too (v4v6); absent: the system's setting. */
  readonly v6Only?: boolean;
  /** TCP_DEFER_ACCEPT in seconds: wake us only when data came. */
  readonly deferAcceptSeconds?: number;
  /** TCP_SAVE_SYN: 1 from the IP header on, 2 from the Ethernet header on. */
  readonly saveSyn?: number;
  /** TCP_FASTOPEN: length of its queue. */
  readonly fastOpenQueue?: number;
}

/**
 * Applies options in order and stops at the first that the kernel refuses. Returns null or a text which says what
 * was refused: `cannot set TCP_MAXSEG to 10: Invalid argument`. TCP options are skipped on unix sockets.
 */
export function applyOptions(fd: number, address: SocketAddress, options: SocketOptions): string | null {
  const level = s.ipLevel(address);
  const tcp = level >= 0 && s.getOption(fd, s.SOL_SOCKET, s.SO_TYPE) === s.SOCK_STREAM;
  const six = level === s.SOL_IPV6;
  let failure: string | null = null;
  const set = (at: number, name: number, label: string, value: number | boolean | undefined): void => {
    if (value === undefined || failure !== null) return;
    const result = s.setOption(fd, at, name, Number(value));
    if (result < 0) failure = `cannot set ${label} to ${Number(value)}: ${errnoText(result)}`;
  };
  const setText = (at: number, name: number, label: string, value: string | undefined): void => {
    if (value === undefined || failure !== null) return;
    const result = s.setTextOption(fd, at, name, value);
    if (result < 0) failure = `cannot set ${label} to '${value}': ${errnoText(result)}`;
  };
  set(s.SOL_SOCKET, s.SO_RCVBUF, 'SO_RCVBUF', options.receiveBufferBytes);
  set(s.SOL_SOCKET, s.SO_SNDBUF, 'SO_SNDBUF', options.sendBufferBytes);
  set(s.SOL_SOCKET, s.SO_KEEPALIVE, 'SO_KEEPALIVE', options.keepAlive);
  set(s.SOL_SOCKET, s.SO_MARK, 'SO_MARK', options.mark);
  setText(s.SOL_SOCKET, s.SO_BINDTODEVICE, 'SO_BINDTODEVICE', options.interfaceName);
  if (options.lingerSeconds !== undefined && failure === null) {
    const result = s.setLinger(fd, options.lingerSeconds);
    if (result < 0) failure = `cannot set SO_LINGER: ${errnoText(result)}`;
  }
  if (level >= 0) {
    // The packets of an IPv4 peer of an IPv6 socket are IPv4.
    if (six && !address.address.startsWith('::ffff:')) {
      set(level, s.IPV6_TCLASS, 'IPV6_TCLASS', options.tos);
    } else set(s.SOL_IP, s.IP_TOS, 'IP_TOS', options.tos);
    set(level, six ? s.IPV6_TRANSPARENT : s.IP_TRANSPARENT, 'IP_TRANSPARENT', options.transparent);
    // IP_FREEBIND on the IPv4 level works for IPv6 sockets too.
    set(s.SOL_IP, s.IP_FREEBIND, 'IP_FREEBIND', options.freeBind);
  }
  if (!tcp) return failure;
  set(s.SOL_TCP, s.TCP_NODELAY, 'TCP_NODELAY', options.noDelay);
  set(s.SOL_TCP, s.TCP_MAXSEG, 'TCP_MAXSEG', options.maxSegmentBytes);
  set(s.SOL_TCP, s.TCP_USER_TIMEOUT, 'TCP_USER_TIMEOUT', options.userTimeoutMs);
  set(s.SOL_TCP, s.TCP_KEEPCNT, 'TCP_KEEPCNT', options.keepAliveCount);
  set(s.SOL_TCP, s.TCP_KEEPIDLE, 'TCP_KEEPIDLE', options.keepAliveIdleSeconds);
  set(s.SOL_TCP, s.TCP_KEEPINTVL, 'TCP_KEEPINTVL', options.keepAliveIntervalSeconds);
  set(s.SOL_TCP, s.TCP_FASTOPEN_CONNECT, 'TCP_FASTOPEN_CONNECT', options.fastOpenConnect);
  set(s.SOL_TCP, s.TCP_NOTSENT_LOWAT, 'TCP_NOTSENT_LOWAT', options.unsentLowBytes);
  set(s.SOL_TCP, s.TCP_QUICKACK, 'TCP_QUICKACK', options.quickAck);
  setText(s.SOL_TCP, s.TCP_CONGESTION, 'TCP_CONGESTION', options.congestionControl);
  return failure;
}

/**
 * A bound socket, listening when it is a stream. Throws SystemError, or Error when an option is refused. A unix path
 * must be free: replacing a live socket by a temporary name and rename, and its owner and mode, are the caller's.
 */
export function bindListener(options: ListenerOptions): number {
  const { address } = options;
  const stream = options.type !== 'datagram';
  const label = address.port > 0 ? `${address.address}:${address.port}` : address.address;
  const type = stream ? s.SOCK_STREAM : s.SOCK_DGRAM;
  const fd = s.openSocket(domainOf(address), type, options.multipath === true ? s.IPPROTO_MPTCP : 0);
  if (fd < 0) throw new SystemError(`cannot create a socket for ${label}`, fd);
  try {
    prepareListener(fd, stream, options, label);
    let result = s.bindSocket(fd, address);
    if (result < 0) throw new SystemError(`cannot bind ${label}`, result);
    if (stream) {
      result = libc.listen(fd, options.backlog ?? 4096);
      if (result < 0) throw new SystemError(`cannot listen on ${label}`, result);
    }
  } catch (error) {
    libc.close(fd);
    throw error;
  }
  return fd;
}

function prepareListener(fd: number, stream: boolean, options: ListenerOptions, label: string): void {
  const level = s.ipLevel(options.address);
  const need = (result: number, name: string): void => {
    if (result < 0) throw new SystemError(`cannot set ${name} on ${label}`, result);
  };
  if (level >= 0) {
    if (stream) need(s.setOption(fd, s.SOL_SOCKET, s.SO_REUSEADDR, 1), 'SO_REUSEADDR');
    if (options.reusePort === true) need(s.setOption(fd, s.SOL_SOCKET, s.SO_REUSEPORT, 1), 'SO_REUSEPORT');
  }
  if (level === s.SOL_IPV6 && options.v6Only !== undefined) {
    need(s.setOption(fd, s.SOL_IPV6, s.IPV6_V6ONLY, Number(options.v6Only)), 'IPV6_V6ONLY');
  }
  const refused = applyOptions(fd, options.address, options);
  if (refused !== null) throw new Error(`${label}: ${refused}`);
  if (level < 0 || !stream) return;
  if (options.deferAcceptSeconds !== undefined) {
    need(s.setOption(fd, s.SOL_TCP, s.TCP_DEFER_ACCEPT, options.deferAcceptSeconds), 'TCP_DEFER_ACCEPT');
  }
  if (options.saveSyn !== undefined) {
    need(s.setOption(fd, s.SOL_TCP, s.TCP_SAVE_SYN, options.saveSyn), 'TCP_SAVE_SYN');
  }
  if (options.fastOpenQueue !== undefined) {
    need(s.setOption(fd, s.SOL_TCP, s.TCP_FASTOPEN, options.fastOpenQueue), 'TCP_FASTOPEN');
  }
}
