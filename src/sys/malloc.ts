// The C library's allocator, which V8 uses for all that is not on its heap.

import { bindFunctions } from './native.ts';

type Trim = (pad: bigint) => number;

/** glibc has it, musl has not; undefined until it was looked for. */
let trim: Trim | null | undefined;

function find(): Trim | null {
  try {
    return bindFunctions({ malloc_trim: { return: 'int32', arguments: ['uint64'] } }).malloc_trim;
  } catch {
    return null;
  }
}

/**
 * Gives the pages of freed memory of all threads back to the system, see malloc_trim(3). Takes one to a few
 * milliseconds, in which another thread that allocates may wait. False where nothing was given back.
 */
export function trimMalloc(): boolean {
  if (trim === undefined) trim = find();
  return trim !== null && trim(0n) === 1;
}
