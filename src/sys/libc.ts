// The one table of C signatures. A failure comes back as the negated errno, as the kernel itself says it.
//
// Fast calls take at most six integer arguments and no buffer that outlives the call, so memory which the kernel
// reads or writes is mapped by us and passed as a pointer, a BigInt made once. `scratch` is the shared place for
// small arguments of one call.

import { bindFunctions, callbacks, getCurrentEventLoop, toArrayBuffer } from './native.ts';

const I = 'int32';
const U = 'uint32';
const P = 'pointer';
const L = 'uint64';

const c = bindFunctions({
  __errno_location: { return: P, arguments: [] },
  accept4: { return: I, arguments: [I, P, P, I] },
  bind: { return: I, arguments: [I, P, U] },
  chroot: { return: I, arguments: [P] },
  clock_gettime: { return: I, arguments: [I, P] },
  close: { return: I, arguments: [I] },
  connect: { return: I, arguments: [I, P, U] },
  dup2: { return: I, arguments: [I, I] },
  dup: { return: I, arguments: [I] },
  epoll_create1: { return: I, arguments: [I] },
  epoll_ctl: { return: I, arguments: [I, I, I, P] },
  epoll_wait: { return: I, arguments: [I, P, I, I] },
  eventfd: { return: I, arguments: [U, I] },
  fcntl: { return: I, arguments: [I, I, I] },
  getpeername: { return: I, arguments: [I, P, P] },
  getpid: { return: I, arguments: [] },
  getsockname: { return: I, arguments: [I, P, P] },
  getsockopt: { return: I, arguments: [I, I, I, P, P] },
  kill: { return: I, arguments: [I, I] },
  listen: { return: I, arguments: [I, I] },
  madvise: { return: I, arguments: [P, L, I] },
  mmap: { return: P, arguments: [P, L, I, I, I, 'int64'] },
  munmap: { return: I, arguments: [P, L] },
  pipe2: { return: I, arguments: [P, I] },
  poll: { return: I, arguments: [P, U, I] },
  prctl: { return: I, arguments: [I, L, L, L, L] },
  prlimit: { return: I, arguments: [I, I, P, P] },
  read: { return: I, arguments: [I, P, U] },
  recv: { return: I, arguments: [I, P, U, I] },
  recvmsg: { return: I, arguments: [I, P, I] },
  send: { return: I, arguments: [I, P, U, I] },
  sendmsg: { return: I, arguments: [I, P, I] },
  sendto: { return: I, arguments: [I, P, U, I, P, U] },
  setgid: { return: I, arguments: [U] },
  setgroups: { return: I, arguments: [L, P] },
  setsid: { return: I, arguments: [] },
  setsockopt: { return: I, arguments: [I, I, I, P, U] },
  setuid: { return: I, arguments: [U] },
  shutdown: { return: I, arguments: [I, I] },
  socket: { return: I, arguments: [I, I, I] },
  socketpair: { return: I, arguments: [I, I, I, P] },
  splice: { return: I, arguments: [I, P, I, P, U, U] },
  uv_close: { return: 'void', arguments: [P, P] },
  uv_handle_size: { return: L, arguments: [I] },
  uv_poll_init: { return: I, arguments: [P, P, I] },
  uv_poll_start: { return: I, arguments: [P, I, P] },
  uv_poll_stop: { return: I, arguments: [P] },
  write: { return: I, arguments: [I, P, U] },
});

// syscall() is variadic: each shape needs a signature, so a name of its own.
const enterForm = bindFunctions({ syscall: { return: I, arguments: [I, I, U, U, U, I] } });
const setupForm = bindFunctions({ syscall: { return: I, arguments: [I, U, P] } });
const registerForm = bindFunctions({ syscall: { return: I, arguments: [I, I, U, P, U] } });

const errno = new Int32Array(toArrayBuffer(c.__errno_location(), 4, false));
const ioUringEnterCall = enterForm.syscall;
const readCall = c.read;
const recvCall = c.recv;
const sendCall = c.send;
const sendmsgCall = c.sendmsg;
const epollWaitCall = c.epoll_wait;
const acceptCall = c.accept4;
const clockCall = c.clock_gettime;
const spliceCall = c.splice;

/** -1 becomes the negated errno; everything else passes. */
function checked(result: number): number {
  return result < 0 ? -errno[0]! : result;
}

