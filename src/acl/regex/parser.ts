// Reads an expression as PCRE2 does (bytes, C locale, no UTF mode), and refuses what nothing here can run.

import { ConfigError } from '../../registry/define.ts';
import type { Assertion, CharSet, Expression, Node } from './ast.ts';
import { fixedLength } from './ast.ts';
import * as c from './charset.ts';

/** PCRE2's most for a quantifier. */
const REPEAT_MAX = 65_535;
const DEPTH_MAX = 250;

interface Options {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly extended: boolean;
}

export function invalid(source: string, why: string, offset: number): ConfigError {
  return new ConfigError(`regex '${source}' is invalid (error=${why}, erroffset=${offset})`);
}

/** Throws ConfigError as HAProxy words it, or saying what is not supported. */
export function parse(source: string, ignoreCase: boolean): Expression {
  return new Parser(source, ignoreCase).run();
}

class Parser {
  private readonly source: string;
  private at = 0;
  private options: Options;
  private captures = 0;
  private depth = 0;
  /** Lookarounds that are open. */
  private looks = 0;
  private keepsInLook = false;
  private readonly names = new Map<string, number>();
  /** References, checked when all groups are known. */
  private readonly references: { readonly to: number; readonly at: number }[] = [];

  constructor(source: string, ignoreCase: boolean) {
    this.source = source;
    this.options = { ignoreCase, multiline: false, dotAll: false, extended: false };
  }

  run(): Expression {
    const root = this.choice();
    if (this.at < this.source.length) throw this.bad('unmatched closing parenthesis', this.at);
    for (const { to, at } of this.references) {
      if (to < 1 || to > this.captures) throw this.bad('reference to non-existent subpattern', at);
    }
    if (this.keepsInLook) {
      const why = '\\K is not allowed in lookarounds (but see PCRE2_EXTRA_ALLOW_LOOKAROUND_BSK)';
      throw this.bad(why, this.source.length);
    }
    return { root, captures: this.captures };
  }

  private bad(why: string, offset: number): ConfigError {
    return invalid(this.source, why, offset);
  }

  private unsupported(what: string): ConfigError {
    return new ConfigError(`regex '${this.source}' is not supported: ${what} have no equivalent here`);
  }

  private looksAt(text: string): boolean {
    return this.source.startsWith(text, this.at);
  }

  /** Options that are set inside hold to the end of the group, through its alternatives. */
  private choice(): Node {
    if (++this.depth > DEPTH_MAX) throw this.bad('parentheses are too deeply nested', this.at);
    const before = this.options;
    const options = [this.sequence()];
    while (this.looksAt('|')) {
      this.at++;
      options.push(this.sequence());
    }
    this.options = before;
    this.depth--;
    return options.length === 1 ? options[0]! : { kind: 'choice', options };
  }

  private sequence(): Node {
    const items: Node[] = [];
    const { source } = this;
    while (this.at < source.length && source[this.at] !== '|' && source[this.at] !== ')') {
      if (this.options.extended && this.skipSpace()) continue;
      const before = this.at;
      const item = this.item();
      if (item === null) continue;
      items.push(...(Array.isArray(item) ? item : [this.quantified(item, before)]));
    }
    return items.length === 1 ? items[0]! : { kind: 'sequence', items };
  }

