// One line of configuration into words (manual 2.1 to 2.3): quotes, escapes, comments, environment variables.

import type { Environment } from './environment.ts';

/** Words of one line beyond which HAProxy refuses the line. */
export const MAX_WORDS = 64;
/** Bytes of one line. HAProxy's buffer grows on demand; a bound keeps a damaged file from eating all memory. */
export const MAX_LINE = 1 << 20;
/** Columns of a line shown above a caret. */
const SHOWN = 80;

/** Why a line has no words. */
export interface LexError {
  /** The message without its position, for example `unmatched quote`. */
  readonly text: string;
  /** Offset in the line, from 0, of the character to blame. */
  readonly column: number;
}

/** The words of a line. The three arrays have the same length. */
export interface Line {
  readonly words: string[];
  /** Offset in the line, from 0, where each word (or its opening quote) starts. */
  readonly columns: number[];
  /** Whether any part of the word stood in quotes: only then may it be empty. */
  readonly quoted: boolean[];
  /** The first word emptied by its quotes or by its variables, or -1; and where to point at. */
  emptyWord: number;
  emptyColumn: number;
}

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DOUBLE = 0x22;
const HASH = 0x23;
const DOLLAR = 0x24;
const SINGLE = 0x27;
const BACKSLASH = 0x5c;

const isNameStart = (c: number): boolean =>
  (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a) || c === 0x5f || c === 0x2e;
const isName = (c: number): boolean => isNameStart(c) || (c >= 0x30 && c <= 0x39);

