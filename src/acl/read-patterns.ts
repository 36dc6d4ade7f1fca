// Flags and patterns of an ACL line (manual 7.1): files first, then what the line itself says.

import { ConfigError, type ParseContext } from '../registry/define.ts';
import { canCast } from '../sample/cast.ts';
import type { Expression } from '../sample/expression.ts';
import { Type } from '../sample/sample.ts';
import { InlineLookup, type Lookup } from './inline.ts';
import { checkPattern, type Method, METHODS } from './methods.ts';
import { parseShortIpv4 } from './network.ts';
import type { Pattern } from './patterns.ts';
import { formatRange, type Operator, parseRange } from './ranges.ts';

/** What each method needs to get from the sample. */
const METHOD_TYPE: Readonly<Record<Method, Type>> = {
  found: Type.ANY,
  bool: Type.BOOL,
  int: Type.SINT,
  ip: Type.ADDR,
  bin: Type.BIN,
  len: Type.STR,
  str: Type.STR,
  beg: Type.STR,
  sub: Type.STR,
  dir: Type.STR,
  dom: Type.STR,
  end: Type.STR,
  reg: Type.STR,
};
const TYPE_NAMES = ['any', 'bool', 'sint', 'addr', 'ipv4', 'ipv6', 'str', 'bin', 'meth'];

export interface PatternSources {
  readonly method: Method;
  /** The files in order, the line's own patterns last. */
  readonly lookups: readonly Lookup[];
  readonly inline: InlineLookup;
  /** The line's own patterns as they are read. */
  readonly patterns: readonly Pattern[];
  /** `--` was given, or files: no patterns is what was meant. */
  readonly closed: boolean;
}

/** Flags up to the first pattern. */
class Flags {
  method: Method | null;
  ignoreCase = false;
  asMap = false;
  closed = false;
  id = -1;
  numeric = false;
  readonly files: Lookup[] = [];
  /** The first word that is no flag. */
  end = 1;

  constructor(method: Method | null) {
    this.method = method;
  }
}

/**
 * Reads what follows the criterion in `words`. `name` is the criterion's keyword, `initial` the method that it implies.
 * Throws ConfigError.
 */
export function readPatterns(
  words: readonly string[],
  name: string,
  initial: Method | null,
  expression: Expression,
  context: ParseContext,
): PatternSources {
  const flags = readFlags(words, name, initial, expression, context);
  const { method, ignoreCase } = flags;
  if (method === null) throw noMethod(expression);
  const patterns = readInline(words.slice(flags.end), method, flags, context);
  const { file, line } = context.position;
  const set = context.patterns.inline(`acl '${name}' file '${file}' line ${line}`);
  if (flags.id >= 0) context.patterns.force(set, flags.id);
  if (context.patterns.fills) for (const { text } of patterns) set.list.add(text, null);
  const inline = new InlineLookup(set.list, method, ignoreCase, patterns);
  set.lookups.push(inline);
  const lookups = [...flags.files, inline];
  return { method, lookups, inline, patterns, closed: flags.closed || flags.files.length > 0 };
}

function noMethod(expression: Expression): ConfigError {
  return new ConfigError(
    "matching method must be specified first (using '-m') when using a sample fetch of this type " +
      `('${TYPE_NAMES[expression.type]!}')`,
  );
}

function readFlags(
  words: readonly string[],
  name: string,
  initial: Method | null,
  expression: Expression,
  context: ParseContext,
): Flags {
  const flags = new Flags(initial);
  for (; flags.end < words.length && words[flags.end]!.startsWith('-') && !flags.closed; flags.end++) {
    const flag = words[flags.end]!;
    switch (flag) {
      case '--':
        flags.closed = true;
        break;
      case '-i':
        flags.ignoreCase = true;
        break;
      case '-M':
        flags.asMap = true;
        break;
      case '-n':
        flags.numeric = true;
        break;
      case '-m':
        flags.method = readMethod(words[++flags.end] ?? '', name, expression, flags);
        break;
      case '-u':
        flags.id = readId(words[++flags.end] ?? '');
        break;
      case '-f':
        if (flags.method === null) throw noMethod(expression);
        flags.files.push(openFile(words[++flags.end] ?? '', flags, flags.method, context));
        break;
      default:
        throw new ConfigError(
          `'${flag}' is not a valid ACL option. Please use '--' before any pattern beginning with a '-'`,
        );
    }
  }
  return flags;
}

function readMethod(wanted: string, name: string, expression: Expression, flags: Flags): Method {
  if (!METHODS.includes(wanted as Method)) {
    throw new ConfigError(`unknown matching method '${wanted}' when parsing ACL expression`);
  }
  if (flags.files.length > 0) {
    throw new ConfigError("'-m' must only be specified before patterns and files in parsing ACL expression");
  }
  if (!canCast(expression.type, METHOD_TYPE[wanted as Method])) {
    throw new ConfigError(`matching method '${wanted}' cannot be used with fetch keyword '${name}'`);
  }
  return wanted as Method;
}

function readId(text: string): number {
  const id = Number(text);
  if (!/^\d{1,10}$/.test(text) || id > 0x7fff_ffff) {
    throw new ConfigError('the argument of -u must be an integer');
  }
  return id;
}

function openFile(word: string, flags: Flags, method: Method, context: ParseContext): Lookup {
  const set = context.patterns.open(word, flags.asMap ? 2 : 1);
  const { file, line } = context.position;
  set.inAcls = true;
  set.uses.push(`by ${flags.asMap ? 'map' : 'acl'} at file '${file}' line ${line}`);
  return set.lookup(method, flags.ignoreCase, null);
}

/** Patterns as they are kept: operators become ranges, names of hosts addresses. */
function readInline(
  words: readonly string[],
  method: Method,
  flags: Flags,
  context: ParseContext,
): Pattern[] {
  const { ignoreCase } = flags;
  const patterns: Pattern[] = [];
  let operator: Operator = 'eq';
  for (const word of words) {
    let text = word;
    if (method === 'int' || method === 'len') {
      if (/^(eq|ge|gt|le|lt)$/.test(word)) {
        operator = word as Operator;
        continue;
      }
      text = formatRange(parseRange(word, operator));
    } else if (method === 'ip' && !flags.numeric) {
      text = resolved(word, context);
    }
    checkPattern(method, text, ignoreCase);
    patterns.push({ text, ignoreCase });
  }
  return patterns;
}

function resolved(word: string, context: ParseContext): string {
  const host = /^[A-Za-z0-9_.-]*[A-Za-z][A-Za-z0-9_.-]*$/.test(word) && parseShortIpv4(word) < 0;
  return host ? (context.resolve(word) ?? word) : word;
}
