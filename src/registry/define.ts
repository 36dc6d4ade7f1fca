// The shapes of a keyword. One small file defines one keyword (or one family that differs by a parameter) and its
// default export is one of these; the lists in each room name the files. Parser, -dK, manual and tests read them.

import type {
  BindConfig,
  Config,
  GlobalConfig,
  Position,
  ProxyConfig,
  ProxyKind,
  ServerConfig,
} from '../config/model.ts';
import type { Frame } from '../config/diagnostics.ts';
import type { Environment } from '../config/environment.ts';
import type { PatternStore } from '../acl/store.ts';
import type { Condition } from '../acl/condition.ts';
import type { Expression } from '../sample/expression.ts';
import type { LogFormat } from '../sample/logformat.ts';
import type { RuleAction, RuleSet } from '../rules/rule.ts';
import type { StreamContext } from '../sample/context.ts';
import type { Sample, Type } from '../sample/sample.ts';

/**
 * Refuses the line: the message is reported as an alert with file and line; parsing goes on with the next line, or
 * ends where `abort` is set.
 */
export class ConfigError extends Error {
  /** How the position stands before the text. */
  frame: Frame = 'spaced';
  abort = false;

  constructor(text: string, frame: Frame = 'spaced', abort = false) {
    super(text);
    this.frame = frame;
    this.abort = abort;
  }
}

/** What a keyword's parser may use besides its words. */
export interface ParseContext {
  readonly config: Config;
  readonly position: Position;
  /** The proxy being filled, where there is one. */
  readonly proxy: ProxyConfig | null;
  /** Collects a warning in HAProxy's frame (`parsing [file:line] : text`). */
  warn(text: string, frame?: Frame): void;
  alert(text: string, frame?: Frame): void;
  /** The same in the frame without a space before the colon, which HAProxy uses for some messages. */
  warnHere(text: string): void;
  alertHere(text: string): void;
  /** A warning that names no line. */
  warnPlain(text: string): void;
  alertPlain(text: string): void;
  /** The variables of the configuration as they stand at this line. */
  readonly environment: Environment;
  /** Runs after all files are read, in order: for references to proxies, servers and tables. */
  later(check: () => void): void;
  /** The numeric address of a host name, or null; recorded as files are. */
  resolve(host: string): string | null;
  /** Reads a whole file (recorded, so that data threads see the same bytes); throws ConfigError. */
  readFile(path: string): Uint8Array;
  /** Files of patterns and maps, and the patterns of ACL lines. */
  readonly patterns: PatternStore;
  /** Compiles `fetch,converter,...`; throws ConfigError. `phases`: where it will run. `name`: who asks, for messages. */
  expression(source: string, phases: number, name?: string): Expression;
  logFormat(source: string, phases: number): LogFormat;
  /** Compiles `if ...` or `unless ...` given by its words; throws ConfigError. */
  condition(words: readonly string[], phases: number): Condition;
}

/** A keyword of proxy sections or of `global`. `words[0]` is the keyword itself. */
export interface SectionKeyword {
  readonly name: string;
  /** Sections where it is legal; 'global' for process-wide ones. */
  readonly sections: readonly (ProxyKind | 'global')[];
  /** May be preceded by `no` and `default`. */
  readonly negatable?: boolean;
  /** One line, as in the manual's syntax line. */
  readonly usage: string;
  readonly doc: string;
  /** `form`: 'set', or the prefix word that was given. */
  parse(words: readonly string[], context: ParseContext, form: 'set' | 'no' | 'default'): void;
}

export interface GlobalParseContext extends ParseContext {
  readonly global: GlobalConfig;
}

/** An option of a `bind` line. Returns how many words it used beyond its name. */
export interface BindOption {
  readonly name: string;
  readonly usage: string;
  readonly doc: string;
  /** `words[at]` is the option's name. */
  parse(words: readonly string[], at: number, bind: BindConfig, context: ParseContext): number;
}

