// Joins the compilers with the tables: what a ParseContext needs to compile expressions, formats and conditions.

import { compileCondition } from '../acl/compile.ts';
import type { ParseContext } from '../registry/define.ts';
import type { SampleTables } from '../registry/registry.ts';
import { compileExpression } from './compile.ts';
import { compileLogFormat } from './logformat-compile.ts';

/** The three compiling members of a ParseContext; `context` gives the rest when they are called. */
export function compilers(
  context: () => ParseContext,
  tables: SampleTables,
): Pick<ParseContext, 'expression' | 'logFormat' | 'condition'> {
  return {
    expression: (source, phases, name) => compileExpression(source, phases, context(), tables, name),
    logFormat: (source, phases) => compileLogFormat(source, phases, context(), tables),
    condition(words, phases) {
      const here = context();
      return compileCondition(words, phases, here.proxy?.acls ?? null, here, tables);
    },
  };
}
