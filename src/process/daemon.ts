// -D and `daemon`. Node cannot fork, so the program starts itself once more in a session of its own and waits until
// that one serves or fails: whoever called sees the errors and the exit status, as with a fork.

import { closeSync, openSync, readdirSync, readlinkSync, writeSync } from 'node:fs';
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { redirectStandardFds } from '../sys/identity.ts';
import { setCloseOnExec } from '../sys/socket.ts';

/** Where we were started, before -C: the daemon reads the same command line from there. */
const startFolder = process.cwd();
/** Names the fd on which the new process says that it serves. */
const READY_FD = 'HAWSER_DAEMON_READY_FD';

/** True in the process that became the daemon. */
export const isDaemon = (): boolean => process.env[READY_FD] !== undefined;

/** Open fds of this process above standard error; the sockets among them were inherited. */
function openFds(): { highest: number; sockets: number[] } {
  let highest = 2;
  const sockets: number[] = [];
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name);
    if (fd <= 2) continue;
    highest = Math.max(highest, fd);
    try {
      if (readlinkSync(`/proc/self/fd/${name}`).startsWith('socket:')) sockets.push(fd);
    } catch {
      // The folder's own fd is gone by now.
    }
  }
  return { highest, sockets };
}

/**
 * Starts the daemon with the same command line and resolves with the status to exit with: 0 once it serves, else its
 * own. To be called before this process has opened a socket: every socket it has is passed on under its number, for
 * `fd@N`.
 */
export async function startDaemon(entry: URL, argv: readonly string[]): Promise<number> {
  const { highest, sockets } = openFds();
  // Node marked what it inherited as close-on-exec.
  for (const fd of sockets) setCloseOnExec(fd, false);
  const readyFd = highest + 1;
  const stdio: StdioOptions = ['inherit', 'inherit', 'inherit'];
  while (stdio.length < readyFd) stdio.push('ignore');
  stdio.push('pipe');
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(entry), ...argv], {
    detached: true,
    stdio,
    cwd: startFolder,
    env: { ...process.env, [READY_FD]: String(readyFd) },
  });
  return new Promise((resolve) => {
    const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on('SIGINT', forward);
    process.on('SIGTERM', forward);
    const done = (status: number): void => {
      process.off('SIGINT', forward);
      process.off('SIGTERM', forward);
      release(child, readyFd);
      resolve(status);
    };
    child.once('error', () => done(1));
    child.once('exit', (code) => done(code ?? 1));
    child.stdio[readyFd]!.once('data', () => done(0));
  });
}

/** The daemon lives on: nothing of it may keep this process from ending. */
function release(child: ChildProcess, readyFd: number): void {
  child.removeAllListeners();
  child.stdio[readyFd]?.destroy();
  child.unref();
}

/** In the daemon, once it serves: lets the caller go and turns away from its terminal. */
export function daemonIsReady(): void {
  const fd = Number(process.env[READY_FD]);
  delete process.env[READY_FD];
  const nothing = openSync('/dev/null', 'r+');
  redirectStandardFds(nothing);
  closeSync(nothing);
  try {
    writeSync(fd, 'ready');
    closeSync(fd);
  } catch {
    // The caller did not wait: we serve all the same.
  }
}
