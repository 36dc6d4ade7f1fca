// Everything that HAProxy 3.5 knows, by class. It tells a misspelt word from one that Hawser does not support yet,
// and from one that HAProxy itself has dropped; the message for each is different.

import { ACL_DERIVATIVES } from './known/acls.ts';
import { ACTIONS } from './known/actions.ts';
import { LOG_ALIASES } from './known/aliases.ts';
import { BIND_OPTIONS } from './known/bind.ts';
import { CLI_COMMANDS } from './known/commands.ts';
import { CONVERTERS } from './known/converters.ts';
import { FETCHES } from './known/fetches.ts';
import type { FetchType } from './known/fetches.ts';
import { FILTERS, SERVICES } from './known/filters.ts';
import { GLOBAL_KEYWORDS, GLOBAL_PHRASES } from './known/global.ts';
import { PROXY_OPTIONS } from './known/options.ts';
import { PROXY_KEYWORDS } from './known/proxy.ts';
import { REMOVED_GLOBAL_KEYWORDS, REMOVED_OPTIONS, REMOVED_PROXY_KEYWORDS } from './known/removed.ts';
import { BALANCE_ALGORITHMS, SECTIONS } from './known/sections.ts';
import { SERVER_OPTIONS } from './known/server.ts';

/** Rule sets, each a class of actions. */
export type RuleSet =
  | 'quic-initial'
  | 'tcp-request connection'
  | 'tcp-request session'
  | 'tcp-request content'
  | 'tcp-response content'
  | 'http-request'
  | 'http-response'
  | 'http-after-response';

export type KeywordClass =
  | 'section'
  | 'global'
  | 'proxy'
  | 'option'
  | 'bind'
  | 'server'
  | 'balance'
  | 'fetch'
  | 'converter'
  | 'acl'
  | 'log-alias'
  | 'cli'
  | 'filter'
  | 'service'
  | RuleSet;

export type Classification = 'unknown' | 'known' | { readonly removed: string };

/** d: any defaults section, n: named ones alone, f: frontend, l: listen, b: backend. */
export type Place = 'd' | 'n' | 'f' | 'l' | 'b';

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** A keyword of several words is known by its first word too, which is what a line is looked up by first. */
const withFirstWords = (names: Iterable<string>): Set<string> => {
  const all = new Set<string>();
  for (const name of names) {
    all.add(name);
    const space = name.indexOf(' ');
    if (space > 0) all.add(name.slice(0, space));
  }
  return all;
};

const places = (table: Readonly<Record<string, readonly string[]>>): Map<string, string> =>
  new Map(Object.entries(table).flatMap(([place, names]) => names.map((name) => [name, place] as const)));

const proxyPlaces = places(PROXY_KEYWORDS);
const optionPlaces = places(PROXY_OPTIONS);
const fetchTypes = new Map<string, FetchType>(
  Object.entries(FETCHES).flatMap(([type, names]) =>
    words(names).map((name) => [name, type as FetchType] as const),
  ),
);
const converterTypes = new Map<string, string>(
  Object.entries(CONVERTERS).flatMap(([types, names]) => words(names).map((name) => [name, types] as const)),
);

const KNOWN: ReadonlyMap<KeywordClass, ReadonlySet<string>> = new Map<KeywordClass, ReadonlySet<string>>([
  ['section', new Set(words(SECTIONS))],
  ['global', withFirstWords([...words(GLOBAL_KEYWORDS), ...GLOBAL_PHRASES])],
  ['proxy', withFirstWords([...proxyPlaces.keys(), 'option'])],
  ['option', new Set(optionPlaces.keys())],
  ['bind', new Set(words(BIND_OPTIONS))],
  ['server', new Set(words(SERVER_OPTIONS))],
  ['balance', new Set(words(BALANCE_ALGORITHMS))],
  ['fetch', new Set(fetchTypes.keys())],
  ['converter', new Set(converterTypes.keys())],
  ['acl', new Set([...words(ACL_DERIVATIVES), ...fetchTypes.keys()])],
  ['log-alias', new Set(words(LOG_ALIASES))],
  ['cli', withFirstWords(CLI_COMMANDS)],
  ['filter', new Set(words(FILTERS))],
  ['service', new Set(words(SERVICES))],
  ...Object.entries(ACTIONS).map(([ruleSet, names]) => [ruleSet as RuleSet, new Set(words(names))] as const),
]);

const REMOVED: Partial<Record<KeywordClass, Readonly<Record<string, string>>>> = {
  global: REMOVED_GLOBAL_KEYWORDS,
  option: REMOVED_OPTIONS,
  proxy: REMOVED_PROXY_KEYWORDS,
};

const LUA: ReadonlySet<KeywordClass> = new Set<KeywordClass>([
  'fetch',
  'converter',
  'tcp-request connection',
  'tcp-request session',
  'tcp-request content',
  'tcp-response content',
  'http-request',
  'http-response',
  'http-after-response',
]);

/**
 * Whether HAProxy 3.5 knows `name` in `kind`.
 *
 * @param argument the word after the keyword, which some messages about removed keywords repeat.
 */
export function classify(kind: KeywordClass, name: string, argument = ''): Classification {
  const removed = REMOVED[kind];
  if (removed !== undefined && Object.hasOwn(removed, name)) {
    return { removed: removed[name]!.replace('$1', () => argument) };
  }
  // Lua scripts define these names; whether one exists is known when the scripts are loaded.
  if (LUA.has(kind) && name.startsWith('lua.')) return 'known';
  return KNOWN.get(kind)!.has(name) ? 'known' : 'unknown';
}

/** All names of a class, for suggestions and for counting what is missing. */
export const knownNames = (kind: KeywordClass): ReadonlySet<string> => KNOWN.get(kind)!;

/** Whether a proxy keyword or option may stand in a section; undefined for names the manual does not list. */
export function allowedIn(kind: 'proxy' | 'option', name: string, place: Place): boolean | undefined {
  const allowed = (kind === 'proxy' ? proxyPlaces : optionPlaces).get(name);
  return allowed === undefined
    ? undefined
    : allowed.includes(place) || (place === 'n' && allowed.includes('d'));
}

/** Output type of a fetch, where the manual gives one. */
export const fetchType = (name: string): FetchType | undefined => fetchTypes.get(name);

/** `input>output` types of a converter, where the manual gives them. */
export const converterType = (name: string): string | undefined => converterTypes.get(name);
