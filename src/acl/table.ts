// An index over the entries of a pattern list: a hash table in shared memory. Every method that it serves asks for
// equal keys only. A prefix is looked up once for each length that some pattern has, from one pass over the text; a
// suffix likewise from the end; `dir` and `dom` from each place where a part begins; an address once for each mask.

import { CODE_HOLES, CODE_V6, CODES, maskedWord, parseNetwork } from './network.ts';
import {
  fold,
  HASH_START,
  hashAddress,
  hashBackward,
  hashEnd,
  hashPart,
  hashStep,
  hashText,
  partPowers,
  partStep,
} from './hash.ts';
import { embeddedIpv4 } from '../sample/address.ts';
import { Entry, List } from './layout.ts';
import type { PatternMemory } from './memory.ts';
import { hexBytes } from './ranges.ts';

/** The methods that an index serves; the others look at each pattern. */
export const TABLE_KINDS = ['str', 'bin', 'beg', 'end', 'dir', 'dom', 'ip'] as const;
export type TableKind = (typeof TABLE_KINDS)[number];

/** Words of an index. Behind them: how many patterns have each length, or each mask. */
const Field = {
  NEXT: 0,
  KIND: 1,
  BUCKETS: 2,
  BUCKET_COUNT: 3,
  NODES: 4,
  /** The longest pattern, as it is hashed; not moved back when that goes. */
  LONGEST: 5,
  /** Bits of the hashes that are there, where a look-up asks for several: most that are not cost one look. */
  FILTER: 6,
  LENGTHS: 7,
} as const;
/** Words of a node; those of addresses go on to ADDRESS + 3. */
const Node = { NEXT: 0, HASH: 1, ENTRY: 2, CODE: 3, ADDRESS: 4 } as const;
const NODE_WORDS = 4;
const ADDRESS_NODE_WORDS = 8;
/** Longer patterns are hashed by so many characters, and compared whole. */
const LENGTH_MAX = 1024;
const FOLDS = 16;
const FIRST_BUCKETS = 8;
/** Words of the filter for each bucket: a quarter, eight bits. */
const FILTER_SHARE = 4;

export function isTableKind(method: string): method is TableKind {
  return (TABLE_KINDS as readonly string[]).includes(method);
}

const DELIMITER = 0x2f;

const POWERS = partPowers(LENGTH_MAX);
/** Of the text that is looked up: where parts begin, and the hash of what is in front of each. */
let starts = new Int32Array(1024);
let befores = new Int32Array(1024);

/** For a text of so many characters, each of which may be a delimiter. */
function makeRoom(length: number): void {
  starts = new Int32Array(length * 2);
  befores = new Int32Array(length * 2);
}

/**
 * Whether a character ends a part of a path or, with `dots`, of a name, as `dir` and `dom` see it. A pattern of nothing
 * else matches nothing.
 */
function isDelimiter(dots: boolean, code: number): boolean {
  return code === DELIMITER || code === 0x3f || (dots && (code === 0x2e || code === 0x3a));
}

/** Tells readers of the list at `list` that they have to read again; false where they were told already. */
export function disturb({ ints }: PatternMemory, list: number): boolean {
  if ((ints[list + List.SEQUENCE]! & 1) !== 0) return false;
  Atomics.add(ints, list + List.SEQUENCE, 1);
  return true;
}

/** What readers find is whole again. */
export function settle({ ints }: PatternMemory, list: number): void {
  Atomics.add(ints, list + List.SEQUENCE, 1);
}

export class PatternTable {
  readonly kind: TableKind;
  readonly folds: boolean;
  private readonly dots: boolean;
  /** Its index record. */
  readonly at: number;
  private readonly memory: PatternMemory;
  private readonly list: number;

  private constructor(memory: PatternMemory, list: number, at: number) {
    this.memory = memory;
    this.list = list;
    this.at = at;
    const kind = memory.ints[at + Field.KIND]!;
    this.kind = TABLE_KINDS[kind & (FOLDS - 1)]!;
    this.folds = kind >= FOLDS;
    this.dots = this.kind === 'dom';
  }

