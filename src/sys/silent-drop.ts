// Closing a connection without a word to its peer (silent-drop): the kernel forgets it when it is closed in repair
// mode. Where that is not allowed, packets sent from now on do not leave the first hop.

import { SOL_IP, SOL_TCP, setLinger, setOption } from './socket.ts';

const TCP_REPAIR = 19;
const IP_TTL = 2;

export function dropSilently(fd: number): void {
  if (setOption(fd, SOL_TCP, TCP_REPAIR, 1) >= 0) return;
  setOption(fd, SOL_IP, IP_TTL, 1);
  setLinger(fd, 0);
}
