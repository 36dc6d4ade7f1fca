// The nearest known word, for "did you mean".

/** Edit distance where neighbours may be swapped, cut off above `limit`. */
function distance(one: string, other: string, limit: number): number {
  if (Math.abs(one.length - other.length) > limit) return limit + 1;
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        cost = Math.min(cost, before[j - 2]! + 1);
      }
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[other.length]!;
}

/** The closest of `words`, or null where none is close. */
export function nearest(word: string, words: Iterable<string>): string | null {
  let limit = Math.max(1, Math.floor(word.length / 3));
  let best: string | null = null;
  for (const candidate of words) {
    const cost = distance(word, candidate, limit);
    if (cost < limit || (cost === limit && best === null)) {
      limit = cost;
      best = candidate;
    }
  }
  return best;
}

/** `; did you mean 'x' maybe ?`, or nothing. */
export function didYouMean(word: string, words: Iterable<string>): string {
  const best = nearest(word, words);
  return best === null ? '' : `; did you mean '${best}' maybe ?`;
}