  /** An empty index of the list at `list`, which knows of it from now on. */
  static create(memory: PatternMemory, list: number, kind: TableKind, folds: boolean): PatternTable {
    const words = Field.LENGTHS + lengthsOf(kind);
    const at = memory.take(words);
    memory.ints.fill(0, at, at + words);
    const buckets = memory.take(FIRST_BUCKETS);
    memory.ints.fill(0, buckets, buckets + FIRST_BUCKETS);
    if (lengthsOf(kind) > 0) {
      const filter = memory.take(FIRST_BUCKETS / FILTER_SHARE);
      memory.ints.fill(0, filter, filter + FIRST_BUCKETS / FILTER_SHARE);
      memory.ints[at + Field.FILTER] = filter;
    }
    const { ints } = memory;
    ints[at + Field.KIND] = TABLE_KINDS.indexOf(kind) + (folds ? FOLDS : 0);
    ints[at + Field.BUCKETS] = buckets;
    ints[at + Field.BUCKET_COUNT] = FIRST_BUCKETS;
    ints[at + Field.NEXT] = ints[list + List.TABLES]!;
    ints[list + List.TABLES] = at;
    return new PatternTable(memory, list, at);
  }

  /** All indexes of a list. */
  static allOf(memory: PatternMemory, list: number): PatternTable[] {
    const found: PatternTable[] = [];
    for (let at = memory.ints[list + List.TABLES]!; at !== 0; at = memory.ints[at + Field.NEXT]!)
      found.push(new PatternTable(memory, list, at));
    return found;
  }

  // Changes: under the lock, inside of a change of the list.

  /** The node is whole before it is linked: readers need not read again, but where the table grows. */
  insert(entry: number, key: string): void {
    const words = this.kind === 'ip' ? ADDRESS_NODE_WORDS : NODE_WORDS;
    const { memory, at } = this;
    if (memory.ints[at + Field.NODES]! >= memory.ints[at + Field.BUCKET_COUNT]!) this.grow();
    const node = memory.take(words);
    const { ints } = memory;
    const hash = this.subject(key, node);
    ints[node + Node.HASH] = hash;
    ints[node + Node.ENTRY] = entry;
    const head = this.bucket(hash);
    ints[node + Node.NEXT] = ints[head]!;
    if (lengthsOf(this.kind) > 0) this.note(hash, ints[node + Node.CODE]!);
    ints[at + Field.NODES]!++;
    Atomics.store(ints, head, node);
  }

  /** Counts a length or mask, and sets the hash's bit in the filter. */
  private note(hash: number, code: number): void {
    const { ints } = this.memory;
    ints[this.at + Field.LENGTHS + code]!++;
    if (code > ints[this.at + Field.LONGEST]!) ints[this.at + Field.LONGEST] = code;
    const word = this.filterWord(hash, ints[this.at + Field.BUCKET_COUNT]!);
    ints[ints[this.at + Field.FILTER]! + word]! |= filterBit(hash);
  }

  remove(entry: number, key: string): void {
    const { ints } = this.memory;
    const hash = this.subject(key, 0);
    let link = this.bucket(hash);
    for (let node = ints[link]!; node !== 0; node = ints[link]!) {
      if (ints[node + Node.ENTRY] === entry) {
        ints[link] = ints[node + Node.NEXT]!;
        ints[this.at + Field.NODES]!--;
        if (lengthsOf(this.kind) > 0) ints[this.at + Field.LENGTHS + ints[node + Node.CODE]!]!--;
        this.memory.give(node, this.kind === 'ip' ? ADDRESS_NODE_WORDS : NODE_WORDS);
        return;
      }
      link = node + Node.NEXT;
    }
  }

  /** Hash of what is looked up for `key`; a node, where one is given, takes the length or the address. */
  private subject(key: string, node: number): number {
    const { kind, folds } = this;
    const { ints } = this.memory;
    if (kind === 'ip') {
      const { code, words } = parseNetwork(key);
      if (node !== 0) {
        ints[node + Node.CODE] = code;
        for (let at = 0; at < 4; at++) ints[node + Node.ADDRESS + at] = words[at]!;
      }
      return code === CODE_HOLES ? 0 : hashAddress(code, words[0], words[1], words[2], words[3]);
    }
    if (kind === 'bin') {
      const bytes = hexBytes(key);
      return hashText(bytes, 0, bytes.length, false);
    }
    let from = 0;
    let to = key.length;
    if (kind === 'dir' || kind === 'dom') {
      while (from < to && isDelimiter(this.dots, key.charCodeAt(from))) from++;
      while (to > from && isDelimiter(this.dots, key.charCodeAt(to - 1))) to--;
    }
    const length = Math.min(to - from, LENGTH_MAX);
    if (node !== 0) ints[node + Node.CODE] = length;
    if (kind === 'str') return hashText(key, from, to, folds);
    if (kind === 'dir' || kind === 'dom') return hashPart(key, from, from + length, folds);
    return kind === 'end'
      ? hashBackward(key, to - length, to, folds)
      : hashText(key, from, from + length, folds);
  }

