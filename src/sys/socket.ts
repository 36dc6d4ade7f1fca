// Sockets as the rest of the program sees them: created, bound, named, configured, closed.
// Functions that run at start or on a command throw SystemError; those on the path of a connection return errno.

import { SOCKADDR_STORAGE_BYTES } from './abi.ts';
import { AF_INET, AF_INET6, AF_UNIX, decodeAddress, domainOf, encodeAddress } from './address.ts';
import type { SocketAddress } from './address.ts';
import { SystemError } from './errno.ts';
import * as libc from './libc.ts';

export type { SocketAddress } from './address.ts';
export { decodeAddress, encodeAddress } from './address.ts';

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;
export const SOL_SOCKET = 1;
export const SOL_IP = 0;
export const SOL_IPV6 = 41;
export const SOL_TCP = 6;
export const SO_REUSEADDR = 2;
export const SO_TYPE = 3;
export const SO_ERROR = 4;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_KEEPALIVE = 9;
export const SO_PRIORITY = 12;
export const SO_LINGER = 13;
export const SO_REUSEPORT = 15;
export const SO_BINDTODEVICE = 25;
export const SO_ACCEPTCONN = 30;
export const SO_MARK = 36;
export const SO_PROTOCOL = 38;
export const SO_DOMAIN = 39;
export const SO_BUF_LOCK = 72;
export const IP_TOS = 1;
export const IP_TRANSPARENT = 19;
export const IP_FREEBIND = 15;
export const IP_BIND_ADDRESS_NO_PORT = 24;
export const IPV6_V6ONLY = 26;
export const IPV6_TCLASS = 67;
export const IPV6_TRANSPARENT = 75;
export const TCP_NODELAY = 1;
export const TCP_MAXSEG = 2;
export const TCP_KEEPIDLE = 4;
export const TCP_KEEPINTVL = 5;
export const TCP_KEEPCNT = 6;
export const TCP_DEFER_ACCEPT = 9;
export const TCP_QUICKACK = 12;
export const TCP_CONGESTION = 13;
export const TCP_USER_TIMEOUT = 18;
export const TCP_FASTOPEN = 23;
export const TCP_NOTSENT_LOWAT = 25;
export const TCP_SAVE_SYN = 27;
export const TCP_FASTOPEN_CONNECT = 30;
export const TCP_MD5SIG = 14;
export const IPPROTO_MPTCP = 262;
export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;

const { scratch } = libc;
const LENGTH_AT = 256;
const lengthAddress = scratch.address + BigInt(LENGTH_AT);

/** A non-blocking, close-on-exec socket, or a negated errno. */
export function openSocket(domain: number, type: number, protocol = 0): number {
  return libc.socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

/** A non-blocking stream socket fit for connecting to `address`, or a negated errno. */
export function openStream(address: SocketAddress): number {
  return openSocket(domainOf(address), SOCK_STREAM);
}

/** Two connected unix sockets. Throws SystemError. */
export function socketPair(type: number = SOCK_STREAM): [number, number] {
  const result = libc.socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, scratch.address);
  if (result < 0) throw new SystemError('cannot create a socket pair', result);
  return [scratch.words[0]!, scratch.words[1]!];
}

/** Sets an integer option: 0 or a negated errno. */
export function setOption(fd: number, level: number, name: number, value: number): number {
  scratch.words[0] = value;
  return libc.setsockopt(fd, level, name, scratch.address, 4);
}

/** Reads an integer option (an option is never negative), or gives a negated errno. */
export function getOption(fd: number, level: number, name: number): number {
  scratch.words[0] = 0;
  scratch.words[LENGTH_AT >> 2] = 4;
  const result = libc.getsockopt(fd, level, name, scratch.address, lengthAddress);
  return result < 0 ? result : scratch.words[0]!;
}

/** Sets an option whose value is text (SO_BINDTODEVICE, TCP_CONGESTION): 0 or a negated errno. */
export function setTextOption(fd: number, level: number, name: number, value: string): number {
  const length = scratch.buffer.write(`${value}\0`, 0, 255, 'latin1');
  return libc.setsockopt(fd, level, name, scratch.address, length);
}

/** SO_LINGER: `seconds` 0 makes close() reset the connection; -1 turns lingering off. */
export function setLinger(fd: number, seconds: number): number {
  scratch.words[0] = seconds < 0 ? 0 : 1;
  scratch.words[1] = Math.max(seconds, 0);
  return libc.setsockopt(fd, SOL_SOCKET, SO_LINGER, scratch.address, 8);
}

/** Where the socket is bound, or null where the kernel does not say. */
export function localAddress(fd: number): SocketAddress | null {
  scratch.words[LENGTH_AT >> 2] = SOCKADDR_STORAGE_BYTES;
  if (libc.getsockname(fd, scratch.address, lengthAddress) < 0) return null;
  return decodeAddress(scratch.bytes, 0, scratch.words[LENGTH_AT >> 2]!);
}

/** The other end, or null for a socket that is not connected any more. */
export function peerAddress(fd: number): SocketAddress | null {
  scratch.words[LENGTH_AT >> 2] = SOCKADDR_STORAGE_BYTES;
  if (libc.getpeername(fd, scratch.address, lengthAddress) < 0) return null;
  return decodeAddress(scratch.bytes, 0, scratch.words[LENGTH_AT >> 2]!);
}

