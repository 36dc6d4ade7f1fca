// How many connections or sessions may begin each second: of the process (manual 3.2) and of a frontend (manual 4.2).

import { ConfigError, defineKeyword, type SectionKeyword } from '../../registry/define.ts';
import { FRONT, atMost, numberOf, proxyOf } from './common.ts';
import { MAX_TIMER_MS as MAX_INT } from '../values.ts';
import type { ProxyConfig } from '../model.ts';

function processRate(name: string, field: 'connectionRate' | 'sessionRate', what: string): SectionKeyword {
  return defineKeyword({
    name,
    sections: ['global'],
    usage: `${name} <number>`,
    doc: `${what} each second; others wait to be accepted. 0: no limit.`,
    parse(words, context) {
      const { global } = context.config;
      const rate = numberOf(words[1], name, 0, MAX_INT);
      atMost(words, 1);
      if (global[field] === 0) global[field] = rate;
      else context.warn(`'${name}' already specified. Continuing.`);
    },
  });
}

export const processRates: readonly SectionKeyword[] = [
  processRate('maxconnrate', 'connectionRate', 'Connections that the process accepts'),
  processRate('maxsessrate', 'sessionRate', 'Sessions that begin in the process'),
];

/** Sections with a line of their own: what comes from `defaults` is replaced without a word. */
const given = new WeakSet<ProxyConfig>();

export const frontendRate = defineKeyword({
  name: 'rate-limit',
  sections: FRONT,
  usage: 'rate-limit sessions <rate>',
  doc: 'Sessions that begin each second; more connections wait to be accepted.',
  parse(words, context) {
    const [, what = '', value] = words;
    if (what !== 'sessions') throw new ConfigError(`'rate-limit' only supports 'sessions' (got '${what}')`);
    const missing = "'rate-limit sessions' expects expects an integer value (in sessions/second)";
    const rate = numberOf(value, 'rate-limit sessions', 0, MAX_INT, missing);
    atMost(words, 2);
    const proxy = proxyOf(context);
    if (given.has(proxy)) context.warn('overwriting rate-limit sessions which was already specified');
    given.add(proxy);
    proxy.sessionRate = rate;
  },
});
