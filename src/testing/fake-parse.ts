// A ParseContext for tests, with all keywords and nothing read from disk.

import { PatternStore } from '../acl/store.ts';
import { Environment } from '../config/environment.ts';
import type { Config, ProxyConfig } from '../config/model.ts';
import { ConfigError, type ParseContext } from '../registry/define.ts';
import { REGISTRY } from '../registry/index.ts';
import { compilers } from '../sample/toolkit.ts';
import { fakeProxy } from './fake-stream.ts';

export interface FakeParse extends ParseContext {
  readonly warnings: string[];
  readonly alerts: string[];
  readonly files: Map<string, string>;
  proxy: ProxyConfig | null;
  /** Runs what was put off with `later`. */
  finish(): void;
}

export function fakeParse(proxies: readonly ProxyConfig[] = []): FakeParse {
  const checks: (() => void)[] = [];
  const context: FakeParse = {
    config: { proxies: [...proxies], userlists: new Map() } as unknown as Config,
    position: { file: 'test.cfg', line: 9 },
    proxy: proxies[0] ?? fakeProxy('frontend', 'fe'),
    warnings: [],
    alerts: [],
    files: new Map(),
    warn: (text) => void context.warnings.push(text),
    alert: (text) => void context.alerts.push(text),
    warnHere: (text) => void context.warnings.push(text),
    warnPlain: (text) => void context.warnings.push(text),
    alertPlain: (text) => void context.alerts.push(text),
    alertHere: (text) => void context.alerts.push(text),
    environment: new Environment([]),
    resolve: () => null,
    later: (check) => void checks.push(check),
    patterns: PatternStore.reading((path) => {
      const text = context.files.get(path);
      return text === undefined ? { error: 'No such file or directory' } : { text };
    }),
    readFile(path) {
      const text = context.files.get(path);
      if (text === undefined) throw new ConfigError(`no file ${path}`);
      return Buffer.from(text, 'latin1');
    },
    finish() {
      for (const check of checks.splice(0)) check();
    },
    ...compilers(() => context, REGISTRY),
  };
  return context;
}
