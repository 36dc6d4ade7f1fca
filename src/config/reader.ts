// Reads configuration sources line by line: conditional blocks, words, sections. What a section's lines mean is for
// the handler that the section's keyword gives. Sources, environment and diagnostics are all it depends on, so another
// thread that reads the same sources arrives at the same result.

import { ConditionSyntaxError, evaluateCondition } from './conditions.ts';
import { formatEmptyWord, formatLexError, isLexError, lexLine } from './lexer.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { Environment } from './environment.ts';
import type { Position } from './model.ts';

export interface Source {
  readonly name: string;
  readonly text: string;
}

/** Receives the lines of one section. */
export interface SectionHandler {
  /** After this line's error HAProxy reads no further: `stop` in this file, `abort` at all. */
  line(words: string[], position: Position): 'stop' | 'abort' | void;
  end(): void;
}

/** Makes the handler of a section; `words` is its opening line. Null where HAProxy gives up all reading there. */
export type SectionOpener = (words: string[], position: Position) => SectionHandler | null;

/** Nested `.if` blocks at most. */
const NESTING_MAX = 50;

/** TAKE: lines count; SEEK: no branch was true yet; SKIP: a branch was taken before, or the block is inside a skipped one. */
const Branch = { TAKE: 0, SEEK: 1, SKIP: 2 } as const;

interface Block {
  state: number;
  sawElse: boolean;
}

export class ConfigReader {
  private readonly sections: ReadonlyMap<string, SectionOpener>;
  private readonly environment: Environment;
  private readonly diagnostics: Diagnostics;
  private handler: SectionHandler | null = null;
  private blocks: Block[] = [];
  /** Tokenized lines, for -dC. */
  readonly lines: { readonly words: readonly string[]; readonly position: Position }[] = [];
  keepLines = false;
  /** Reading ended at an error: the rest of this file, or of all files, was not looked at. */
  private stopped = false;
  aborted = false;

  constructor(
    sections: ReadonlyMap<string, SectionOpener>,
    environment: Environment,
    diagnostics: Diagnostics,
  ) {
    this.sections = sections;
    this.environment = environment;
    this.diagnostics = diagnostics;
  }

  read(source: Source): void {
    const { diagnostics, environment } = this;
    const before = diagnostics.alerts;
    environment.file = source.name;
    environment.section = '';
    this.blocks = [];
    this.stopped = false;
    const { text } = source;
    let number = 0;
    if (this.truncated(source)) return;
    for (let at = 0; at < text.length && !this.stopped;) {
      let end = text.indexOf('\n', at);
      number++;
      environment.line = number;
      const position: Position = { file: source.name, line: number };
      if (end < 0) end = text.length;
      this.line(text.slice(at, end), position);
      at = end + 1;
    }
    this.handler?.end();
    this.handler = null;
    if (this.blocks.length > 0 && !this.stopped) {
      diagnostics.alert(`config : parsing [${source.name}:${number}]: non-terminated '.if' block.`);
    }
    if (diagnostics.alerts > before) {
      diagnostics.alert(`config : Error(s) found in configuration file : ${source.name}`);
    }
  }