/** Views memory mapped elsewhere; the caller keeps it mapped for as long as the view is used. */
export function viewMemory(address: bigint, length: number): ArrayBuffer {
  return toArrayBuffer(address, length, false);
}

/** Address of new memory, or a negated errno as a small negative BigInt. `length` in bytes. */
export function mmap(length: number, protection: number, flags: number, fd: number, offset: bigint): bigint {
  const address = c.mmap(0n, BigInt(length), protection, flags, fd, offset);
  return BigInt.asIntN(64, address) === -1n ? BigInt(-errno[0]!) : address;
}
export function munmap(address: bigint, length: number): number {
  return checked(c.munmap(address, BigInt(length)));
}
export function madvise(address: bigint, length: number, advice: number): number {
  return checked(c.madvise(address, BigInt(length), advice));
}

const SCRATCH_BYTES = 8192;
const scratchAddress = mmap(SCRATCH_BYTES, 3, 0x22, -1, 0n);
if (scratchAddress <= 0n) throw new Error(`cannot map ${SCRATCH_BYTES} bytes: errno ${-scratchAddress}`);
const scratchBuffer = viewMemory(scratchAddress, SCRATCH_BYTES);

/** This thread's place for the arguments of one call at a time; nobody keeps anything here between calls. */
export const scratch = {
  bytes: new Uint8Array(scratchBuffer),
  words: new Int32Array(scratchBuffer),
  buffer: Buffer.from(scratchBuffer),
  address: scratchAddress,
} as const;

const CLOCK_AT = SCRATCH_BYTES - 64;
const clockAddress = scratchAddress + BigInt(CLOCK_AT);

/** CLOCK_MONOTONIC in whole milliseconds: one scale for all threads and processes of a machine. */
export function monotonicMs(): number {
  clockCall(1, clockAddress);
  const words = scratch.words;
  return (words[CLOCK_AT >> 2]! >>> 0) * 1000 + Math.trunc(words[(CLOCK_AT >> 2) + 2]! / 1_000_000);
}

export function socket(domain: number, type: number, protocol: number): number {
  return checked(c.socket(domain, type, protocol));
}
export function socketpair(domain: number, type: number, protocol: number, fds: bigint): number {
  return checked(c.socketpair(domain, type, protocol, fds));
}
export function bind(fd: number, address: bigint, length: number): number {
  return checked(c.bind(fd, address, length));
}
export function listen(fd: number, backlog: number): number {
  return checked(c.listen(fd, backlog));
}
/** The peer's address is not asked for: getpeername tells it when somebody needs it. */
export function accept4(fd: number, flags: number): number {
  return checked(acceptCall(fd, 0n, 0n, flags));
}
export function connect(fd: number, address: bigint, length: number): number {
  return checked(c.connect(fd, address, length));
}
export function shutdown(fd: number, how: number): number {
  return checked(c.shutdown(fd, how));
}
export function close(fd: number): number {
  return checked(c.close(fd));
}
export function getsockname(fd: number, address: bigint, length: bigint): number {
  return checked(c.getsockname(fd, address, length));
}
export function getpeername(fd: number, address: bigint, length: bigint): number {
  return checked(c.getpeername(fd, address, length));
}
export function setsockopt(fd: number, level: number, name: number, value: bigint, length: number): number {
  return checked(c.setsockopt(fd, level, name, value, length));
}
export function getsockopt(fd: number, level: number, name: number, value: bigint, length: bigint): number {
  return checked(c.getsockopt(fd, level, name, value, length));
}
export function send(fd: number, address: bigint, length: number, flags: number): number {
  return checked(sendCall(fd, address, length, flags));
}
export function sendto(
  fd: number,
  address: bigint,
  length: number,
  flags: number,
  to: bigint,
  toLength: number,
): number {
  return checked(c.sendto(fd, address, length, flags, to, toLength));
}
export function sendmsg(fd: number, header: bigint, flags: number): number {
  return checked(sendmsgCall(fd, header, flags));
}
export function recv(fd: number, address: bigint, length: number, flags: number): number {
  return checked(recvCall(fd, address, length, flags));
}
export function recvmsg(fd: number, header: bigint, flags: number): number {
  return checked(c.recvmsg(fd, header, flags));
}
export function read(fd: number, address: bigint, length: number): number {
  return checked(readCall(fd, address, length));
}
export function write(fd: number, address: bigint, length: number): number {
  return checked(c.write(fd, address, length));
}
export function poll(pollfds: bigint, count: number, timeoutMs: number): number {
  return checked(c.poll(pollfds, count, timeoutMs));
}
export function epollCreate(flags: number): number {
  return checked(c.epoll_create1(flags));
}
export function epollControl(epoll: number, operation: number, fd: number, event: bigint): number {
  return checked(c.epoll_ctl(epoll, operation, fd, event));
}
export function epollWait(epoll: number, events: bigint, count: number, timeoutMs: number): number {
  return checked(epollWaitCall(epoll, events, count, timeoutMs));
}
export function eventfd(initial: number, flags: number): number {
  return checked(c.eventfd(initial, flags));
}
export function fcntl(fd: number, command: number, argument: number): number {
  return checked(c.fcntl(fd, command, argument));
}
export function dup(fd: number): number {
  return checked(c.dup(fd));
}
export function dup2(from: number, to: number): number {
  return checked(c.dup2(from, to));
}
/** Two fds, reader first, written as int32 at `fds`. */
export function pipe2(fds: bigint, flags: number): number {
  return checked(c.pipe2(fds, flags));
}
/** Moves at most `length` bytes between a pipe and a socket, at whatever position they stand. */
export function splice(from: number, to: number, length: number, flags: number): number {
  return checked(spliceCall(from, 0n, to, 0n, length, flags));
}
export function kill(pid: number, signal: number): number {
  return checked(c.kill(pid, signal));
}
export function prctl(option: number, argument: bigint): number {
  return checked(c.prctl(option, argument, 0n, 0n, 0n));
}
export function prlimit(pid: number, resource: number, next: bigint, previous: bigint): number {
  return checked(c.prlimit(pid, resource, next, previous));
}
/** For all threads of the process: libc does the work that the bare system call leaves undone. */
export function setuid(uid: number): number {
  return checked(c.setuid(uid));
}
export function setgid(gid: number): number {
  return checked(c.setgid(gid));
}
export function setgroups(count: number, gids: bigint): number {
  return checked(c.setgroups(BigInt(count), gids));
}
export function setsid(): number {
  return checked(c.setsid());
}
/** `path` is the address of a NUL-terminated string. */
export function chroot(path: bigint): number {
  return checked(c.chroot(path));
}

