// The configuration as the control thread read it, in other threads.

import { PatternStore } from '../acl/store.ts';
import { Diagnostics } from '../config/diagnostics.ts';
import { Environment } from '../config/environment.ts';
import { FileStore } from '../config/files.ts';
import { isFront } from '../config/defaults.ts';
import { loadConfig } from '../config/load.ts';
import { settleFullconn } from '../config/check.ts';
import type { Config } from '../config/model.ts';
import type { DataThreadInit, Recorded } from './messages.ts';

/** The model once more, from what the control thread recorded while it read it. */
export function reload(init: Recorded & Pick<DataThreadInit, 'maxconn' | 'proxyMaxconn'>): Config {
  const names = new Map(init.names);
  const loaded = loadConfig({
    sources: init.sources,
    environment: new Environment(init.environment),
    files: FileStore.fromRecording(init.files),
    patterns: PatternStore.attached(init.patterns),
    resolver: { lookup: (name) => names.get(name) ?? null },
    diagnostics: new Diagnostics(),
    ignoreUnresolved: init.ignoreUnresolved,
    switches: init.switches,
  });
  if (loaded === null) throw new Error('the configuration reads differently in another thread');
  const { config } = loaded;
  config.global.maxconn = init.maxconn;
  for (const proxy of config.proxies) {
    if (proxy.maxconn === 0 && isFront(proxy.kind)) proxy.maxconn = init.proxyMaxconn;
  }
  settleFullconn(config);
  return config;
}
