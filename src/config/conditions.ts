// The conditions of `.if` blocks and of `-cc` (manual 2.4).

import { EMULATED_VERSION } from '../version.ts';
import { hasFeature } from './features.ts';
import type { Environment } from './environment.ts';

export class ConditionSyntaxError extends Error {}

/** What `enabled()` knows: facilities that the command line or `global` can switch off. */
const ENABLED = new Set([
  'POLL',
  'EPOLL',
  'KQUEUE',
  'EVPORTS',
  'SPLICE',
  'GETADDRINFO',
  'REUSEPORT',
  'FAST-FORWARD',
  'SERVER-SSL-VERIFY-NONE',
]);
const ON = new Set(['EPOLL', 'GETADDRINFO', 'REUSEPORT', 'FAST-FORWARD']);

/** Compares dotted versions as `version_atleast` does: a leading `v` is skipped, missing parts are 0. */
export function compareVersions(one: string, other: string): number {
  const parts = (text: string): number[] =>
    text
      .replace(/^v/, '')
      .split(/[.-]/)
      .map((part) =>
        part.startsWith('dev') ? Number(part.slice(3)) - 1000 : Number.parseInt(part, 10) || 0,
      );
  const a = parts(one);
  const b = parts(other);
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

/** Evaluates one expression. Throws ConditionSyntaxError. */
export function evaluateCondition(source: string, environment: Environment): boolean {
  const reader = new ConditionReader(source, environment);
  const value = reader.either();
  reader.end();
  return value;
}

class ConditionReader {
  private at = 0;
  private readonly source: string;
  private readonly environment: Environment;

  constructor(source: string, environment: Environment) {
    this.source = source;
    this.environment = environment;
  }

  private blanks(): void {
    while (this.source[this.at] === ' ' || this.source[this.at] === '\t') this.at++;
  }

  private fail(): never {
    throw new ConditionSyntaxError(
      `unparsable conditional expression '${this.source.slice(this.at)}' in '${this.source}'`,
    );
  }

  end(): void {
    this.blanks();
    if (this.at < this.source.length) this.fail();
  }

  either(): boolean {
    let value = this.both();
    for (;;) {
      this.blanks();
      if (!this.source.startsWith('||', this.at)) return value;
      this.at += 2;
      const other = this.both();
      value = value || other;
    }
  }

  private both(): boolean {
    let value = this.term();
    for (;;) {
      this.blanks();
      if (!this.source.startsWith('&&', this.at)) return value;
      this.at += 2;
      const other = this.term();
      value = value && other;
    }
  }

  private term(): boolean {
    this.blanks();
    const char = this.source[this.at];
    if (char === '!') {
      this.at++;
      return !this.term();
    }
    if (char === '(') {
      this.at++;
      const value = this.either();
      this.blanks();
      if (this.source[this.at] !== ')') this.fail();
      this.at++;
      return value;
    }
    const number = /^-?\d+/.exec(this.source.slice(this.at));
    if (number !== null) {
      this.at += number[0].length;
      return Number(number[0]) !== 0;
    }
    const name = /^[a-z_]+/.exec(this.source.slice(this.at));
    if (name === null) this.fail();
    const from = this.at;
    this.at += name[0].length;
    if (this.source[this.at] !== '(') {
      this.at = from;
      this.fail();
    }
    const args = this.list();
    return this.predicate(name[0], args, from);
  }

  /** `(a,"b, c",d)`: quotes and backslashes as in manual 2.2. */
  private list(): string[] {
    const args: string[] = [];
    let word = '';
    let quote = '';
    for (this.at++; this.at < this.source.length; this.at++) {
      const char = this.source[this.at]!;
      if (quote !== '') {
        if (char === quote) quote = '';
        else if (char === '\\' && quote === '"' && this.at + 1 < this.source.length)
          word += this.source[++this.at];
        else if (char === '$' && quote === '"') word += this.variable();
        else word += char;
      } else if (char === '"' || char === "'") quote = char;
      else if (char === '\\' && this.at + 1 < this.source.length) word += this.source[++this.at];
      else if (char === ',') {
        args.push(word);
        word = '';
      } else if (char === ')') {
        this.at++;
        args.push(word);
        return args;
      } else word += char;
    }
    return this.fail();
  }

  /** `$NAME` or `${NAME}` between double quotes; an unset variable is empty. */
  private variable(): string {
    const match = /^\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/.exec(this.source.slice(this.at));
    if (match === null) return '$';
    this.at += match[0].length - 1;
    return this.environment.get(match[1] ?? match[2]!) ?? '';
  }

  private predicate(name: string, args: readonly string[], from: number): boolean {
    const [one = '', two = ''] = args;
    switch (name) {
      case 'defined':
        return this.environment.get(one) !== undefined;
      case 'feature':
        return hasFeature(one);
      case 'streq':
        return one === two;
      case 'strneq':
        return one !== two;
      case 'strstr':
        return one.includes(two);
      case 'version_atleast':
        return compareVersions(EMULATED_VERSION, one) >= 0;
      case 'version_before':
        return compareVersions(EMULATED_VERSION, one) < 0;
      case 'enabled':
        if (!ENABLED.has(one))
          throw new ConditionSyntaxError(`unsupported argument '${one}' to predicate 'enabled'`);
        return ON.has(one);
      case 'openssl_version_atleast':
      case 'openssl_version_before':
      case 'ssllib_name_startswith':
      case 'awslc_api_atleast':
      case 'awslc_api_before':
      case 'fips_mode':
        // No TLS library takes part yet: none of these can hold.
        return false;
      default:
        this.at = from;
        throw new ConditionSyntaxError(
          `unknown predicate '${name}' in conditional expression '${this.source}'`,
        );
    }
  }
}
