// Names of variables, `scope.name` (manual 2.8), and which store a scope means for a stream.

import { ConfigError } from '../registry/define.ts';
import type { StreamContext } from './context.ts';
import { Sample } from './sample.ts';
import type { VariableStore } from './variables.ts';
import { toSint, toStr } from './cast.ts';

export type Scope = 'proc' | 'sess' | 'txn' | 'req' | 'res' | 'check';
const SCOPES: readonly string[] = ['proc', 'sess', 'txn', 'req', 'res', 'check'];

export interface VariableName {
  readonly scope: Scope;
  /** Without the scope. */
  readonly name: string;
  /** As written. */
  readonly full: string;
}

/** Throws ConfigError in HAProxy's words. */
export function parseVariable(text: string): VariableName {
  if (text === '') throw new ConfigError('Empty variable name cannot be accepted');
  const dot = text.indexOf('.');
  const scope = text.slice(0, Math.max(0, dot));
  if (!SCOPES.includes(scope) || dot === text.length - 1) {
    throw new ConfigError(
      `invalid variable name '${text}'. A variable name must be start by its scope. ` +
        "The scope can be 'proc', 'sess', 'txn', 'req', 'res' or 'check'",
    );
  }
  const name = text.slice(dot + 1);
  const bad = /[^A-Za-z0-9_.]/.exec(name);
  if (bad !== null) throw new ConfigError(`invalid syntax at char '${name.slice(bad.index)}'`);
  return { scope: scope as Scope, name, full: text };
}

/** The store of a scope; null where the stream has none (a health check's). */
export function storeOf(stream: StreamContext, scope: Scope): VariableStore | null {
  switch (scope) {
    case 'txn':
      return stream.transactionVariables;
    case 'req':
      return stream.requestVariables;
    case 'res':
      return stream.responseVariables;
    case 'sess':
      return stream.session.variables;
    case 'proc':
      return stream.process.processVariables;
    case 'check':
      return null;
  }
}

/** Fills `sample`; false where the variable is not set. */
export function getVariable(stream: StreamContext, variable: VariableName, sample: Sample): boolean {
  const store = storeOf(stream, variable.scope);
  return store !== null && store.get(variable.name, sample);
}

const scratch = new Sample();

/** The variable as text, or null. */
export function variableText(stream: StreamContext, variable: VariableName): string | null {
  return getVariable(stream, variable, scratch) && toStr(scratch) ? scratch.text : null;
}

/** Fills `sample` with the argument's integer: itself, or what its variable holds. */
export function resolveNumber(
  stream: StreamContext,
  argument: number | bigint | VariableName,
  sample: Sample,
): boolean {
  if (typeof argument === 'number') return sample.setInt(argument);
  if (typeof argument === 'bigint') return sample.setBig(argument);
  if (!getVariable(stream, argument, sample)) return false;
  return toSint(sample);
}
