// add-acl, del-acl, set-map and del-map (manual 4.4): rules that change patterns, seen by all threads at once.

import { PatternMemoryFull } from '../../acl/memory.ts';
import type { PatternSet } from '../../acl/store.ts';
import { type ActionKeyword, ConfigError, defineAction } from '../../registry/define.ts';
import { RULESET_PHASES } from '../parse.ts';
import { RuleSet, Verdict } from '../rule.ts';

const HTTP = [RuleSet.HTTP_REQUEST, RuleSet.HTTP_RESPONSE];
const HTTP_AND_AFTER = [...HTTP, RuleSet.HTTP_AFTER_RESPONSE];

/** Changes `set` by the texts of one request. */
type Edit = (set: PatternSet, key: string, value: string) => void;

/** `takesValue`: a second format follows the key's. */
function editor(
  name: string,
  rulesets: readonly RuleSet[],
  takesValue: boolean,
  doc: string,
  edit: Edit,
): ActionKeyword {
  const count = takesValue ? 2 : 1;
  return defineAction({
    name,
    rulesets,
    usage: `${name}(<name>) <key fmt>${takesValue ? ' <value fmt>' : ''}`,
    doc,
    parse(words, at, ruleset, context) {
      const file = /^[^(]*\((.*)\)$/.exec(words[at]!)?.[1];
      const texts = words.slice(at + 1, at + 1 + count);
      if (texts.length < count) throw new ConfigError(`expects exactly ${count} arguments`);
      if (file === undefined || file === '') {
        throw new ConfigError(`'${name}' expects the name of a list in parentheses`);
      }
      const phases = RULESET_PHASES[ruleset];
      const key = context.logFormat(texts[0]!, phases);
      const value = takesValue ? context.logFormat(texts[1]!, phases) : null;
      let set: PatternSet | undefined;
      // The list may be named further down.
      context.later(() => {
        set = context.patterns.byFile(file);
        if (set === undefined) context.warn(`'${name}' changes nothing: no map or ACL uses '${file}'.`);
      });
      return {
        next: at + 1 + count,
        action: {
          name,
          needsHttp: true,
          run(target) {
            if (set === undefined) return Verdict.CONTINUE;
            const text = key.render(target);
            try {
              edit(set, text, value === null ? '' : value.render(target));
            } catch (error) {
              // As in HAProxy, the request goes on when there is no memory for a new entry.
              if (!(error instanceof PatternMemoryFull)) throw error;
            }
            return Verdict.CONTINUE;
          },
        },
      };
    },
  });
}

/** Entries that a list's users could not read are not added. */
export default [
  editor(
    'add-acl',
    HTTP,
    false,
    'Adds a pattern to a file of patterns, where it is not there yet.',
    (set, key) => {
      if (set.problemWith(key, null) === null) set.list.addOnce(key);
    },
  ),
  editor('del-acl', HTTP, false, 'Removes a pattern from a file of patterns.', (set, key) => {
    set.list.delete(key);
  }),
  editor(
    'set-map',
    HTTP_AND_AFTER,
    true,
    'Sets the value of a key in a map, or adds it.',
    (set, key, value) => {
      if (set.problemWith(key, value) === null) set.list.put(key, value);
    },
  ),
  editor('del-map', HTTP_AND_AFTER, false, 'Removes a key from a map.', (set, key) => {
    set.list.delete(key);
  }),
];
