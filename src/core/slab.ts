// One mapped region per data thread, cut into slabs of tune.bufsize bytes. Everything the kernel reads or writes
// lives here, so a position is one integer and no byte is ever copied into a Buffer of its own.
//
//   0                permanentBytes                                              bytes.length
//   | sockaddrs, iovecs | slab 0 | slab 1 | ... | slab n-1 | large 0 | ... | large m-1 |

/** Node's Buffer has these; its published types leave them out. */
export type SlabBuffer = Buffer & {
  latin1Slice(start: number, end: number): string;
  latin1Write(text: string, at: number, length: number): number;
};

/** Gives and takes the pieces of a thread's region. All sizes in bytes; all positions are offsets into `bytes`. */
export interface SlabMemory {
  readonly bytes: Uint8Array;
  /** The same region as a Buffer, for latin1Slice and friends. */
  readonly buffer: SlabBuffer;
  /** tune.bufsize. */
  readonly slabSize: number;
  readonly slabCount: number;
  readonly largeSize: number;
  /** A slab's index, or -1 when none is free. */
  take(): number;
  release(slab: number): void;
  /** Where a slab starts. */
  offsetOf(slab: number): number;
  readonly free: number;
  /** Called after each release while set: the reactor sets it while a receive waits for a slab. */
  onRelease: (() => void) | null;
  /** Address of `bytes` in this process, for the kernel; throws where the memory is not mapped. */
  readonly address: bigint;
  /** A large slab's index for streams that fill their slab, or -1 when none is free. */
  takeLarge(): number;
  releaseLarge(large: number): void;
  offsetOfLarge(large: number): number;
  /** Bytes that stay for the life of the thread (sockaddrs); throws when the permanent part is exhausted. */
  permanent(length: number): number;
}
