// The variables that a configuration sees. A copy: what the configuration sets never leaks into this process, and
// another thread can start from the same values.

import { EMULATED_BRANCH, EMULATED_VERSION } from '../version.ts';
import { LOG_FORMAT_VARIABLES } from './log-formats.ts';

/** Names that the tokenizer could never reference are refused by the C library too: empty, or with an `=`. */
const settable = (name: string): boolean => name !== '' && !name.includes('=');

/**
 * Environment variables (manual 2.3) and the pseudo-variables `.FILE`, `.LINE`, `.SECTION`. All texts are latin1:
 * one character for each byte.
 */
export class Environment {
  /** Answers for the pseudo-variables; the reader keeps them at the line being read. */
  file = '';
  line = 0;
  section = '';

  private readonly values: Map<string, string>;

  constructor(initial: Iterable<readonly [string, string]>) {
    this.values = new Map(initial);
  }

  /** From `process.env` or a like object, whose values are UTF-8 decoded; adds HAProxy's own variables. */
  static fromProcess(env: Readonly<Record<string, string | undefined>>): Environment {
    const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
    const entries: [string, string][] = [];
    for (const name in env) {
      const value = env[name];
      if (value !== undefined) entries.push([bytes(name), bytes(value)]);
    }
    const environment = new Environment(entries);
    environment.values.set('HAPROXY_STARTUP_VERSION', EMULATED_VERSION);
    environment.values.set('HAPROXY_BRANCH', EMULATED_BRANCH);
    for (const [name, value] of LOG_FORMAT_VARIABLES) environment.values.set(name, value);
    return environment;
  }

  /** The value, or undefined for a variable that does not exist (an empty one does). */
  get(name: string): string | undefined {
    if (name.charCodeAt(0) !== 0x2e) return this.values.get(name);
    if (name === '.FILE') return this.file;
    if (name === '.LINE') return String(this.line);
    return name === '.SECTION' ? this.section : undefined;
  }

  /** `setenv`. Returns false for a name that no environment can hold. */
  set(name: string, value: string): boolean {
    if (!settable(name)) return false;
    this.values.set(name, value);
    return true;
  }

  /** `presetenv`: sets only what does not exist yet. */
  preset(name: string, value: string): boolean {
    if (!settable(name)) return false;
    if (!this.values.has(name)) this.values.set(name, value);
    return true;
  }

  /** `unsetenv`. */
  unset(name: string): boolean {
    if (!settable(name)) return false;
    this.values.delete(name);
    return true;
  }

  /** `resetenv`: removes every variable except `names`, which keep the value they have now (manual 3.1). */
  reset(names: readonly string[]): void {
    for (const name of this.values.keys()) {
      if (!names.includes(name)) this.values.delete(name);
    }
  }

  /** All variables in the order they were set, for `show env`, HAPROXY_CFGFILES and another thread's copy. */
  entries(): IterableIterator<[string, string]> {
    return this.values.entries();
  }
}
