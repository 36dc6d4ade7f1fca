// The faults of connections that fc_err and bc_err number (manual 7.3.3), as far as they can occur here.

import { constants } from 'node:os';

const { errno } = constants;

export interface Fault {
  readonly id: number;
  readonly name: string;
  readonly text: string;
}

const fault = (id: number, name: string, text: string): Fault => ({ id, name, text });

const NONE = fault(0, '', 'Success');
const OTHER = fault(6, 'SOCK_ERR', 'General socket error');

const PROXY_HEADER: readonly Fault[] = [
  fault(11, 'PRX_EMPTY', 'Connection closed while waiting for PROXY protocol header'),
  fault(12, 'PRX_ABORT', 'Connection error while waiting for PROXY protocol header'),
  fault(13, 'PRX_TIMEOUT', 'Timeout while waiting for PROXY protocol header'),
  fault(14, 'PRX_TRUNCATED', 'Truncated PROXY protocol header received'),
  fault(15, 'PRX_NOT_HDR', 'Received something which does not look like a PROXY protocol header'),
  fault(16, 'PRX_BAD_HDR', 'Received an invalid PROXY protocol header'),
];

const byErrno = (id: number, name: string, word: string): Fault => fault(id, name, `${word} returned by OS`);
const ERRNOS: ReadonlyMap<number, Fault> = new Map([
  [errno.EMFILE, fault(2, 'PROC_FDLIM', 'Too many sockets on the process')],
  [errno.ENFILE, fault(3, 'SYS_FDLIM', 'Too many sockets on the system')],
  [errno.EADDRNOTAVAIL, fault(9, 'FREE_PORTS', 'Out of local source ports on the system')],
  [errno.EADDRINUSE, fault(10, 'ADDR_INUSE', 'Local source address already in use')],
  [errno.ECONNREFUSED, byErrno(46, 'EREFUSED', 'ECONNREFUSED')],
  [errno.ECONNRESET, byErrno(47, 'ERESET', 'ECONNRESET')],
  [errno.ENETUNREACH, byErrno(48, 'EUNREACH', 'ENETUNREACH')],
  [errno.EHOSTUNREACH, byErrno(48, 'EUNREACH', 'ENETUNREACH')],
  [errno.ENOMEM, byErrno(49, 'ENOMEM', 'ENOMEM')],
  [errno.EBADF, byErrno(50, 'EBADF', 'EBADF')],
  [errno.EFAULT, byErrno(51, 'EFAULT', 'EFAULT')],
  [errno.EINVAL, byErrno(52, 'EINVAL', 'EINVAL')],
  [errno.ENOTCONN, byErrno(53, 'ENCONN', 'ENCONN')],
  [errno.ENOTSOCK, byErrno(54, 'ENSOCK', 'ENSOCK')],
  [errno.ENOBUFS, byErrno(55, 'ENOBUFS', 'ENOBUFS')],
  [errno.EPIPE, byErrno(56, 'EPIPE', 'EPIPE')],
]);

/** By a negated errno; 0 and above, and our own end of a wait (ECANCELED, ETIMEDOUT), are no fault. */
export function faultOfErrno(result: number): Fault {
  if (result >= 0 || result === -errno.ECANCELED || result === -errno.ETIMEDOUT) return NONE;
  return ERRNOS.get(-result) ?? OTHER;
}

/** By its words in the log; '' is none. */
export function faultOfText(text: string): Fault {
  return text === '' ? NONE : (PROXY_HEADER.find((one) => one.text === text) ?? OTHER);
}
