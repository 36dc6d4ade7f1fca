// Closing a connection without a word to its peer (silent-drop): the kernel forgets it when it is closed in repair
// mode. Where that is not allowed, packets sent from now on do not leave the first hop.

import { SOL_IP, SOL_TCP, setLinger, setOption } from './socket.ts';

const TCP_REPAIR = 19;
const IP_TTL = 2;
const SOL_IPV6 = 41;
const IPV6_UNICAST_HOPS = 16;

/** `ttl`: after how many hops a reset is to vanish, 1 to 255; 0 for no reset if that can be had. */
export function dropSilently(fd: number, ttl = 0): void {
  if (ttl === 0 && setOption(fd, SOL_TCP, TCP_REPAIR, 1) >= 0) return;
  // One of them fails: a socket has one family.
  setOption(fd, SOL_IP, IP_TTL, ttl || 1);
  setOption(fd, SOL_IPV6, IPV6_UNICAST_HOPS, ttl || 1);
  setLinger(fd, 0);
}
