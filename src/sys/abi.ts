// Byte offsets of kernel structs, 64-bit Linux. abi.test.ts compares them with the headers of the running system.

export const SOCKADDR_IN = { size: 16, family: 0, port: 2, address: 4 } as const;
export const SOCKADDR_IN6 = { size: 28, family: 0, port: 2, flow: 4, address: 8, scope: 24 } as const;
export const SOCKADDR_UN = { size: 110, family: 0, path: 2 } as const;
/** Large enough for every family. */
export const SOCKADDR_STORAGE_BYTES = 128;

export const IOVEC = { size: 16, base: 0, length: 8 } as const;
export const MSGHDR = {
  size: 56,
  name: 0,
  nameLength: 8,
  iov: 16,
  iovLength: 24,
  control: 32,
  controlLength: 40,
  flags: 48,
} as const;
export const CMSGHDR = { size: 16, length: 0, level: 8, type: 12 } as const;
export const POLLFD = { size: 8, fd: 0, events: 4, revents: 6 } as const;
export const RLIMIT = { size: 16, current: 0, maximum: 8 } as const;

/** Packed on x86-64 alone. */
export const EPOLL_EVENT =
  process.arch === 'x64'
    ? ({ size: 12, events: 0, data: 4 } as const)
    : ({ size: 16, events: 0, data: 8 } as const);

export const IO_URING_PARAMS = {
  size: 120,
  sqEntries: 0,
  cqEntries: 4,
  flags: 8,
  features: 20,
  sqOffsets: 40,
  cqOffsets: 80,
} as const;
export const IO_SQRING_OFFSETS = {
  size: 40,
  head: 0,
  tail: 4,
  mask: 8,
  entries: 12,
  flags: 16,
  dropped: 20,
  array: 24,
} as const;
export const IO_CQRING_OFFSETS = {
  size: 40,
  head: 0,
  tail: 4,
  mask: 8,
  entries: 12,
  overflow: 16,
  cqes: 20,
} as const;
export const IO_URING_SQE = {
  size: 64,
  opcode: 0,
  flags: 1,
  ioprio: 2,
  fd: 4,
  offset: 8,
  address: 16,
  length: 24,
  operationFlags: 28,
  userData: 32,
  bufferGroup: 40,
} as const;
export const IO_URING_CQE = { size: 16, userData: 0, result: 8, flags: 12 } as const;
export const IO_URING_BUF = { size: 16, address: 0, length: 8, id: 12, tail: 14 } as const;
export const IO_URING_BUF_REG = { size: 40, address: 0, entries: 8, group: 12, flags: 14 } as const;

/** What sample fetches such as fc_rtt read. Times in microseconds. */
export const TCP_INFO = {
  size: 104,
  state: 0,
  retransmits: 2,
  unacked: 24,
  sacked: 28,
  lost: 32,
  retrans: 36,
  rtt: 68,
  rttVariance: 72,
  reordering: 84,
} as const;
