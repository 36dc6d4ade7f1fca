// Regular expressions of configurations are written for PCRE2; this rewrites them for V8, and refuses what V8 cannot
// do, so that no expression silently means something else.

import { ConfigError } from '../registry/define.ts';

const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: ' \\t',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t-\\r ',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
};

/** Escapes outside of classes that are spelled differently; absent ones pass as they are. */
const ESCAPES: Readonly<Record<string, string>> = {
  A: '^',
  z: '$',
  Z: '(?=\\n?$)',
  h: '[ \\t\\xa0]',
  H: '[^ \\t\\xa0]',
  N: '[^\\n]',
  R: '(?:\\r\\n|[\\n-\\r\\x85])',
  s: '[\\t-\\r ]',
  S: '[^\\t-\\r ]',
  V: '[^\\n-\\r\\x85]',
  v: '[\\n-\\r\\x85]',
  a: '\\x07',
  e: '\\x1b',
};
const CLASS_ESCAPES: Readonly<Record<string, string>> = {
  h: ' \\t\\xa0',
  s: '\\t-\\r ',
  v: '\\n-\\r\\x85',
  a: '\\x07',
  e: '\\x1b',
};

/** Compiles an expression. Throws ConfigError as HAProxy words it, or saying what is not supported. */
export function compileRegex(source: string, ignoreCase: boolean, global = false): RegExp {
  // Options behind the first anchor hold for the whole expression, as those before it do.
  const text = new Translator(source.replace(/^\^(\(\?[a-z]+\))/, '$1^')).run();
  try {
    return new RegExp(text, (ignoreCase ? 'i' : '') + (global ? 'g' : ''));
  } catch (error) {
    throw invalid(source, reason((error as Error).message), source.length);
  }
}

function reason(message: string): string {
  if (message.includes('Unterminated group')) return 'missing closing parenthesis';
  if (message.includes('Unmatched')) return 'unmatched closing parenthesis';
  if (message.includes('Nothing to repeat')) return 'quantifier does not follow a repeatable item';
  if (message.includes('Unterminated character class')) return 'missing terminating ] for character class';
  if (message.includes('\\ at end')) return '\\ at end of pattern';
  const colon = message.lastIndexOf(': ');
  return message.slice(colon < 0 ? 0 : colon + 2).toLowerCase();
}

function invalid(source: string, why: string, offset: number): ConfigError {
  return new ConfigError(`regex '${source}' is invalid (error=${why}, erroffset=${offset})`);
}

class Translator {
  private readonly source: string;
  private at = 0;
  private out = '';
  /** Per open group: how many extra parentheses close with it. */
  private readonly extra: number[] = [0];
  /** The current group has had no item yet, so an option setting covers all of it. */
  private fresh = true;

  constructor(source: string) {
    this.source = source;
  }

  run(): string {
    const { source } = this;
    while (this.at < source.length) {
      const char = source[this.at]!;
      if (char === '(') {
        this.group();
      } else {
        if (char === '\\') this.escape();
        else if (char === '[') this.class();
        else if (char === ')') this.close();
        else if (char === '.') this.put('[^\\n]');
        else if (
          (char === '*' || char === '+' || char === '?' || char === '}') &&
          source[this.at + 1] === '+'
        ) {
          if (char !== '}' || /\{\d+(,\d*)?\}$/.test(source.slice(0, this.at + 1))) {
            throw this.unsupported('possessive quantifiers');
          }
          this.put(char);
        } else this.put(char);
        this.fresh = false;
      }
    }
    return this.out + ')'.repeat(this.extra[0]!);
  }

  private put(text: string, width = 1): void {
    this.out += text;
    this.at += width;
  }

  private unsupported(what: string): ConfigError {
    return new ConfigError(`regex '${this.source}' is not supported: ${what} have no equivalent here`);
  }

  private close(): void {
    const extra = this.extra.length > 1 ? this.extra.pop()! : 0;
    this.put(')'.repeat(extra + 1));
  }

  private open(text: string, width: number): void {
    this.put(text, width);
    this.extra.push(0);
    this.fresh = true;
  }