/** An option of a `server` or `default-server` line. */
export interface ServerOption {
  readonly name: string;
  readonly usage: string;
  readonly doc: string;
  readonly defaultServer: boolean;
  parse(words: readonly string[], at: number, server: ServerConfig, context: ParseContext): number;
}

/** One argument of a fetch or converter: how it is called in messages, and how its text becomes a value. */
export interface ArgSpec<T = unknown> {
  /** As the manual writes it: `index`. */
  readonly usage: string;
  /** Type name in messages: `integer`, `string`, `IPv4 address`. */
  readonly kind: string;
  readonly optional: boolean;
  /** The value of an argument that was left out. */
  readonly fallback: T;
  /** Throws ConfigError with the reason; the compiler adds the position. */
  parse(text: string, context: ParseContext): T;
}

/** Values of a list of arguments, by their declarations. */
export type ArgValues<A extends readonly ArgSpec[]> = {
  [K in keyof A]: A[K] extends ArgSpec<infer T> ? T : never;
};

export interface FetchKeyword<A extends readonly ArgSpec[] = readonly ArgSpec[]> {
  readonly name: string;
  /** Other names of the same fetch (`hdr` for `req.hdr`): listed separately where they differ. */
  readonly aliases?: readonly string[];
  readonly args: A;
  readonly type: Type;
  /** Where the data exists: mask of Phase. */
  readonly phases: number;
  /** What it reads, in the words of messages: `HTTP request headers`. */
  readonly needs: string;
  readonly needsHttp: boolean;
  /** The value is known at load and never changes. */
  readonly constant?: boolean;
  /** Its examples read a request or an answer and stand in registry/manual/examples.ts. */
  readonly doc: string;
  /** Returns what is wrong with the arguments, in HAProxy's words. */
  check?(args: ArgValues<A>, context: ParseContext): string | undefined;
  /**
   * `index`: -1 for the one value that the keyword means (of a header its last). ACLs ask for all: 0 for the first, then
   * 1, 2, ... while `sample.more` was left true.
   */
  fetch(stream: StreamContext, sample: Sample, args: ArgValues<A>, index: number): boolean;
}

export interface ConverterKeyword<A extends readonly ArgSpec[] = readonly ArgSpec[]> {
  readonly name: string;
  readonly from: Type;
  /** ANY says: the type of the input where `from` is ANY too, else known only when it runs. */
  readonly to: Type;
  readonly args: A;
  /** Reads or writes more than its input (variables, captures), so it is never computed at load. */
  readonly volatile?: boolean;
  readonly doc: string;
  /** [expression, expected text] pairs: run as tests, printed in the manual; null where there is no value. */
  readonly examples?: readonly (readonly [string, string | null])[];
  check?(args: ArgValues<A>, context: ParseContext): string | undefined;
  convert(sample: Sample, args: ArgValues<A>, stream: StreamContext): boolean;
}

export interface ActionKeyword {
  readonly name: string;
  /** Only with expose-experimental-directives. */
  readonly experimental?: boolean;
  readonly rulesets: readonly RuleSet[];
  readonly usage: string;
  readonly doc: string;
  /**
   * Reads the action's own words starting at `words[at]` (its name; a parenthesised part belongs to it) and returns
   * the action and the index of the first word it did not use, where `if`/`unless` may stand.
   */
  parse(
    words: readonly string[],
    at: number,
    ruleset: RuleSet,
    context: ParseContext,
  ): { action: RuleAction; next: number };
}

/** Defining functions only give the literals their types. */
export const defineKeyword = (keyword: SectionKeyword): SectionKeyword => keyword;
export const defineBindOption = (option: BindOption): BindOption => option;
export const defineServerOption = (option: ServerOption): ServerOption => option;
export const defineFetch = <const A extends readonly ArgSpec[]>(fetch: FetchKeyword<A>): FetchKeyword =>
  fetch as unknown as FetchKeyword;
export const defineConverter = <const A extends readonly ArgSpec[]>(
  converter: ConverterKeyword<A>,
): ConverterKeyword => converter as unknown as ConverterKeyword;
export const defineAction = (action: ActionKeyword): ActionKeyword => action;
