// `acl` lines and conditions compiled to tests (manual 7.1, 7.2 and 7.4).

import type { Acl, AclTable } from './acl.ts';
import { type Condition, Match } from './condition.ts';
import { dottedWords } from './dotted.ts';
import type { Method } from './methods.ts';
import { compilePatterns, type Matcher } from './patterns.ts';
import { compileGroups } from './groups.ts';
import { PREDEFINED } from './predefined.ts';
import { type PatternSources, readPatterns } from './read-patterns.ts';
import { type Probe, type Special, specialise } from './specialise.ts';
import type { Subject } from './spell.ts';
import { ConfigError, type ParseContext } from '../registry/define.ts';
import type { SampleTables } from '../registry/registry.ts';
import { parseExpression } from '../sample/compile.ts';
import type { StreamContext } from '../sample/context.ts';
import { type Expression, Phase } from '../sample/expression.ts';
import { Sample, Type } from '../sample/sample.ts';
import { cutCall } from '../sample/split.ts';

/** ACL keywords made of a fetch and a matching method, where their name is not that of a fetch. */
const BASES: Readonly<Record<string, string>> = {
  base: 'base',
  cook: 'req.cook',
  hdr: 'req.hdr',
  path: 'path',
  scook: 'res.cook',
  shdr: 'res.hdr',
  url: 'url',
  urlp: 'urlp',
};
const DERIVED = /^(base|cook|hdr|path|scook|shdr|url|urlp)_(beg|dir|dom|end|len|reg|sub)$/;

/** Other names that are keywords of ACLs, beside being those of fetches (manual 7.3). */
const PLAIN: ReadonlySet<string> = new Set(
  (
    'http_auth_group method payload payload_lv req.ssl_ver req_rdp_cookie req_rdp_cookie_cnt req_ssl_sni req_ssl_ver ' +
    'req_ver resp_ver'
  ).split(' '),
);

/** Their integers are compared with versions such as 3.1. */
const DOTTED: ReadonlySet<string> = new Set(['req.ssl_ver', 'req_ssl_ver']);

const DEFAULT_METHOD: Readonly<Record<number, Method>> = {
  [Type.BOOL]: 'bool',
  [Type.SINT]: 'int',
  [Type.ADDR]: 'ip',
  [Type.IPV4]: 'ip',
  [Type.IPV6]: 'ip',
  [Type.STR]: 'str',
  [Type.METH]: 'str',
};

/** One line of an ACL. */
export interface Test {
  /** What it compares with text, where it is one of those that scanner.ts spells out; `sources`: with what. */
  readonly subject: Subject | null;
  readonly sources: PatternSources | null;
  readonly needsHttp: boolean;
  readonly phases: number;
  readonly keyword: string;
  probe(stream: StreamContext): Match;
}

export class GeneralTest implements Test {
  readonly subject = null;
  readonly sources = null;
  readonly needsHttp: boolean;
  readonly phases: number;
  readonly keyword: string;
  readonly expression: Expression;
  readonly matches: Matcher;
  private readonly sample = new Sample();

  constructor(expression: Expression, matches: Matcher) {
    this.expression = expression;
    this.needsHttp = expression.needsHttp;
    this.phases = expression.phases;
    this.keyword = expression.keyword;
    this.matches = matches;
  }

  probe(stream: StreamContext): Match {
    const { expression, matches, sample } = this;
    let partial = false;
    for (let index = 0; ; index++) {
      const found = expression.evaluateAt(stream, sample, index);
      const { more } = sample;
      partial ||= sample.partial;
      if (found && matches(sample)) return Match.YES;
      if (!more) return partial && !stream.inspectionOver ? Match.UNDECIDED : Match.NO;
    }
  }
}

class SpecialTest implements Test {
  readonly subject: Subject;
  readonly sources: PatternSources;
  readonly needsHttp = true;
  readonly phases: number;
  readonly keyword: string;
  private readonly test: Probe;

