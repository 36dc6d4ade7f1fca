// set-bandwidth-limit: puts a filter of the proxy in force for this stream (manual 4.4 and 9.7).

import { ConfigError, defineAction, type ParseContext } from '../../registry/define.ts';
import { parseSize, parseTime } from '../../config/values.ts';
import { RULESET_PHASES } from '../parse.ts';
import { RuleSet, type RuleTarget, Verdict } from '../rule.ts';
import { Sample } from '../../sample/sample.ts';
import { toSint } from '../../sample/cast.ts';
import type { BandwidthFilter } from '../../config/model.ts';
import type { Expression } from '../../sample/expression.ts';

const { TCP_REQUEST_CONTENT, TCP_RESPONSE_CONTENT, HTTP_REQUEST, HTTP_RESPONSE } = RuleSet;

const sample = new Sample();

/** A constant, or an expression whose value counts where it is a number above 0. */
type Amount = number | Expression;

function amountAt(text: string | undefined, word: string, ruleset: RuleSet, context: ParseContext): Amount {
  if (text === undefined) throw new ConfigError(`missing ${word}`);
  if (!/^[0-9]/.test(text)) return context.expression(text, RULESET_PHASES[ruleset]);
  const { problem, value, found } = word === 'limit' ? parseSize(text, 0xffffffff) : parseTime(text);
  if (problem === 'overflow') throw new ConfigError(`invalid ${word} '${text}' : too large`);
  if (problem !== 'none')
    throw new ConfigError(`invalid ${word} '${text}' : unexpected character '${found}'`);
  if (value === 0) throw new ConfigError(`invalid ${word} '${text}' : must be greater than 0`);
  return value;
}

function valueOf(amount: Amount | null, target: RuleTarget, fallback: number): number {
  if (amount === null) return fallback;
  if (typeof amount === 'number') return amount;
  if (!amount.evaluate(target, sample) || !toSint(sample) || sample.num <= 0) return fallback;
  return sample.num;
}

const needsHttp = (amount: Amount | null): boolean =>
  amount !== null && typeof amount !== 'number' && amount.needsHttp;

export default defineAction({
  name: 'set-bandwidth-limit',
  rulesets: [TCP_REQUEST_CONTENT, TCP_RESPONSE_CONTENT, HTTP_REQUEST, HTTP_RESPONSE],
  usage: 'set-bandwidth-limit <name> [ limit { <expr> | <size> } ] [ period { <expr> | <time> } ]',
  doc: 'Puts a bandwidth filter in force, with its limit and period or others; the last rule for a filter counts.',
  parse(words, at, ruleset, context) {
    const name = words[at + 1];
    const { proxy } = context;
    if (name === undefined || proxy === null)
      throw new ConfigError('missing bandwidth limitation filter name');
    if (proxy.kind === 'defaults') throw new ConfigError('not allowed in a defaults section');
    let next = at + 2;
    let limit: Amount | null = null;
    let period: Amount | null = null;
    for (; words[next] === 'limit' || words[next] === 'period'; next += 2) {
      const value = amountAt(words[next + 1], words[next]!, ruleset, context);
      if (words[next] === 'limit') limit = value;
      else period = value;
    }
    let filter: BandwidthFilter | undefined;
    const { position } = context;
    context.later(() => {
      filter = proxy.bandwidthFilters.find((one) => one.name === name);
      if (filter !== undefined) return;
      const kind = proxy.kind === 'listen' ? 'proxy' : proxy.kind;
      context.alertPlain(
        `${kind} '${proxy.name}' : unable to find the bandwidth limitation filter '${name}' referenced by the ` +
          `${ruleset} 'set-bandwidth-limit' rule at [${position.file}:${position.line}].`,
      );
    });
    return {
      next,
      action: {
        name: 'set-bandwidth-limit',
        needsHttp: needsHttp(limit) || needsHttp(period),
        run(target) {
          const chosen = filter!;
          const bytes = valueOf(limit, target, chosen.limit);
          target.limitBandwidth(chosen, bytes, valueOf(period, target, chosen.periodMs));
          return Verdict.CONTINUE;
        },
      },
    };
  },
});
