// How many data threads there are (manual 3.1 nbthread).

import { availableParallelism } from 'node:os';
import type { Config } from '../config/model.ts';

/** As `nbthread` allows. */
export const THREADS_MAX = 64;

/** Without `nbthread`: as many as processors may be used. Never more than thread-hard-limit. */
export function threadsOf({ global }: Config, processors = availableParallelism()): number {
  const wanted = global.nbthread || Math.min(processors, THREADS_MAX);
  return global.threadHardLimit > 0 ? Math.min(wanted, global.threadHardLimit) : wanted;
}

/** What a user of a large machine should know, or null. */
export function threadNotice({ global }: Config, processors = availableParallelism()): string | null {
  if (global.nbthread !== 0 || global.threadHardLimit > 0 || processors <= THREADS_MAX) return null;
  return `'nbthread' is not set and ${processors} processors may be used : ${THREADS_MAX} data threads are the most.`;
}
