// A ParseContext for expressions that come over the stats socket: a configuration that is being used, and no file.

import { PatternStore } from '../acl/store.ts';
import { ConfigError } from '../registry/define.ts';
import { Diagnostics } from './diagnostics.ts';
import { Environment } from './environment.ts';
import { FileStore } from './files.ts';
import { KeywordContext } from './context.ts';
import type { Config } from './model.ts';

class CommandContext extends KeywordContext {
  /** Everything is there already. */
  override later(check: () => void): void {
    check();
  }

  override alert(text: string): void {
    throw new ConfigError(text);
  }
}

export function commandContext(config: Config): KeywordContext {
  const state = {
    config,
    diagnostics: new Diagnostics(),
    environment: new Environment([]),
    files: FileStore.fromRecording({ files: [], folders: [] }),
    resolver: { lookup: () => null },
    patterns: PatternStore.reading((path) => {
      throw new ConfigError(`file '${path}' cannot be read here`);
    }),
    later: [],
    explicitDefaults: new Set<never>(),
    fatal: false,
  };
  return new CommandContext(state, { file: 'stats socket', line: 0 }, null);
}
