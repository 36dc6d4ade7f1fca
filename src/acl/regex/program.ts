// Compiles an expression for the machine of machine.ts: words of 32 bits, an instruction and its operands each.

import { ConfigError } from '../../registry/define.ts';
import type { Assertion, CharSet, Expression, Node } from './ast.ts';
import { fixedLength } from './ast.ts';
import { emptySet, addAll } from './charset.ts';

/** Operands in brackets. */
export const Op = {
  MATCH: 0,
  /** [set] */
  SET: 1,
  /** [first, second]: tries the first, then the second. */
  SPLIT: 2,
  /** [to] */
  JUMP: 3,
  /** The match begins here. */
  KEEP: 4,
  /** [Assertions' index] */
  ASSERT: 5,
  /** [set, min, max or -1] */
  RUN: 6,
  /** As RUN, the fewest first. */
  RUN_LAZY: 7,
  /** [group, 1 to ignore case] */
  REFERENCE: 8,
  /** [behind, negative, next]: the body stands behind, up to its MATCH. */
  LOOK: 9,
  /** [next]: as LOOK. */
  ATOMIC: 10,
  /** [register] remembers this place. */
  MARK: 11,
  /** [register, next]: goes on at `next`, behind the loop, where the turn took nothing. */
  MOVED: 12,
  /** [group, register]: the group holds what came since MARK; until here it holds what it held. */
  CLOSE: 13,
} as const;

export const ASSERTIONS: readonly Assertion[] = [
  'start',
  'end',
  'endOrNewline',
  'lineStart',
  'lineEnd',
  'word',
  'notWord',
];

const WORDS_MAX = 50_000;

export interface Program {
  readonly code: Int32Array;
  readonly sets: readonly CharSet[];
  readonly names: readonly (readonly [string, number])[];
  readonly captures: number;
  readonly registers: number;
  /** What a match can begin with; null: anything, or nothing. */
  readonly first: CharSet | null;
  readonly anchored: boolean;
}

/** Throws ConfigError for what is too large. */
export function compileProgram(source: string, { root, captures }: Expression): Program {
  const compiler = new Compiler(source);
  compiler.node(root);
  compiler.emit(Op.MATCH);
  return {
    code: Int32Array.from(compiler.code),
    sets: compiler.sets,
    names: compiler.names,
    captures,
    registers: compiler.registers,
    first: firstOf(root),
    anchored: isAnchored(root),
  };
}

class Compiler {
  readonly code: number[] = [];
  readonly sets: CharSet[] = [];
  readonly names: [string, number][] = [];
  registers = 0;
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  emit(...words: readonly number[]): number {
    if (this.code.length > WORDS_MAX)
      throw new ConfigError(
        `regex '${this.source}' is invalid (error=regular expression is too large, erroffset=0)`,
      );
    return this.code.push(...words) - 1;
  }

  private set(set: CharSet): number {
    return this.sets.push(set) - 1;
  }

  node(node: Node): void {
    switch (node.kind) {
      case 'set':
        this.emit(Op.SET, this.set(node.set));
        return;
      case 'sequence':
        for (const item of node.items) this.node(item);
        return;
      case 'choice':
        this.choice(node.options);
        return;
      case 'capture':
        if (node.name !== null && !this.names.some(([name]) => name === node.name))
          this.names.push([node.name, node.index]);
        this.capture(node.index, node.body);
        return;
      case 'repeat':
        this.repeat(node);
        return;
      case 'reference':
        this.emit(Op.REFERENCE, node.index, node.ignoreCase ? 1 : 0);
        return;
      case 'assertion':
        this.emit(Op.ASSERT, ASSERTIONS.indexOf(node.what));
        return;
      case 'keep':
        this.emit(Op.KEEP);
        return;
      case 'atomic': {
        const next = this.emit(Op.ATOMIC, 0);
        this.node(node.body);
        this.emit(Op.MATCH);
        this.code[next] = this.code.length;
        return;
      }
      case 'look':
        this.look(node);
    }
  }

  private capture(index: number, body: Node): void {
    const register = this.registers++;
    this.emit(Op.MARK, register);
    this.node(body);
    this.emit(Op.CLOSE, index, register);
  }

