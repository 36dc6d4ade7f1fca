// Arguments that are a text or the name of a variable holding it: keys and tokens of cryptographic converters.

import { ArgCheckError } from '../registry/args.ts';
import type { ArgSpec } from '../registry/define.ts';
import type { StreamContext } from './context.ts';
import { parseVariable, type VariableName, variableText } from './variable-name.ts';

export interface TextArgument {
  /** As written, or decoded where the argument is base64; '' for a variable. */
  readonly text: string;
  /** Holds the text, encoded where the argument is; null for a literal one. */
  readonly variable: VariableName | null;
}

const NONE: TextArgument = { text: '', variable: null };

function variableOf(text: string): VariableName | null {
  try {
    const variable = parseVariable(text);
    return variable.name === '' ? null : variable;
  } catch {
    return null;
  }
}

/** What is no variable's name is the text itself. */
export const textOrVariable = (usage: string): ArgSpec<TextArgument> => ({
  usage,
  kind: 'string',
  optional: false,
  fallback: NONE,
  parse(text) {
    const variable = variableOf(text);
    return variable === null ? { text, variable } : { text: '', variable };
  },
});

/** The argument's text, or null where its variable is not set. */
export function textOf(stream: StreamContext, { text, variable }: TextArgument): string | null {
  return variable === null ? text : variableText(stream, variable);
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Bytes as latin1, or null where it is no base64 with its padding. */
export function decodeBase64(text: string): string | null {
  return BASE64.test(text) ? Buffer.from(text, 'base64').toString('latin1') : null;
}

/** As `textOrVariable`, for a text in base64. `failure` is the message for a literal that is none. */
export function base64OrVariable(usage: string, failure: string): ArgSpec<TextArgument> {
  return {
    ...textOrVariable(usage),
    parse(literal) {
      const variable = variableOf(literal);
      if (variable !== null) return { text: '', variable };
      const text = decodeBase64(literal);
      if (text === null) throw new ArgCheckError(failure);
      return { text, variable };
    },
  };
}

/** The argument's bytes, or null where its variable is not set or holds no base64. */
export function bytesOf(stream: StreamContext, { text, variable }: TextArgument): string | null {
  if (variable === null) return text;
  const encoded = variableText(stream, variable);
  return encoded === null ? null : decodeBase64(encoded);
}
