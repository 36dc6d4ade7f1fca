// The expressions of `.if`, `.elif` and `-cc` (manual 2.4). The whole expression is checked before any of it is
// evaluated, so that an error cannot hide behind a short-cut.

import { isCallError, parseCall } from './arguments.ts';
import type { Call, CallError } from './arguments.ts';
import { compareVersions } from './versions.ts';

/** What the predicates ask about. */
export interface Facts {
  readonly version: string;
  readonly features: ReadonlySet<string>;
  /** Name and version of the TLS library, null without one: every question about it is then answered false. */
  readonly tlsLibrary: { readonly name: string; readonly version: string } | null;
  /** API number of AWS-LC where that is the TLS library. */
  readonly awslcApi: number | null;
  readonly fipsMode: boolean;
  /** Whether an option of `enabled()` is on, after the lines read so far. */
  enabled(option: string): boolean;
  /** Whether the environment variable exists. */
  defined(name: string): boolean;
}

/** Names that `enabled()` accepts; any other is an error. */
export const SWITCHES = [
  'POLL',
  'EPOLL',
  'KQUEUE',
  'EVPORTS',
  'SPLICE',
  'GETADDRINFO',
  'REUSEPORT',
  'FAST-FORWARD',
  'SERVER-SSL-VERIFY-NONE',
] as const;

interface Predicate {
  readonly args: number;
  holds(facts: Facts, a: string, b: string): boolean;
}

const sslAtLeast = (facts: Facts, version: string): boolean =>
  facts.tlsLibrary !== null && compareVersions(facts.tlsLibrary.version, version) >= 0;
const sslBefore = (facts: Facts, version: string): boolean =>
  facts.tlsLibrary !== null && compareVersions(facts.tlsLibrary.version, version) < 0;

/** Every predicate with its number of arguments. */
export const PREDICATES: Readonly<Record<string, Predicate>> = {
  awslc_api_atleast: { args: 1, holds: (facts, a) => facts.awslcApi !== null && facts.awslcApi >= Number(a) },
  awslc_api_before: { args: 1, holds: (facts, a) => facts.awslcApi !== null && facts.awslcApi < Number(a) },
  defined: { args: 1, holds: (facts, a) => facts.defined(a) },
  enabled: { args: 1, holds: (facts, a) => facts.enabled(a) },
  feature: { args: 1, holds: (facts, a) => facts.features.has(a) },
  fips_mode: { args: 0, holds: (facts) => facts.fipsMode },
  openssl_version_atleast: { args: 1, holds: sslAtLeast },
  openssl_version_before: { args: 1, holds: sslBefore },
  ssllib_name_startswith: {
    args: 1,
    holds: (facts, a) => facts.tlsLibrary !== null && facts.tlsLibrary.name.startsWith(a),
  },
  streq: { args: 2, holds: (_facts, a, b) => a === b },
  strneq: { args: 2, holds: (_facts, a, b) => a !== b },
  strstr: { args: 2, holds: (_facts, a, b) => a.includes(b) },
  version_atleast: { args: 1, holds: (facts, a) => compareVersions(facts.version, a) >= 0 },
  version_before: { args: 1, holds: (facts, a) => compareVersions(facts.version, a) < 0 },
};

export interface ConditionError {
  readonly text: string;
  /** Offset in the expression to blame. */
  readonly at: number;
}

const MAX_DEPTH = 100;

class Parser {
  at = 0;
  depth = 0;
  error: ConditionError | null = null;
  private readonly text: string;
  private readonly facts: Facts;

  constructor(text: string, facts: Facts) {
    this.text = text;
    this.facts = facts;
  }

  fail(text: string, at: number): false {
    this.error ??= { text, at };
    return false;
  }

  blanks(): void {
    while (this.text.charCodeAt(this.at) === 0x20 || this.text.charCodeAt(this.at) === 0x09) this.at++;
  }

  or(): boolean {
    let result = this.and();
    while (this.error === null && this.operator('||')) result = this.and() || result;
    return result;
  }

  and(): boolean {
    let result = this.term();
    while (this.error === null && this.operator('&&')) result = this.term() && result;
    return result;
  }

