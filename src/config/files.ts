// Files that a configuration names (error pages, pattern lists): read once, kept, and handed to data threads, which
// may run under chroot and without the rights to read them again.

import { readFileSync } from 'node:fs';

/** Larger files are refused. */
const FILE_BYTES_MAX = 1 << 30;

export class FileStore {
  private readonly contents: Map<string, Uint8Array | string>;
  private readonly fromDisk: boolean;

  /** With `recorded`, answers only what was read before. */
  constructor(recorded: Iterable<readonly [string, Uint8Array | string]> | null) {
    this.contents = new Map(recorded ?? []);
    this.fromDisk = recorded === null;
  }

  /** The file's bytes, or why it cannot be read (the text of the errno). */
  read(path: string): Uint8Array | string {
    const known = this.contents.get(path);
    if (known !== undefined) return known;
    if (!this.fromDisk) return 'No such file or directory';
    let answer: Uint8Array | string;
    try {
      answer = readFileSync(path);
      if (answer.length > FILE_BYTES_MAX) answer = 'File too large';
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      answer =
        code === 'ENOENT'
          ? 'No such file or directory'
          : code === 'EACCES'
            ? 'Permission denied'
            : code === 'EISDIR'
              ? 'Is a directory'
              : String(code);
    }
    this.contents.set(path, answer);
    return answer;
  }

  entries(): [string, Uint8Array | string][] {
    return [...this.contents];
  }
}
