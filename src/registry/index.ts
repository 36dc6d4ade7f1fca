// The one registry of the program.

import { FETCHES } from '../sample/fetches/index.ts';
import { CONVERTERS } from '../sample/converters/index.ts';
import { ACTIONS } from '../rules/actions/index.ts';
import { classify as classifyName } from './known-keywords.ts';
import { buildRegistry, type Classify } from './registry.ts';

/** Recognises names that HAProxy knows and that are not supported here. */
const classify: Classify = (kind, name) => {
  return classifyName(kind === 'alias' ? 'log-alias' : kind, name) === 'known' ? 'known' : 'unknown';
};

export const REGISTRY = buildRegistry(FETCHES, CONVERTERS, ACTIONS, classify);