  constructor(expression: Expression, special: Special, sources: PatternSources) {
    this.subject = special.subject;
    this.sources = sources;
    this.phases = expression.phases;
    this.keyword = expression.keyword;
    this.test = special.probe;
  }

  probe(stream: StreamContext): Match {
    return this.test(stream) ? Match.YES : Match.NO;
  }
}

/** Alternatives under one name; lines that come later join in. */
class NamedAcl implements Acl {
  readonly name: string;
  readonly tests: Test[] = [];

  constructor(name: string) {
    this.name = name;
  }

  get needsHttp(): boolean {
    return this.tests.some((test) => test.needsHttp);
  }

  get phases(): number {
    let phases = 0;
    for (const test of this.tests) phases |= test.phases;
    return phases;
  }

  probe(stream: StreamContext): Match {
    const { tests } = this;
    let result: Match = Match.NO;
    for (let index = 0; index < tests.length; index++) {
      const answer = tests[index]!.probe(stream);
      if (answer === Match.YES) return answer;
      if (answer === Match.UNDECIDED) result = answer;
    }
    return result;
  }
}

/** Reads an `acl` line's words from the name on, and adds it to `acls`. Throws ConfigError. */
export function compileAcl(
  words: readonly string[],
  acls: AclTable,
  context: ParseContext,
  tables: SampleTables,
): void {
  const name = words[0] ?? '';
  const bad = /[^A-Za-z0-9_.:-]/.exec(name);
  if (bad !== null) throw new ConfigError(`character '${bad[0]}' is not permitted in acl name '${name}'`);
  if (name.toLowerCase() === 'or') {
    throw new ConfigError(
      `acl name '${name}' will never match. 'or' is used to express a logical disjunction within a condition`,
    );
  }
  let test;
  try {
    test = compileTest(words.slice(1), context, tables, name);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(`error detected while parsing ACL '${name}' : ${error.message}`);
  }
  let acl = acls.get(name) as NamedAcl | undefined;
  if (acl === undefined) acls.set(name, (acl = new NamedAcl(name)));
  acl.tests.push(test);
}

/** A table whose ACLs can be given more lines without changing those of `acls`. */
export function copyAcls(acls: AclTable): AclTable {
  const copies: AclTable = new Map();
  for (const [name, acl] of acls) {
    const copy = new NamedAcl(name);
    copy.tests.push(...(acl as NamedAcl).tests);
    copies.set(name, copy);
  }
  return copies;
}

/** Resolves `path_beg` and the like to fetch and method; plain fetch names have no method of their own. */
function resolveKeyword(name: string): { fetch: string; method: Method | null } {
  const derived = DERIVED.exec(name);
  if (derived !== null) return { fetch: BASES[derived[1]!]!, method: derived[2] as Method };
  if (Object.hasOwn(BASES, name)) return { fetch: BASES[name]!, method: 'str' };
  if (name === 'payload' || name === 'payload_lv') return { fetch: `req.${name}`, method: 'bin' };
  return { fetch: name, method: null };
}

