// Many substrings looked for in one pass over the text (Aho and Corasick, 1975): a step costs the same however many
// there are. Steps are kept in one hash table, since most places go on by one character only.

import { fold } from './hash.ts';

const NONE = -1;
/** Characters are bytes. */
const CODES = 256;

export class Automaton {
  private readonly folds: boolean;
  /** Places that follow another one, by hash of both: 0 for none. */
  private readonly steps: Int32Array;
  private readonly parents: Int32Array;
  private readonly codes: Uint8Array;
  /** Where to go on when the text does: the place of the longest end of what was read. */
  private readonly fails: Int32Array;
  /** The first pattern that ends here or at one of the places behind `fails`. */
  private readonly firsts: Int32Array;
  private readonly shift: number;
  private places = 1;

  /** `folds`: letters of ASCII match in both cases. */
  constructor(patterns: readonly string[], folds: boolean) {
    this.folds = folds;
    let most = 1;
    for (const pattern of patterns) most += pattern.length;
    const bits = Math.max(4, 33 - Math.clz32(most));
    const parents = new Int32Array(most);
    const codes = new Uint8Array(most);
    const firsts = new Int32Array(most).fill(NONE);
    this.shift = 32 - bits;
    this.steps = new Int32Array(1 << bits);
    this.parents = parents;
    this.codes = codes;
    this.firsts = firsts;
    const depths = new Int32Array(most);
    let deepest = 0;
    for (let index = 0; index < patterns.length; index++) {
      const pattern = patterns[index]!;
      let place = 0;
      for (let at = 0; at < pattern.length; at++) {
        place = this.grow(place, this.code(pattern, at));
        depths[place] = at + 1;
      }
      if (pattern.length > deepest) deepest = pattern.length;
      if (firsts[place] === NONE) firsts[place] = index;
    }
    // Patterns that begin alike share places: what was reserved too much is given back.
    this.parents = parents.slice(0, this.places);
    this.codes = codes.slice(0, this.places);
    this.firsts = firsts.slice(0, this.places);
    this.fails = new Int32Array(this.places);
    this.link(depths, deepest);
  }

  /** The lowest index of a pattern that is part of the text, or -1. */
  first(text: string): number {
    const { firsts, fails } = this;
    let best = firsts[0]!;
    let place = 0;
    for (let at = 0; at < text.length; at++) {
      const code = this.code(text, at);
      let next = this.step(place, code);
      while (next === 0 && place !== 0) {
        place = fails[place]!;
        next = this.step(place, code);
      }
      place = next;
      const found = firsts[place]!;
      if (found !== NONE && (best === NONE || found < best)) best = found;
    }
    return best;
  }

  private code(text: string, at: number): number {
    const code = text.charCodeAt(at);
    return this.folds ? fold(code) : code;
  }

  private slot(place: number, code: number): number {
    const hash = Math.imul((Math.imul(place, CODES) + code) ^ (place >>> 24), 0x9e3779b1);
    return (hash ^ (hash >>> 15)) >>> this.shift;
  }

  private step(place: number, code: number): number {
    const { steps, parents, codes } = this;
    const mask = steps.length - 1;
    for (let slot = this.slot(place, code); ; slot = (slot + 1) & mask) {
      const next = steps[slot]!;
      if (next === 0 || (parents[next] === place && codes[next] === code)) return next;
    }
  }

  private grow(place: number, code: number): number {
    const { steps, parents, codes } = this;
    const mask = steps.length - 1;
    let slot = this.slot(place, code);
    for (; steps[slot] !== 0; slot = (slot + 1) & mask) {
      const next = steps[slot]!;
      if (parents[next] === place && codes[next] === code) return next;
    }
    const made = this.places++;
    steps[slot] = made;
    parents[made] = place;
    codes[made] = code;
    return made;
  }

  /** Sets `fails`, from the places next to the root to the deepest: each needs those of lower depth. */
  private link(depths: Int32Array, deepest: number): void {
    const { parents, codes, fails, firsts, places } = this;
    const starts = new Int32Array(deepest + 2);
    for (let place = 0; place < places; place++) starts[depths[place]! + 1]!++;
    for (let depth = 1; depth < starts.length; depth++) starts[depth]! += starts[depth - 1]!;
    const order = new Int32Array(places);
    for (let place = 0; place < places; place++) order[starts[depths[place]!]!++] = place;
    for (let at = 1; at < places; at++) {
      const place = order[at]!;
      const code = codes[place]!;
      let behind = parents[place]!;
      let fail = 0;
      while (behind !== 0 && fail === 0) {
        behind = fails[behind]!;
        fail = this.step(behind, code);
      }
      fails[place] = fail;
      const found = firsts[fail]!;
      if (found !== NONE && (firsts[place] === NONE || found < firsts[place]!)) firsts[place] = found;
    }
  }
}
