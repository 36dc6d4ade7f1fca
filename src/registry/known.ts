// Names that HAProxy knows, by class: what is not supported here is refused as known, not as a mistake.

import { knownNames, type KnownClass } from './known-names.ts';

const sets = new Map<KnownClass, ReadonlySet<string>>();

/** Whether HAProxy 3.5 has a keyword of this class and name. */
export function known(kind: KnownClass, name: string): boolean {
  let names = sets.get(kind);
  if (names === undefined) sets.set(kind, (names = new Set(knownNames[kind].split(' '))));
  return names.has(name);
}

export function knownCount(kind: KnownClass): number {
  return knownNames[kind].split(' ').length;
}