function compileTest(
  words: readonly string[],
  context: ParseContext,
  tables: SampleTables,
  aclName = '',
): Test {
  const word = words[0] ?? '';
  const { name } = cutCall(word, 0);
  if (name === '') throw new ConfigError(`missing fetch method in ACL expression '${word}'`);
  const keyword = resolveKeyword(name);
  if (!tables.fetches.has(keyword.fetch)) {
    throw new ConfigError(
      tables.classify('fetch', keyword.fetch) === 'known'
        ? `fetch method '${name}' in ACL expression '${word}' is known but not yet supported`
        : `unknown fetch method '${name}' in ACL expression '${word}'`,
    );
  }
  const expression = compileKeyword(keyword.fetch + word.slice(name.length), name, word, context, tables);
  const converted = expression.source.length > cutCall(expression.source, 0).end;
  const initial =
    converted || keyword.method === null ? (DEFAULT_METHOD[expression.type] ?? null) : keyword.method;
  const dotted = DOTTED.has(name) && !converted && !words.includes('-m');
  const sources = readPatterns(dotted ? dottedWords(words) : words, name, initial, expression, context);
  const { method, patterns, closed } = sources;
  if (DERIVED.test(name) && (method !== keyword.method || converted)) {
    context.warn(`original matching method '${name}' was overwritten and will not be applied as expected.`);
  }
  if (patterns.length === 0 && method !== 'found' && method !== 'bool' && !closed) {
    context.warn(
      `parsing acl keyword '${word}' :\n` +
        '  no pattern to match against were provided, so this ACL will never match.\n' +
        "  If this is what you intended, please add '--' to get rid of this warning.\n" +
        "  If you intended to match only for existence, please use '-m found'.\n" +
        "  If you wanted to force an int to match as a bool, please use '-m bool'.\n",
    );
  }
  if (keyword.fetch === 'http_auth_group') {
    const plain = !converted && !words.includes('-m');
    return new GeneralTest(expression, compileGroups(expression.source, aclName, patterns, plain, context));
  }
  const special = specialise(expression.source, sources);
  return special === null
    ? new GeneralTest(expression, matcherOf(sources))
    : new SpecialTest(expression, special, sources);
}

/** Found and bool look at no pattern. */
function matcherOf({ method, lookups }: PatternSources): Matcher {
  if (method === 'found' || method === 'bool') return compilePatterns(method, []);
  const only = lookups[0]!;
  if (lookups.length === 1) return (sample) => only.matches(sample);
  return (sample) => {
    for (let at = 0; at < lookups.length; at++) if (lookups[at]!.matches(sample)) return true;
    return false;
  };
}

