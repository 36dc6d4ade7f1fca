// A sample expression: one fetch and its converters, joined once at load (manual 7.3).

import type { StreamContext } from './context.ts';
import type { Sample, Type } from './sample.ts';

export interface Expression {
  /** As written, without spaces. */
  readonly source: string;
  /** Type of the result where it is known at load. */
  readonly type: Type;
  /** The fetch's name and what it reads, for messages. */
  readonly keyword: string;
  readonly needs: string;
  /** The value does not depend on the stream. */
  readonly constant: boolean;
  /** Needs an HTTP message (true), or works on any stream. */
  readonly needsHttp: boolean;
  /** Where it may be evaluated: a mask of `Phase` bits. */
  readonly phases: number;
  /** Fills `sample` and returns true, or returns false for "no value". Never throws. */
  evaluate(stream: StreamContext, sample: Sample): boolean;
  /**
   * As `evaluate` for value number `index` of fetches that have several: ask for 0, then for the next one as long as
   * `sample.more` is true. False with `more` true: this value was lost on the way, the next may be good.
   */
  evaluateAt(stream: StreamContext, sample: Sample, index: number): boolean;
  /** The value as text (cast to string as the manual says), or null without a value. */
  text(stream: StreamContext): string | null;
}

/** When an expression can find its data; contexts of rules are masks of these. */
export const Phase = {
  CONNECTION: 1,
  SESSION: 2,
  REQUEST_CONTENT: 4,
  REQUEST_HTTP: 8,
  RESPONSE_CONTENT: 16,
  RESPONSE_HTTP: 32,
  AFTER_RESPONSE: 64,
  LOG: 128,
  CONFIG: 256,
  CHECK: 512,
} as const;
