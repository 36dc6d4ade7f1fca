// do-log: a log line in the midst of the rules (manual 4.4 do-log).

import { ConfigError, defineAction } from '../../registry/define.ts';
import { Origin } from '../../sample/origin.ts';
import { RuleSet, Verdict } from '../rule.ts';
import type { LogProfile } from '../../config/model.ts';

/** What the line says of its place, for %OG and log-profile. */
const ORIGINS: Readonly<Record<RuleSet, Origin>> = {
  [RuleSet.TCP_REQUEST_CONNECTION]: Origin.TCP_REQ_CONN,
  [RuleSet.TCP_REQUEST_SESSION]: Origin.TCP_REQ_SESS,
  [RuleSet.TCP_REQUEST_CONTENT]: Origin.TCP_REQ_CONT,
  [RuleSet.TCP_RESPONSE_CONTENT]: Origin.TCP_RES_CONT,
  [RuleSet.HTTP_REQUEST]: Origin.HTTP_REQ,
  [RuleSet.HTTP_RESPONSE]: Origin.HTTP_RES,
  [RuleSet.HTTP_AFTER_RESPONSE]: Origin.HTTP_AFTER_RES,
};

export default defineAction({
  name: 'do-log',
  rulesets: Object.values(RuleSet),
  usage: 'do-log [profile <log_profile>]',
  doc: 'Makes a log line now, beside those that the proxy makes by itself.',
  parse(words, at, ruleset, context) {
    const origin = ORIGINS[ruleset];
    let profile: LogProfile | null = null;
    let next = at + 1;
    if (words[next] === 'profile') {
      const name = words[next + 1];
      if (name === undefined) throw new ConfigError("'profile' expects the name of a log-profile");
      next += 2;
      context.later(() => {
        profile = context.config.logProfiles.get(name) ?? null;
        if (profile === null) context.alert(`'do-log' : unable to find log-profile '${name}'.`);
      });
    }
    return {
      next,
      action: {
        name: 'do-log',
        needsHttp: false,
        run(target) {
          target.logNow(origin, profile);
          return Verdict.CONTINUE;
        },
      },
    };
  },
});
