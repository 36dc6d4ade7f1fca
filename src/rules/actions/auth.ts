// http-request auth (manual 4.4, RFC 7617).

import { ConfigError, defineAction } from '../../registry/define.ts';
import { RuleSet, Verdict } from '../rule.ts';

export default defineAction({
  name: 'auth',
  rulesets: [RuleSet.HTTP_REQUEST],
  usage: 'auth [realm <realm>]',
  doc: "Asks for user and password: the proxy's 401 page with a challenge for the realm, by default its name.",
  parse(words, at, _ruleset, context) {
    const named = words[at + 1] === 'realm';
    const realm = named ? words[at + 2] : (context.proxy?.name ?? '');
    if (realm === undefined) throw new ConfigError('missing realm value.\n');
    const challenge = `Basic realm="${realm}"`;
    return {
      next: at + (named ? 3 : 1),
      action: {
        name: 'auth',
        needsHttp: true,
        run(target) {
          target.challenge = challenge;
          target.reply = null;
          target.denyStatus = target.message.proxied ? 407 : 401;
          return Verdict.REPLY;
        },
      },
    };
  },
});
