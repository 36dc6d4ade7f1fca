// "did you mean": the known word whose pairs of neighbouring letters resemble those of an unknown one most.

/** Letters, anything else, and the edge of the word. */
const CLASSES = 28;
const OTHER = 27;
/** Largest distance of a resembling word, for each letter of both words; found by comparing with HAProxy. */
const NEAR = 0.75;

/** Counts each pair of neighbours, edges included, and each letter; case does not matter. */
function fingerprint(word: string, counts: Int8Array): void {
  counts.fill(0);
  let before = 0;
  for (let i = 0; i < word.length; i++) {
    const lower = word.charCodeAt(i) | 0x20;
    const kind = lower >= 0x61 && lower <= 0x7a ? lower - 0x60 : OTHER;
    counts[before * CLASSES + kind]!++;
    before = kind;
  }
  counts[before * CLASSES]!++;
}

/** Squares weigh one big difference more than several small ones. */
function distance(a: Int8Array, b: Int8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    sum += difference * difference;
  }
  return sum;
}

const sorted = (word: string): string => [...word.toLowerCase()].sort().join('');

/** The candidate closest to `word`, or undefined when none resembles it. Not for hot paths. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const mine = new Int8Array(CLASSES * CLASSES);
  const other = new Int8Array(CLASSES * CLASSES);
  fingerprint(word, mine);
  const letters = sorted(word);
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    fingerprint(candidate, other);
    let away = distance(mine, other);
    // Exchanged letters break up to three pairs; the same letters in another order are a likely slip.
    if (candidate.length === word.length && sorted(candidate) === letters) away = Math.min(away, 2);
    if (away < least && away < (word.length + candidate.length) * NEAR) {
      best = candidate;
      least = away;
    }
  }
  return best;
}

/** `; did you mean 'x' maybe ?`, or the empty string. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const found = suggest(word, candidates);
  return found === undefined ? '' : `; did you mean '${found}' maybe ?`;
}
