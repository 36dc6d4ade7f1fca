// From sources to a checked configuration. Deterministic: with the same sources, environment, files and answers of the
// resolver, another thread arrives at the same one.

import { ConfigReader, type Source } from './reader.ts';
import { checkConfig, type Resolver } from './check.ts';
import { newGlobal } from './defaults.ts';
import { sectionOpeners } from './sections.ts';
import type { Config } from './model.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { Environment } from './environment.ts';
import type { FileStore } from './files.ts';
import type { LoadState } from './context.ts';

export interface LoadInput {
  readonly sources: readonly Source[];
  readonly environment: Environment;
  readonly files: FileStore;
  readonly resolver: Resolver;
  readonly diagnostics: Diagnostics;
}

export interface Loaded {
  readonly config: Config;
  readonly reader: ConfigReader;
}

/**
 * Reads and checks. Null where the configuration cannot be used: the reasons are in `diagnostics`. Checks that look
 * across sections run only when every line was understood, as HAProxy does.
 */
export function loadConfig(input: LoadInput, keepLines = false): Loaded | null {
  const { diagnostics } = input;
  const config: Config = {
    global: newGlobal(),
    proxies: [],
    defaults: [],
    byName: new Map(),
    httpErrors: new Map(),
  };
  const state: LoadState = {
    config,
    diagnostics,
    environment: input.environment,
    files: input.files,
    later: [],
  };
  const reader = new ConfigReader(sectionOpeners(state), input.environment, diagnostics);
  reader.keepLines = keepLines;
  for (const source of input.sources) reader.read(source);
  if (diagnostics.alerts > 0) {
    diagnostics.alert('config : Fatal errors found in configuration.');
    return null;
  }
  for (const check of state.later) check();
  checkConfig(config, diagnostics, input.resolver);
  if (diagnostics.alerts > 0) {
    if (!diagnostics.messages.some(({ text }) => text === 'Failed to initialize server(s) addr.')) {
      diagnostics.alert('config : Fatal errors found in configuration.');
    }
    return null;
  }
  return { config, reader };
}
