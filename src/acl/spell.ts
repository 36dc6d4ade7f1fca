// Spells the tests of ACLs as JavaScript, for scanner.ts. All that comes from the configuration goes through JSON or into
// a constant.

import type { StreamContext } from '../sample/context.ts';
import type { Expression } from '../sample/expression.ts';
import { methodOf } from '../sample/fetches/request-line.ts';
import { lowered } from '../sample/fold.ts';
import { Sample } from '../sample/sample.ts';
import { GeneralTest, type Test } from './compile.ts';
import type { InlineLookup } from './inline.ts';
import { compileText, type Pattern } from './patterns.ts';
import { pathOf } from './specialise.ts';

/** Patterns that are compared one after the other; more are looked up. */
const FEW = 8;

/** What gives the same until a rule acts. */
const PURE =
  /^(?:(?:src|dst)(?:_port)?|url|query|base|status|(?:req\.|res\.)?(?:f?hdr|cook)\([\w-]+\)|(?:url_param|urlp)\([\w-]+\))$/;

/** What `header` and `value` give besides a value. */
const ABSENT = 0;
const SEVERAL = 1;

/** What a text test looks at: `path`, `method`, or the name of a request header in lower case. */
export interface Subject {
  readonly kind: 'path' | 'method' | 'header';
  readonly name: string;
}

export class Speller {
  /** The name of what turns texts to lower case, once something needs it. */
  private fold: string | null = null;
  private readonly constants: unknown[] = [];
  private readonly variables = new Map<string, string>();
  /** How the values of variables are had that hold samples. */
  private readonly fetches = new Map<string, string>();
  private memory: InlineLookup['memory'] | null = null;

  /** A name for `value` in the function. */
  constant(value: unknown): string {
    return `k${this.constants.push(value) - 1}`;
  }

  /** A condition: the answer of `test` is YES. */
  test(test: Test): string {
    const general = `${this.constant(test)}.probe(S) === 1`;
    if (test instanceof GeneralTest && PURE.test(test.expression.source)) return this.value(test, general);
    const { subject, sources } = test;
    if (subject === null || sources === null) return `(${general})`;
    const { inline, lookups, method, patterns } = sources;
    if (lookups.length !== 1 || lookups[0] !== inline) return `(${general})`;
    this.memory ??= inline.memory;
    if (this.memory !== inline.memory) return `(${general})`;
    const untouched = `I[${inline.cell}] === 0`;
    const variable = this.variable(subject);
    if (subject.kind === 'header') {
      const text = this.texts(method, patterns, variable, inline.ignoreCase);
      return (
        `(typeof (${variable} ??= header(S, ${JSON.stringify(subject.name)})) === 'string' && ${untouched} ? ${text} : ` +
        `${variable} !== ${ABSENT} && ${general})`
      );
    }
    const text = this.texts(method, patterns, variable, inline.ignoreCase);
    return `((${variable} ??= ${subject.kind}Of(S)) === '' ? false : ${untouched} ? ${text} : ${general})`;
  }

  /** The value is fetched once for all that look at it; what matches may change the type of what it gets. */
  private value({ expression, matches }: GeneralTest, general: string): string {
    const key = `value ${expression.source}`;
    const isNew = !this.variables.has(key);
    const variable = this.named(key);
    if (isNew)
      this.fetches.set(variable, `value(${this.constant(expression)}, S, ${this.constant(new Sample())})`);
    const own = this.constant(new Sample());
    return (
      `((${variable} ??= ${this.fetches.get(variable)!}) === ${ABSENT} ? false : ` +
      `${variable} === ${SEVERAL} ? ${general} : (${own}.copy(${variable}), ${this.constant(matches)}(${own})))`
    );
  }

  private variable({ kind, name }: Subject): string {
    return this.named(`${kind} ${name}`);
  }

  private named(key: string): string {
    let variable = this.variables.get(key);
    if (variable === undefined) {
      variable = `v${this.variables.size}`;
      this.variables.set(key, variable);
    }
    return variable;
  }

  /** Compares what is in `variable`, a string, with any of `patterns`. */
  private texts(method: string, patterns: readonly Pattern[], variable: string, ignoreCase: boolean): string {
    const call = TEXT_CALLS[method];
    if (call === undefined || patterns.length > FEW || patterns.length === 0) {
      return `${this.constant(compileText(method as 'str', patterns))}(${variable})`;
    }
    const value = ignoreCase
      ? `(${variable}l ??= ${(this.fold ??= this.constant(lowered))}(${variable}))`
      : variable;
    const texts = patterns.map(({ text }) => call(value, JSON.stringify(ignoreCase ? lowered(text) : text)));
    return `(${texts.join(' || ')})`;
  }

  /** The function of stream and place whose body is `body`. */
  compile(body: string): (stream: StreamContext, at: number) => number {
    const names = this.constants.map((_, i) => `k${i}`);
    const variables = [...this.variables.values()].flatMap((name) => [name, `${name}l`]);
    const text = [
      "'use strict';",
      names.length === 0 ? '' : `const [${names.join(', ')}] = K;`,
      'return function scan(S, at) {',
      variables.length === 0 ? '' : `let ${variables.join(', ')};`,
      body,
      '};',
    ].join('\n');
    // oxlint-disable-next-line no-implied-eval, no-new-func -- the text is made above, from constants and JSON
    const make = new Function('K', 'I', 'pathOf', 'methodOf', 'header', 'value', text);
    return make(this.constants, this.memory?.ints ?? null, pathOf, methodOf, header, value) as (
      stream: StreamContext,
      at: number,
    ) => number;
  }
}

const TEXT_CALLS: Readonly<Record<string, (value: string, text: string) => string>> = {
  str: (value, text) => `${value} === ${text}`,
  beg: (value, text) => `${value}.startsWith(${text})`,
  end: (value, text) => `${value}.endsWith(${text})`,
  sub: (value, text) => `${value}.includes(${text})`,
};

/** The value of a header that is there once and is no list; else ABSENT or SEVERAL. */
function header({ request }: StreamContext, name: string): string | number {
  if (request === null) return ABSENT;
  const at = request.find(name, 0);
  if (at < 0) return ABSENT;
  if (request.find(name, at + 1) >= 0) return SEVERAL;
  const value = request.valueAt(at);
  return value.includes(',') ? SEVERAL : value.trim();
}

/** The one value of an expression; else ABSENT or SEVERAL. */
function value(expression: Expression, stream: StreamContext, sample: Sample): Sample | number {
  const found = expression.evaluateAt(stream, sample, 0);
  if (sample.more || sample.partial) return SEVERAL;
  return found ? sample : ABSENT;
}
