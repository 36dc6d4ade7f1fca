// Header edits (manual 4.4): add-, set-, del-, replace-header and replace-value.

import type { Method } from '../../acl/methods.ts';
import { compilePatterns } from '../../acl/patterns.ts';
import { compileRegex, expandGroups } from '../../acl/regex.ts';
import { listValueEnd } from '../../acl/specialise.ts';
import { type ActionKeyword, ConfigError, defineAction } from '../../registry/define.ts';
import { Sample } from '../../sample/sample.ts';
import { RULESET_PHASES } from '../parse.ts';
import { addHeader, replaceValue } from '../rewrite.ts';
import { RuleSet, type RuleTarget, Verdict } from '../rule.ts';

const HTTP = [RuleSet.HTTP_REQUEST, RuleSet.HTTP_RESPONSE, RuleSet.HTTP_AFTER_RESPONSE];
const MATCHES = ['str', 'beg', 'end', 'sub', 'reg'];

const writer = (name: string, replaces: boolean, doc: string): ActionKeyword =>
  defineAction({
    name,
    rulesets: HTTP,
    usage: `${name} <name> <fmt>`,
    doc,
    parse(words, at, ruleset, context) {
      const header = words[at + 1];
      const text = words[at + 2];
      if (header === undefined || header === '' || text === undefined) {
        throw new ConfigError('expects exactly 2 arguments');
      }
      const lower = header.toLowerCase();
      const format = context.logFormat(text, RULESET_PHASES[ruleset]);
      return {
        next: at + 3,
        action: {
          name,
          needsHttp: true,
          run(target) {
            const { message } = target;
            // The old value may be part of the new one.
            const value = format.render(target);
            if (replaces) message.remove(lower);
            return addHeader(target, lower, value);
          },
        },
      };
    },
  });

/** Calls `edit` with each value; what it returns replaces the value. */
type Edit = (value: string) => string | null;

function editLines(target: RuleTarget, name: string, edit: Edit): Verdict {
  const { message } = target;
  for (let at = message.find(name, 0); at >= 0; at = message.find(name, at + 1)) {
    const changed = edit(message.valueAt(at));
    if (changed !== null && replaceValue(target, at, changed) === Verdict.ERROR) return Verdict.ERROR;
  }
  return Verdict.CONTINUE;
}

/** Edits each value of a comma list; spaces around an edited value go. */
function editItems(line: string, edit: Edit): string | null {
  let result = '';
  let changed = false;
  for (let from = 0; from <= line.length;) {
    const end = listValueEnd(line, from);
    const edited = edit(line.slice(from, end).trim());
    changed ||= edited !== null;
    result += edited ?? line.slice(from, end);
    if (end < line.length) result += ',';
    from = end + 1;
  }
  return changed ? result : null;
}

const replacer = (name: string, items: boolean, doc: string): ActionKeyword =>
  defineAction({
    name,
    rulesets: HTTP,
    usage: `${name} <name> <match-regex> <replace-fmt>`,
    doc,
    parse(words, at, ruleset, context) {
      const [header, source, text] = [words[at + 1], words[at + 2], words[at + 3]];
      if (header === undefined || source === undefined) throw new ConfigError('expects exactly 3 arguments');
      if (text === undefined) throw new ConfigError('expects exactly 3 arguments');
      const lower = header.toLowerCase();
      const expression = compileRegex(source, false);
      const format = context.logFormat(text, RULESET_PHASES[ruleset]);
      return {
        next: at + 4,
        action: {
          name,
          needsHttp: true,
          run(target) {
            const { message } = target;
            if (message.find(lower, 0) < 0) return Verdict.CONTINUE;
            const template = format.render(target);
            const edit: Edit = (value) => {
              const match = expression.exec(value);
              return match === null ? null : expandGroups(template, match);
            };
            return editLines(target, lower, items ? (line) => editItems(line, edit) : edit);
          },
        },
      };
    },
  });

export default [
  writer('add-header', false, 'Adds a header after those of its name.'),
  writer('set-header', true, 'Sets a header, in place of all of its name.'),
  defineAction({
    name: 'del-header',
    rulesets: HTTP,
    usage: 'del-header <name> [-m <meth>]',
    doc: 'Removes headers by name: as it is, or by prefix, suffix, part or expression.',
    parse(words, at) {
      const pattern = words[at + 1];
      if (pattern === undefined) throw new ConfigError('expects at least 1 argument');
      let method = 'str';
      let next = at + 2;
      if (words[next] === '-m') {
        if (words[next + 1] === undefined) throw new ConfigError('-m flag expects exactly 1 argument');
        method = words[next + 1]!;
        if (!MATCHES.includes(method))
          throw new ConfigError(`-m with unsupported matching method '${method}'`);
        next += 2;
      }
      const lower = pattern.toLowerCase();
      if (method === 'str') {
        return {
          next,
          action: {
            name: 'del-header',
            needsHttp: true,
            run(target) {
              target.message.remove(lower);
              return Verdict.CONTINUE;
            },
          },
        };
      }
      const matches = compilePatterns(method as Method, [{ text: pattern, ignoreCase: true }]);
      const sample = new Sample();
      return {
        next,
        action: {
          name: 'del-header',
          needsHttp: true,
          run({ message }) {
            for (let index = message.headerCount() - 1; index >= 0; index--) {
              sample.setStr(message.nameAt(index));
              if (matches(sample)) message.removeAt(index);
            }
            return Verdict.CONTINUE;
          },
        },
      };
    },
  }),
  replacer('replace-header', false, 'Replaces header lines that match by a text with groups \\0 to \\9.'),
  replacer('replace-value', true, 'The same for each value of comma lists.'),
];
