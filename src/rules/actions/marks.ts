// What the kernel and the network are told about packets: the mark of netfilter, and the TOS byte of IP (manual 4.4,
// RFC 2474).

import { type ActionKeyword, ConfigError, defineAction } from '../../registry/define.ts';
import { toSint } from '../../sample/cast.ts';
import { Sample } from '../../sample/sample.ts';
import { RULESET_PHASES } from '../parse.ts';
import { RuleSet, type RuleTarget, Verdict } from '../rule.ts';

const BACK = [RuleSet.TCP_REQUEST_CONTENT, RuleSet.HTTP_REQUEST];
const FRONT = [
  RuleSet.TCP_REQUEST_CONNECTION,
  RuleSet.TCP_REQUEST_SESSION,
  RuleSet.TCP_RESPONSE_CONTENT,
  RuleSet.HTTP_RESPONSE,
  ...BACK,
];

const NUMBER = /^(?:0[xX][0-9a-fA-F]+|\d+)$/;

const sample = new Sample();

/** `kind`: what is set; `side`: on which connection. */
const marking = (name: string, kind: 'mark' | 'tos', side: 'client' | 'server'): ActionKeyword => {
  const limit = kind === 'mark' ? 0xffffffff : 0xff;
  const set = (target: RuleTarget, value: number): void => {
    if (side === 'client') target.setClientPackets(kind, value);
    else target.setServerPackets(kind, value);
  };
  return defineAction({
    name,
    rulesets: side === 'client' ? FRONT : BACK,
    usage: `${name} { <${kind}> | <expr> }`,
    doc: `Sets the ${kind === 'mark' ? 'mark' : 'TOS byte'} of packets to the ${side}.`,
    parse(words, at, ruleset, context) {
      const text = words[at + 1];
      if (text === undefined) throw new ConfigError(`expects 1 argument (integer/hex value or expression)`);
      const fixed = NUMBER.test(text) ? Number(text) : -1;
      if (fixed > limit) throw new ConfigError(`'${text}' is out of range: 0 to ${limit}`);
      if (fixed < 0 && /^[-+0-9]/.test(text)) {
        throw new ConfigError(`'${text}' is neither an integer, a hexadecimal number nor an expression`);
      }
      const expression = fixed >= 0 ? null : context.expression(text, RULESET_PHASES[ruleset]);
      return {
        next: at + 2,
        action: {
          name,
          needsHttp: expression !== null && expression.needsHttp,
          run(target) {
            if (expression === null) set(target, fixed);
            else if (expression.evaluate(target, sample) && toSint(sample)) {
              // Only as many bits as there is room for.
              set(target, kind === 'mark' ? sample.num >>> 0 : sample.num & 0xff);
            }
            return Verdict.CONTINUE;
          },
        },
      };
    },
  });
};

export default [
  marking('set-fc-mark', 'mark', 'client'),
  marking('set-mark', 'mark', 'client'),
  marking('set-fc-tos', 'tos', 'client'),
  marking('set-tos', 'tos', 'client'),
  marking('set-bc-mark', 'mark', 'server'),
  marking('set-bc-tos', 'tos', 'server'),
];
