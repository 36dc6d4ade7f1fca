// All pattern lists of one configuration, by name (manual 2.7): who uses a file gets the same list. The control thread
// reads the files; data threads get the memory, and find in it by name or by position what their own reading asks for.

import { ConfigError } from '../registry/define.ts';
import { PatternList } from './list.ts';
import type { Lookup } from './inline.ts';
import { PatternLookup } from './lookup.ts';
import { PatternMemory, PatternMemoryFull } from './memory.ts';
import { type Method, patternProblem } from './methods.ts';
import { eachLine, type LineVisitor } from './pattern-file.ts';
import { isTableKind } from './table.ts';
import { type Output, outputProblem } from './output.ts';

/** Plain data with shared memory: what a data thread needs to attach. */
export interface PatternHandle {
  readonly buffer: SharedArrayBuffer;
  readonly named: readonly (readonly [string, number])[];
  readonly inline: readonly number[];
}

/** How the text of a file is had: latin1, or the system's error text. */
export type ReadText = (path: string) => { readonly text: string } | { readonly error: string };

/** Of a file with an index or two: an entry of 40 characters takes 100 to 130. */
const BYTES_PER_CHARACTER = 4;
/** Methods that not every text is a pattern for. */
const CAN_BE_WRONG: readonly Method[] = ['int', 'len', 'ip', 'bin', 'reg'];

/** A list with what the configuration says of it. */
export class PatternSet {
  /** Name of the file or virtual file; '' for the patterns of an ACL line. */
  readonly name: string;
  readonly list: PatternList;
  /** Its number in `show map` and `show acl`: given by -u, or when all is read. */
  id = -1;
  inMaps = false;
  inAcls = false;
  /** Where it is used, as `show map` says it. */
  readonly uses: string[] = [];
  readonly lookups: Lookup[] = [];
  /** What its values are made into, for each look-up that gives values. */
  readonly outputs = new Map<Lookup, Output>();
  /** The text of the file and its columns, until the configuration is read. */
  source: { readonly text: string; readonly columns: 1 | 2 } | null = null;

  constructor(name: string, list: PatternList) {
    this.name = name;
    this.list = list;
  }

  /**
   * Reads its keys by a method, for ACLs or, where `output` says what its values are made into, for maps. Throws
   * ConfigError where a key or value of the file is wrong for that. `label`: the method's name in `get map`.
   */
  lookup(method: Method, ignoreCase: boolean, output: Output | null, label: string = method): PatternLookup {
    for (const known of this.lookups) {
      const alike = known.label === label && known.ignoreCase === ignoreCase;
      if (alike && known instanceof PatternLookup && this.outputs.get(known) === (output ?? undefined))
        return known;
    }
    // An index reads all patterns when it is made; what looks at each pattern reads them later.
    if (!isTableKind(method)) this.check(method, ignoreCase);
    let made;
    try {
      made = new PatternLookup(this.list, method, ignoreCase, label);
    } catch (error) {
      if (error instanceof ConfigError) this.check(method, ignoreCase);
      throw error;
    }
    if (output !== null) {
      this.checkValues(output);
      this.outputs.set(made, output);
    }
    this.lookups.push(made);
    return made;
  }

  /** Throws ConfigError with the line where a value of the file cannot be made into `output`. */
  private checkValues(output: Output): void {
    if (output !== 'int' && output !== 'ip') return;
    this.eachLine((_key, value, number) => {
      const problem = outputProblem(output, value ?? '');
      if (problem !== null) throw new ConfigError(`${problem} at line ${number} of file '${this.name}'`);
    });
  }

  /** Throws ConfigError with the line where a pattern of the file is wrong. */
  private check(method: Method, ignoreCase: boolean): void {
    if (!CAN_BE_WRONG.includes(method)) return;
    this.eachLine((key, _value, number) => {
      const problem = patternProblem(method, key, ignoreCase);
      if (problem !== null) {
        throw new ConfigError(`${problem} at line ${number} of file '${this.name}'`);
      }
    });
  }

  private eachLine(visit: LineVisitor): void {
    if (this.source !== null) eachLine(this.source.text, this.source.columns, visit);
  }

  /** Why an entry cannot be added, or null. */
  problemWith(key: string, value: string | null): string | null {
    for (const { method, ignoreCase } of this.lookups) {
      const problem = patternProblem(method, key, ignoreCase);
      if (problem !== null) return problem;
    }
    return value === null ? null : this.problemWithValue(value);
  }

  problemWithValue(value: string): string | null {
    for (const output of this.outputs.values()) {
      const problem = outputProblem(output, value);
      if (problem !== null) return problem;
    }
    return null;
  }
}

export class PatternStore {
  readonly sets: PatternSet[] = [];
  private readonly memory: PatternMemory;
  private readonly byName = new Map<string, PatternSet>();
  private readonly read: ReadText | null;
  private readonly named: ReadonlyMap<string, number>;
  private readonly inlines: readonly number[];
  private readonly ids = new Set<number>();
  private inlineCount = 0;