  private bucket(hash: number): number {
    const { ints } = this.memory;
    return ints[this.at + Field.BUCKETS]! + (hash & (ints[this.at + Field.BUCKET_COUNT]! - 1));
  }

  private grow(): void {
    const before = this.memory.ints[this.at + Field.BUCKET_COUNT]!;
    const from = this.memory.ints[this.at + Field.BUCKETS]!;
    const count = before * 2;
    const filters = lengthsOf(this.kind) > 0;
    const to = this.memory.take(count);
    const filter = filters ? this.takeFilter(count, to) : 0;
    const opened = disturb(this.memory, this.list);
    const { ints } = this.memory;
    ints.fill(0, to, to + count);
    for (let bucket = from; bucket < from + before; bucket++) {
      for (let node = ints[bucket]!; node !== 0;) {
        const next = ints[node + Node.NEXT]!;
        const head = to + (ints[node + Node.HASH]! & (count - 1));
        ints[node + Node.NEXT] = ints[head]!;
        ints[head] = node;
        if (filters) {
          const hash = ints[node + Node.HASH]!;
          ints[filter + this.filterWord(hash, count)]! |= filterBit(hash);
        }
        node = next;
      }
    }
    ints[this.at + Field.BUCKETS] = to;
    ints[this.at + Field.BUCKET_COUNT] = count;
    this.memory.give(from, before);
    if (filters) {
      this.memory.give(ints[this.at + Field.FILTER]!, before / FILTER_SHARE);
      ints[this.at + Field.FILTER] = filter;
    }
    if (opened) settle(this.memory, this.list);
  }

  private takeFilter(buckets: number, taken: number): number {
    const words = buckets / FILTER_SHARE;
    try {
      const filter = this.memory.take(words);
      this.memory.ints.fill(0, filter, filter + words);
      return filter;
    } catch (error) {
      this.memory.give(taken, buckets);
      throw error;
    }
  }

  /** Which word of the filter of so many buckets holds the bit of a hash. */
  private filterWord(hash: number, buckets: number): number {
    return (hash >>> 3) & (buckets / FILTER_SHARE - 1);
  }

  /** Whether the hash may be there. */
  private maybe(hash: number): boolean {
    const { ints } = this.memory;
    const word = this.filterWord(hash, ints[this.at + Field.BUCKET_COUNT]!);
    return (ints[ints[this.at + Field.FILTER]! + word]! & filterBit(hash)) !== 0;
  }

  // Look-ups. They may run while another thread changes what they read: they end all the same, and whoever asked
  // finds that the list changed and asks again. Words out of range read as undefined, which `| 0` makes 0.

  /** The entry that the text matches, 0 for none. The longest for `beg` without -i, else the first of the list. */
  findText(text: string): number {
    switch (this.kind) {
      case 'str':
      case 'bin':
        return this.probe(hashText(text, 0, text.length, this.folds), text, 0, text.length, 0);
      case 'beg':
        return this.findBeginning(text);
      case 'end':
        return this.findEnd(text);
      default:
        return this.findPart(text);
    }
  }

  /** All entries in force with just this key. Only of an index of exact text. */
  findAll(text: string, found: number[]): void {
    const { ints } = this.memory;
    const hash = hashText(text, 0, text.length, this.folds);
    for (let node = ints[this.bucket(hash)]!; node !== 0; node = ints[node + Node.NEXT]!) {
      const entry = ints[node + Node.ENTRY]!;
      if (ints[node + Node.HASH] !== hash) continue;
      if (ints[entry + Entry.VERSION] !== ints[this.list + List.CURRENT]) continue;
      if (this.equals(entry, text, 0, text.length, 0)) found.push(entry);
    }
  }

  private findBeginning(text: string): number {
    const { folds } = this;
    const { ints } = this.memory;
    const lengths = this.at + Field.LENGTHS;
    const longest = Math.min(ints[this.at + Field.LONGEST]!, text.length, LENGTH_MAX);
    let best = 0;
    let hash = HASH_START;
    for (let length = 0; ; length++) {
      if (ints[lengths + length]! > 0) {
        const found = this.probe(hashEnd(hash), text, 0, length, 1);
        if (found !== 0) best = folds ? this.earlier(best, found) : found;
      }
      if (length >= longest) return best;
      const code = text.charCodeAt(length);
      hash = hashStep(hash, folds ? fold(code) : code);
    }
  }

