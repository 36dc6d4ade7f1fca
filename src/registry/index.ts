// The one registry of the program.

import { FETCHES } from '../sample/fetches/index.ts';
import { CONVERTERS } from '../sample/converters/index.ts';
import { ACTIONS } from '../rules/actions/index.ts';
import { buildRegistry, type Classify } from './registry.ts';

/** Replaced by the list of known keywords where there is one. */
let classify: Classify = () => 'unknown';

/** Tells the registry how to recognise names that HAProxy knows and that are not supported here. */
export function useClassifier(replacement: Classify): void {
  classify = replacement;
}

export const REGISTRY = buildRegistry(FETCHES, CONVERTERS, ACTIONS, (kind, name) => classify(kind, name));
