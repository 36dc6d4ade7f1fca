// Ranges of numbers cut where one begins or ends, so that one search by halves finds the first range around a number
// whether they overlap or not.

/** Both ends are within. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

export class Segments {
  private readonly starts: Float64Array;
  /** Index of the range that each segment belongs to, -1 for none. */
  private readonly owners: Int32Array;

  /** Bounds are integers or infinite; those beyond 2^53 are as near as a number comes to them. */
  constructor(ranges: readonly Bounds[]) {
    const order = Int32Array.from(ranges, (_range, at) => at);
    const low = (at: number): number => ranges[at]!.low;
    if (ranges.some((range, at) => at > 0 && range.low < low(at - 1))) {
      order.sort((a, b) => low(a) - low(b) || a - b);
    }
    const cuts = new Float64Array(ranges.length * 2);
    for (let at = 0; at < ranges.length; at++) {
      cuts[at * 2] = ranges[at]!.low;
      cuts[at * 2 + 1] = above(ranges[at]!.high);
    }
    cuts.sort();
    const starts = new Float64Array(cuts.length);
    const owners = new Int32Array(cuts.length);
    const open = new Heap(ranges.length);
    let count = 0;
    let next = 0;
    for (let at = 0; at < cuts.length; at++) {
      const start = cuts[at]!;
      if (at + 1 < cuts.length && cuts[at + 1] === start) continue;
      while (next < order.length && low(order[next]!) <= start) open.push(order[next++]!);
      while (open.size > 0 && ranges[open.top]!.high < start) open.pop();
      starts[count] = start;
      owners[count++] = open.size > 0 ? open.top : -1;
    }
    this.starts = starts.slice(0, count);
    this.owners = owners.slice(0, count);
  }

  /** The lowest index of a range that holds the number, or -1. */
  first(value: number): number {
    const { starts } = this;
    let from = 0;
    let to = starts.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (starts[middle]! <= value) from = middle + 1;
      else to = middle;
    }
    return from === 0 ? -1 : this.owners[from - 1]!;
  }
}

const scratch = new Float64Array(1);
const bits = new BigInt64Array(scratch.buffer);

/** The lowest number above an integer that is told from it. */
function above(value: number): number {
  if (!Number.isFinite(value) || Math.abs(value) < Number.MAX_SAFE_INTEGER) return value + 1;
  scratch[0] = value;
  bits[0]! += value > 0 ? 1n : -1n;
  return scratch[0];
}

/** The lowest of some indexes is on top. */
class Heap {
  private readonly items: Int32Array;
  size = 0;

  constructor(most: number) {
    this.items = new Int32Array(most);
  }

  get top(): number {
    return this.items[0]!;
  }

  push(item: number): void {
    const { items } = this;
    let at = this.size++;
    for (let up = (at - 1) >> 1; at > 0 && items[up]! > item; up = (at - 1) >> 1) {
      items[at] = items[up]!;
      at = up;
    }
    items[at] = item;
  }

  pop(): void {
    const { items } = this;
    const size = --this.size;
    const item = items[size]!;
    let at = 0;
    for (let child = 1; child < size; child = at * 2 + 1) {
      if (child + 1 < size && items[child + 1]! < items[child]!) child++;
      if (items[child]! >= item) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = item;
  }
}