  private findEnd(text: string): number {
    const { folds } = this;
    const { ints } = this.memory;
    const lengths = this.at + Field.LENGTHS;
    const longest = Math.min(ints[this.at + Field.LONGEST]!, text.length, LENGTH_MAX);
    let best = 0;
    let hash = HASH_START;
    for (let length = 0; ; length++) {
      if (ints[lengths + length]! > 0) {
        const found = this.probe(hashEnd(hash), text, text.length - length, text.length, 2);
        if (found !== 0) best = this.earlier(best, found);
      }
      if (length >= longest) return best;
      const code = text.charCodeAt(text.length - 1 - length);
      hash = hashStep(hash, folds ? fold(code) : code);
    }
  }

  /** Parts between delimiters: one pass hashes up to each place where a part may end, and two of them make a part. */
  private findPart(text: string): number {
    const { folds, dots } = this;
    const { ints } = this.memory;
    const lengths = this.at + Field.LENGTHS;
    const longest = ints[this.at + Field.LONGEST]!;
    if (text.length >= starts.length) makeRoom(text.length);
    let best = 0;
    // Where parts begin, and what was hashed before each.
    starts[0] = 0;
    befores[0] = 0;
    let count = 1;
    let first = 0;
    let hash = 0;
    for (let at = 0; ; at++) {
      const code = at < text.length ? text.charCodeAt(at) : DELIMITER;
      if (isDelimiter(dots, code)) {
        // Parts that began too far in front are over for good.
        while (first < count && at - starts[first]! > longest) first++;
        for (let part = first; part < count; part++) {
          const from = starts[part]!;
          const length = at - from;
          if (length === 0 || length >= LENGTH_MAX || ints[lengths + length] === 0) continue;
          const found = this.probe(
            hashEnd((hash - Math.imul(befores[part]!, POWERS[length]!)) | 0),
            text,
            from,
            at,
            3,
          );
          if (found !== 0) best = this.earlier(best, found);
        }
        if (at >= text.length) break;
      }
      hash = partStep(hash, folds ? fold(code) : code);
      if (isDelimiter(dots, code)) {
        starts[count] = at + 1;
        befores[count++] = hash;
      }
    }
    return ints[lengths + LENGTH_MAX] === 0 ? best : this.findLongPart(text, count, best);
  }

  /** What is as long as the hashed part, or longer, ends further on: comparing it finds out. */
  private findLongPart(text: string, count: number, best: number): number {
    for (let part = 0; part < count; part++) {
      const from = starts[part]!;
      const to = from + LENGTH_MAX;
      if (to > text.length) break;
      const found = this.probe(hashPart(text, from, to, this.folds), text, from, to, 3);
      if (found !== 0) best = this.earlier(best, found);
    }
    return best;
  }

  /** `how`: 0 whole, 1 at the beginning, 2 at the end, 3 a part that begins at `from`. */
  private probe(hash: number, text: string, from: number, to: number, how: number): number {
    if (how !== 0 && !this.maybe(hash)) return 0;
    const { ints } = this.memory;
    const current = ints[this.list + List.CURRENT]!;
    let limit = ints[this.at + Field.NODES]!;
    let best = 0;
    for (
      let node = ints[this.bucket(hash)]! | 0;
      node !== 0 && limit-- > 0;
      node = ints[node + Node.NEXT]! | 0
    ) {
      if (ints[node + Node.HASH] !== hash) continue;
      const entry = ints[node + Node.ENTRY]!;
      if (ints[entry + Entry.VERSION] !== current) continue;
      if (this.equals(entry, text, from, to, how)) best = this.earlier(best, entry);
    }
    return best;
  }