  /** A file without a last line feed may have lost its end: it is refused before anything in it is looked at. */
  private truncated({ name, text }: Source): boolean {
    const last = text.lastIndexOf('\n') + 1;
    if (last === text.length || text.indexOf('\0', last) >= 0) return false;
    let line = 1;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) line++;
    this.diagnostics.alert(
      `config : parsing [${name}:${line}]: Missing LF on last line, file might have been truncated at position ${text.length - last + 1}.`,
    );
    this.diagnostics.alert(`config : Error(s) found in configuration file : ${name}`);
    return true;
  }

  private line(text: string, position: Position): void {
    const first = /^[ \t]*(\.[a-z]+)/.exec(text)?.[1];
    const skipping = this.blocks.some((block) => block.state !== Branch.TAKE);
    if (skipping && first === undefined) return;
    const lexed = lexLine(text, this.environment);
    const words = isLexError(lexed) ? [] : lexed.words;
    const error = isLexError(lexed)
      ? formatLexError(lexed, text)
      : lexed.emptyWord >= 0
        ? formatEmptyWord(lexed, text)
        : null;
    if (first !== undefined && this.directive(words, position, error)) return;
    if (skipping) return;
    if (error !== null) {
      this.diagnostics.alert(`config : parsing [${position.file}:${position.line}]: ${error}`);
      return;
    }
    if (words.length === 0) return;
    if (this.keepLines) this.lines.push({ words, position });
    const opener = this.sections.get(words[0]!);
    if (opener !== undefined) {
      this.handler?.end();
      this.environment.section = words[0]!;
      this.handler = opener(words, position);
      if (this.handler === null) this.stopped = this.aborted = true;
    } else if (this.handler === null) {
      this.diagnostics.alert(
        `config : parsing [${position.file}:${position.line}]: unknown keyword '${words[0]!}' out of section.`,
      );
    } else {
      const outcome = this.handler.line(words, position);
      if (outcome !== undefined) this.stopped = true;
      if (outcome === 'abort') this.aborted = true;
    }
  }

  /** `.if` and its kin, `.notice` and its kin. True where the line was one. */
  private directive(words: string[], position: Position, error: string | null): boolean {
    const { blocks, diagnostics } = this;
    const block = blocks[blocks.length - 1];
    const outside = blocks.length > 1 && blocks.slice(0, -1).some((one) => one.state !== Branch.TAKE);
    const skipping = blocks.some((one) => one.state !== Branch.TAKE);
    switch (words[0]) {
      case '.if':
        if (blocks.length >= NESTING_MAX) {
          diagnostics.alertAt(position, `too many nested '.if', max is ${NESTING_MAX}.`);
          return true;
        }
        blocks.push({ state: skipping ? Branch.SKIP : this.test(words, position, error), sawElse: false });
        return true;
      case '.elif':
        if (block === undefined || block.sawElse) {
          diagnostics.alertAt(
            position,
            block === undefined
              ? "lone '.elif' with no matching '.if'."
              : "'.elif' after '.else' is not permitted.",
          );
        } else if (outside || block.state !== Branch.SEEK) {
          block.state = Branch.SKIP;
        } else {
          block.state = this.test(words, position, error);
        }
        return true;
      case '.else':
        if (words.length > 1) {
          diagnostics.alertAt(position, `Unexpected argument '${words[1]!}' for '.else'.`);
        } else if (block === undefined || block.sawElse) {
          diagnostics.alertAt(
            position,
            block === undefined
              ? "lone '.else' with no matching '.if'."
              : "'.else' after '.else' is not permitted.",
          );
        } else {
          block.sawElse = true;
          block.state = block.state === Branch.SEEK && !outside ? Branch.TAKE : Branch.SKIP;
        }
        return true;
      case '.endif':
        if (words.length > 1)
          diagnostics.alertAt(position, `Unexpected argument '${words[1]!}' for '.endif'.`);
        else if (blocks.pop() === undefined)
          diagnostics.alertAt(position, "lone '.endif' with no matching '.if'.");
        return true;
      case '.notice':
      case '.warning':
      case '.alert':
      case '.diag': {
        if (skipping) return true;
        if (words.length !== 2) {
          diagnostics.alertAt(
            position,
            words.length < 2
              ? `missing argument for '${words[0]}'.`
              : `Unexpected argument '${words[2]!}' for '${words[0]}'. Use quotes if the message should contain spaces.`,
          );
          return true;
        }
        const text = `config : parsing [${position.file}:${position.line}]: '${words[1]!}'`;
        if (words[0] === '.alert') diagnostics.alert(text);
        else if (words[0] === '.warning') diagnostics.warning(text);
        else if (words[0] === '.notice') diagnostics.notice(text);
        else diagnostics.diag(text);
        return true;
      }
      default:
        return false;
    }
  }

  private test(words: string[], position: Position, error: string | null): number {
    if (error !== null) {
      this.diagnostics.alert(`config : parsing [${position.file}:${position.line}]: ${error}`);
      return Branch.SKIP;
    }
    try {
      return evaluateCondition(words.slice(1).join(' '), this.environment) ? Branch.TAKE : Branch.SEEK;
    } catch (fault) {
      if (!(fault instanceof ConditionSyntaxError)) throw fault;
      this.diagnostics.alertAt(position, `${words[0]!.slice(1)} : ${fault.message}`);
      return Branch.SKIP;
    }
  }
}