const TCP_INFO = 11;
/** struct tcp_info as far as we read it. */
const TCP_INFO_BYTES = 104;

/** A field of four bytes of TCP_INFO (tcp(7)) at an offset in bytes, or a negated errno. */
export function tcpInfoField(fd: number, at: number): number {
  scratch.words[LENGTH_AT >> 2] = TCP_INFO_BYTES;
  const result = libc.getsockopt(fd, SOL_TCP, TCP_INFO, scratch.address, lengthAddress);
  return result < 0 ? result : scratch.words[at >> 2]!;
}

const TCP_SAVED_SYN = 28;
/** Ethernet, IPv6 with extension headers and TCP with all options stay below this. */
const SAVED_SYN_BYTES = LENGTH_AT;

/** The headers of the SYN that opened a connection of a listener with `saveSyn`, latin1; '' where none was kept. */
export function savedSyn(fd: number): string {
  scratch.words[LENGTH_AT >> 2] = SAVED_SYN_BYTES;
  const result = libc.getsockopt(fd, SOL_TCP, TCP_SAVED_SYN, scratch.address, lengthAddress);
  return result < 0 ? '' : scratch.buffer.toString('latin1', 0, scratch.words[LENGTH_AT >> 2]);
}

/** Whether an address belongs to this machine: a socket can be bound to it. */
export function isLocalAddress(address: SocketAddress): boolean {
  const fd = openSocket(domainOf(address), SOCK_DGRAM);
  if (fd < 0) return false;
  const result = bindSocket(fd, address);
  closeSocket(fd);
  return result === 0;
}

/** Binds to `address`: 0 or a negated errno. */
export function bindSocket(fd: number, address: SocketAddress): number {
  return libc.bind(fd, scratch.address, encodeAddress(address, scratch.bytes, 0));
}

/** Starts a connection: 0, -EINPROGRESS, or another negated errno. The reactor's connect is the usual way. */
export function connectSocket(fd: number, address: SocketAddress): number {
  return libc.connect(fd, scratch.address, encodeAddress(address, scratch.bytes, 0));
}

export function shutdownSocket(fd: number, how: number): number {
  return libc.shutdown(fd, how);
}

export function closeSocket(fd: number): number {
  return libc.close(fd);
}

/** Makes a bound stream socket listen (again): 0 or a negated errno. */
export function listenOn(fd: number, backlog: number): number {
  return libc.listen(fd, backlog);
}

/** Sends one datagram from `bytes` right now, to `address` or to the connected peer; at most 7 KiB. */
export function sendDatagramNow(fd: number, bytes: Uint8Array, address: SocketAddress | null): number {
  if (bytes.length > 7168) return -90;
  scratch.bytes.set(bytes, 512);
  const from = scratch.address + 512n;
  const flags = 0x4000 | 0x40;
  if (address === null) return libc.send(fd, from, bytes.length, flags);
  const length = encodeAddress(address, scratch.bytes, 0);
  return libc.sendto(fd, from, bytes.length, flags, scratch.address, length);
}

/** What an inherited fd turned out to be. */
export interface AdoptedSocket {
  readonly fd: number;
  readonly type: 'stream' | 'datagram';
  readonly listening: boolean;
  readonly address: SocketAddress;
}

/**
 * Takes over an fd that another process opened (`fd@N`, systemd, the previous process): makes it non-blocking and
 * close-on-exec and finds out what it is. Throws SystemError for anything but a socket of a family we serve.
 */
export function adoptSocket(fd: number): AdoptedSocket {
  const type = getOption(fd, SOL_SOCKET, SO_TYPE);
  if (type < 0) throw new SystemError(`cannot use inherited fd ${fd} as a socket`, type);
  const address = localAddress(fd);
  if (address === null) throw new SystemError(`inherited fd ${fd} has an unknown address family`, -97);
  if (type !== SOCK_STREAM && type !== SOCK_DGRAM)
    throw new SystemError(`inherited fd ${fd} has socket type ${type}`, -94);
  setNonBlocking(fd);
  setCloseOnExec(fd, true);
  const listening = getOption(fd, SOL_SOCKET, SO_ACCEPTCONN) > 0;
  return { fd, type: type === SOCK_STREAM ? 'stream' : 'datagram', listening, address };
}

const F_GETFD = 1;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;

/** Whether `fd` is open in this process. */
export function isOpen(fd: number): boolean {
  return libc.fcntl(fd, F_GETFD, 0) >= 0;
}

export function setNonBlocking(fd: number): number {
  const flags = libc.fcntl(fd, F_GETFL, 0);
  return flags < 0 ? flags : libc.fcntl(fd, F_SETFL, flags | 0x800);
}

/** With `on` false a program that we start inherits the fd. */
export function setCloseOnExec(fd: number, on: boolean): number {
  return libc.fcntl(fd, F_SETFD, on ? 1 : 0);
}

/** The IP level that options such as IP_TOS of this address live on, or -1 for unix sockets. */
export function ipLevel(address: SocketAddress): number {
  const domain = domainOf(address);
  if (domain === AF_INET) return SOL_IP;
  return domain === AF_INET6 ? SOL_IPV6 : -1;
}
