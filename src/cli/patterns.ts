// What the commands for maps and ACLs have in common: finding the list, its version, an entry.

import type { PatternSet } from '../acl/store.ts';
import { type Call, refuse } from './command.ts';

export type Kind = 'map' | 'acl';

/** How messages call it. */
export const label = (kind: Kind): string => (kind === 'map' ? 'map' : 'ACL');

export interface PatternArgs {
  readonly set: PatternSet;
  /** What `@<ver>` says, or null. */
  readonly version: number | null;
  /** Words behind the identifier. */
  readonly rest: readonly string[];
}

/** The words `[@<ver>] <map> ...`, or the refusal. `missing`: what to say where there is no identifier. */
export function patternArgs(call: Call, kind: Kind, missing: string): PatternArgs | string[] {
  const { version, rest } = versionOf(call.args);
  if (rest.length === 0) return refuse(call, missing);
  const set = findSet(call, kind, rest[0]!);
  return set === null ? refuse(call, unknown(kind)) : { set, version, rest: rest.slice(1) };
}

/** Takes `@<ver>` off the words. */
export function versionOf(args: readonly string[]): { version: number | null; rest: readonly string[] } {
  const first = args[0];
  if (first === undefined || !first.startsWith('@')) return { version: null, rest: args };
  return { version: Number.parseInt(first.slice(1), 10) >>> 0, rest: args.slice(1) };
}

export const unknown = (kind: Kind): string =>
  `Unknown ${label(kind)} identifier. Please use #<id> or <file>.`;

export function findSet(call: Call, kind: Kind, word: string): PatternSet | null {
  const set = call.view.patterns.find(word);
  return set !== undefined && isKind(set, kind) ? set : null;
}

export function isKind(set: PatternSet, kind: Kind): boolean {
  return kind === 'map' ? set.inMaps : set.inAcls;
}

/** The entry that `#0x...` names, or -1 where the word is no such name. */
export function entryOf(word: string): number {
  const match = /^#0x([0-9a-f]{1,12})$/i.exec(word);
  return match === null ? -1 : Number.parseInt(match[1]!, 16) / 4;
}

/** How `show map` names an entry. */
export const entryName = (entry: number): string => `0x${(entry * 4).toString(16)}`;
