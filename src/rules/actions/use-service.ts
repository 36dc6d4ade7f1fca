// use-service: a service of the program answers the request (manual 4.4).

import { ConfigError, defineAction } from '../../registry/define.ts';
import { RuleSet, Verdict } from '../rule.ts';

/** All of them answer HTTP requests. */
export const SERVICES: readonly string[] = ['prometheus-exporter'];

export default defineAction({
  name: 'use-service',
  rulesets: [RuleSet.HTTP_REQUEST],
  usage: 'use-service prometheus-exporter',
  doc: 'Answers with the values of show stat and show info, in the text format of Prometheus.',
  parse(words, at) {
    const name = words[at + 1];
    if (name === undefined) throw new ConfigError('expects a service name');
    if (name.startsWith('lua.')) throw new ConfigError(`service '${name}' is known but not yet supported`);
    if (!SERVICES.includes(name)) throw new ConfigError(`unknown service name '${name}'`);
    return {
      next: at + 2,
      action: { name: 'use-service', needsHttp: true, run: () => Verdict.SERVICE },
    };
  },
});