  private equals(entry: number, text: string, from: number, to: number, how: number): boolean {
    const { kind, folds } = this;
    const { ints, bytes } = this.memory;
    const start = (entry + Entry.KEY) * 4;
    const length = ints[entry + Entry.KEY_LENGTH]!;
    if (kind === 'bin') return hexBytes(bytes.toString('latin1', start, start + length)) === text;
    let at = start;
    let end = start + length;
    let place = from;
    if (how === 0) {
      if (length !== to - from) return false;
    } else if (how === 2) {
      place = text.length - length;
      if (place < 0) return false;
    } else {
      if (how === 3) {
        while (at < end && isDelimiter(this.dots, bytes[at]!)) at++;
        while (end > at && isDelimiter(this.dots, bytes[end - 1]!)) end--;
        const stop = from + end - at;
        if (stop < text.length && !isDelimiter(this.dots, text.charCodeAt(stop))) return false;
      }
      if (end - at > text.length - from) return false;
    }
    for (; at < end; at++, place++) {
      const code = text.charCodeAt(place);
      const wanted = bytes[at]!;
      if (code !== wanted && (!folds || fold(code) !== fold(wanted))) return false;
    }
    return true;
  }

  /** Of two entries that match, the one that was added first. */
  private earlier(one: number, other: number): number {
    if (one === 0) return other;
    const { ints } = this.memory;
    return ((ints[other + Entry.ORDER]! - ints[one + Entry.ORDER]!) | 0) < 0 ? other : one;
  }

  /** The narrowest network that an IPv4 address lies in; those of IPv6 are asked about its mapped form. */
  findIpv4(value: number): number {
    return this.narrowest4(value) || this.narrowest6(0, 0, 0xffff, value | 0);
  }

  /** The same for 16 bytes; an address that holds one of IPv4 is asked about by that too (manual 7.1.6). */
  findIpv6(text: string): number {
    const found = this.narrowest6(
      maskedWord(text, 0, 128),
      maskedWord(text, 1, 128),
      maskedWord(text, 2, 128),
      maskedWord(text, 3, 128),
    );
    if (found !== 0) return found;
    const inside = embeddedIpv4(text);
    return inside < 0 ? 0 : this.narrowest4(inside);
  }

  private narrowest4(value: number): number {
    const { ints } = this.memory;
    const counts = this.at + Field.LENGTHS;
    for (let bits = 32; bits >= 0; bits--) {
      if (ints[counts + bits] === 0) continue;
      const masked = bits === 0 ? 0 : value & (-1 << (32 - bits));
      const found = this.probeAddress(bits, masked, 0, 0, 0);
      if (found !== 0) return found;
    }
    return ints[counts + CODE_HOLES] === 0 ? 0 : this.probeAddress(CODE_HOLES, value | 0, 0, 0, 0);
  }

  private narrowest6(a: number, b: number, c: number, d: number): number {
    const { ints } = this.memory;
    const counts = this.at + Field.LENGTHS + CODE_V6;
    for (let bits = 128; bits >= 0; bits--) {
      if (ints[counts + bits] === 0) continue;
      const found = this.probeAddress(
        CODE_V6 + bits,
        keep(a, bits),
        keep(b, bits - 32),
        keep(c, bits - 64),
        keep(d, bits - 96),
      );
      if (found !== 0) return found;
    }
    return 0;
  }

  private probeAddress(code: number, a: number, b: number, c: number, d: number): number {
    const { ints } = this.memory;
    const current = ints[this.list + List.CURRENT]!;
    const hash = code === CODE_HOLES ? 0 : hashAddress(code, a, b, c, d);
    if (!this.maybe(hash)) return 0;
    let limit = ints[this.at + Field.NODES]!;
    let best = 0;
    for (
      let node = ints[this.bucket(hash)]! | 0;
      node !== 0 && limit-- > 0;
      node = ints[node + Node.NEXT]! | 0
    ) {
      if (ints[node + Node.HASH] !== hash || ints[node + Node.CODE] !== code) continue;
      const address = node + Node.ADDRESS;
      const same =
        code === CODE_HOLES
          ? ints[address] === (a & ints[address + 1]!)
          : ints[address] === a &&
            ints[address + 1] === b &&
            ints[address + 2] === c &&
            ints[address + 3] === d;
      if (!same) continue;
      const entry = ints[node + Node.ENTRY]!;
      if (ints[entry + Entry.VERSION] === current) best = this.earlier(best, entry);
    }
    return best;
  }
}

function filterBit(hash: number): number {
  return 1 << (Math.imul(hash, 0x9e3779b1) >>> 27);
}

/** The first `bits` bits of a word. */
function keep(word: number, bits: number): number {
  return bits >= 32 ? word : bits <= 0 ? 0 : word & (-1 << (32 - bits));
}

/** How many counts by length, or by mask, an index keeps. */
function lengthsOf(kind: TableKind): number {
  return kind === 'ip' ? CODES : kind === 'str' || kind === 'bin' ? 0 : LENGTH_MAX + 1;
}
