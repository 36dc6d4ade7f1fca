// What a keyword's parser works with: the place, the messages, and the compilers of expressions and conditions.

import { ConfigError, type ParseContext } from '../registry/define.ts';
import type { PatternStore } from '../acl/store.ts';
import { compileCondition } from '../acl/compile.ts';
import { compileExpression } from '../sample/compile.ts';
import { compileLogFormat } from '../sample/logformat-compile.ts';
import { REGISTRY } from '../registry/index.ts';
import type { Condition } from '../acl/condition.ts';
import type { Config, Position, ProxyConfig } from './model.ts';
import type { Diagnostics, Frame } from './diagnostics.ts';
import type { Environment } from './environment.ts';
import type { Expression } from '../sample/expression.ts';
import type { FileStore } from './files.ts';
import type { LogFormat } from '../sample/logformat.ts';
import type { Resolver } from './resolver.ts';

/** What all keywords of one loading share. */
export interface LoadState {
  readonly config: Config;
  readonly diagnostics: Diagnostics;
  readonly environment: Environment;
  readonly files: FileStore;
  readonly resolver: Resolver;
  readonly patterns: PatternStore;
  /** Checks that wait until everything is read. */
  readonly later: (() => void)[];
  /** Defaults sections that some proxy named with `from`. */
  readonly explicitDefaults: Set<ProxyConfig>;
  /** Reading ends here although the error would not end it by itself. */
  fatal: boolean;
}

/** One line. */
export class KeywordContext implements ParseContext {
  readonly state: LoadState;
  readonly position: Position;
  readonly proxy: ProxyConfig | null;

  constructor(state: LoadState, position: Position, proxy: ProxyConfig | null) {
    this.state = state;
    this.position = position;
    this.proxy = proxy;
  }

  get config(): Config {
    return this.state.config;
  }

  get environment(): Environment {
    return this.state.environment;
  }

  warn(text: string, frame: Frame = 'spaced'): void {
    this.state.diagnostics.warning(this.position, text, frame);
  }

  alert(text: string, frame: Frame = 'spaced'): void {
    this.state.diagnostics.alert(this.position, text, frame);
  }

  warnHere(text: string): void {
    this.warn(text, 'tight');
  }

  alertHere(text: string): void {
    this.alert(text, 'tight');
  }

  warnPlain(text: string): void {
    this.state.diagnostics.warning(null, text);
  }

  alertPlain(text: string): void {
    this.state.diagnostics.alert(null, text);
  }

  later(check: () => void): void {
    this.state.later.push(check);
  }

  resolve(host: string): string | null {
    return this.state.resolver.lookup(host);
  }

  readFile(path: string): Uint8Array {
    const result = this.state.files.read(path);
    if ('error' in result) throw new ConfigError(result.error);
    return Buffer.from(result.text, 'latin1');
  }

  get patterns(): PatternStore {
    return this.state.patterns;
  }

  expression(source: string, phases: number, name?: string): Expression {
    return compileExpression(source, phases, this, REGISTRY, name);
  }

  logFormat(source: string, phases: number): LogFormat {
    return compileLogFormat(source, phases, this, REGISTRY);
  }

  condition(words: readonly string[], phases: number): Condition {
    return compileCondition(words, phases, this.proxy?.acls ?? null, this, REGISTRY);
  }
}
