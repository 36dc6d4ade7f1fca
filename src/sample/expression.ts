// A sample expression: one fetch and its converters, joined once at load (manual 7.3).

import type { StreamContext } from './context.ts';
import type { Sample, Type } from './sample.ts';

export interface Expression {
  /** As written, without spaces. */
  readonly source: string;
  /** Type of the result where it is known at load. */
  readonly type: Type;
  /** Needs an HTTP message (true), or works on any stream. */
  readonly needsHttp: boolean;
  /** Where it may be evaluated: a mask of `Phase` bits. */
  readonly phases: number;
  /** Fills `sample` and returns true, or returns false for "no value". Never throws. */
  evaluate(stream: StreamContext, sample: Sample): boolean;
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
