// Memory that the kernel may keep: mapped by us, so its address never changes while it is mapped.

import { SystemError } from './errno.ts';
import { mmap, munmap, viewMemory } from './libc.ts';

export const PAGE = 4096;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x2 | 0x20 | 0x4000;
const MAP_POPULATE = 0x8000;

/** A mapped piece of memory. `lo` and `hi` are the halves of `address` as int32, for entries of a ring. */
export interface Region {
  readonly buffer: ArrayBuffer;
  readonly address: bigint;
  readonly bytes: number;
  readonly lo: number;
  readonly hi: number;
}

function region(address: bigint, bytes: number): Region {
  const buffer = viewMemory(address, bytes);
  const lo = Number(BigInt.asIntN(32, address));
  const hi = Number(BigInt.asIntN(32, address >> 32n));
  return { buffer, address, bytes, lo, hi };
}

/** Zeroed private memory; pages cost nothing until touched. `bytes` is rounded up to whole pages. */
export function mapRegion(bytes: number): Region {
  const length = Math.ceil(bytes / PAGE) * PAGE;
  const address = mmap(length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0n);
  if (address <= 0n) throw new SystemError(`cannot map ${length} bytes of memory`, Number(address));
  return region(address, length);
}

/** Memory shared with the kernel through `fd`: the rings of io_uring. */
export function mapShared(fd: number, offset: bigint, bytes: number): Region {
  const length = Math.ceil(bytes / PAGE) * PAGE;
  const address = mmap(length, PROT_READ_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);
  if (address <= 0n) throw new SystemError(`cannot map ${length} bytes of fd ${fd}`, Number(address));
  return region(address, length);
}

/** Every view of the region becomes invalid: touching one afterwards ends the process. */
export function unmapRegion(mapped: Region): void {
  munmap(mapped.address, mapped.bytes);
}