function compileKeyword(
  source: string,
  name: string,
  word: string,
  context: ParseContext,
  tables: SampleTables,
): Expression {
  try {
    const { expression, end, last } = parseExpression(source, 0, context, tables);
    if (end < source.length) throw new ConfigError(`missing comma after ${last}`);
    return expression;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { message } = error;
    if (!/^(?:invalid args in|unknown|missing comma after) (?:converter|fetch keyword)/.test(message)) {
      throw new ConfigError(message.replace(/^fetch method '[^']*'/, `ACL keyword '${name}'`));
    }
    const isKeyword = Object.hasOwn(BASES, name) || DERIVED.test(name) || PLAIN.has(name);
    throw new ConfigError(
      isKeyword ? `ACL keyword '${name}' : ${message}.` : `${message} in ACL expression '${word}'`,
    );
  }
}

export interface Term {
  readonly acl: Acl;
  readonly negate: boolean;
}

export class CompiledCondition implements Condition {
  readonly source: string;
  readonly needsHttp: boolean;
  readonly phases: number;
  readonly suites: readonly (readonly Term[])[];
  readonly unless: boolean;

  constructor(source: string, suites: readonly (readonly Term[])[], unless: boolean) {
    this.source = source;
    this.suites = suites;
    this.unless = unless;
    const terms = suites.flat();
    this.needsHttp = terms.some(({ acl }) => acl.needsHttp);
    this.phases = terms.reduce((phases, { acl }) => phases & acl.phases, -1);
  }

  test(stream: StreamContext): boolean {
    const { suites } = this;
    for (let index = 0; index < suites.length; index++) {
      if (this.all(suites[index]!, stream)) return !this.unless;
    }
    return this.unless;
  }

  private all(terms: readonly Term[], stream: StreamContext): boolean {
    for (let index = 0; index < terms.length; index++) {
      const { acl, negate } = terms[index]!;
      if ((acl.probe(stream) === Match.YES) === negate) return false;
    }
    return true;
  }

  probe(stream: StreamContext): Match {
    let result: Match = Match.NO;
    for (const terms of this.suites) {
      let suite: Match = Match.YES;
      for (let index = 0; index < terms.length && suite !== Match.NO; index++) {
        const { acl, negate } = terms[index]!;
        const answer = acl.probe(stream);
        if (answer === Match.UNDECIDED) suite = answer;
        else if ((answer === Match.YES) === negate) suite = Match.NO;
      }
      if (suite === Match.YES) result = suite;
      else if (suite === Match.UNDECIDED && result === Match.NO) result = suite;
      if (result === Match.YES) break;
    }
    if (result === Match.UNDECIDED) return result;
    return (result === Match.YES) === this.unless ? Match.NO : Match.YES;
  }
}

/**
 * Compiles `if ...` or `unless ...`; `words[0]` is that word. ACLs are looked up in `acls` and among the predefined
 * ones. `place` names the rule for the warning about data that is not there. Throws ConfigError.
 */
export function compileCondition(
  words: readonly string[],
  phases: number,
  acls: AclTable | null,
  context: ParseContext,
  tables: SampleTables,
): Condition {
  const suites: Term[][] = [];
  let terms: Term[] = [];
  let negate = false;
  for (let at = 1; at < words.length; at++) {
    let word = words[at]!;
    if (word === '||' || word.toLowerCase() === 'or') {
      if (terms.length > 0) suites.push(terms);
      terms = [];
      negate = false;
      continue;
    }
    while (word.startsWith('!')) {
      negate = !negate;
      word = word.slice(1);
    }
    if (word === '') continue;
    let acl: Acl;
    if (word === '{') {
      const end = words.indexOf('}', at);
      if (end < 0) throw new ConfigError("missing closing '}' in condition");
      acl = anonymous(words.slice(at + 1, end), context, tables);
      at = end;
    } else {
      acl = lookUp(word, acls, context, tables);
    }
    if ((acl.phases & phases) === 0) warnUnreachable(acl, phases, context);
    terms.push({ acl, negate });
    negate = false;
  }
  if (terms.length > 0) suites.push(terms);
  if (suites.length === 0) suites.push([]);
  return new CompiledCondition(words.join(' '), suites, words[0] === 'unless');
}

function anonymous(words: readonly string[], context: ParseContext, tables: SampleTables): NamedAcl {
  const acl = new NamedAcl('');
  acl.tests.push(compileTest(words, context, tables));
  return acl;
}

function lookUp(name: string, acls: AclTable | null, context: ParseContext, tables: SampleTables): Acl {
  const declared = acls?.get(name);
  if (declared !== undefined) return declared;
  const words = Object.hasOwn(PREDEFINED, name) ? PREDEFINED[name] : undefined;
  if (words === undefined) throw new ConfigError(`no such ACL : '${name}'`);
  const acl = new NamedAcl(name);
  acl.tests.push(compileTest(words, context, tables));
  return acl;
}

/** Both of these only where a rule chooses a backend, in HTTP or TCP mode. */
const SWITCHING = Phase.CONNECTION | Phase.REQUEST_HTTP;

const PLACES: readonly (readonly [number, string])[] = [
  [Phase.CONNECTION, 'tcp-request connection rule'],
  [Phase.SESSION, 'tcp-request session rule'],
  [Phase.REQUEST_CONTENT, 'tcp-request content rule'],
  [Phase.REQUEST_HTTP, 'http-request header rule'],
  [Phase.RESPONSE_CONTENT, 'tcp-response content rule'],
  [Phase.RESPONSE_HTTP | Phase.AFTER_RESPONSE, 'http-response header rule'],
];

function warnUnreachable(acl: Acl, phases: number, context: ParseContext): void {
  const switching = (phases & SWITCHING) === SWITCHING;
  const place = switching
    ? 'use-backend rule'
    : (PLACES.find(([mask]) => (mask & phases) !== 0)?.[1] ?? 'rule');
  const side = context.proxy?.kind === 'backend' ? 'backend' : 'frontend';
  const name = acl.name === '' ? 'anonymous acl' : `acl '${acl.name}'`;
  const keyword = (acl as NamedAcl).tests[0]?.keyword ?? '';
  context.warn(
    `${name} will never match because it uses keyword '${keyword}' ` +
      `which is incompatible with '${side} ${place}'`,
  );
}
