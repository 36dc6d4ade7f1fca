// Edits of the request line and of the status line (manual 4.4).

import { compileRegex, expandGroups } from '../../acl/regex.ts';
import { type HttpMessage, splitTarget } from '../../http/message.ts';
import { type ActionKeyword, ConfigError, defineAction } from '../../registry/define.ts';
import type { LogFormat } from '../../sample/logformat.ts';
import { RULESET_PHASES } from '../parse.ts';
import { reasonOf } from '../reasons.ts';
import { setMethod, setStatus, setUri } from '../rewrite.ts';
import { RuleSet, type RuleTarget, Verdict } from '../rule.ts';

type Apply = (target: RuleTarget, text: string) => Verdict;

/** Scheme and authority of an absolute target, '' for others. */
export function originOf(target: string): string {
  const scheme = target.charCodeAt(0) === 0x2f ? -1 : target.indexOf('://');
  if (scheme < 0) return '';
  const slash = target.slice(scheme + 3).search(/[/?]/);
  return slash < 0 ? target : target.slice(0, scheme + 3 + slash);
}

const setPath: Apply = (target, path) => {
  const uri = target.message.target;
  const { query } = splitTarget(uri);
  return setUri(target, originOf(uri) + path + (query === null ? '' : '?' + query));
};

const setPathQuery: Apply = (target, text) => setUri(target, originOf(target.message.target) + text);

const setQuery: Apply = (target, text) => {
  const uri = target.message.target;
  const mark = uri.indexOf('?');
  return setUri(target, `${mark < 0 ? uri : uri.slice(0, mark)}?${text}`);
};

const action = (name: string, run: (target: RuleTarget) => Verdict) => ({ name, needsHttp: true, run });

const setter = (name: string, doc: string, apply: Apply): ActionKeyword =>
  defineAction({
    name,
    rulesets: [RuleSet.HTTP_REQUEST],
    usage: `${name} <fmt>`,
    doc,
    parse(words, at, ruleset, context) {
      const text = words[at + 1];
      const after = words[at + 2];
      if (
        text === undefined ||
        text === '' ||
        (after !== undefined && after !== 'if' && after !== 'unless')
      ) {
        throw new ConfigError('expects exactly 1 argument <format>');
      }
      const format = context.logFormat(text, RULESET_PHASES[ruleset]);
      return {
        next: at + 2,
        action: action(name, (target) => apply(target, format.render(target))),
      };
    },
  });

const replacer = (
  name: string,
  doc: string,
  read: (message: HttpMessage) => string,
  apply: Apply,
): ActionKeyword =>
  defineAction({
    name,
    rulesets: [RuleSet.HTTP_REQUEST],
    usage: `${name} <match-regex> <replace-fmt>`,
    doc,
    parse(words, at, ruleset, context) {
      const [source, text] = [words[at + 1], words[at + 2]];
      if (source === undefined || text === undefined || text === 'if' || text === 'unless') {
        throw new ConfigError('expects exactly 2 arguments <match-regex> and <replace-format>');
      }
      const expression = compileRegex(source, false);
      const format = context.logFormat(text, RULESET_PHASES[ruleset]);
      return {
        next: at + 3,
        action: action(name, (target) => {
          const match = expression.exec(read(target.message));
          return match === null
            ? Verdict.CONTINUE
            : apply(target, expandGroups(format.render(target), match));
        }),
      };
    },
  });

function pathQueryOf(message: HttpMessage): string {
  const { target } = message;
  return target.slice(originOf(target).length);
}

export default [
  setter('set-method', 'Sets the method.', setMethod),
  setter('set-path', 'Sets the path and keeps the query.', setPath),
  setter('set-pathq', 'Sets path and query.', setPathQuery),
  setter('set-query', 'Sets the query, written without its question mark.', setQuery),
  setter('set-uri', 'Sets the whole request target.', setUri),
  replacer(
    'replace-path',
    'Replaces the path where it matches; \\0 to \\9 are groups.',
    (message) => splitTarget(message.target).path,
    setPath,
  ),
  replacer('replace-pathq', 'Replaces path and query where they match.', pathQueryOf, setPathQuery),
  replacer(
    'replace-uri',
    'Replaces the request target where it matches.',
    (message) => message.target,
    setUri,
  ),
  defineAction({
    name: 'set-status',
    rulesets: [RuleSet.HTTP_RESPONSE, RuleSet.HTTP_AFTER_RESPONSE],
    usage: 'set-status <status> [reason <str>]',
    doc: 'Sets the status code and its reason.',
    parse(words, at, ruleset, context) {
      const text = words[at + 1];
      if (text === undefined) {
        throw new ConfigError('expects 1 argument: <status>; or 3 arguments: <status> reason <fmt>');
      }
      const status = /^\d{3}$/.test(text) ? Number(text) : 0;
      if (status < 100) throw new ConfigError('expects an integer status code between 100 and 999');
      let reason: LogFormat | null = null;
      let next = at + 2;
      if (words[next] === 'reason' && words[next + 1] !== undefined) {
        reason = context.logFormat(words[next + 1]!, RULESET_PHASES[ruleset]);
        next += 2;
      }
      return {
        next,
        action: action('set-status', (target) =>
          setStatus(target, status, reason === null ? reasonOf(status) : reason.render(target)),
        ),
      };
    },
  }),
];
