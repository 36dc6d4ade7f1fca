// From sources to a checked configuration. Deterministic: with the same sources, environment, files and answers of the
// resolver, another thread arrives at the same one.

import { PatternStore } from '../acl/store.ts';
import { EMULATED_VERSION } from '../version.ts';
import { PRESENT_FEATURES } from './features.ts';
import { checkConfig } from './check.ts';
import { newGlobal } from './defaults.ts';
import { readConfiguration, type Source } from './reader.ts';
import { sectionFactories } from './sections/index.ts';
import { verdict, type Diagnostics, type Position } from './diagnostics.ts';
import type { Config, GlobalConfig } from './model.ts';
import { Variables } from '../sample/variables.ts';
import type { Environment } from './environment.ts';
import { SWITCH_WORDS, isEnabled } from './switches.ts';
import type { Facts } from './conditions.ts';
import type { FileStore } from './files.ts';
import type { LoadState } from './context.ts';
import { setRoom } from '../sample/room.ts';
import type { Resolver } from './resolver.ts';

export interface LoadInput {
  readonly sources: readonly Source[];
  /** Changed by setenv and its like: give each loading its own. */
  readonly environment: Environment;
  readonly files: FileStore;
  readonly resolver: Resolver;
  readonly diagnostics: Diagnostics;
  /** Pattern lists that another thread has read; without them files are read. */
  readonly patterns?: PatternStore;
  /** Words of the command line that switch something off, see switches.ts. */
  readonly switches?: readonly string[];
  /** -dr: a server whose name is unknown starts without an address. */
  readonly ignoreUnresolved?: boolean;
  /** -dW, beside `zero-warning` in the global section. */
  readonly warningsFatal?: boolean;
}

/** A line as it was read: variables replaced, quotes gone. */
export interface ReadLine {
  readonly words: readonly string[];
  readonly position: Position;
  readonly isSection: boolean;
}

export interface Loaded {
  readonly config: Config;
  readonly patterns: PatternStore;
  /** Empty unless they were asked for. */
  readonly lines: readonly ReadLine[];
}

/** An untouched global section, after words of the command line (see switches.ts). */
export function globalOf(switches: readonly string[]): GlobalConfig {
  const global = newGlobal();
  for (const word of switches) SWITCH_WORDS[word]!(global);
  return global;
}

/** What conditions may ask about, for `.if` and for -cc. */
export function factsOf(environment: Environment, global: GlobalConfig): Facts {
  return {
    version: EMULATED_VERSION,
    features: PRESENT_FEATURES,
    tlsLibrary: null,
    awslcApi: null,
    fipsMode: false,
    enabled: (option) => isEnabled(global, option),
    defined: (name) => environment.get(name) !== undefined,
  };
}

/**
 * Reads and checks. Null where the configuration cannot be used: the reasons are in `diagnostics`. Checks that look
 * across sections run only when every line was understood, as HAProxy does.
 */
export function loadConfig(input: LoadInput, keepLines = false): Loaded | null {
  const { diagnostics, environment } = input;
  const global = globalOf(input.switches ?? []);
  const config: Config = {
    global,
    proxies: [],
    defaults: [],
    byName: new Map(),
    logProfiles: new Map(),
    logRings: new Map(),
    logForwards: [],
    httpErrors: new Map(),
    userlists: new Map(),
    processVariables: new Variables(),
  };
  setRoom(config.global.bufsize);
  const patterns = input.patterns ?? PatternStore.reading((path) => input.files.readUnrecorded(path));
  const state: LoadState = {
    config,
    diagnostics,
    environment,
    files: input.files,
    resolver: input.resolver,
    patterns,
    later: [],
    explicitDefaults: new Set(),
    fatal: false,
  };
  const lines: ReadLine[] = [];
  const understood = readConfiguration({
    sources: input.sources,
    environment,
    diagnostics,
    sections: sectionFactories(state),
    facts: factsOf(environment, global),
    ...(keepLines
      ? { observe: (words, position, isSection) => void lines.push({ words, position, isSection }) }
      : {}),
  });
  if (state.fatal) diagnostics.alert(null, 'Fatal errors found in configuration.');
  if (!understood) return null;
  for (const check of state.later) check();
  checkConfig(config, diagnostics, input.resolver, input.ignoreUnresolved === true);
  patterns.finish();
  const strict = input.warningsFatal === true || config.global.tune.has('zero-warning');
  return verdict(diagnostics, strict) ? { config, lines, patterns } : null;
}