  private choice(options: readonly Node[]): void {
    const ends: number[] = [];
    for (const [i, option] of options.entries()) {
      if (i === options.length - 1) {
        this.node(option);
        break;
      }
      const second = this.emit(Op.SPLIT, this.code.length + 3, 0);
      this.node(option);
      ends.push(this.emit(Op.JUMP, 0));
      this.code[second] = this.code.length;
    }
    for (const end of ends) this.code[end] = this.code.length;
  }

  /** Each alternative of a lookbehind begins as many bytes before as it is long. */
  private look({ behind, negative, body }: Extract<Node, { kind: 'look' }>): void {
    const options = behind && body.kind === 'choice' ? body.options : [body];
    // Several lengths: one assertion for each. A negative one holds if all of them do.
    const groups = new Map<number, Node[]>();
    for (const option of options) {
      const length = behind ? fixedLength(option) : 0;
      const same = groups.get(length);
      if (same === undefined) groups.set(length, [option]);
      else same.push(option);
    }
    const ends: number[] = [];
    let left = groups.size;
    for (const [length, same] of groups) {
      const isLast = --left === 0;
      const second = negative || isLast ? -1 : this.emit(Op.SPLIT, this.code.length + 3, 0);
      const next = this.emit(Op.LOOK, behind ? length : -1, negative ? 1 : 0, 0);
      this.node(same.length === 1 ? same[0]! : { kind: 'choice', options: same });
      this.emit(Op.MATCH);
      this.code[next] = this.code.length;
      if (second >= 0) {
        ends.push(this.emit(Op.JUMP, 0));
        this.code[second] = this.code.length;
      }
    }
    for (const end of ends) this.code[end] = this.code.length;
  }

  private repeat({ min, max, greedy, body }: Extract<Node, { kind: 'repeat' }>): void {
    if (body.kind === 'set') {
      const limit = max === Infinity ? -1 : max;
      this.emit(greedy ? Op.RUN : Op.RUN_LAZY, this.set(body.set), min, limit);
      return;
    }
    for (let i = 0; i < min; i++) this.node(body);
    if (max === Infinity) {
      // A turn that takes nothing is the last one, or the loop would have no end.
      const register = this.registers++;
      const start = this.code.length;
      const split = this.split(greedy);
      this.emit(Op.MARK, register);
      this.node(body);
      const exit = this.emit(Op.MOVED, register, 0);
      this.emit(Op.JUMP, start);
      this.land(split, greedy);
      this.code[exit] = this.code.length;
      return;
    }
    const splits: number[] = [];
    for (let i = min; i < max; i++) {
      splits.push(this.split(greedy));
      this.node(body);
    }
    for (const split of splits) this.land(split, greedy);
  }

  /** A choice between what follows here and a place that `land` tells. */
  private split(greedy: boolean): number {
    const at = this.code.length;
    this.emit(Op.SPLIT, greedy ? at + 3 : 0, greedy ? 0 : at + 3);
    return at;
  }

  private land(split: number, greedy: boolean): void {
    this.code[split + (greedy ? 2 : 1)] = this.code.length;
  }
}

/** Bytes that a match of `node` can begin with; null where it may be empty or is not told so simply. */
function firstOf(node: Node): CharSet | null {
  switch (node.kind) {
    case 'set':
      return node.set;
    case 'capture':
    case 'atomic':
      return firstOf(node.body);
    case 'repeat':
      return node.min > 0 ? firstOf(node.body) : null;
    case 'sequence': {
      // Assertions take nothing.
      const item = node.items.find(({ kind }) => kind !== 'assertion' && kind !== 'look' && kind !== 'keep');
      return item === undefined ? null : firstOf(item);
    }
    case 'choice': {
      const all = emptySet();
      for (const option of node.options) {
        const first = firstOf(option);
        if (first === null) return null;
        addAll(all, first);
      }
      return all;
    }
    default:
      return null;
  }
}

export function isAnchored(node: Node): boolean {
  switch (node.kind) {
    case 'assertion':
      return node.what === 'start';
    case 'sequence':
      return node.items.length > 0 && isAnchored(node.items[0]!);
    case 'capture':
    case 'atomic':
      return isAnchored(node.body);
    case 'choice':
      return node.options.every(isAnchored);
    default:
      return false;
  }
}
