// Lines that start with a dot: conditional blocks and messages (manual 2.4). The reader asks here whether the
// other lines are to be read.

import { evaluateCondition } from './conditions.ts';
import type { Facts } from './conditions.ts';
import type { Diagnostics, Position } from './diagnostics.ts';
import { caret } from './lexer.ts';

export const MAX_NESTED_IF = 100;

/**
 * How reading goes on after a line. END_FILE: with the next file. STOP: no further, yet open blocks are still
 * reported. ABORT: no further at all.
 */
export const Next = { LINE: 0, END_FILE: 1, STOP: 2, ABORT: 3 } as const;
export type Next = (typeof Next)[keyof typeof Next];

/** WANTED: read the lines. WAITING: a later branch may be read. DONE: one was read. OUTER: inside a skipped block. */
const State = { WANTED: 0, WAITING: 1, DONE: 2, OUTER: 3 } as const;
type State = (typeof State)[keyof typeof State];

interface Block {
  state: State;
  sawElse: boolean;
}

/** The nest of `.if` blocks of one file. */
export class Blocks {
  /** Whether ordinary lines are skipped now. */
  skipping = false;
  private readonly open: Block[] = [];
  private readonly facts: Facts;
  private readonly diagnostics: Diagnostics;

  constructor(facts: Facts, diagnostics: Diagnostics) {
    this.facts = facts;
    this.diagnostics = diagnostics;
  }

  /** Whether this first word belongs to a block and must be seen even inside a skipped one. */
  static isDirective(word: string): boolean {
    return word === '.if' || word === '.elif' || word === '.else' || word === '.endif';
  }

  /** Handles one line of dot words. */
  directive(words: readonly string[], position: Position): Next {
    const name = words[0]!;
    switch (name) {
      case '.if':
        return this.begin(words, position);
      case '.elif':
        return this.elif(words, position);
      case '.else':
      case '.endif':
        return this.leave(name, words, position);
      case '.diag':
      case '.notice':
      case '.warning':
      case '.alert':
        return this.message(name, words, position);
      default:
        this.diagnostics.alert(position, `unknown directive '${name}'.`, 'tight');
        return Next.LINE;
    }
  }

  /** At the end of the file. Returns false when a block is still open. */
  finish(position: Position): boolean {
    if (this.open.length === 0) return true;
    this.fatal(position, `non-terminated '.if' block.`);
    return false;
  }

  private fatal(position: Position, text: string): Next {
    this.diagnostics.alert(position, text, 'tight');
    return Next.ABORT;
  }

  private begin(words: readonly string[], position: Position): Next {
    if (this.open.length >= MAX_NESTED_IF - 1) {
      return this.fatal(position, `too many nested '.if', max is ${MAX_NESTED_IF}.`);
    }
    const block: Block = { state: State.OUTER, sawElse: false };
    if (!this.skipping) {
      const result = this.evaluate(words, position);
      if (result === undefined) return Next.ABORT;
      block.state = result ? State.WANTED : State.WAITING;
    }
    this.open.push(block);
    this.skipping = block.state !== State.WANTED;
    return Next.LINE;
  }

  private elif(words: readonly string[], position: Position): Next {
    const block = this.open.at(-1);
    if (block === undefined) return this.fatal(position, `lone '.elif' with no matching '.if'.`);
    if (block.sawElse) return this.fatal(position, `'.elif' after '.else' is not permitted.`);
    if (block.state === State.WANTED) block.state = State.DONE;
    else if (block.state === State.WAITING) {
      const result = this.evaluate(words, position);
      if (result === undefined) return Next.ABORT;
      if (result) block.state = State.WANTED;
    }
    this.skipping = block.state !== State.WANTED;
    return Next.LINE;
  }

  private leave(name: '.else' | '.endif', words: readonly string[], position: Position): Next {
    if (words.length > 1) {
      this.fatal(position, `Unexpected argument '${words[1]}' for '${name}'.`);
      return Next.STOP;
    }
    const block = this.open.at(-1);
    if (block === undefined) return this.fatal(position, `lone '${name}' with no matching '.if'.`);
    if (name === '.endif') {
      this.open.pop();
      const outer = this.open.at(-1);
      this.skipping = outer !== undefined && outer.state !== State.WANTED;
      return Next.LINE;
    }
    if (block.sawElse) return this.fatal(position, `'.else' after '.else' is not permitted.`);
    block.sawElse = true;
    if (block.state === State.WANTED) block.state = State.DONE;
    else if (block.state === State.WAITING) block.state = State.WANTED;
    this.skipping = block.state !== State.WANTED;
    return Next.LINE;
  }

  /** The words are joined by one space each, so that the user need not quote the whole expression. */
  private evaluate(words: readonly string[], position: Position): boolean | undefined {
    const expression = words.slice(1).join(' ');
    const result = evaluateCondition(expression, this.facts);
    if (typeof result === 'boolean') return result;
    const line = `${words[0]} ${expression}`;
    const shown = caret(line, words[0]!.length + 1 + result.at);
    this.fatal(position, `${result.text} in '${words[0]}' at position ${result.at + 1}:\n${shown}`);
    return undefined;
  }

  private message(
    name: '.diag' | '.notice' | '.warning' | '.alert',
    words: readonly string[],
    position: Position,
  ): Next {
    if (words.length > 2) {
      const advice = `Unexpected argument '${words[2]}' for '${name}'. Use quotes if the message should contain spaces.`;
      this.diagnostics.alert(position, advice, 'tight');
      return Next.LINE;
    }
    const text = `'${words[1] ?? ''}'.`;
    if (name === '.alert') return this.fatal(position, text);
    const level = name.slice(1) as 'diag' | 'notice' | 'warning';
    this.diagnostics[level](position, text, 'tight');
    return Next.LINE;
  }
}
