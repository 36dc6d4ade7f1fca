// Names and texts of error numbers, as libc prints them (generic Linux numbering).

import { constants } from 'node:os';

export const EPERM = 1;
export const ENOENT = 2;
export const EINTR = 4;
export const EBADF = 9;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EACCES = 13;
export const EBUSY = 16;
export const EEXIST = 17;
export const EINVAL = 22;
export const ENFILE = 23;
export const EMFILE = 24;
export const EPIPE = 32;
export const ENOSYS = 38;
export const ETIME = 62;
export const ENOTSOCK = 88;
export const EMSGSIZE = 90;
export const ENOPROTOOPT = 92;
export const EOPNOTSUPP = 95;
export const EADDRINUSE = 98;
export const EADDRNOTAVAIL = 99;
export const ENETUNREACH = 101;
export const ECONNABORTED = 103;
export const ECONNRESET = 104;
export const ENOBUFS = 105;
export const EISCONN = 106;
export const ENOTCONN = 107;
export const ETIMEDOUT = 110;
export const ECONNREFUSED = 111;
export const EHOSTUNREACH = 113;
export const EALREADY = 114;
export const EINPROGRESS = 115;
export const ECANCELED = 125;

const texts = new Map<number, string>([
  [1, 'Operation not permitted'],
  [2, 'No such file or directory'],
  [3, 'No such process'],
  [4, 'Interrupted system call'],
  [5, 'Input/output error'],
  [7, 'Argument list too long'],
  [9, 'Bad file descriptor'],
  [11, 'Resource temporarily unavailable'],
  [12, 'Cannot allocate memory'],
  [13, 'Permission denied'],
  [14, 'Bad address'],
  [16, 'Device or resource busy'],
  [17, 'File exists'],
  [19, 'No such device'],
  [20, 'Not a directory'],
  [21, 'Is a directory'],
  [22, 'Invalid argument'],
  [23, 'Too many open files in system'],
  [24, 'Too many open files'],
  [27, 'File too large'],
  [28, 'No space left on device'],
  [30, 'Read-only file system'],
  [32, 'Broken pipe'],
  [36, 'File name too long'],
  [38, 'Function not implemented'],
  [40, 'Too many levels of symbolic links'],
  [62, 'Timer expired'],
  [71, 'Protocol error'],
  [88, 'Socket operation on non-socket'],
  [89, 'Destination address required'],
  [90, 'Message too long'],
  [91, 'Protocol wrong type for socket'],
  [92, 'Protocol not available'],
  [93, 'Protocol not supported'],
  [94, 'Socket type not supported'],
  [95, 'Operation not supported'],
  [97, 'Address family not supported by protocol'],
  [98, 'Address already in use'],
  [99, 'Cannot assign requested address'],
  [100, 'Network is down'],
  [101, 'Network is unreachable'],
  [102, 'Network dropped connection on reset'],
  [103, 'Software caused connection abort'],
  [104, 'Connection reset by peer'],
  [105, 'No buffer space available'],
  [106, 'Transport endpoint is already connected'],
  [107, 'Transport endpoint is not connected'],
  [110, 'Connection timed out'],
  [111, 'Connection refused'],
  [112, 'Host is down'],
  [113, 'No route to host'],
  [114, 'Operation already in progress'],
  [115, 'Operation now in progress'],
  [125, 'Operation canceled'],
]);

const names = new Map<number, string>([[ECANCELED, 'ECANCELED']]);
for (const [name, number] of Object.entries(constants.errno)) {
  // EWOULDBLOCK and EOPNOTSUPP/ENOTSUP share numbers; the first name listed is the usual one.
  if (!names.has(number)) names.set(number, name);
}

/** `104` or `-104` gives `ECONNRESET`; an unknown number gives `E104`. */
export function errnoName(errno: number): string {
  const number = Math.abs(errno);
  return names.get(number) ?? `E${number}`;
}

/** The text that libc's strerror prints, for positive and negated numbers. */
export function errnoText(errno: number): string {
  const number = Math.abs(errno);
  return texts.get(number) ?? `Unknown error ${number}`;
}

/** A failed system call, for code that runs at start or on a command, never on the path of a byte. */
export class SystemError extends Error {
  readonly errno: number;
  /** `what` says what was being done: `cannot bind 127.0.0.1:80`. */
  constructor(what: string, errno: number) {
    super(`${what}: ${errnoText(errno)} (${errnoName(errno)})`);
    this.errno = Math.abs(errno);
  }
}
