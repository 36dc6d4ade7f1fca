// timeout NAME: all of them are one list.

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { ALL, kindText, notYet, proxyOf, timeOf } from './common.ts';
import { parseTime, timeSuspicious } from '../values.ts';
import type { Timeouts } from '../model.ts';

/** Word after `timeout` to field, and the side where it has an effect. */
export const TIMEOUTS: Readonly<Record<string, readonly [keyof Timeouts, 'front' | 'back' | 'both']>> = {
  client: ['client', 'front'],
  server: ['server', 'back'],
  connect: ['connect', 'back'],
  check: ['check', 'back'],
  queue: ['queue', 'back'],
  'http-keep-alive': ['httpKeepAlive', 'both'],
  'http-request': ['httpRequest', 'both'],
  tunnel: ['tunnel', 'back'],
  tarpit: ['tarpit', 'both'],
  'client-fin': ['clientFin', 'front'],
  'server-fin': ['serverFin', 'back'],
};
const SUPPORTED =
  "'timeout' supports 'client', 'server', 'connect', 'check', 'queue', 'http-keep-alive', 'http-request', " +
  "'tunnel', 'tarpit', 'client-fin', 'client-hs' and 'server-fin'";

export default defineKeyword({
  name: 'timeout',
  sections: ALL,
  usage: 'timeout { client | client-fin | connect | server | ... } <timeout>',
  doc: 'Sets one of the timeouts, in milliseconds unless a unit is given. 0 or none at all means no limit.',
  parse(words, context) {
    const proxy = proxyOf(context);
    const [, word = '', text = '', extra] = words;
    if (word === 'client-hs') throw notYet("'timeout client-hs'");
    const known = Object.hasOwn(TIMEOUTS, word) ? TIMEOUTS[word] : undefined;
    if (known === undefined) throw new ConfigError(`${SUPPORTED} (got '${word}')`);
    const [field, side] = known;
    const keyword = `timeout ${word}`;
    const value = timeOf(text, keyword, context);
    if (extra !== undefined) {
      throw new ConfigError(`'${keyword}' : unexpected extra argument '${extra}' after value '${text}'.`);
    }
    if ((side === 'front' && proxy.kind === 'backend') || (side === 'back' && proxy.kind === 'frontend')) {
      context.warn(
        `'${keyword}' will be ignored because ${kindText(proxy)} '${proxy.name}' has no ${side}end capability`,
      );
      return;
    }
    const suspicious = timeSuspicious(parseTime(text), text, keyword);
    if (suspicious !== undefined) context.warn(suspicious);
    proxy.timeouts[field] = value;
  },
});
