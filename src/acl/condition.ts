// `if` and `unless` with their ACL terms, compiled to one test (manual 7.2).

import type { StreamContext } from '../sample/context.ts';

/** Verdict of a condition while bytes may still be missing (tcp-request content). */
export const Match = { NO: 0, YES: 1, UNDECIDED: 2 } as const;
export type Match = (typeof Match)[keyof typeof Match];

export interface Condition {
  readonly source: string;
  readonly needsHttp: boolean;
  readonly phases: number;
  /** True where the rule applies. `unless` is already applied. */
  test(stream: StreamContext): boolean;
  /** As `test`, but tells when more input could change the outcome. */
  probe(stream: StreamContext): Match;
}
