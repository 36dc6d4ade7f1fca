// Listening sockets pass from a running Hawser to the one that replaces it (-x, `expose-fd listeners`).
//
// HAProxy's own exchange is not documented, so this one is ours: sockets pass between two Hawsers, not between Hawser
// and HAProxy. The new process sends the command `_getsocks` to the stats socket. The old one answers with messages of
// at most 4096 bytes, each one sendmsg(2):
//
//   "hawser-sockets 1\n"  key of fd 0 "\n"  key of fd 1 "\n" ...       with as many fds (SCM_RIGHTS)
//   "hawser-sockets 1\n"                                               without an fd: these were all

import { setTimeout as sleep } from 'node:timers/promises';
import { EAGAIN, EINTR, SystemError } from '../sys/errno.ts';
import { FDS_PER_MESSAGE_MAX, MESSAGE_BYTES_MAX, receiveFds, sendFds } from '../sys/pass-fds.ts';
import { closeSocket, connectSocket, openStream, sendDatagramNow } from '../sys/socket.ts';

const GREETING = 'hawser-sockets 1\n';
export const HANDOVER_COMMAND = '_getsocks';
/** How long the other process may take for its answer, ms, and how often we look. */
const PATIENCE_MS = 2000;
const DISTANCE_MS = 2;

/** A socket and what it is known by (see Listeners). A key has no line end. */
export interface KeyedSocket {
  readonly key: string;
  readonly fd: number;
}

/** Retries a call that found the socket full or empty; the last result, 0 or more, or a negated errno. */
async function patiently<T>(call: () => T, result: (value: T) => number, untilMs: number): Promise<T> {
  for (;;) {
    const value = call();
    const code = result(value);
    if ((code !== -EAGAIN && code !== -EINTR) || performance.now() > untilMs) return value;
    await sleep(DISTANCE_MS);
  }
}

/** Groups of sockets that fit into a message. */
function* packed(sockets: readonly KeyedSocket[]): Generator<{ fds: number[]; text: string }> {
  let fds: number[] = [];
  let text = GREETING;
  for (const { key, fd } of sockets) {
    const line = `${key}\n`;
    if (fds.length === FDS_PER_MESSAGE_MAX || Buffer.byteLength(text + line) > MESSAGE_BYTES_MAX) {
      yield { fds, text };
      fds = [];
      text = GREETING;
    }
    fds.push(fd);
    text += line;
  }
  if (fds.length > 0) yield { fds, text };
  yield { fds: [], text: GREETING };
}

/** Sends all `sockets` on the connected unix socket `to`. Throws SystemError when the other side is gone or stuck. */
export async function giveSockets(to: number, sockets: readonly KeyedSocket[]): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  for (const { fds, text } of packed(sockets)) {
    const bytes = Buffer.from(text);
    const result = await patiently(
      () => sendFds(to, fds, bytes),
      (code) => code,
      until,
    );
    if (result < 0) throw new SystemError('cannot pass the listening sockets on', result);
  }
}

/** Receives what `giveSockets` sends. The fds are ours to close. Throws after closing what came before the failure. */
export async function takeSockets(from: number): Promise<Map<string, number>> {
  const until = performance.now() + PATIENCE_MS;
  const taken = new Map<string, number>();
  const giveUp = (error: Error): never => {
    for (const fd of taken.values()) closeSocket(fd);
    throw error;
  };
  for (;;) {
    const { result, fds, payload, truncated } = await patiently(
      () => receiveFds(from),
      (received) => received.result,
      until,
    );
    if (result < 0) return giveUp(new SystemError('cannot receive listening sockets', result));
    const [greeting, ...keys] = payload.toString().split('\n');
    keys.pop();
    const sound = !truncated && `${greeting}\n` === GREETING && keys.length === fds.length;
    if (!sound) {
      for (const fd of fds) closeSocket(fd);
      return giveUp(new Error('the answer is not that of a Hawser that exposes its listeners'));
    }
    if (fds.length === 0) return taken;
    keys.forEach((key, at) => {
      const before = taken.get(key);
      if (before !== undefined) closeSocket(before);
      taken.set(key, fds[at]!);
    });
  }
}

/** -x: asks the process behind the stats socket at `path` for its listening sockets. */
export async function fetchSockets(path: string): Promise<Map<string, number>> {
  const address = { family: 'unix', address: path, port: 0 } as const;
  const fd = openStream(address);
  try {
    const connected = connectSocket(fd, address);
    if (connected < 0) throw new SystemError(`cannot connect to ${path}`, connected);
    // On a connected stream socket this is an ordinary send.
    const sent = sendDatagramNow(fd, Buffer.from(`${HANDOVER_COMMAND}\n`), null);
    if (sent < 0) throw new SystemError(`cannot ask ${path} for its sockets`, sent);
    return await takeSockets(fd);
  } finally {
    closeSocket(fd);
  }
}
