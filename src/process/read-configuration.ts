// Reads the configuration files and resolves names, keeping all that data threads need to do the same again.

import { lookup } from 'node:dns/promises';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Diagnostics } from '../config/diagnostics.ts';
import { Environment } from '../config/environment.ts';
import { FileStore } from '../config/files.ts';
import { loadConfig } from '../config/load.ts';
import {
  HTTP_CLF_LOG_FORMAT,
  HTTP_LOG_FORMAT,
  TCP_CLF_LOG_FORMAT,
  TCP_LOG_FORMAT,
} from '../sample/logformat-compile.ts';
import { EMULATED_VERSION } from '../version.ts';
import { hostname } from 'node:os';
import type { Arguments } from './args.ts';
import type { Config, Position } from '../config/model.ts';
import type { DataThreadInit } from './messages.ts';
import type { Source } from '../config/reader.ts';

export interface ReadConfiguration {
  readonly config: Config;
  readonly recorded: Pick<DataThreadInit, 'sources' | 'environment' | 'files' | 'names'>;
  readonly lines: readonly { readonly words: readonly string[]; readonly position: Position }[];
  /** The variables as they are after reading, for `show env`. */
  readonly environment: readonly (readonly [string, string])[];
}

/** Null where the files cannot be used; `diagnostics` says why, or nothing where folders held no file at all. */
export async function readConfiguration(
  args: Arguments,
  diagnostics: Diagnostics,
): Promise<ReadConfiguration | null> {
  const sources = readSources(args.files, diagnostics);
  if (sources === null || sources.length === 0) return null;
  const before = startEnvironment(args);
  const names = new Map<string, string | null>();
  for (;;) {
    const environment = new Environment(before);
    const files = new FileStore(null);
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
      { sources, environment, files, resolver, diagnostics: attempt },
      args.dumpConfig !== null,
    );
    if (unknown.length > 0) {
      await Promise.all(unknown.map(async (name) => names.set(name, await resolve(name, args.ipv4Only))));
      continue;
    }
    for (const { severity, text } of attempt.messages) diagnostics.add(severity, text);
    if (loaded === null) return null;
    return {
      config: loaded.config,
      recorded: { sources, environment: before, files: files.entries(), names: [...names] },
      lines: loaded.reader.lines,
      environment: environment.entries(),
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
  const environment = Environment.ofProcess();
  environment.set('HAPROXY_LOCALPEER', args.localPeer ?? process.env['HAPROXY_LOCALPEER'] ?? hostname());
  environment.set('HAPROXY_CFGFILES', args.files.join(';'));
  if (args.master !== false) environment.set('HAPROXY_MWORKER', '1');
  environment.set('HAPROXY_STARTUP_VERSION', EMULATED_VERSION);
  environment.set('HAPROXY_BRANCH', EMULATED_VERSION.split('.').slice(0, 2).join('.'));
  environment.set('HAPROXY_HTTP_LOG_FMT', HTTP_LOG_FORMAT);
  environment.set('HAPROXY_HTTP_CLF_LOG_FMT', HTTP_CLF_LOG_FORMAT);
  environment.set('HAPROXY_TCP_LOG_FMT', TCP_LOG_FORMAT);
  environment.set('HAPROXY_TCP_CLF_LOG_FMT', TCP_CLF_LOG_FORMAT);
  return environment.entries();
}

/** Files in the order given; a folder stands for its *.cfg files in lexical order. */
function readSources(paths: readonly string[], diagnostics: Diagnostics): Source[] | null {
  const sources: Source[] = [];
  for (const path of paths) {
    try {
      const names = statSync(path).isDirectory()
        ? readdirSync(path)
            .filter((name) => name.endsWith('.cfg') && !name.startsWith('.'))
            .sort()
            .map((name) => join(path, name))
        : [path];
      for (const name of names) sources.push({ name, text: readFileSync(name, 'latin1') });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const reason =
        code === 'ENOENT'
          ? 'No such file or directory'
          : code === 'EACCES'
            ? 'Permission denied'
            : code === 'ENOTDIR'
              ? 'Not a directory'
              : String(code);
      diagnostics.alert(`config : Cannot open configuration file/directory ${path} : ${reason}`);
      return null;
    }
  }
  return sources;
}
