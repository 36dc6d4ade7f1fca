// A ring that is mirrored to a file (ring backing-file, manual 12.5), so that its lines survive the process.
//
//   bytes 0 to 15   'hawser ring 1' and zeros      16, 24   where the next line will stand, where the oldest stands
//   from 48 on      the records, as log-ring.ts keeps them in memory
//
// Numbers are as the machine has them; both places are 64-bit floats that count bytes since the ring was made.

import { closeSync, constants, ftruncateSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { mapShared } from '../sys/memory.ts';
import { LogRing, type Mirror, RECORD_SKIP } from './log-ring.ts';

const MAGIC = 'hawser ring 1';
/** Bytes before the records. */
export const FILE_HEADER = 48;
const PLACES_AT = 16;

/** A ring's memory, and its file where it has one: its descriptor, which threads share, else -1. */
export interface RingMemory {
  readonly memory: SharedArrayBuffer;
  readonly path: string | null;
  readonly fd: number;
}

/** Makes a file of `size` bytes; one that is there and not empty is kept as `PATH.bak`. Gives its descriptor. */
export function createRingFile(path: string, size: number): number {
  try {
    if (statSync(path).size > 0) {
      rmSync(`${path}.bak`, { force: true });
      renameSync(path, `${path}.bak`);
    }
  } catch {
    // Nothing to keep, or nowhere to keep it: HAProxy goes on as well.
  }
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    ftruncateSync(fd, 0);
    ftruncateSync(fd, size);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

const mirrors = new WeakMap<RingMemory, Mirror>();

function mirrorOf(ring: RingMemory): Mirror {
  const known = mirrors.get(ring);
  if (known !== undefined) return known;
  const length = ring.memory.byteLength;
  const { buffer } = mapShared(ring.fd, 0n, length);
  Buffer.from(buffer, 0, PLACES_AT).write(MAGIC, 'latin1');
  const mirror = {
    places: new Float64Array(buffer, PLACES_AT, 2),
    lengths: new Int32Array(buffer, FILE_HEADER, (length - FILE_HEADER) >> 2),
    bytes: new Uint8Array(buffer, FILE_HEADER, length - FILE_HEADER),
  };
  mirrors.set(ring, mirror);
  return mirror;
}

/** To write to a ring; its file takes part where there is one. */
export function openRing(ring: RingMemory, wake: SharedArrayBuffer | null): LogRing {
  return new LogRing(ring.memory, wake, ring.fd < 0 ? null : mirrorOf(ring));
}

/** The lines of a ring's file, the oldest first. Throws where it is none. */
export function linesOfRingFile(file: Uint8Array): Buffer[] {
  const bytes = Buffer.from(file);
  if (bytes.length < FILE_HEADER || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw new Error('not the file of a ring');
  }
  const size = bytes.length - FILE_HEADER;
  const head = bytes.readDoubleLE(PLACES_AT);
  const lines: Buffer[] = [];
  for (let place = bytes.readDoubleLE(PLACES_AT + 8); place < head;) {
    const at = place % size;
    const length = bytes.readInt32LE(FILE_HEADER + at);
    if (length === RECORD_SKIP) {
      place += size - at;
      continue;
    }
    lines.push(bytes.subarray(FILE_HEADER + at + 4, FILE_HEADER + at + 4 + length));
    place += (4 + length + 3) & ~3;
  }
  return lines;
}