  private constructor(memory: PatternMemory, read: ReadText | null, handle: PatternHandle | null) {
    this.memory = memory;
    this.read = read;
    this.named = new Map(handle?.named);
    this.inlines = handle?.inline ?? [];
  }

  /** A store that reads files. */
  static reading(read: ReadText): PatternStore {
    return new PatternStore(PatternMemory.create(), read, null);
  }

  /** A store over the lists that another thread has read. */
  static attached(handle: PatternHandle): PatternStore {
    return new PatternStore(PatternMemory.attach(handle.buffer), null, handle);
  }

  /** Everything was read: numbers are given, and other threads may attach to what this returns. */
  share(): PatternHandle {
    this.finish();
    const files = [...this.byName].map(([name, set]) => [name, set.list.at] as const);
    const inline = this.sets.filter((set) => set.name === '').map((set) => set.list.at);
    return { buffer: this.memory.share(this.sets.length > 0), named: files, inline };
  }

  /** Gives numbers to the sets that have none, in the order of the configuration, and forgets the files' lines. */
  finish(): void {
    let id = 0;
    for (const set of this.sets) {
      // Data threads find the lists as they were left here, and perhaps changed since.
      set.source = null;
      if (this.fills) set.list.settle();
      else for (const lookup of set.lookups) if (lookup instanceof PatternLookup) lookup.prepare();
      if (set.id >= 0) continue;
      while (this.ids.has(id)) id++;
      set.id = id;
      this.ids.add(id);
    }
  }

  /** Bytes of all lists together. */
  get bytes(): number {
    return this.memory.used;
  }

  /**
   * The set of a name: `path`, `file@path`, `opt@path` or `virt@name`. `columns`: 2 for key and value, 1 for keys alone
   * where no map uses the file. Throws ConfigError.
   */
  open(word: string, columns: 1 | 2): PatternSet {
    const name = nameOf(word);
    const known = this.byName.get(name);
    if (known !== undefined) {
      if (columns === 2 && !known.inMaps) {
        throw new ConfigError(
          `The file "${name}" is already used as one column file and cannot be used by as two column file.`,
        );
      }
      return known;
    }
    const set = new PatternSet(name, this.newList(this.named.get(name), name));
    set.inMaps = columns === 2;
    if (this.read !== null) this.fill(set, word, columns);
    if (this.read !== null) set.list.table('str', false);
    this.byName.set(name, set);
    this.sets.push(set);
    return set;
  }

  /** The patterns of one ACL line, which can be changed by their number. */
  inline(use: string): PatternSet {
    const at = this.read === null ? this.inlines[this.inlineCount] : undefined;
    const set = new PatternSet('', this.newList(at, use));
    this.inlineCount++;
    set.inAcls = true;
    set.uses.push(use);
    this.sets.push(set);
    return set;
  }

  /** Whether this thread fills the lists, or finds them filled. */
  get fills(): boolean {
    return this.read !== null;
  }

  /** Gives a set the number of -u. Throws ConfigError. */
  force(set: PatternSet, id: number): void {
    if (this.ids.has(id)) throw new ConfigError('the id is already used');
    this.ids.add(id);
    set.id = id;
  }

  /** A set by the name of its file, or undefined. */
  byFile(word: string): PatternSet | undefined {
    return this.byName.get(nameOf(word));
  }

  /** A set as commands name it: `#id` or the name. */
  find(word: string): PatternSet | undefined {
    if (!word.startsWith('#')) return this.byName.get(nameOf(word));
    const id = /^#\d{1,10}$/.test(word) ? Number(word.slice(1)) : -1;
    return this.sets.find((set) => set.id === id);
  }

  private newList(at: number | undefined, what: string): PatternList {
    if (this.read !== null) return PatternList.create(this.memory);
    if (at === undefined)
      throw new Error(`the patterns of ${what} were not there when the configuration was read`);
    return new PatternList(this.memory, at);
  }

  private fill(set: PatternSet, word: string, columns: 1 | 2): void {
    if (word.startsWith('virt@')) return;
    const result = this.read!(set.name);
    if ('error' in result) {
      if (word.startsWith('opt@') && result.error === 'No such file or directory') return;
      throw new ConfigError(
        result.error === 'Is a directory'
          ? `error encountered while reading  <${set.name}> : ${result.error}`
          : `failed to open pattern file <${set.name}>`,
      );
    }
    try {
      this.memory.reserve(result.text.length * BYTES_PER_CHARACTER);
      set.source = { text: result.text, columns };
      eachLine(result.text, columns, (key, value) => set.list.add(key, value));
    } catch (error) {
      if (error instanceof PatternMemoryFull || error instanceof RangeError) {
        throw new ConfigError(`out of memory while reading <${set.name}>`);
      }
      throw error;
    }
  }
}

/** The name without the prefix that says how the file is read; virtual files keep theirs. */
function nameOf(word: string): string {
  return word.startsWith('file@') ? word.slice(5) : word.startsWith('opt@') ? word.slice(4) : word;
}
