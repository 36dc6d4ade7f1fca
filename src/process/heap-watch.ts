// V8 ends a thread whose heap is full wherever it stands, and a thread that ends inside a call of libuv takes the
// process with it. So a thread that comes near that limit leaves before, in order, as after a bug.

import { getHeapStatistics } from 'node:v8';

/**
 * Part of the limit that may be in use after a full collection. V8 collects again at the latest half way between what
 * was left and the limit, so growth that does not stop is seen here before its end, unless one turn allocates it all.
 */
const PART = 0.8;

/**
 * Calls `onShort` once, from a task of its own, when a full collection left more than `PART` of the heap's limit in
 * use. Costs nothing between full collections: V8 tells of each by clearing an object that nobody holds.
 */
export class HeapWatch {
  private readonly registry: FinalizationRegistry<null>;

  constructor(onShort: (error: Error) => void) {
    this.registry = new FinalizationRegistry(() => {
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
      if (used < limit * PART) this.arm();
      else {
        const mib = (bytes: number): number => Math.round(bytes / 2 ** 20);
        onShort(new Error(`out of memory: ${mib(used)} of ${mib(limit)} MiB of heap are in use`));
      }
    });
    this.arm();
  }

  private arm(): void {
    this.registry.register({}, null);
  }
}
