// Sample expressions `fetch(args),converter(args),...` joined once at load (manual 7.3): names looked up, arguments
// parsed, casts between steps chosen, constants computed. What is left for run time is one loop over the steps.

import { ArgCheckError } from '../registry/args.ts';
import {
  type ArgSpec,
  ConfigError,
  type ConverterKeyword,
  type FetchKeyword,
  type ParseContext,
} from '../registry/define.ts';
import type { SampleTables } from '../registry/registry.ts';
import { type Cast, canCast, castBetween, toStr } from './cast.ts';
import type { StreamContext } from './context.ts';
import { type Expression, Phase } from './expression.ts';
import { Sample, Type } from './sample.ts';
import { type Call, cutCall } from './split.ts';

/** The index that asks for the one value which an expression outside of an ACL means. */
const ONE_VALUE = -1;

type Arguments = readonly never[];

/** One converter with its arguments and the cast that its input needs. */
interface Step {
  readonly cast: Cast | null;
  readonly keyword: ConverterKeyword;
  readonly args: Arguments;
}

/** An expression found inside a longer text. */
export interface Parsed {
  readonly expression: Expression;
  /** First character that does not belong to it. */
  readonly end: number;
  /** What stands last in it, as messages call it: `fetch keyword 'src'`, `converter 'lower'`. */
  readonly last: string;
}

class CompiledExpression implements Expression {
  readonly source: string;
  readonly type: Type;
  readonly keyword: string;
  readonly needs: string;
  readonly needsHttp: boolean;
  readonly phases: number;
  readonly constant = false;
  private readonly fetch: FetchKeyword;
  private readonly args: Arguments;
  private readonly steps: readonly Step[];
  private readonly scratch = new Sample();

  constructor(
    source: string,
    fetch: FetchKeyword,
    args: Arguments,
    steps: readonly Step[],
    type: Type,
    phases: number,
  ) {
    this.source = source;
    this.type = type;
    this.keyword = fetch.name;
    this.needs = fetch.needs;
    this.needsHttp = fetch.needsHttp;
    this.phases = phases;
    this.fetch = fetch;
    this.args = args;
    this.steps = steps;
  }

  evaluate(stream: StreamContext, sample: Sample): boolean {
    return this.evaluateAt(stream, sample, ONE_VALUE);
  }

  evaluateAt(stream: StreamContext, sample: Sample, index: number): boolean {
    sample.more = false;
    sample.partial = false;
    if (!this.fetch.fetch(stream, sample, this.args, index)) return false;
    const { steps } = this;
    for (let at = 0; at < steps.length; at++) {
      const step = steps[at]!;
      if (step.cast !== null && !step.cast(sample)) return false;
      if (!step.keyword.convert(sample, step.args, stream)) return false;
    }
    return true;
  }

  text(stream: StreamContext): string | null {
    const { scratch } = this;
    return this.evaluateAt(stream, scratch, ONE_VALUE) && toStr(scratch) ? scratch.text : null;
  }
}

/** An expression whose value, or lack of one, was computed at load. */
class ConstantExpression implements Expression {
  readonly source: string;
  readonly type: Type;
  readonly keyword: string;
  readonly needs: string;
  readonly needsHttp = false;
  readonly phases: number;
  readonly constant = true;
  private readonly value: Sample | null;
  private readonly rendered: string | null;

  constructor(source: string, fetch: FetchKeyword, type: Type, value: Sample | null) {
    this.source = source;
    this.type = value === null ? type : value.type;
    this.keyword = fetch.name;
    this.needs = fetch.needs;
    this.phases = fetch.phases;
    this.value = value;
    const text = new Sample();
    if (value !== null) text.copy(value);
    this.rendered = value !== null && toStr(text) ? text.text : null;
  }

  evaluate(_stream: StreamContext, sample: Sample): boolean {
    sample.more = false;
    sample.partial = false;
    return this.value !== null && sample.copy(this.value);
  }

  evaluateAt(stream: StreamContext, sample: Sample, _index: number): boolean {
    return this.evaluate(stream, sample);
  }

  text(_stream: StreamContext): string | null {
    return this.rendered;
  }
}

/**
 * Compiles a word that is an expression as a whole. `phases` is where it will run: an expression whose data exists in
 * none of them is refused, in the name of `name`.
 */
export function compileExpression(
  source: string,
  phases: number,
  context: ParseContext,
  tables: SampleTables,
  name = source,
): Expression {
  const { expression, end, last } = parseExpression(source, 0, context, tables);
  if (end < source.length) throw new ConfigError(`missing comma after ${last}`);
  if ((expression.phases & phases) === 0) {
    throw new ConfigError(
      `fetch method '${name}' extracts information from '${expression.needs}', ` +
        'none of which is available here',
    );
  }
  return expression;
}

/** Compiles an expression that begins at `at` and ends where the grammar ends it. Does not look at phases. */
export function parseExpression(
  source: string,
  at: number,
  context: ParseContext,
  tables: SampleTables,
): Parsed {
  const call = cutCall(source, at);
  if (call.name === '') throw new ConfigError('missing fetch method');
  const fetch = tables.fetches.get(call.name);
  if (fetch === undefined) throw new ConfigError(unknown('fetch', 'fetch method', call.name, tables));
  const args = parseArguments(source, call, fetch.args, `fetch method '${call.name}' : `, context);
  complain(fetch.check?.(args, context), `invalid args in fetch method '${call.name}' : `);
  return parseConverters(source, at, call.end, call.name, fetch, args, context, tables);
}

