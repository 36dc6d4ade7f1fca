// One line of a section: its form, its keyword, and what becomes of a refusal.

import { ConfigError, type SectionKeyword } from '../../registry/define.ts';
import type { KeywordContext } from '../context.ts';
import type { Outcome } from '../reader.ts';

const NEGATION =
  'negation/default currently supported only for options, log, busy-polling, set-dumpable, strict-limits, ' +
  'insecure-fork-wanted and numa-cpu-mapping.';

/** Splits `no` and `default` off, finds the keyword and runs it. `unknown` reports a line whose first word is none. */
export function readLine(
  line: readonly string[],
  context: KeywordContext,
  keywords: ReadonlyMap<string, SectionKeyword>,
  unknown: (words: readonly string[]) => void,
  permitted: (keyword: SectionKeyword) => boolean = () => true,
): Outcome {
  const prefix = line[0];
  let form: 'set' | 'no' | 'default' = prefix === 'no' || prefix === 'default' ? prefix : 'set';
  const words = form === 'set' ? line : line.slice(1);
  const name = words[0] ?? '';
  const keyword = keywords.get(name);
  if (form !== 'set' && keyword?.negatable !== true) {
    context.alert(NEGATION, 'tight');
    form = 'set';
  }
  if (keyword === undefined) {
    unknown(words);
    return;
  }
  if (!permitted(keyword)) return;
  try {
    keyword.parse(words, context, form);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    context.alert(error.message, error.frame);
    if (error.abort) return 'abort';
  }
}
