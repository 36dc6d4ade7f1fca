// Sockets beside their bytes: made, named, configured and ended. Part of the reactor's door, so that a simulated network
// can stand behind a data plane. Each call is for the life of a connection, none for a request.

import { applyOptions, type SocketOptions } from '../sys/options.ts';
import { dropSilently } from '../sys/silent-drop.ts';
import {
  IPV6_TRANSPARENT,
  IP_BIND_ADDRESS_NO_PORT,
  IP_TRANSPARENT,
  SHUT_WR,
  SOCK_STREAM,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
  SO_REUSEADDR,
  SOL_TCP,
  TCP_NODELAY,
  TCP_QUICKACK,
  bindSocket,
  closeSocket,
  isLocalAddress,
  localAddress,
  openSocket,
  peerAddress,
  setLinger,
  setOption,
  shutdownSocket,
  savedSyn,
  tcpInfoField,
  type SocketAddress,
} from '../sys/socket.ts';

/** Results below 0 are negated errnos. */
export interface Sockets {
  /** An unconnected stream socket of a domain (AF_INET and so on). */
  open(domain: number): number;
  /** Small writes go out at once. */
  noDelay(fd: number): void;
  /** The first bytes that are sent acknowledge the handshake, no packet of its own (option tcp-smart-connect). */
  delayAck(fd: number): void;
  /** Null, or what was refused. */
  apply(fd: number, address: SocketAddress, options: SocketOptions): string | null;
  /**
   * Binds before connect(); the kernel chooses the port only then where it is 0. `transparent`: an address that need
   * not be ours (IP_TRANSPARENT, needs CAP_NET_ADMIN).
   */
  bind(fd: number, address: SocketAddress, transparent: boolean): number;
  /** Closes a socket on which the reactor never worked. */
  discard(fd: number): void;
  localAddress(fd: number): SocketAddress | null;
  peerAddress(fd: number): SocketAddress | null;
  /** A field of four bytes of TCP_INFO at an offset in bytes, or a negated errno. */
  tcpInfo(fd: number, at: number): number;
  /** The headers of the SYN of an accepted connection, latin1; '' where the listener kept none. */
  savedSyn(fd: number): string;
  /** Whether the address is one of this machine's. */
  isLocal(address: SocketAddress): boolean;
  shutdownWrite(fd: number): void;
  /** Closing throws unsent bytes away and resets the connection. */
  resetOnClose(fd: number): void;
  /** The peer hears nothing any more, not even of the end. `ttl`: a reset travels so many hops; 0 for none. */
  dropSilently(fd: number, ttl: number): void;
}

/** Those of the kernel. */
export const systemSockets: Sockets = {
  open: (domain) => openSocket(domain, SOCK_STREAM),
  noDelay(fd) {
    setOption(fd, SOL_TCP, TCP_NODELAY, 1);
  },
  delayAck(fd) {
    setOption(fd, SOL_TCP, TCP_QUICKACK, 0);
  },
  apply: applyOptions,
  bind(fd, address, transparent) {
    const six = address.family === 'ipv6';
    if (transparent) {
      const refused = setOption(fd, six ? SOL_IPV6 : SOL_IP, six ? IPV6_TRANSPARENT : IP_TRANSPARENT, 1);
      if (refused < 0) return refused;
    }
    // A port of its own may have been used a moment ago; one that the kernel chooses need differ only by destination.
    if (address.port !== 0) setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    else setOption(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    return bindSocket(fd, address);
  },
  discard(fd) {
    closeSocket(fd);
  },
  localAddress,
  peerAddress,
  tcpInfo: tcpInfoField,
  savedSyn,
  isLocal: isLocalAddress,
  shutdownWrite(fd) {
    shutdownSocket(fd, SHUT_WR);
  },
  resetOnClose(fd) {
    setLinger(fd, 0);
  },
  dropSilently,
};
