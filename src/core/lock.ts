// A lock between threads for sections of a few hundred nanoseconds: a word of shared memory that is 0 while free, 1
// while held and 2 while held and somebody sleeps for it.

/** Looks at the word before a thread goes to sleep: the holder is most often about to leave. */
const LOOKS = 64;

/**
 * Takes the lock at `ints[at]`. Always with a `finally` that calls `unlock`: a bug in between ends this thread, and
 * the others must go on.
 */
export function lock(ints: Int32Array, at: number): void {
  for (let look = 0; look < LOOKS; look++) {
    if (Atomics.compareExchange(ints, at, 0, 1) === 0) return;
  }
  while (Atomics.exchange(ints, at, 2) !== 0) Atomics.wait(ints, at, 2);
}

/** Gives it back and wakes one sleeper. */
export function unlock(ints: Int32Array, at: number): void {
  if (Atomics.exchange(ints, at, 0) === 2) Atomics.notify(ints, at, 1);
}
