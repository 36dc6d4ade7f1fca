// Recycles objects of one class, so that a request in flight makes no garbage.

/**
 * Never holds more than `keepMax` idle objects nor hands out more than `liveMax`: a shortage is the caller's to
 * handle, by waiting or refusing. Objects are made on demand, so an idle process stays small.
 */
export class Pool<T> {
  readonly #make: () => T;
  readonly #idle: T[] = [];
  readonly keepMax: number;
  readonly liveMax: number;
  /** Objects handed out now. */
  live = 0;

  constructor(make: () => T, liveMax: number, keepMax: number = liveMax) {
    this.#make = make;
    this.liveMax = liveMax;
    this.keepMax = keepMax;
  }

  get idle(): number {
    return this.#idle.length;
  }

  /** An object in whatever state it was given back, or null when `liveMax` are in use. */
  take(): T | null {
    if (this.live >= this.liveMax) return null;
    this.live++;
    return this.#idle.pop() ?? this.#make();
  }

  /** The object must come from this pool and be given back once. */
  give(object: T): void {
    if (this.live === 0) throw new Error('an object was given back to a pool that lent none');
    this.live--;
    if (this.#idle.length < this.keepMax) this.#idle.push(object);
  }
}
