// One line of a configuration file to words (manual 2.2 and 2.3): blanks, quotes, escapes, comments, variables.

import type { Environment } from './environment.ts';

/** Words of one line at most (manual 2.2); the rest of the line is refused. */
export const WORDS_MAX = 64;

export interface LexedLine {
  readonly words: string[];
  /** What is wrong with the line, in HAProxy's words, or null. */
  readonly error: string | null;
}

const BLANK = /[ \t\r]/;

function hexValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** Cuts `line` (without its line feed) into words; what they mean is for others. */
export function lexLine(line: string, environment: Environment): LexedLine {
  const words: string[] = [];
  let word = '';
  let inWord = false;
  let quote = '';
  let quoteAt = 0;
  let wordAt = 0;
  let at = 0;
  const fail = (text: string, where: number): LexedLine => ({
    words,
    error: `${text}:\n  ${line}\n  ${' '.repeat(where)}^`,
  });
  const { length } = line;
  while (at < length) {
    const char = line[at]!;
    if (quote === "'") {
      if (char === "'") quote = '';
      else word += char;
      at++;
      continue;
    }
    if (quote === '' && BLANK.test(char)) {
      if (inWord) words.push(word);
      word = '';
      inWord = false;
      at++;
      continue;
    }
    if (quote === '' && char === '#') break;
    if (!inWord) wordAt = at;
    inWord = true;
    if (char === '"') {
      quoteAt = at;
      quote = quote === '"' ? '' : '"';
      at++;
      if (quote === '' && word === '' && (at === length || BLANK.test(line[at]!))) {
        return emptyArgument(words, line, wordAt);
      }
      continue;
    }
    if (char === "'" && quote === '') {
      quoteAt = at;
      quote = "'";
      at++;
      continue;
    }
    if (char === '\\') {
      const next = line[at + 1];
      if (next === undefined)
        return fail(`parsing error: unterminated escape sequence at position ${at}`, at);
      const plain = quote === '"' ? '\\"$ #\'' : '\\\'"# $';
      if (plain.includes(next)) {
        word += next;
        at += 2;
      } else if (next === 'r' || next === 'n' || next === 't') {
        word += next === 'r' ? '\r' : next === 'n' ? '\n' : '\t';
        at += 2;
      } else if (next === 'x') {
        const high = hexValue(line.charCodeAt(at + 2));
        const low = hexValue(line.charCodeAt(at + 3));
        if (high < 0 || low < 0) {
          return fail(`truncated or invalid hexadecimal sequence at position ${at + 1}`, at);
        }
        word += String.fromCharCode(high * 16 + low);
        at += 4;
      } else {
        word += char;
        at++;
      }
      continue;
    }
    if (char === '$' && quote === '"') {
      const variable = readVariable(line, at, environment);
      if (variable.error !== null) return fail(variable.error, variable.end);
      if (variable.list !== null) {
        for (let i = 0; i < variable.list.length; i++) {
          if (i > 0) {
            words.push(word);
            word = '';
          }
          word += variable.list[i]!;
        }
        if (variable.list.length === 0 && word === '' && line[variable.end] === '"') {
          // An empty list is no argument at all.
          quote = '';
          inWord = false;
          at = variable.end + 1;
          continue;
        }
      } else {
        word += variable.value;
      }
      at = variable.end;
      continue;
    }
    word += char;
    at++;
  }
  if (quote !== '') {
    return fail(`unmatched quote at position ${quoteAt}`, quoteAt);
  }
  if (inWord) {
    if (word === '') return emptyArgument(words, line, wordAt);
    words.push(word);
  }
  for (let i = 0; i < words.length; i++) {
    if (words[i] === '') return emptyArgument(words.slice(0, i), line, position(line, i));
  }
  if (words.length > WORDS_MAX) {
    return {
      words,
      error: `too many words, truncating after word ${WORDS_MAX}, position ${position(line, WORDS_MAX)}: <${line.slice(position(line, WORDS_MAX))}>.`,
    };
  }
  return { words, error: null };
}

/** Where word `index` of an unquoted line begins, for messages. */
function position(line: string, index: number): number {
  let at = 0;
  for (let i = 0; ; i++) {
    while (at < line.length && BLANK.test(line[at]!)) at++;
    if (i === index || at >= line.length) return at;
    let quote = '';
    while (at < line.length && (quote !== '' || !BLANK.test(line[at]!))) {
      const char = line[at]!;
      if (char === '\\' && quote !== "'") at++;
      else if (quote === '' && (char === '"' || char === "'")) quote = char;
      else if (char === quote) quote = '';
      at++;
    }
  }
}

function emptyArgument(words: string[], line: string, at: number): LexedLine {
  const number = words.length + 1;
  return {
    words,
    error:
      `argument number ${number} at position ${at} is empty and marks the end of the argument list:\n` +
      `  ${line}\n  ${' '.repeat(at)}^`,
  };
}

interface Variable {
  readonly value: string;
  readonly list: string[] | null;
  readonly end: number;
  readonly error: string | null;
}

const NAME = /[A-Za-z0-9_.]/;

/** `$NAME`, `${NAME}`, `${NAME-default}`, `${NAME[*]}` at `at`. */
export function readVariable(line: string, at: number, environment: Environment): Variable {
  let end = at + 1;
  const braced = line[end] === '{';
  if (braced) end++;
  const from = end;
  while (end < line.length && NAME.test(line[end]!)) end++;
  const name = line.slice(from, end);
  const bad = (error: string): Variable => ({ value: '', list: null, end: at, error });
  if (name === '') return bad(`forbidden first char in environment variable name at position ${at}`);
  let list = false;
  let fallback: string | null = null;
  if (braced) {
    if (line.startsWith('[*]', end)) {
      list = true;
      end += 3;
    }
    if (line[end] === '-') {
      const close = line.indexOf('}', end);
      if (close < 0) return bad(`missing closing brace for environment variable name at position ${at}`);
      fallback = line.slice(end + 1, close);
      end = close;
    }
    if (line[end] !== '}') {
      return bad(`missing closing brace for environment variable name at position ${at}`);
    }
    end++;
  }
  const value = environment.get(name) ?? fallback ?? '';
  if (list) return { value: '', list: value.split(/ +/).filter((part) => part !== ''), end, error: null };
  return { value, list: null, end, error: null };
}
