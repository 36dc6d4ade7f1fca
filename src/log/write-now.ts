// One line to stdout, stderr or an inherited fd. The fd may be blocking (a terminal, a file): it is written at once;
// a pipe that is full loses the line instead of holding up traffic.

import { writeSync } from 'node:fs';

/** False where the line was not taken whole. */
export function writeNow(fd: number, line: string): boolean {
  try {
    return writeSync(fd, line, null, 'latin1') === line.length;
  } catch {
    return false;
  }
}
