// http-request normalize-uri (manual 4.4): one normal form per rule.

import { NORMALIZERS } from '../../http/normalize.ts';
import { ConfigError, defineAction } from '../../registry/define.ts';
import { originOf } from './request-line.ts';
import { setUri } from '../rewrite.ts';
import { RuleSet, Verdict } from '../rule.ts';

const OPTIONS = new Set(['full', 'strict']);

export default defineAction({
  name: 'normalize-uri',
  experimental: true,
  rulesets: [RuleSet.HTTP_REQUEST],
  usage: 'normalize-uri <normalizer> [ full | strict ]',
  doc: 'Brings the request target to a normal form; 400 where a strict form finds it malformed.',
  parse(words, at) {
    const [, name, option] = words.slice(at);
    if (name === undefined) throw new ConfigError("missing argument <normalizer> for action 'normalize-uri'");
    const withOption = option !== undefined && OPTIONS.has(option);
    const normalize = NORMALIZERS.get(withOption ? `${name} ${option}` : name);
    if (normalize === undefined) {
      if (NORMALIZERS.has(name)) throw new ConfigError(`unexpected argument '${option}' for '${name}'`);
      throw new ConfigError(`unknown normalizer '${name}'`);
    }
    return {
      next: at + (withOption ? 3 : 2),
      action: {
        name: 'normalize-uri',
        needsHttp: true,
        run(target) {
          const { message } = target;
          const origin = originOf(message.target);
          const rest = message.target.slice(origin.length);
          // `*` and authorities have no other form.
          if (!rest.startsWith('/')) return Verdict.CONTINUE;
          const normal = normalize(rest);
          if (normal === null) {
            target.denyStatus = 400;
            return Verdict.DENY;
          }
          return normal === rest ? Verdict.CONTINUE : setUri(target, origin + normal);
        },
      },
    };
  },
});
