// Loads a configuration text without disk, network and process environment, for tests.

import { Diagnostics, formatMessage } from '../config/diagnostics.ts';
import { Environment } from '../config/environment.ts';
import { FileStore } from '../config/files.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/model.ts';

export interface LoadedText {
  /** Null where the configuration was refused. */
  readonly config: Config | null;
  /** `ALERT config : ...`, the closing lines left out. */
  readonly messages: readonly string[];
}

export interface LoadTextOptions {
  readonly name?: string;
  /** Host names and their addresses. */
  readonly names?: Readonly<Record<string, string>>;
  /** Files by path, latin1. */
  readonly files?: Readonly<Record<string, string>>;
}

const CLOSING = /^config : (Error\(s\) found in configuration file|Fatal errors found in configuration)/;

export function loadText(text: string, options: LoadTextOptions = {}): LoadedText {
  const { name = 't.cfg', names = {}, files = {} } = options;
  const diagnostics = new Diagnostics();
  const loaded = loadConfig({
    sources: [{ name, text }],
    environment: new Environment([]),
    files: FileStore.fromRecording({
      files: Object.entries(files).map(([path, content]) => [path, { text: content }] as const),
      folders: [],
    }),
    resolver: { lookup: (host) => names[host] ?? null },
    diagnostics,
  });
  const messages = diagnostics.messages
    .map((message) => ({ level: message.level.toUpperCase(), text: formatMessage(message) }))
    .filter((message) => !CLOSING.test(message.text))
    .map((message) => `${message.level} ${message.text}`);
  return { config: loaded?.config ?? null, messages };
}
