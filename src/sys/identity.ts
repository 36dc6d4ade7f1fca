// Who we run as: names looked up in /etc/passwd and /etc/group, privilege given up, the root changed.

import { readFileSync } from 'node:fs';
import { SystemError } from './errno.ts';
import * as libc from './libc.ts';

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

function rows(path: string): string[][] {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch {
    // A container without the file has no names; numbers still work.
    return [];
  }
  return text.split('\n').map((line) => line.split(':'));
}

/** The user called `name`, or null. */
export function findUser(name: string, path = '/etc/passwd'): User | null {
  for (const [user, , uid, gid] of rows(path)) {
    if (user === name && uid !== undefined && gid !== undefined)
      return { name, uid: Number(uid), gid: Number(gid) };
  }
  return null;
}

/** The id of the group called `name`, or -1. */
export function findGroup(name: string, path = '/etc/group'): number {
  for (const [group, , gid] of rows(path)) if (group === name && gid !== undefined) return Number(gid);
  return -1;
}

/** Ids of the groups that list `user` as a member, beside the user's own. */
export function groupsOf(user: string, path = '/etc/group'): number[] {
  const found: number[] = [];
  for (const [, , gid, members] of rows(path)) {
    if (gid !== undefined && members?.split(',').includes(user)) found.push(Number(gid));
  }
  return found;
}

function need(result: number, what: string): void {
  if (result < 0) throw new SystemError(what, result);
}

/** Replaces the supplementary groups of all threads. Throws SystemError. At most 1024 groups. */
export function setGroups(gids: readonly number[]): void {
  if (gids.length > 1024) throw new RangeError(`${gids.length} supplementary groups exceed 1024`);
  for (let i = 0; i < gids.length; i++) libc.scratch.words[i] = gids[i]!;
  need(
    libc.setgroups(gids.length, libc.scratch.address),
    `cannot set supplementary groups ${gids.join(',')}`,
  );
}
export function setGroupId(gid: number): void {
  need(libc.setgid(gid), `cannot change to group ${gid}`);
}
export function setUserId(uid: number): void {
  need(libc.setuid(uid), `cannot change to user ${uid}`);
}

/** chroot(2), then chdir to the new root, as one without the other protects nothing. Throws SystemError. */
export function changeRoot(path: string): void {
  const { buffer, address } = libc.scratch;
  if (Buffer.byteLength(path) > 4096) throw new RangeError(`the path of chroot is longer than 4096 bytes`);
  buffer.write(`${path}\0`, 0);
  need(libc.chroot(address), `cannot chroot to ${path}`);
  process.chdir('/');
}

/** Points standard input, output and error (0 to 2) to `fd`. */
export function redirectStandardFds(fd: number): void {
  for (let standard = 0; standard < 3; standard++) {
    need(libc.dup2(fd, standard), `cannot redirect fd ${standard}`);
  }
}

/** Sends `signal` to `pid`; 0 asks whether it lives. 0 or a negated errno. */
export function signalProcess(pid: number, signal: number): number {
  return libc.kill(pid, signal);
}
