// What a `bind` line and its proxy ask of a listening socket. Connections get most of it from there: the kernel copies
// keep-alives, buffer sizes and TCP settings when it accepts, which saves calls for each connection.

import {
  SOCK_STREAM,
  SOL_SOCKET,
  SOL_TCP,
  SO_BUF_LOCK,
  SO_DOMAIN,
  SO_KEEPALIVE,
  SO_RCVBUF,
  SO_SNDBUF,
  TCP_DEFER_ACCEPT,
  TCP_FASTOPEN,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_MAXSEG,
  TCP_NOTSENT_LOWAT,
  TCP_SAVE_SYN,
  TCP_USER_TIMEOUT,
  closeSocket,
  getOption,
  openSocket,
  setOption,
} from '../sys/socket.ts';
import { AF_INET, AF_UNIX } from '../sys/address.ts';
import { buffersOf, keepAliveOf } from '../config/socket-options.ts';
import type { BindConfig, KernelBuffers, ProxyConfig } from '../config/model.ts';
import type { ListenerOptions, SocketOptions } from '../sys/options.ts';

/** TCP_DEFER_ACCEPT, seconds. */
const DEFER_ACCEPT_SECONDS = 1;

/** All but the address and what only binding needs. */
export type AcceptOptions = SocketOptions &
  Pick<ListenerOptions, 'backlog' | 'deferAcceptSeconds' | 'fastOpenQueue' | 'saveSyn'> & {
    readonly backlog: number;
  };

export function acceptOptionsOf(bind: BindConfig, proxy: ProxyConfig, buffers: KernelBuffers): AcceptOptions {
  const backlog = bind.backlog || proxy.backlog || proxy.maxconn || 4096;
  return {
    backlog,
    ...(bind.interfaceName === null ? {} : { interfaceName: bind.interfaceName }),
    ...(bind.deferAccept ? { deferAcceptSeconds: DEFER_ACCEPT_SECONDS } : {}),
    ...(bind.tfo ? { fastOpenQueue: backlog } : {}),
    ...(bind.tcpUserTimeout > 0 ? { userTimeoutMs: bind.tcpUserTimeout } : {}),
    ...(bind.saveSyn > 0 ? { saveSyn: bind.saveSyn } : {}),
    ...(bind.mss > 0 ? { maxSegmentBytes: bind.mss } : {}),
    ...(bind.transparent ? { transparent: true } : {}),
    ...(bind.address.kind === 'inet' ? { noDelay: true } : {}),
    ...keepAliveOf(proxy, 'client'),
    ...buffersOf(buffers),
  };
}

/**
 * Gives a socket that is bound already (kept by a reload, or made by another process) the options of this configuration,
 * and the system's values where it has none. `own` false: somebody else's settings stay where we want nothing of them.
 */
export function refresh(fd: number, options: AcceptOptions, own: boolean): void {
  const fresh = own ? openSocket(AF_INET, SOCK_STREAM) : -1;
  const set = (level: number, name: number, value: number | undefined, otherwise?: number): void => {
    const wanted = value ?? (own ? (otherwise ?? getOption(fresh, level, name)) : -1);
    if (wanted >= 0) setOption(fd, level, name, wanted);
  };
  if (getOption(fd, SOL_SOCKET, SO_DOMAIN) !== AF_UNIX) {
    set(SOL_SOCKET, SO_KEEPALIVE, options.keepAlive === true ? 1 : undefined, 0);
    set(SOL_TCP, TCP_KEEPCNT, options.keepAliveCount);
    set(SOL_TCP, TCP_KEEPIDLE, options.keepAliveIdleSeconds);
    set(SOL_TCP, TCP_KEEPINTVL, options.keepAliveIntervalSeconds);
    set(SOL_TCP, TCP_USER_TIMEOUT, options.userTimeoutMs, 0);
    set(SOL_TCP, TCP_MAXSEG, options.maxSegmentBytes, 0);
    set(SOL_TCP, TCP_NOTSENT_LOWAT, options.unsentLowBytes, 0);
    set(SOL_TCP, TCP_SAVE_SYN, options.saveSyn, 0);
    set(SOL_TCP, TCP_DEFER_ACCEPT, options.deferAcceptSeconds, 0);
    set(SOL_TCP, TCP_FASTOPEN, options.fastOpenQueue, 0);
  }
  setBuffer(fd, SO_RCVBUF, options.receiveBufferBytes, fresh);
  setBuffer(fd, SO_SNDBUF, options.sendBufferBytes, fresh);
  if (own && options.receiveBufferBytes === undefined && options.sendBufferBytes === undefined)
    setOption(fd, SOL_SOCKET, SO_BUF_LOCK, 0);
  if (fresh >= 0) closeSocket(fresh);
}

/** The kernel sets twice what it is told; `fresh`: a socket with the system's size, or -1. */
function setBuffer(fd: number, name: number, bytes: number | undefined, fresh: number): void {
  if (bytes !== undefined) setOption(fd, SOL_SOCKET, name, bytes);
  // A size of its own ends the kernel's tuning: only a socket that has one needs the system's size back.
  else if (fresh >= 0 && getOption(fd, SOL_SOCKET, SO_BUF_LOCK) > 0)
    setOption(fd, SOL_SOCKET, name, getOption(fresh, SOL_SOCKET, name) >> 1);
}
