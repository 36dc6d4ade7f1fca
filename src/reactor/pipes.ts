// Pipes in which bytes go from socket to socket without being copied to the process: splice(2) fills one from a socket
// and empties it into another. Threads share the limit (maxpipes) and keep their empty pipes to themselves.

import * as libc from '../sys/libc.ts';
import { ProcessInt } from '../core/shared.ts';

const NONBLOCK_CLOEXEC = 0x80800;
const F_SETPIPE_SZ = 1031;
const SPLICE_F_MOVE = 1;
const SPLICE_F_NONBLOCK = 2;
const SPLICE_F_MORE = 4;

/** Most bytes asked for at once: what a pipe holds is far less. */
export const SPLICE_MAX = 1 << 30;

/** Lends pipes by number. */
export interface PipePool {
  /** An empty pipe, or -1 where none can be had now. */
  take(): number;
  /** Takes an emptied pipe back. */
  give(pipe: number): void;
  /** Takes a pipe back with bytes that nobody wants any more. */
  drop(pipe: number): void;
}

export interface PipeLimits {
  /** The process's counts, see ProcessInt. */
  readonly processInts: Int32Array;
  /** Pipes of the whole process at most. */
  readonly most: number;
  /** Threads that share them. */
  readonly threads: number;
  /** tune.pipesize in bytes; 0 leaves it to the system. A size that the system refuses does so, too. */
  readonly bytes: number;
}

/** Those of the kernel. */
export class SystemPipes implements PipePool {
  readonly #ints: Int32Array;
  readonly #most: number;
  readonly #keep: number;
  readonly #bytes: number;
  /** Descriptors by number; -1 for a number that is vacant. */
  readonly #readers: number[] = [];
  readonly #writers: number[] = [];
  readonly #vacant: number[] = [];
  readonly #free: number[] = [];

  constructor({ processInts, most, threads, bytes }: PipeLimits) {
    this.#ints = processInts;
    this.#most = most;
    this.#keep = Math.ceil(most / threads);
    this.#bytes = bytes;
  }

  take(): number {
    const ints = this.#ints;
    const used = Atomics.add(ints, ProcessInt.PIPES_USED, 1);
    const kept = this.#free.pop();
    if (kept !== undefined) {
      Atomics.sub(ints, ProcessInt.PIPES_FREE, 1);
      return kept;
    }
    const pipe = used + Atomics.load(ints, ProcessInt.PIPES_FREE) < this.#most ? this.#make() : -1;
    if (pipe < 0) Atomics.sub(ints, ProcessInt.PIPES_USED, 1);
    return pipe;
  }

  #make(): number {
    const { scratch } = libc;
    if (libc.pipe2(scratch.address, NONBLOCK_CLOEXEC) < 0) return -1;
    const pipe = this.#vacant.pop() ?? this.#readers.length;
    this.#readers[pipe] = scratch.words[0]!;
    this.#writers[pipe] = scratch.words[1]!;
    if (this.#bytes > 0) libc.fcntl(this.#writers[pipe]!, F_SETPIPE_SZ, this.#bytes);
    return pipe;
  }

  give(pipe: number): void {
    if (this.#free.length >= this.#keep) {
      this.drop(pipe);
      return;
    }
    this.#free.push(pipe);
    // In this order no other thread sees fewer than there are.
    Atomics.add(this.#ints, ProcessInt.PIPES_FREE, 1);
    Atomics.sub(this.#ints, ProcessInt.PIPES_USED, 1);
  }

  drop(pipe: number): void {
    this.#close(pipe);
    this.#vacant.push(pipe);
    Atomics.sub(this.#ints, ProcessInt.PIPES_USED, 1);
  }

  #close(pipe: number): void {
    libc.close(this.#readers[pipe]!);
    libc.close(this.#writers[pipe]!);
    this.#readers[pipe] = this.#writers[pipe] = -1;
  }

  /** From a socket into an empty pipe: a count, 0 at the end of the stream, or a negated errno. Never waits. */
  fill(pipe: number, fd: number, length: number): number {
    return libc.splice(fd, this.#writers[pipe]!, length, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  }

  /** From a pipe with bytes in it to a socket: a count or a negated errno. Never waits. */
  empty(pipe: number, fd: number, length: number, more: boolean): number {
    const flags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK | (more ? SPLICE_F_MORE : 0);
    return libc.splice(this.#readers[pipe]!, fd, length, flags);
  }

  /** Closes all, also those that are lent: the thread ends. */
  destroy(): void {
    const free = this.#free.length;
    let open = 0;
    for (let pipe = 0; pipe < this.#readers.length; pipe++) {
      if (this.#readers[pipe]! < 0) continue;
      this.#close(pipe);
      open++;
    }
    this.#free.length = 0;
    Atomics.sub(this.#ints, ProcessInt.PIPES_FREE, free);
    Atomics.sub(this.#ints, ProcessInt.PIPES_USED, open - free);
  }
}
