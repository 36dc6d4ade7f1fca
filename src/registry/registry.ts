// The frozen tables of sample keywords and actions, built from explicit lists. Two keywords of one name are a bug and
// stop the program at start.

import type { ActionKeyword, ConverterKeyword, FetchKeyword } from './define.ts';
import type { RuleSet } from '../rules/rule.ts';

/** Why a name is not there: HAProxy knows it and we do not support it, or nobody knows it. Actions go by rule set. */
export type Classify = (kind: 'fetch' | 'converter' | 'alias' | RuleSet, name: string) => 'known' | 'unknown';

export interface SampleTables {
  readonly fetches: ReadonlyMap<string, FetchKeyword>;
  readonly converters: ReadonlyMap<string, ConverterKeyword>;
  readonly classify: Classify;
}

export interface Registry extends SampleTables {
  /** Actions by rule set, then by name. */
  readonly actions: ReadonlyMap<RuleSet, ReadonlyMap<string, ActionKeyword>>;
}

/** Keywords by name and alias; throws where a name is given twice. */
export function tabulate<K extends { readonly name: string; readonly aliases?: readonly string[] }>(
  keywords: readonly K[],
): ReadonlyMap<string, K> {
  const table = new Map<string, K>();
  for (const keyword of keywords) {
    for (const name of [keyword.name, ...(keyword.aliases ?? [])]) {
      if (table.has(name)) throw new Error(`keyword '${name}' is defined twice`);
      table.set(name, keyword);
    }
  }
  return table;
}

/** Builds the tables from the lists. */
export function buildRegistry(
  fetches: readonly FetchKeyword[],
  converters: readonly ConverterKeyword[],
  actions: readonly ActionKeyword[],
  classify: Classify,
): Registry {
  const perSet = new Map<RuleSet, Map<string, ActionKeyword>>();
  for (const action of actions) {
    for (const ruleset of action.rulesets) {
      let table = perSet.get(ruleset);
      if (table === undefined) perSet.set(ruleset, (table = new Map()));
      if (table.has(action.name)) throw new Error(`action '${ruleset} ${action.name}' is defined twice`);
      table.set(action.name, action);
    }
  }
  return Object.freeze({
    fetches: tabulate(fetches),
    converters: tabulate(converters),
    actions: perSet,
    classify,
  });
}
