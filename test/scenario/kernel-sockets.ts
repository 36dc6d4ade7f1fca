// The sockets of another process as the kernel has them: duplicated by pidfd_getfd(2) and asked for their options.

import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { bindFunctions } from '../../src/sys/native.ts';
import { closeSocket, getOption } from '../../src/sys/socket.ts';

const calls = bindFunctions({
  syscall: { return: 'int32', arguments: ['int32', 'int32', 'int32', 'uint32'] },
});
const PIDFD_OPEN = 434;
const PIDFD_GETFD = 438;
/** The state of a listening socket in /proc/net/tcp. */
const LISTEN = '0A';

export interface KernelSocket {
  readonly fd: number;
  readonly six: boolean;
  readonly listening: boolean;
  readonly localPort: number;
  /** 0 while it listens. */
  readonly remotePort: number;
}

/** All TCP sockets of a process. */
export function socketsOf(pid: number): KernelSocket[] {
  const inodes = new Map<string, number>();
  for (const name of readdirSync(`/proc/${pid}/fd`)) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${name}`))?.[1];
      if (inode !== undefined) inodes.set(inode, Number(name));
    } catch {
      // Closed meanwhile.
    }
  }
  const found: KernelSocket[] = [];
  for (const table of ['tcp', 'tcp6']) {
    for (const line of readFileSync(`/proc/${pid}/net/${table}`, 'latin1').trimEnd().split('\n').slice(1)) {
      const [, local, remote, state, , , , , , inode] = line.trim().split(/\s+/);
      const fd = inodes.get(inode!);
      if (fd === undefined) continue;
      const port = (address: string): number => parseInt(address.slice(address.lastIndexOf(':') + 1), 16);
      found.push({
        fd,
        six: table === 'tcp6',
        listening: state === LISTEN,
        localPort: port(local!),
        remotePort: port(remote!),
      });
    }
  }
  return found;
}

/** Integer options of a socket of process `pid`, as `getsockopt` gives them: a negative number is an error. */
export function optionsOf<T extends string>(
  pid: number,
  socket: KernelSocket,
  wanted: Readonly<Record<T, readonly [level: number, name: number]>>,
): Record<T, number> {
  const holder = calls.syscall(PIDFD_OPEN, pid, 0, 0);
  const fd = calls.syscall(PIDFD_GETFD, holder, socket.fd, 0);
  try {
    if (fd < 0) throw new Error(`cannot duplicate descriptor ${socket.fd} of process ${pid}`);
    const values = {} as Record<T, number>;
    for (const name in wanted) values[name] = getOption(fd, wanted[name][0], wanted[name][1]);
    return values;
  } finally {
    if (fd >= 0) closeSocket(fd);
    if (holder >= 0) closeSocket(holder);
  }
}