function parseConverters(
  source: string,
  start: number,
  after: number,
  fetchName: string,
  fetch: FetchKeyword,
  args: Arguments,
  context: ParseContext,
  tables: SampleTables,
): Parsed {
  let end = after;
  let { type } = fetch;
  let constant = fetch.constant === true;
  const steps: Step[] = [];
  let last = `fetch keyword '${fetchName}'`;
  while (source[end] === ',') {
    // Nothing between commas, or behind the last one, is no converter.
    if (source[end + 1] === ',' || end + 1 === source.length) {
      end++;
      continue;
    }
    const call = cutCall(source, end + 1);
    const keyword = tables.converters.get(call.name);
    if (keyword === undefined) throw new ConfigError(unknown('converter', 'converter', call.name, tables));
    if (!canCast(type, keyword.from)) throw new ConfigError(`converter '${call.name}' cannot be applied`);
    const list = parseArguments(source, call, keyword.args, `in converter '${call.name}' : `, context);
    complain(keyword.check?.(list, context), `invalid args in converter '${call.name}' : `);
    steps.push({ cast: castBetween(type, keyword.from), keyword, args: list });
    if (keyword.to !== Type.ANY || keyword.from !== Type.ANY) type = keyword.to;
    constant &&= keyword.volatile !== true;
    end = call.end;
    last = `converter '${call.name}'`;
  }
  const phases = phasesWithin(fetch, context);
  const compiled = new CompiledExpression(source.slice(start, end), fetch, args, steps, type, phases);
  return { expression: constant ? fold(compiled, fetch) : compiled, end, last };
}

const BEFORE_BACKEND = Phase.REQUEST_CONTENT | Phase.REQUEST_HTTP;

/** While a frontend's rules look at a request, it has no backend yet. */
function phasesWithin(fetch: FetchKeyword, context: ParseContext): number {
  const early = fetch.needs === 'backend' && context.proxy?.kind === 'frontend';
  return early ? fetch.phases & ~BEFORE_BACKEND : fetch.phases;
}

/** Nothing in a constant expression looks at the stream, so none is given. */
function fold(compiled: CompiledExpression, fetch: FetchKeyword): Expression {
  const value = new Sample();
  const found = compiled.evaluate(undefined as unknown as StreamContext, value);
  return new ConstantExpression(compiled.source, fetch, compiled.type, found ? value : null);
}

function unknown(kind: 'fetch' | 'converter', words: string, name: string, tables: SampleTables): string {
  return tables.classify(kind, name) === 'known'
    ? `${words} '${name}' is known but not yet supported`
    : `unknown ${words} '${name}'`;
}

function complain(problem: string | undefined, where: string): void {
  if (problem !== undefined) throw new ConfigError(where + problem);
}

/** Parses the texts between parentheses by their declarations. `where` opens messages. */
function parseArguments(
  source: string,
  call: Call,
  specs: readonly ArgSpec[],
  where: string,
  context: ParseContext,
): Arguments {
  const inConverter = where.startsWith('in ');
  const at = (position: number): string => (inConverter ? `invalid arg ${position} ${where}` : where);
  const texts = call.args === null || (call.args.length === 1 && call.args[0] === '') ? [] : call.args;
  const values: unknown[] = [];
  const required = specs.filter((candidate) => !candidate.optional).length;
  // As HAProxy does: types first, then the closing parenthesis, then what each keyword checks itself.
  for (let index = 0; index < specs.length; index++) {
    const spec = specs[index]!;
    const text = texts[index];
    if (text === undefined || (text === '' && spec.kind !== 'string')) {
      if (!spec.optional && (spec.kind !== 'string' || index > 0 || texts.length > 0)) {
        throw new ConfigError(
          texts.length <= index && index > 0
            ? `${at(index + 1)}missing arguments (got ${Math.max(texts.length, index)}/${required}), type '${spec.kind}' expected`
            : `${at(index + 1)}expected type '${spec.kind}' at position ${index + 1}, but got nothing`,
        );
      }
      values.push(spec.fallback);
    } else if (spec.kind !== 'string') {
      values.push(parseArgument(spec, text, index, at, inConverter, call, context));
    } else values.push(undefined);
  }
  checkClosing(source, call, specs, texts.length, at);
  specs.forEach((spec, index) => {
    if (spec.kind !== 'string') return;
    const text = texts[index] ?? (spec.optional ? null : '');
    if (text !== null) values[index] = parseArgument(spec, text, index, at, inConverter, call, context);
  });
  return values as unknown as Arguments;
}

/** Refuses too many arguments, and a parenthesis that nothing closes. */
function checkClosing(
  source: string,
  call: Call,
  specs: readonly ArgSpec[],
  given: number,
  at: (position: number) => string,
): void {
  if (call.args === null || (given <= specs.length && !call.unclosed)) return;
  // HAProxy counts so; an empty text is one argument where that may be text.
  const taken = Math.min(given === 0 && specs[0]?.kind === 'string' ? 1 : given, specs.length);
  const place = at(taken === 1 ? 2 : Math.max(taken, 1));
  if (given <= specs.length) throw new ConfigError(`${place}expected ')'`);
  const next = call.starts[specs.length]! - (specs.length === 0 ? 0 : 1);
  throw new ConfigError(`${place}expected ')' before '${source.slice(next)}'`);
}

function parseArgument(
  spec: ArgSpec,
  text: string,
  index: number,
  at: (position: number) => string,
  inConverter: boolean,
  call: Call,
  context: ParseContext,
): unknown {
  try {
    return spec.parse(text, context);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const kind = inConverter ? 'converter' : 'fetch method';
    if (error instanceof ArgCheckError || spec.kind === 'string') {
      throw new ConfigError(`invalid args in ${kind} '${call.name}' : ${error.message}`);
    }
    throw new ConfigError(`${at(index + 1)}${error.message} at position ${index + 1}`);
  }
}