/** The value of a hexadecimal digit, or -1. */
export function hexDigit(c: number): number {
  if (c >= 0x30 && c <= 0x39) return c - 0x30;
  const lower = c | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** What `\` and this character mean at both levels of quoting: the character, or '' when they stay two. */
export function plainEscape(c: number): string {
  switch (c) {
    case SPACE:
      return ' ';
    case TAB:
      return '\t';
    case BACKSLASH:
      return '\\';
    case SINGLE:
      return "'";
    case DOUBLE:
      return '"';
    case 0x6e:
      return '\n';
    case 0x72:
      return '\r';
    case 0x74:
      return '\t';
    default:
      return '';
  }
}

/** Reads one line; made for one use. `at` moves over the text, `word` grows, `plain` marks the uncopied tail. */
class Lexer {
  readonly line: Line = { words: [], columns: [], quoted: [], emptyWord: -1, emptyColumn: 0 };
  error: LexError | null = null;
  private readonly text: string;
  private readonly environment: Environment;
  private readonly end: number;
  private at = 0;
  private word = '';
  /** Start of the characters that belong to the word as they are and were not copied yet. */
  private plain = 0;
  private start = 0;
  private wasQuoted = false;
  /** Set by `"${LIST[*]}"` with no value: such a word vanishes instead of being empty. */
  private vanishes = false;
  private blame = 0;

  constructor(text: string, environment: Environment) {
    this.text = text;
    this.environment = environment;
    let end = text.length;
    if (end > 0 && text.charCodeAt(end - 1) === LF) end--;
    if (end > 0 && text.charCodeAt(end - 1) === CR) end--;
    this.end = end;
  }

  run(): void {
    const { text, end } = this;
    if (end > MAX_LINE) {
      this.error = { text: `line too long (${end} characters, limit is ${MAX_LINE})`, column: MAX_LINE };
      return;
    }
    while (this.error === null) {
      while (this.at < end && isBlank(text.charCodeAt(this.at))) this.at++;
      if (this.at >= end || text.charCodeAt(this.at) === HASH) return;
      this.beginWord(this.at);
      this.readWord();
      if (this.error !== null) return;
      this.endWord();
      if (this.line.words.length > MAX_WORDS) {
        const last = MAX_WORDS - 1;
        const column = this.line.columns[last]!;
        this.error = {
          text: `too many words, truncating after word ${MAX_WORDS}, position ${column}: <${this.line.words[last]}>.`,
          column: -1,
        };
      }
    }
  }

  private beginWord(at: number): void {
    this.start = at;
    this.plain = at;
    this.word = '';
    this.wasQuoted = false;
    this.vanishes = false;
    this.blame = at + 1;
  }

  private endWord(): void {
    let word = this.word;
    if (this.plain < this.at) word += this.text.slice(this.plain, this.at);
    // A NUL from \x00 ends the word, as it does in HAProxy.
    const nul = word.indexOf('\0');
    if (nul >= 0) word = word.slice(0, nul);
    if (word === '') {
      if (this.vanishes) return;
      if (this.line.emptyWord < 0) {
        this.line.emptyWord = this.line.words.length;
        this.line.emptyColumn = this.blame;
      }
    }
    this.line.words.push(word);
    this.line.columns.push(this.start);
    this.line.quoted.push(this.wasQuoted);
  }

  /** Copies what precedes `at`, then skips `length` characters. */
  private skip(length: number): void {
    if (this.plain < this.at) this.word += this.text.slice(this.plain, this.at);
    this.at += length;
    this.plain = this.at;
  }

  private readWord(): void {
    const { text, end } = this;
    let quote = 0;
    let quoteAt = 0;
    while (this.at < end) {
      const c = text.charCodeAt(this.at);
      if (quote === SINGLE) {
        if (c === SINGLE) {
          quote = 0;
          this.skip(1);
        } else this.at++;
      } else if (c === DOUBLE || (c === SINGLE && quote === 0)) {
        quote = quote === DOUBLE ? 0 : c;
        quoteAt = this.at;
        this.wasQuoted = true;
        this.skip(1);
      } else if (c === BACKSLASH) {
        this.readEscape(quote);
        if (this.error !== null) return;
      } else if (quote === DOUBLE) {
        if (c === DOLLAR) {
          this.readVariable();
          if (this.error !== null) return;
        } else this.at++;
      } else if (isBlank(c) || c === HASH) return;
      else this.at++;
    }
    if (quote !== 0) this.error = { text: 'unmatched quote', column: quoteAt };
  }

  private readEscape(quote: number): void {
    const { text, end } = this;
    const c = this.at + 1 < end ? text.charCodeAt(this.at + 1) : -1;
    const plain = plainEscape(c);
    if (plain !== '') {
      this.skip(2);
      this.word += plain;
    } else if (c === HASH || (c === DOLLAR && quote === DOUBLE)) {
      this.skip(1);
      this.at++;
    } else if (c === 0x78) {
      const high = this.at + 2 < end ? hexDigit(text.charCodeAt(this.at + 2)) : -1;
      const low = this.at + 3 < end ? hexDigit(text.charCodeAt(this.at + 3)) : -1;
      if (high < 0 || low < 0) {
        this.error = { text: 'truncated or invalid hexadecimal sequence', column: this.at };
        return;
      }
      this.skip(4);
      this.word += String.fromCharCode(high * 16 + low);
    } else this.at += this.at + 1 < end ? 2 : 1; // nothing special: the backslash stays, as regexes expect
  }

  /** `$NAME`, `${NAME}`, `${NAME-default}`, `${NAME[*]}`; `at` is on the dollar. */
  private readVariable(): void {
    const { text, end } = this;
    let at = this.at + 1;
    const braced = at < end && text.charCodeAt(at) === 0x7b;
    if (braced) at++;
    const nameAt = at;
    if (at >= end || !isNameStart(text.charCodeAt(at))) {
      this.error = { text: 'forbidden first char in environment variable name', column: at };
      return;
    }
    // A dot is permitted as the first character alone: `$HOME.x` is a variable and a suffix.
    at++;
    while (at < end && isName(text.charCodeAt(at)) && text.charCodeAt(at) !== 0x2e) at++;
    const name = text.slice(nameAt, at);
    let value = this.environment.get(name);
    let list = false;
    if (braced) {
      if (text.startsWith('[', at)) {
        if (!text.startsWith('[*]', at)) {
          this.error = { text: 'truncated or invalid word expansion sequence', column: at };
          return;
        }
        list = true;
        at += 3;
      }
      const close = text.charCodeAt(at) === 0x2d ? text.indexOf('}', at) : at;
      if (close < 0 || close >= end || text.charCodeAt(close) !== 0x7d) {
        this.error = { text: 'unmatched brace in environment variable name', column: nameAt - 1 };
        return;
      }
      if (close > at && value === undefined) value = text.slice(at + 1, close);
      at = close + 1;
    }
    this.blame = nameAt;
    this.skip(at - this.at);
    if (list) this.spread(value ?? '');
    else if (value !== undefined) this.word += value;
  }

  /** The words of a list: the first continues the word so far, the last is continued by what follows. */
  private spread(value: string): void {
    this.vanishes = true;
    const items = value.split(' ').filter((item) => item !== '');
    const { start, blame, at } = this;
    for (let i = 0; i < items.length; i++) {
      if (i > 0) {
        this.endWord();
        this.beginWord(start);
        this.at = at;
        this.plain = at;
        this.wasQuoted = true;
        this.blame = blame;
      }
      this.word += items[i]!;
    }
  }
}

const isBlank = (c: number): boolean => c === SPACE || c === TAB;

/**
 * Splits a line into words. Never throws.
 *
 * @param text one line in latin1, with or without its line end (LF or CRLF).
 * @returns the words (none for a blank line or a comment), or the error that makes the line unreadable.
 */
export function lexLine(text: string, environment: Environment): Line | LexError {
  const lexer = new Lexer(text, environment);
  lexer.run();
  return lexer.error ?? lexer.line;
}

/** Whether `lexLine` found an error. */
export const isLexError = (result: Line | LexError): result is LexError => 'text' in result;

/** The lexer's error as HAProxy words it, with the line and a caret under the culprit. */
export function formatLexError(error: LexError, text: string): string {
  if (error.column < 0) return error.text;
  return `${error.text} at position ${error.column + 1}:\n${caret(text, error.column)}`;
}

/** The complaint about an empty word (see `Line.emptyWord`), with the line and a caret. */
export function formatEmptyWord(line: Line, text: string): string {
  const position = line.emptyColumn + 1;
  return (
    `argument number ${line.emptyWord} at position ${position} is empty and marks the end of the argument list:\n` +
    caret(text, line.emptyColumn)
  );
}

/**
 * The line without its indentation and, below it, a caret under offset `column` of the original. Long lines are
 * cut to a window around the caret; what a terminal could not show becomes a blank or a question mark.
 */
export function caret(text: string, column: number): string {
  let start = 0;
  while (start < text.length && isBlank(text.charCodeAt(start))) start++;
  let shown = text
    .slice(start)
    .replace(/\n$/, '')
    .replace(/\s/g, ' ')
    .replace(/[^ -~]/g, '?');
  let at = Math.max(0, column - start);
  if (shown.length > SHOWN && at > SHOWN / 2) {
    const cut = at - SHOWN / 2;
    shown = `...${shown.slice(cut + 3)}`;
    at = SHOWN / 2;
  }
  if (shown.length > SHOWN) shown = `${shown.slice(0, SHOWN - 3)}...`;
  return `  ${shown}\n  ${' '.repeat(at)}^`;
}
