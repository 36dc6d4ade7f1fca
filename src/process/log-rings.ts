// The memory of a generation's rings of log lines. What a reload does not change goes on with its lines.

import { closeSync } from 'node:fs';
import { makeRingMemory } from '../core/log-ring.ts';
import { createRingFile, FILE_HEADER, openRing, type RingMemory } from '../core/ring-file.ts';
import type { Config } from '../config/model.ts';

/** By key. */
export type LogRings = ReadonlyMap<string, RingMemory>;

/**
 * Size and file as configured decide, so that who reads the memory finds it whatever generation made it. Threads of the
 * generation before still write to what goes on: it keeps its file. Throws where a file cannot be made.
 */
export function makeLogRings(config: Config, before: LogRings | null): LogRings {
  const rings = new Map<string, RingMemory>();
  for (const { key, name, size, backingFile } of config.logRings.values()) {
    const memory = makeRingMemory(backingFile === null ? size : size - FILE_HEADER);
    const old = before?.get(key);
    if (old !== undefined && old.path === backingFile && old.memory.byteLength === memory.byteLength) {
      rings.set(key, old);
      continue;
    }
    const fd = backingFile === null ? -1 : fileOf(name, backingFile, memory.byteLength);
    const ring = { memory, path: backingFile, fd };
    if (fd >= 0) openRing(ring, null).fillMirror();
    rings.set(key, ring);
  }
  for (const [key, { fd }] of before ?? []) if (fd >= 0 && rings.get(key)?.fd !== fd) closeSync(fd);
  return rings;
}

function fileOf(name: string, path: string, size: number): number {
  try {
    return createRingFile(path, size);
  } catch (error) {
    throw new Error(`cannot create backing-file '${path}' for ring '${name}': ${(error as Error).message}`, {
      cause: error,
    });
  }
}