  private skipSpace(): boolean {
    const space = /^(?:\s+|#[^\n]*\n?)/.exec(this.source.slice(this.at));
    if (space === null) return false;
    this.at += space[0].length;
    return true;
  }

  /** Null: something without a meaning of its own; several: a literal text. */
  private item(): Node | Node[] | null {
    const char = this.source[this.at]!;
    switch (char) {
      case '(':
        return this.group();
      case '[':
        return this.class();
      case '\\':
        return this.escape();
      case '.':
        this.at++;
        return { kind: 'set', set: this.options.dotAll ? c.inverse(c.emptySet()) : c.inverse(c.NEWLINE) };
      case '^':
        this.at++;
        return assertion(this.options.multiline ? 'lineStart' : 'start');
      case '$':
        this.at++;
        return assertion(this.options.multiline ? 'lineEnd' : 'endOrNewline');
      case '*':
      case '+':
      case '?':
        throw this.bad('quantifier does not follow a repeatable item', this.at);
      case '{':
        if (this.braces() !== null) throw this.bad('quantifier does not follow a repeatable item', this.at);
        this.at++;
        return this.literal(0x7b);
      default:
        this.at++;
        return this.literal(char.charCodeAt(0));
    }
  }

  private literal(code: number): Node {
    if (code > 255) throw this.unsupported('characters beyond a byte');
    const set = c.setOf(code);
    if (this.options.ignoreCase) c.foldCase(set);
    return { kind: 'set', set };
  }

  private braces(): RegExpExecArray | null {
    return /^\{(\d+)(?:(,)(\d*))?\}/.exec(this.source.slice(this.at));
  }

  private quantified(item: Node, from: number): Node {
    let node = item;
    for (;;) {
      if (this.options.extended) while (this.skipSpace());
      const char = this.source[this.at];
      let min = 0;
      let max = Infinity;
      if (char === '*' || char === '+' || char === '?') {
        if (char === '+') min = 1;
        if (char === '?') max = 1;
        this.at++;
      } else {
        const braces = char === '{' ? this.braces() : null;
        if (braces === null) return node;
        min = Number(braces[1]);
        max = braces[2] === undefined ? min : braces[3] === '' ? Infinity : Number(braces[3]);
        this.at += braces[0].length;
        if (min > REPEAT_MAX || (max !== Infinity && max > REPEAT_MAX))
          throw this.bad('number too big in {} quantifier', this.at - 1);
        if (max < min) throw this.bad('numbers out of order in {} quantifier', this.at);
      }
      if (node !== item || node.kind === 'assertion' || node.kind === 'keep')
        throw this.bad('quantifier does not follow a repeatable item', from);
      const mode = this.source[this.at];
      if (mode === '?' || mode === '+') this.at++;
      node = { kind: 'repeat', min, max, greedy: mode !== '?', body: item };
      if (mode === '+') node = { kind: 'atomic', body: node };
    }
  }

  private group(): Node | null {
    const rest = this.source.slice(this.at);
    const open = this.at;
    if (rest.startsWith('(*')) throw this.unsupported('verbs');
    if (!rest.startsWith('(?')) {
      this.at++;
      return this.capture(null);
    }
    const named = /^\(\?P?<([A-Za-z_]\w*)>/.exec(rest) ?? /^\(\?'([A-Za-z_]\w*)'/.exec(rest);
    if (named !== null) {
      this.at += named[0].length;
      return this.capture(named[1]!);
    }
    const back = /^\(\?P=(\w+)\)/.exec(rest);
    if (back !== null) {
      this.at += back[0].length;
      return this.reference(back[1]!);
    }
    const plain = /^\(\?(:|=|!|<=|<!|>)/.exec(rest);
    if (plain !== null) {
      this.at += plain[0].length;
      return this.plainGroup(plain[1]!, open);
    }
    if (rest.startsWith('(?#')) {
      const end = rest.indexOf(')');
      if (end < 0) throw this.bad('missing ) after (?# comment', this.source.length);
      this.at += end + 1;
      return null;
    }
    const options = /^\(\?([a-z]*)(?:-([a-z]+))?([:)])/.exec(rest);
    if (options === null || /[^imsx]/.test(options[1]! + (options[2] ?? '')))
      throw this.unsupported('such groups');
    this.at += options[0].length;
    const before = this.options;
    this.options = withOptions(before, options[1]!, options[2] ?? '');
    if (options[3] === ')') return null;
    const body = this.choice();
    this.closes();
    this.options = before;
    return { kind: 'sequence', items: [body] };
  }

  private closes(): void {
    if (!this.looksAt(')')) throw this.bad('missing closing parenthesis', this.source.length);
    this.at++;
  }

  private capture(name: string | null): Node {
    const index = ++this.captures;
    if (name !== null) {
      if (this.names.has(name)) throw this.bad('two named subpatterns have the same name', this.at - 1);
      this.names.set(name, index);
    }
    const body = this.choice();
    this.closes();
    return { kind: 'capture', index, name, body };
  }

  private plainGroup(sort: string, open: number): Node {
    const isLook = sort !== ':' && sort !== '>';
    if (isLook) this.looks++;
    const body = this.choice();
    if (isLook) this.looks--;
    this.closes();
    // A group may be repeated, whatever is in it.
    if (sort === ':') return { kind: 'sequence', items: body.kind === 'sequence' ? body.items : [body] };
    if (sort === '>') return { kind: 'atomic', body };
    const behind = sort.startsWith('<');
    const options = body.kind === 'choice' ? body.options : [body];
    if (behind && options.some((option) => fixedLength(option) < 0))
      throw this.bad('lookbehind assertion is not fixed length', open);
    return { kind: 'look', behind, negative: sort.endsWith('!'), body };
  }

  private reference(to: number | string): Node {
    let index = to;
    if (typeof index === 'string') {
      const known = this.names.get(index);
      if (known === undefined) throw this.bad('reference to non-existent subpattern', this.at);
      index = known;
    }
    this.references.push({ to: index, at: this.at });
    return { kind: 'reference', index, ignoreCase: this.options.ignoreCase };
  }

  private escape(): Node | Node[] | null {
    const { source } = this;
    const next = source[this.at + 1];
    if (next === undefined) throw this.bad('\\ at end of pattern', source.length);
    const rest = source.slice(this.at);
    if (next === 'Q') {
      const end = rest.indexOf('\\E');
      const literal = rest.slice(2, end < 0 ? undefined : end);
      this.at += 2 + literal.length + (end < 0 ? 0 : 2);
      const nodes = [...literal].map((char) => this.literal(char.charCodeAt(0)));
      const last = nodes.pop();
      return last === undefined ? null : [...nodes, this.quantified(last, this.at)];
    }
    if (next === 'E') {
      this.at += 2;
      return null;
    }
    const reference = /^\\(?:g\{?(-?\d+)\}?|g\{(\w+)\}|k(?:<(\w+)>|\{(\w+)\}|'(\w+)')|([1-9]))(?!\d)/.exec(
      rest,
    );
    if (reference !== null) {
      const number = reference[1] ?? reference[6];
      this.at += reference[0].length;
      if (number === undefined)
        return this.reference(reference[2] ?? reference[3] ?? reference[4] ?? reference[5]!);
      const to = Number(number);
      return this.reference(to < 0 ? this.captures + 1 + to : to);
    }
    const what = ASSERTIONS[next];
    if (what !== undefined) {
      this.at += 2;
      return assertion(what);
    }
    if (next === 'K') {
      this.at += 2;
      this.keepsInLook ||= this.looks > 0;
      return { kind: 'keep' };
    }
    if (next === 'R') {
      this.at += 2;
      const crlf: Node = { kind: 'sequence', items: [this.literal(13), this.literal(10)] };
      return {
        kind: 'atomic',
        body: { kind: 'choice', options: [crlf, { kind: 'set', set: c.ESCAPED_SETS['v']! }] },
      };
    }
    if (next === 'N') {
      this.at += 2;
      return { kind: 'set', set: c.inverse(c.NEWLINE) };
    }
    const set = c.ESCAPED_SETS[next];
    if (set !== undefined) {
      this.at += 2;
      return { kind: 'set', set };
    }
    return this.literal(this.escapedByte());
  }

  /** One byte by its escape; `at` is on the backslash. */
  private escapedByte(): number {
    const rest = this.source.slice(this.at);
    const next = rest[1]!;
    const hex = /^\\x(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{0,2}))/.exec(rest);
    if (hex !== null) {
      this.at += hex[0].length;
      return parseInt(hex[1] ?? (hex[2] || '0'), 16);
    }
    const octal = /^\\(?:o\{([0-7]+)\}|([0-7]{1,3}))/.exec(rest);
    if (octal !== null) {
      this.at += octal[0].length;
      return parseInt(octal[1] ?? octal[2]!, 8);
    }
    const control = /^\\c([ -~])/.exec(rest);
    if (control !== null) {
      this.at += 3;
      return control[1]!.toUpperCase().charCodeAt(0) ^ 0x40;
    }
    const code = c.ESCAPED_BYTES[next];
    if (code === undefined && /[A-Za-z0-9]/.test(next)) throw this.unsupported(`escapes like \\${next}`);
    this.at += 2;
    return code ?? next.charCodeAt(0);
  }

  private class(): Node {
    const { source } = this;
    const set = c.emptySet();
    this.at++;
    const negated = source[this.at] === '^';
    if (negated) this.at++;
    let quoted = false;
    for (let first = true; ; first = false) {
      const char = source[this.at];
      if (char === undefined) throw this.bad('missing terminating ] for character class', source.length);
      if (char === ']' && !first && !quoted) break;
      if (this.looksAt(quoted ? '\\E' : '\\Q')) {
        quoted = !quoted;
        this.at += 2;
      } else if (quoted || !this.namedMember(set)) this.member(set, quoted);
    }
    this.at++;
    if (this.options.ignoreCase) c.foldCase(set);
    return { kind: 'set', set: negated ? c.inverse(set) : set };
  }

  /** A POSIX class or an escape that stands for several bytes. */
  private namedMember(set: CharSet): boolean {
    const rest = this.source.slice(this.at);
    const posix = /^\[:(\^?)(\w+):\]/.exec(rest);
    if (posix !== null) {
      const members = c.POSIX[posix[2]!];
      if (members === undefined) throw this.bad('unknown POSIX class name', this.at);
      c.addAll(set, posix[1] === '' ? members : c.inverse(members));
      this.at += posix[0].length;
      return true;
    }
    if (/^\[[.=]/.test(rest) && /^\[([.=])[^\]]*\1\]/.test(rest))
      throw this.bad('POSIX collating elements are not supported', this.at);
    const members = rest[0] === '\\' ? c.ESCAPED_SETS[rest[1] ?? ''] : undefined;
    if (members === undefined) return false;
    c.addAll(set, members);
    this.at += 2;
    return true;
  }

  private member(set: CharSet, quoted: boolean): void {
    const from = this.memberByte(quoted);
    const { source } = this;
    const after = source[this.at + 1];
    if (quoted || source[this.at] !== '-' || after === ']' || after === undefined) {
      set[from] = 1;
      return;
    }
    this.at++;
    if (this.namedMember(set)) {
      // A range that ends in a class is three members.
      set[from] = 1;
      set[0x2d] = 1;
      return;
    }
    const to = this.memberByte(false);
    if (to < from) throw this.bad('range out of order in character class', this.at - 1);
    c.addRange(set, from, to);
  }

  private memberByte(quoted: boolean): number {
    const char = this.source[this.at]!;
    let code = char.charCodeAt(0);
    if (char === '\\' && !quoted) {
      const next = this.source[this.at + 1];
      if (next === undefined) throw this.bad('\\ at end of pattern', this.source.length);
      if (next === 'b') {
        this.at += 2;
        return 8;
      }
      if ('pPRXNB'.includes(next)) throw this.unsupported(`escapes like \\${next} in a class`);
      code = this.escapedByte();
    } else this.at++;
    if (code > 255) throw this.unsupported('characters beyond a byte');
    return code;
  }
}

const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  A: 'start',
  z: 'end',
  Z: 'endOrNewline',
  b: 'word',
  B: 'notWord',
};

function assertion(what: Assertion): Node {
  return { kind: 'assertion', what };
}

function withOptions(before: Options, on: string, off: string): Options {
  const value = (letter: string, old: boolean): boolean =>
    (on.includes(letter) || old) && !off.includes(letter);
  return {
    ignoreCase: value('i', before.ignoreCase),
    multiline: value('m', before.multiline),
    dotAll: value('s', before.dotAll),
    extended: value('x', before.extended),
  };
}