export function ioUringSetup(entries: number, params: bigint): number {
  return checked(setupForm.syscall(425, entries, params));
}
export function ioUringEnter(ring: number, submit: number, wait: number, flags: number): number {
  return checked(ioUringEnterCall(426, ring, submit, wait, flags, 0));
}
export function ioUringRegister(ring: number, opcode: number, argument: bigint, count: number): number {
  return checked(registerForm.syscall(427, ring, opcode, argument, count));
}

/** libuv's handle type; uv.h numbers them in order. */
const UV_POLL = 8;

/** Asks this thread's event loop to call `onReadable` whenever `fd` is readable, until `close`. */
export class LoopPoll {
  readonly #handle: bigint;
  readonly #bytes: number;
  readonly #callback: bigint;
  #closing = false;

  constructor(fd: number, onReadable: () => void) {
    this.#bytes = Math.max(4096, Number(c.uv_handle_size(UV_POLL)));
    this.#handle = mmap(this.#bytes, 3, 0x22, -1, 0n);
    if (this.#handle <= 0n) throw new Error(`cannot map a libuv handle: errno ${-this.#handle}`);
    const failure = c.uv_poll_init(getCurrentEventLoop(), this.#handle, fd);
    if (failure < 0) throw new Error(`libuv refuses to poll fd ${fd}: errno ${-failure}`);
    const signature = { return: 'void', arguments: [P, I, I] } as const;
    this.#callback = callbacks.registerCallback(signature, onReadable);
    c.uv_poll_start(this.#handle, 1, this.#callback);
  }

  /**
   * Stops the calls at once. libuv forgets the handle in its next turn, then calls us: only after that may its
   * memory and callbacks go, so a worker that ends must let its loop run empty rather than call process.exit().
   */
  close(afterwards: () => void): void {
    if (this.#closing) return;
    this.#closing = true;
    c.uv_poll_stop(this.#handle);
    const closed = callbacks.registerCallback({ return: 'void', arguments: [P] }, () => {
      setImmediate(() => {
        afterwards();
        munmap(this.#handle, this.#bytes);
        callbacks.unregisterCallback(this.#callback);
        callbacks.unregisterCallback(closed);
      });
    });
    c.uv_close(this.#handle, closed);
  }
}
