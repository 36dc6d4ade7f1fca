// A small fast generator (sfc32) whose whole story follows from its seed. Not for secrets.

/** The state needs some rounds before neighbouring seeds stop resembling each other. */
const WARM_UP_ROUNDS = 12;

export class Prng {
  #a: number;
  #b: number;
  #c = 1;
  #counter = 1;

  /** `seed` is any safe integer; equal seeds give equal sequences. */
  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = Math.trunc(seed / 4294967296) | 0;
    for (let i = 0; i < WARM_UP_ROUNDS; i++) this.next();
  }

  /** 32 bits, as an unsigned integer. */
  next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + t) | 0;
    return t >>> 0;
  }

  /** An integer in [0, limit), `limit` from 1 to 2^32; the bias of large limits is below one in 2^20. */
  below(limit: number): number {
    return Math.floor((this.next() / 4294967296) * limit);
  }

  /** An integer in [low, high]. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True `percent` times in a hundred. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}
