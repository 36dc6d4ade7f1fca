// The one registry of the program.

import { FETCHES } from '../sample/fetches/index.ts';
import { CONVERTERS } from '../sample/converters/index.ts';
import { ACTIONS } from '../rules/actions/index.ts';
import { known } from './known.ts';
import { buildRegistry, type Classify } from './registry.ts';

const ACTION_SETS = [
  'http-request',
  'http-response',
  'http-after-response',
  'tcp-request connection',
  'tcp-request session',
  'tcp-request content',
  'tcp-response content',
] as const;

/** Recognises names that HAProxy knows and that are not supported here. */
const classify: Classify = (kind, name) => {
  // What Lua scripts register has a name of this form.
  if (name.startsWith('lua.')) return 'known';
  if (kind !== 'action') return known(kind, name) ? 'known' : 'unknown';
  const plain = name.replace(/track-sc\d+$/, 'track-sc');
  return ACTION_SETS.some((set) => known(set, plain)) ? 'known' : 'unknown';
};

export const REGISTRY = buildRegistry(FETCHES, CONVERTERS, ACTIONS, classify);
