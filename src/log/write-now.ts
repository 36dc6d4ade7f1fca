// One line to stdout, stderr or an inherited fd. The fd may be blocking (a terminal, a file): it is written at once;
// a pipe that is full loses the line instead of holding up traffic.

import { writeSync } from 'node:fs';

/** How many of `bytes[at, at+length)` were taken; 0 where none could be. */
export function writeNow(fd: number, bytes: Uint8Array, at: number, length: number): number {
  try {
    return writeSync(fd, bytes, at, length);
  } catch {
    return 0;
  }
}
