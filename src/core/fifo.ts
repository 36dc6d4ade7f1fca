// A queue of small integers that makes no garbage.

export class IntFifo {
  #items = new Int32Array(64);
  #head = 0;
  length = 0;

  push(value: number): void {
    if (this.length === this.#items.length) this.#grow();
    this.#items[(this.#head + this.length++) & (this.#items.length - 1)] = value;
  }

  /** The oldest value; look at `length` first. */
  shift(): number {
    const value = this.#items[this.#head]!;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.length--;
    return value;
  }

  #grow(): void {
    const old = this.#items;
    this.#items = new Int32Array(old.length * 2);
    for (let i = 0; i < this.length; i++) this.#items[i] = old[(this.#head + i) & (old.length - 1)]!;
    this.#head = 0;
  }
}
