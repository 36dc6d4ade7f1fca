// strict-mode: whether an edit that finds no room ends the exchange (manual 4.4).

import { ConfigError, defineAction } from '../../registry/define.ts';
import { RuleSet, Verdict } from '../rule.ts';

export default defineAction({
  name: 'strict-mode',
  rulesets: [RuleSet.HTTP_REQUEST, RuleSet.HTTP_RESPONSE, RuleSet.HTTP_AFTER_RESPONSE],
  usage: 'strict-mode { on | off }',
  doc: 'Whether an edit of the rules behind it that does not fit is answered by 500, as it is without this, or passed over.',
  parse(words, at) {
    const word = words[at + 1];
    if (word === undefined) throw new ConfigError('expects exactly 1 arguments');
    if (word !== 'on' && word !== 'off')
      throw new ConfigError(`Unexpected value '${word}'. Only 'on' and 'off' are supported`);
    const strict = word === 'on';
    return {
      next: at + 2,
      action: {
        name: 'strict-mode',
        needsHttp: true,
        run(target) {
          target.strict = strict;
          return Verdict.CONTINUE;
        },
      },
    };
  },
});
