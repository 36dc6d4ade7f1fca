// Options of sockets that several keywords make together.

import type { KernelBuffers, ProxyConfig } from './model.ts';
import type { SocketOptions } from '../sys/options.ts';

/** What the kernel takes for TCP_KEEPCNT, and for TCP_KEEPIDLE and TCP_KEEPINTVL. */
const MAX_COUNT = 127;
const MAX_SECONDS = 32767;

const within = (value: number, max: number): boolean => value >= 1 && value <= max;

/** Keep-alive of TCP on one side of a proxy. What the kernel would refuse is left as the system has it, as HAProxy does. */
export function keepAliveOf(proxy: ProxyConfig, side: 'client' | 'server'): SocketOptions {
  const { options, keepAlive } = proxy;
  if (!options.has('tcpka') && !options.has(side === 'client' ? 'clitcpka' : 'srvtcpka')) return {};
  const { count, idleSeconds, intervalSeconds } = keepAlive[side];
  return {
    keepAlive: true,
    ...(within(count, MAX_COUNT) ? { keepAliveCount: count } : {}),
    ...(within(idleSeconds, MAX_SECONDS) ? { keepAliveIdleSeconds: idleSeconds } : {}),
    ...(within(intervalSeconds, MAX_SECONDS) ? { keepAliveIntervalSeconds: intervalSeconds } : {}),
  };
}

/** tune.rcvbuf and its like for one kind of socket. */
export const buffersOf = ({ receive, send, unsent }: KernelBuffers): SocketOptions => ({
  ...(receive > 0 ? { receiveBufferBytes: receive } : {}),
  ...(send > 0 ? { sendBufferBytes: send } : {}),
  ...(unsent > 0 ? { unsentLowBytes: unsent } : {}),
});
