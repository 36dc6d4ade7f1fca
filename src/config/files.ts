// Files that the configuration names. Whatever is read is recorded, so that another thread can repeat the parsing
// with the same answers and without the disk, even after a chroot or a change on the disk.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { getSystemErrorMessage } from 'node:util';

/** Contents in latin1: one character for each byte. `error` is the system's text, such as `No such file or directory`. */
export type FileResult = { readonly text: string } | { readonly error: string };
/** Names of a folder's entries in lexical order, or the system's text. */
export type FolderResult = { readonly names: readonly string[] } | { readonly error: string };

/** Plain data: may be posted to another thread. */
export interface Recording {
  readonly files: readonly (readonly [string, FileResult])[];
  readonly folders: readonly (readonly [string, FolderResult])[];
}

const UNRECORDED = { error: 'was not read when the configuration was loaded' } as const;

/** Texts are bytes in latin1, names of files included; the disk wants the bytes back. */
const diskName = (path: string): Buffer => Buffer.from(path, 'latin1');

function systemError(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException;
  if (errno === undefined) return message;
  const text = getSystemErrorMessage(errno) ?? message;
  // libuv writes in lower case what the C library starts with a capital.
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Reads files and folders once each, and remembers the answer, errors too. */
export class FileStore {
  private readonly files: Map<string, FileResult>;
  private readonly folders: Map<string, FolderResult>;
  private readonly disk: boolean;

  private constructor(recording: Recording, disk: boolean) {
    this.files = new Map(recording.files);
    this.folders = new Map(recording.folders);
    this.disk = disk;
  }

  /** A store that reads the disk. */
  static onDisk(): FileStore {
    return new FileStore({ files: [], folders: [] }, true);
  }

  /** A store that answers from a recording alone; what was not recorded is an error. */
  static fromRecording(recording: Recording): FileStore {
    return new FileStore(recording, false);
  }

  /** The contents of `path` (latin1), relative to the working directory. */
  read(path: string): FileResult {
    let result = this.files.get(path);
    if (result === undefined) {
      if (!this.disk) return UNRECORDED;
      result = this.readUnrecorded(path);
      this.files.set(path, result);
    }
    return result;
  }

  /** The same for contents that other threads get another way. */
  readUnrecorded(path: string): FileResult {
    if (!this.disk) return UNRECORDED;
    try {
      return { text: readFileSync(diskName(path), 'latin1') };
    } catch (error) {
      return { error: systemError(error) };
    }
  }

  /** The names in folder `path`; an error when it is none. */
  list(path: string): FolderResult {
    let result = this.folders.get(path);
    if (result === undefined) {
      if (!this.disk) return UNRECORDED;
      try {
        const names = readdirSync(diskName(path), { encoding: 'latin1' });
        result = { names: names.sort((a, b) => (a < b ? -1 : 1)) };
      } catch (error) {
        result = { error: systemError(error) };
      }
      this.folders.set(path, result);
    }
    return result;
  }

  /** Whether `path` is a folder; recorded as the listing is. */
  isFolder(path: string): boolean {
    if (!this.disk || this.folders.has(path)) return 'names' in this.list(path);
    try {
      return statSync(diskName(path)).isDirectory() && 'names' in this.list(path);
    } catch {
      return false;
    }
  }

  /** Everything that was read so far. */
  record(): Recording {
    return { files: [...this.files], folders: [...this.folders] };
  }
}
