// Resource limits of this process (setrlimit(2)).

import { RLIMIT } from './abi.ts';
import { SystemError } from './errno.ts';
import { prctl, prlimit, scratch } from './libc.ts';

export const resources = { data: 2, stack: 3, core: 4, nofile: 7, memlock: 8, addressSpace: 9 } as const;
export type Resource = keyof typeof resources;

/** Infinity stands for RLIM_INFINITY. */
export interface Limit {
  readonly soft: number;
  readonly hard: number;
}

const UNLIMITED = 0xffff_ffff_ffff_ffffn;
const NEXT_AT = 64;

function read(at: number): number {
  const value = scratch.buffer.readBigUInt64LE(at);
  return value === UNLIMITED ? Infinity : Number(value);
}

/** The limit now in force. Throws SystemError. */
export function getLimit(resource: Resource): Limit {
  const result = prlimit(0, resources[resource], 0n, scratch.address);
  if (result < 0) throw new SystemError(`cannot read the limit ${resource}`, result);
  return { soft: read(RLIMIT.current), hard: read(RLIMIT.maximum) };
}

/** Sets both parts: 0 or a negated errno (-EPERM when the hard limit would rise without privilege). */
export function setLimit(resource: Resource, limit: Limit): number {
  const encode = (value: number): bigint => (value === Infinity ? UNLIMITED : BigInt(value));
  scratch.buffer.writeBigUInt64LE(encode(limit.soft), NEXT_AT + RLIMIT.current);
  scratch.buffer.writeBigUInt64LE(encode(limit.hard), NEXT_AT + RLIMIT.maximum);
  return prlimit(0, resources[resource], scratch.address + BigInt(NEXT_AT), 0n);
}

/** Raises RLIMIT_NOFILE to at least `wanted` where allowed; returns the soft limit reached. */
export function raiseOpenFiles(wanted: number): number {
  const { soft, hard } = getLimit('nofile');
  if (soft >= wanted) return soft;
  if (hard < wanted && setLimit('nofile', { soft: wanted, hard: wanted }) === 0) return wanted;
  const reachable = Math.min(wanted, hard);
  return setLimit('nofile', { soft: reachable, hard }) === 0 ? reachable : soft;
}

const PR_SET_DUMPABLE = 4;
const PR_SET_NO_NEW_PRIVS = 38;

/** Lets a process that changed its user still leave a core file (manual: set-dumpable). */
export function setDumpable(): number {
  return prctl(PR_SET_DUMPABLE, 1n);
}
/** No program we start can gain privilege (manual: insecure-setuid-wanted). */
export function setNoNewPrivileges(): number {
  return prctl(PR_SET_NO_NEW_PRIVS, 1n);
}
