// The memory of a generation's rings of log lines. What a reload does not change goes on with its lines.

import { makeRingMemory } from '../core/log-ring.ts';
import type { Config } from '../config/model.ts';

/** By key. */
export type LogRings = ReadonlyMap<string, SharedArrayBuffer>;

/** Sizes as configured decide, so that who reads the memory finds it whatever generation made it. */
export function makeLogRings(config: Config, before: LogRings | null): LogRings {
  const rings = new Map<string, SharedArrayBuffer>();
  for (const { key, size } of config.logRings.values()) {
    const fresh = makeRingMemory(size);
    const old = before?.get(key);
    rings.set(key, old !== undefined && old.byteLength === fresh.byteLength ? old : fresh);
  }
  return rings;
}
