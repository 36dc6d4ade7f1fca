// The second level of quoting: `name(arg1,"arg, 2",...)` inside one word (manual 2.2). Sample expressions, actions
// and the predicates of conditions all read their arguments here.

import { plainEscape } from './lexer.ts';

/** One argument; `at` is its offset in the word that was parsed. */
export interface Argument {
  readonly text: string;
  readonly at: number;
}

/** `name`, then perhaps its arguments; `end` is the offset of the first character that was not read. */
export interface Call {
  readonly name: string;
  /** null without parentheses; `name()` has one empty argument. */
  readonly args: readonly Argument[] | null;
  readonly end: number;
}

export interface CallError {
  /** `unclosed`: no `)` until the end. `quote`: a quote without its partner. */
  readonly kind: 'unclosed' | 'quote';
  /** Offset to blame. */
  readonly at: number;
  readonly name: string;
  /** Arguments that were begun. */
  readonly count: number;
}

export const isCallError = (result: object): result is CallError => 'kind' in result;

/** Letters, digits and `_-.:`: what names of predicates, fetches and converters are made of. */
export function isIdentifier(c: number): boolean {
  return (
    (c >= 0x61 && c <= 0x7a) ||
    (c >= 0x41 && c <= 0x5a) ||
    (c >= 0x30 && c <= 0x3a) ||
    c === 0x5f ||
    c === 0x2d ||
    c === 0x2e
  );
}

/** Reads `name` or `name(...)` from offset `from` of `text`. The name may be empty: the caller decides. */
export function parseCall(text: string, from: number): Call | CallError {
  let at = from;
  while (at < text.length && isIdentifier(text.charCodeAt(at))) at++;
  const name = text.slice(from, at);
  if (text.charCodeAt(at) !== 0x28) return { name, args: null, end: at };
  const args: Argument[] = [];
  at++;
  for (;;) {
    const start = at;
    let piece = '';
    let quote = 0;
    let quoteAt = 0;
    for (; at < text.length; at++) {
      const c = text.charCodeAt(at);
      if (quote === 0x27 && c !== 0x27) piece += text[at];
      else if (c === quote) quote = 0;
      else if (quote === 0 && (c === 0x22 || c === 0x27)) {
        quote = c;
        quoteAt = at;
      } else if (c === 0x5c && at + 1 < text.length) {
        piece += escape(text, at);
        at++;
      } else if (quote === 0 && (c === 0x2c || c === 0x29)) break;
      else piece += text[at];
    }
    args.push({ text: piece, at: start });
    if (quote !== 0) return { kind: 'quote', at: quoteAt, name, count: args.length };
    if (at >= text.length) return { kind: 'unclosed', at, name, count: args.length };
    if (text.charCodeAt(at++) === 0x29) return { name, args, end: at };
  }
}

/** What the backslash at `at` and its follower stand for; others than the plain escapes keep the backslash. */
function escape(text: string, at: number): string {
  const plain = plainEscape(text.charCodeAt(at + 1));
  return plain === '' ? text.slice(at, at + 2) : plain;
}

/**
 * Splits a sample expression `fetch(args),conv(args),...` into its calls, from offset `from`.
 * Reading stops before the first character that cannot continue it; see the last call's `end`.
 */
export function parseCalls(text: string, from: number): readonly Call[] | CallError {
  const calls: Call[] = [];
  let at = from;
  for (;;) {
    const call = parseCall(text, at);
    if (isCallError(call)) return call;
    calls.push(call);
    if (text.charCodeAt(call.end) !== 0x2c) return calls;
    at = call.end + 1;
  }
}
