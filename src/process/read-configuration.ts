// Reads the configuration files and resolves names, keeping all that data threads need to do the same again.

import { lookup } from 'node:dns/promises';
import { Diagnostics } from '../config/diagnostics.ts';
import { Environment } from '../config/environment.ts';
import { FileStore } from '../config/files.ts';
import { loadConfig, type ReadLine } from '../config/load.ts';
import { loadSources } from '../config/reader.ts';
import { hostname } from 'node:os';
import { readSavedStates, type SavedStates } from './state-file.ts';
import type { Arguments } from './args.ts';
import type { Config } from '../config/model.ts';
import type { PatternStore } from '../acl/store.ts';
import type { Recorded } from './messages.ts';

export interface ReadConfiguration {
  readonly config: Config;
  /** The control thread's view of the pattern lists. */
  readonly patterns: PatternStore;
  readonly recorded: Recorded;
  /** What files tell of the servers' states. */
  readonly savedStates: SavedStates;
  readonly lines: readonly ReadLine[];
  /** The variables as they are after reading, for `show env`. */
  readonly environment: readonly (readonly [string, string])[];
}

/** Null where the files cannot be used; `diagnostics` says why, or nothing where folders held no file at all. */
export async function readConfiguration(
  args: Arguments,
  diagnostics: Diagnostics,
): Promise<ReadConfiguration | null> {
  const sources = loadSources(args.files, FileStore.onDisk(), diagnostics);
  if (sources === undefined || sources.length === 0) return null;
  const before = startEnvironment(args);
  const names = new Map<string, string | null>();
  for (;;) {
    const environment = new Environment(before);
    const files = FileStore.onDisk();
    const unknown: string[] = [];
    const attempt = new Diagnostics();
    const resolver = {
      lookup(name: string): string | null {
        const known = names.get(name);
        if (known !== undefined) return known;
        unknown.push(name);
        return '127.0.0.1';
      },
    };
    const loaded = loadConfig(
      {
        sources,
        environment,
        files,
        resolver,
        diagnostics: attempt,
        ignoreUnresolved: args.ignoreUnresolved,
        switches: args.switches,
      },
      args.dumpConfig !== null,
    );
    if (unknown.length > 0) {
      await Promise.all(unknown.map(async (name) => names.set(name, await resolve(name, args.ipv4Only))));
      continue;
    }
    diagnostics.append(attempt);
    if (loaded === null) return null;
    return {
      config: loaded.config,
      patterns: loaded.patterns,
      savedStates: readSavedStates(loaded.config, diagnostics),
      recorded: {
        sources,
        environment: before,
        files: files.record(),
        patterns: loaded.patterns.share(),
        names: [...names],
        ignoreUnresolved: args.ignoreUnresolved,
        switches: args.switches,
      },
      lines: loaded.lines,
      environment: [...environment.entries()],
    };
  }
}

async function resolve(name: string, ipv4Only: boolean): Promise<string | null> {
  try {
    return (await lookup(name, ipv4Only ? 4 : 0)).address;
  } catch {
    return null;
  }
}

/** The variables that files may use, with those that HAProxy defines (manual 2.3). */
function startEnvironment(args: Arguments): [string, string][] {
  const environment = Environment.fromProcess(process.env);
  environment.set('HAPROXY_LOCALPEER', args.localPeer ?? process.env['HAPROXY_LOCALPEER'] ?? hostname());
  environment.set('HAPROXY_CFGFILES', args.files.join(';'));
  if (args.master !== false) environment.set('HAPROXY_MWORKER', '1');
  return [...environment.entries()];
}
