// Tells the service manager how far we are (sd_notify(3)): one datagram to the socket that NOTIFY_SOCKET names.

import { SOCK_DGRAM, closeSocket, openSocket, sendDatagramNow, type SocketAddress } from '../sys/socket.ts';

const AF_UNIX = 1;

/** A path, or `@name` for an abstract socket; null when nobody asked to be told. */
export function notifyAddress(socket: string | undefined): SocketAddress | null {
  if (socket === undefined || socket === '') return null;
  if (socket.startsWith('@')) return { family: 'abns', address: socket.slice(1), port: 0 };
  return socket.startsWith('/') ? { family: 'unix', address: socket, port: 0 } : null;
}

/** Sends the lines; 0, a negated errno, or 0 when there is no service manager. */
export function notify(lines: readonly string[], socket = process.env['NOTIFY_SOCKET']): number {
  const address = notifyAddress(socket);
  if (address === null) return 0;
  const fd = openSocket(AF_UNIX, SOCK_DGRAM);
  try {
    return Math.min(0, sendDatagramNow(fd, Buffer.from(lines.join('\n')), address));
  } finally {
    closeSocket(fd);
  }
}

export const readyLines = (pid: number): string[] => ['READY=1', `MAINPID=${pid}`, 'STATUS=Ready.'];

/** MONOTONIC_USEC is what `Type=notify-reload` services need. */
export const reloadingLines = (monotonicUs: bigint): string[] => [
  'RELOADING=1',
  `MONOTONIC_USEC=${monotonicUs}`,
  'STATUS=Reloading Configuration.',
];

export const failedReloadLines = (): string[] => ['READY=1', 'STATUS=Reload failed!'];

export const stoppingLines = (): string[] => ['STOPPING=1', 'STATUS=Stopping.'];