  private group(): void {
    const rest = this.source.slice(this.at);
    if (rest.startsWith('(*')) throw this.unsupported('verbs');
    if (!rest.startsWith('(?')) return this.open('(', 1);
    const named = /^\(\?P?<([A-Za-z_]\w*)>/.exec(rest) ?? /^\(\?'([A-Za-z_]\w*)'/.exec(rest);
    if (named !== null) return this.open(`(?<${named[1]!}>`, named[0].length);
    const back = /^\(\?P=(\w+)\)/.exec(rest);
    if (back !== null) {
      this.fresh = false;
      return this.put(`\\k<${back[1]!}>`, back[0].length);
    }
    const plain = /^\(\?(:|=|!|<=|<!)/.exec(rest);
    if (plain !== null) return this.open(plain[0], plain[0].length);
    if (rest.startsWith('(?#')) {
      const end = rest.indexOf(')');
      this.at += end < 0 ? rest.length : end + 1;
      return undefined;
    }
    const options = /^\(\?([ims]*)(-[ims]+)?([:)])/.exec(rest);
    if (options === null) throw this.unsupported(rest.startsWith('(?>') ? 'atomic groups' : 'such groups');
    return this.options(options[0], options[1]!, options[2] ?? '', options[3] === ':');
  }

  private options(text: string, on: string, off: string, scoped: boolean): void {
    // The dot was already spelled out, so `s` would come too late.
    if (on.includes('s') || off.includes('s')) throw this.unsupported("options 's' inside of an expression");
    const opener = on === '' && off === '' ? '(?:' : `(?${on}${off}:`;
    if (scoped) return this.open(opener, text.length);
    this.at += text.length;
    // A group around the rest of this one says the same, unless the rest has alternatives: they would join it.
    if (!this.fresh && this.alternatesLater()) throw this.unsupported('options in the middle of a group');
    this.put(opener, 0);
    this.extra[this.extra.length - 1]!++;
  }

  /** Whether a `|` of the current group follows. */
  private alternatesLater(): boolean {
    const { source } = this;
    let depth = 0;
    let inClass = false;
    for (let i = this.at; i < source.length && depth >= 0; i++) {
      const char = source[i];
      if (char === '\\') i++;
      else if (inClass) inClass = char !== ']';
      else if (char === '[') inClass = true;
      else if (char === '(') depth++;
      else if (char === ')') depth--;
      else if (char === '|' && depth === 0) return true;
    }
    return false;
  }

  private escape(): void {
    const next = this.source[this.at + 1];
    if (next === undefined) throw invalid(this.source, '\\ at end of pattern', this.source.length);
    const rest = this.source.slice(this.at);
    const hex = /^\\x\{([0-9a-fA-F]{1,2})\}/.exec(rest);
    if (hex !== null) return this.put('\\x' + hex[1]!.padStart(2, '0'), hex[0].length);
    const reference = /^\\g(?:\{(\d+)\}|(\d+))/.exec(rest);
    if (reference !== null) return this.put(`(?:\\${reference[1] ?? reference[2]!})`, reference[0].length);
    if (next === 'Q') {
      const end = rest.indexOf('\\E');
      const literal = rest.slice(2, end < 0 ? undefined : end);
      return this.put(
        literal.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'),
        2 + literal.length + (end < 0 ? 0 : 2),
      );
    }
    if ('KGXCpPglLuU'.includes(next)) throw this.unsupported(`escapes like \\${next}`);
    return this.put(ESCAPES[next] ?? '\\' + next, 2);
  }

  private class(): void {
    const { source } = this;
    let { at } = this;
    let text = '[';
    at++;
    if (source[at] === '^') {
      text += '^';
      at++;
    }
    if (source[at] === ']') {
      text += '\\]';
      at++;
    }
    for (; at < source.length && source[at] !== ']'; at++) {
      const char = source[at]!;
      if (char === '[' && ':.='.includes(source[at + 1] ?? '!')) {
        const named = /^\[:(\^?)(\w+):\]/.exec(source.slice(at));
        if (named !== null) {
          const members = POSIX[named[2]!];
          if (members === undefined) throw invalid(source, 'unknown POSIX class name', at);
          if (named[1] !== '') throw this.unsupported('negated POSIX classes');
          text += members;
          at += named[0].length - 1;
          continue;
        }
      }
      if (char !== '\\') {
        text += char === '[' ? '\\[' : char;
        continue;
      }
      const next = source[++at] ?? '';
      if ('pPQERX'.includes(next) && next !== '') throw this.unsupported(`escapes like \\${next} in a class`);
      const hex = /^x\{([0-9a-fA-F]{1,2})\}/.exec(source.slice(at));
      if (hex !== null) {
        text += '\\x' + hex[1]!.padStart(2, '0');
        at += hex[0].length - 1;
      } else text += CLASS_ESCAPES[next] ?? '\\' + next;
    }
    if (at >= source.length)
      throw invalid(source, 'missing terminating ] for character class', source.length);
    this.put(text + ']', at + 1 - this.at);
  }
}

/** Puts groups in for `\0` to `\9` of a replacement text; a backslash makes any other character itself. */
export function expandGroups(template: string, match: readonly (string | undefined)[]): string {
  let at = template.indexOf('\\');
  if (at < 0) return template;
  let text = '';
  let from = 0;
  while (at >= 0 && at + 1 < template.length) {
    text += template.slice(from, at);
    const code = template.charCodeAt(at + 1) - 0x30;
    text += code >= 0 && code <= 9 ? (match[code] ?? '') : template[at + 1]!;
    from = at + 2;
    at = template.indexOf('\\', from);
  }
  return text + template.slice(from);
}