  private operator(sign: string): boolean {
    this.blanks();
    if (!this.text.startsWith(sign, this.at)) return false;
    const signAt = this.at;
    this.at += 2;
    this.blanks();
    // HAProxy blames the operator itself when nothing follows it.
    if (this.at >= this.text.length) return this.fail(unparsable(this.text.slice(signAt)), signAt);
    return true;
  }

  private term(): boolean {
    const { text } = this;
    this.blanks();
    const start = this.at;
    let negated = false;
    while (text.charCodeAt(this.at) === 0x21) {
      negated = !negated;
      this.at++;
      this.blanks();
    }
    const c = text.charCodeAt(this.at);
    if (c === 0x28) return this.group(start) !== negated;
    const number = /^[-+]?\d+/.exec(text.slice(this.at, this.at + 24));
    if (number !== null) {
      this.at += number[0].length;
      return (Number(number[0]) !== 0) !== negated;
    }
    const call = parseCall(text, this.at);
    return this.predicate(call, start) !== negated;
  }

  private group(start: number): boolean {
    if (++this.depth > MAX_DEPTH)
      return this.fail(`too many nested parentheses, max is ${MAX_DEPTH}`, this.at);
    this.at++;
    const result = this.or();
    this.depth--;
    this.blanks();
    if (this.error !== null) return false;
    if (this.text.charCodeAt(this.at) !== 0x29) {
      return this.fail(`expected ')' after conditional expression '${this.text.slice(start)}'`, start);
    }
    this.at++;
    return result;
  }

  private predicate(call: Call | CallError, start: number): boolean {
    const { text } = this;
    const predicate = Object.hasOwn(PREDICATES, call.name) ? PREDICATES[call.name] : undefined;
    if (predicate === undefined) return this.fail(unparsable(text.slice(start)), start);
    const where = (count: number): string =>
      ` in argument ${count} of predicate '${call.name}' used in conditional expression`;
    if (isCallError(call)) {
      const wanted = call.kind === 'quote' ? 'unmatched quote' : `expected ')'`;
      return this.fail(wanted + where(Math.max(1, call.count - 1)), call.at);
    }
    const args = call.args === null || predicate.args === 0 ? [] : call.args;
    if (args.length < predicate.args) {
      const got = Math.max(1, args.length);
      return this.fail(
        `missing arguments (got ${got}/${predicate.args}), type 'string' expected${where(got)}`,
        call.args === null ? call.end : call.end - 1,
      );
    }
    if (call.args !== null && call.args.length > Math.max(1, predicate.args)) {
      const extra = call.args[predicate.args]!.at - 1;
      return this.fail(
        `expected ')' before '${text.slice(extra)}'${where(Math.max(1, predicate.args - 1))}`,
        extra,
      );
    }
    const [a, b] = args;
    if (call.name === 'enabled' && !(SWITCHES as readonly string[]).includes(a!.text)) {
      return this.fail(unparsable(text.slice(start)), start);
    }
    this.at = call.end;
    return predicate.holds(this.facts, a?.text ?? '', b?.text ?? '');
  }
}

const unparsable = (rest: string): string => `unparsable conditional expression '${rest}'`;

/** Evaluates an expression; an empty one is false. Never throws. */
export function evaluateCondition(text: string, facts: Facts): boolean | ConditionError {
  const parser = new Parser(text, facts);
  parser.blanks();
  if (parser.at >= text.length) return false;
  const result = parser.or();
  if (parser.error !== null) return parser.error;
  parser.blanks();
  if (parser.at < text.length) {
    const found = `unexpected character '${text[parser.at]}' at the end of conditional expression '${text}'`;
    return { text: found, at: parser.at };
  }
  return result;
}

/**
 * `-cc`: the exit status is 0 for true, 1 for false, 2 for an expression that cannot be evaluated.
 * `text` is then the alert to print.
 */
export function checkCondition(
  text: string,
  facts: Facts,
): { readonly status: 0 | 1 | 2; readonly text?: string } {
  const result = evaluateCondition(text, facts);
  if (typeof result === 'boolean') return { status: result ? 0 : 1 };
  return { status: 2, text: `Failed to evaluate condition: ${result.text}` };
}
