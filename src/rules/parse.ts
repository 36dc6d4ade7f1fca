// Reads one rule: action, then an optional condition (manual 4.3 and 4.4).

import type { Condition } from '../acl/condition.ts';
import type { Rule } from '../config/model.ts';
import { type ActionKeyword, ConfigError, type ParseContext } from '../registry/define.ts';
import type { Registry } from '../registry/registry.ts';
import { Phase } from '../sample/expression.ts';
import { RuleSet } from './rule.ts';

/** Where expressions of each rule set run. */
export const RULESET_PHASES: Readonly<Record<RuleSet, number>> = {
  [RuleSet.TCP_REQUEST_CONNECTION]: Phase.CONNECTION,
  [RuleSet.TCP_REQUEST_SESSION]: Phase.SESSION,
  [RuleSet.TCP_REQUEST_CONTENT]: Phase.REQUEST_CONTENT,
  [RuleSet.TCP_RESPONSE_CONTENT]: Phase.RESPONSE_CONTENT,
  [RuleSet.HTTP_REQUEST]: Phase.REQUEST_HTTP,
  [RuleSet.HTTP_RESPONSE]: Phase.RESPONSE_HTTP,
  [RuleSet.HTTP_AFTER_RESPONSE]: Phase.AFTER_RESPONSE,
};

/**
 * Parses the words that follow the rule set's own (`deny`, `if`, ...). Throws ConfigError with the whole message but
 * for the place and the final dot.
 */
export function parseRule(
  words: readonly string[],
  ruleset: RuleSet,
  context: ParseContext,
  registry: Registry,
): Rule {
  const word = words[0] ?? '';
  const paren = word.indexOf('(');
  const name = paren < 0 ? word : word.slice(0, paren);
  const keyword = registry.actions.get(ruleset)?.get(name);
  if (keyword === undefined) throw unknownAction(word, name, ruleset, context, registry);
  if (keyword.experimental === true && !context.config.global.experimental) {
    const how = "must be allowed via a global 'expose-experimental-directives'";
    throw new ConfigError(`'${name}' action is experimental, ${how}`);
  }
  const where = `'${ruleset} ${word}'`;
  const { action, next } = parseAction(keyword, words, ruleset, where, context);
  const condition = parseTail(words.slice(next), ruleset, where, context);
  return { action, condition, position: context.position };
}

/** Parses the words of the bare `redirect` keyword, without that word. */
export function parseRedirect(words: readonly string[], context: ParseContext, registry: Registry): Rule {
  const keyword = registry.actions.get(RuleSet.HTTP_REQUEST)!.get('redirect')!;
  const whole = ['redirect', ...words];
  const { action, next } = parseAction(keyword, whole, RuleSet.HTTP_REQUEST, 'redirect', context);
  const rest = whole.slice(next);
  let condition: Condition | null = null;
  if (rest.length > 0) {
    try {
      condition = context.condition(rest, Phase.REQUEST_HTTP);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new ConfigError(`${inProxy(context)}redirect rule : error in condition: ${error.message}`);
    }
  }
  return { action, condition, position: context.position };
}

/** A listen section is called a proxy. */
const kindOf = (proxy: ParseContext['proxy']): string =>
  proxy === null ? 'frontend' : proxy.kind === 'listen' ? 'proxy' : proxy.kind;

function inProxy(context: ParseContext): string {
  const { proxy } = context;
  return `error detected in ${kindOf(proxy)} '${proxy?.name ?? ''}' while parsing `;
}

function parseAction(
  keyword: ActionKeyword,
  words: readonly string[],
  ruleset: RuleSet,
  where: string,
  context: ParseContext,
): ReturnType<ActionKeyword['parse']> {
  try {
    return keyword.parse(words, 0, ruleset, context);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(`${inProxy(context)}${where} rule : ${error.message}`);
  }
}

function parseTail(
  rest: readonly string[],
  ruleset: RuleSet,
  where: string,
  context: ParseContext,
): Condition | null {
  if (rest.length === 0) return null;
  if (rest[0] !== 'if' && rest[0] !== 'unless') {
    if (ruleset.startsWith('tcp-')) {
      const { proxy } = context;
      throw new ConfigError(
        `${where} only accepts 'if' or 'unless', in ${kindOf(proxy)} '${proxy?.name ?? ''}' (got '${rest[0]!}')`,
      );
    }
    throw new ConfigError(
      `${where} expects either 'if' or 'unless' followed by a condition but found '${rest[0]!}'`,
    );
  }
  try {
    return context.condition(rest, RULESET_PHASES[ruleset]);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (ruleset.startsWith('tcp-')) {
      throw new ConfigError(`${where} : ${inProxy(context)}'${rest[0]!}' condition : ${error.message}`);
    }
    throw new ConfigError(`error detected while parsing an ${where} condition : ${error.message}`);
  }
}

/** Actions whose name is followed by parentheses, as lists show them. */
const WITH_ARGUMENT = new Set([
  ...['add-acl', 'del-acl', 'del-map', 'set-map'],
  ...['set-var', 'set-var-fmt', 'unset-var'],
]);

function unknownAction(
  word: string,
  name: string,
  ruleset: RuleSet,
  context: ParseContext,
  registry: Registry,
): ConfigError {
  if (name !== '' && registry.classify(ruleset, name) === 'known') {
    return new ConfigError(`'${ruleset} ${word}' is known but not yet supported`);
  }
  const names = [...(registry.actions.get(ruleset)?.keys() ?? [])].sort();
  const list = names.map((known) => (WITH_ARGUMENT.has(known) ? `'${known}(*)'` : `'${known}'`)).join(', ');
  if (ruleset.startsWith('tcp-')) {
    const { proxy } = context;
    return new ConfigError(
      `'${ruleset}' expects ${list} in ${kindOf(proxy)} '${proxy?.name ?? ''}' (got '${word}').`,
    );
  }
  const got = word === '' ? "'' (missing argument)" : `'${word}'`;
  return new ConfigError(`'${ruleset}' expects ${list}, but got ${got}`);
}
