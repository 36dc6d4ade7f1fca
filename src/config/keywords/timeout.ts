import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { didYouMean } from '../suggest.ts';
import { proxyOf, timeOf } from './common.ts';
import type { Timeouts } from '../model.ts';

/** Word after `timeout` to field, and the side where it has an effect. */
const KINDS: Record<string, readonly [keyof Timeouts, 'front' | 'back' | 'both']> = {
  client: ['client', 'front'],
  'client-fin': ['clientFin', 'front'],
  connect: ['connect', 'back'],
  server: ['server', 'back'],
  'server-fin': ['serverFin', 'back'],
  queue: ['queue', 'back'],
  tunnel: ['tunnel', 'back'],
  check: ['check', 'back'],
  'http-request': ['httpRequest', 'both'],
  'http-keep-alive': ['httpKeepAlive', 'both'],
  tarpit: ['tarpit', 'both'],
};

export default defineKeyword({
  name: 'timeout',
  sections: ['defaults', 'frontend', 'listen', 'backend'],
  usage: 'timeout { client | client-fin | connect | server | ... } <timeout>',
  doc: 'Sets one of the timeouts, in milliseconds unless a unit is given. 0 or none at all means no limit.',
  parse(words, context) {
    const proxy = proxyOf(context);
    const word = words[1] ?? '';
    if (word === 'client-hs') throw new ConfigError("'timeout client-hs' is known but not yet supported.");
    const known = KINDS[word];
    if (known === undefined) {
      const names = Object.keys(KINDS).map((name) => `'${name}'`);
      throw new ConfigError(
        `'timeout' supports ${names.slice(0, -1).join(', ')}, and ${names.at(-1)!} (got '${word}')${didYouMean(word, Object.keys(KINDS))}`,
      );
    }
    const [field, side] = known;
    const keyword = `timeout ${word}`;
    if (words[2] === undefined)
      throw new ConfigError(`'${keyword}' expects an integer value (in milliseconds)`);
    let text = words[2];
    const trailing = /^(\d+(?:us|ms|s|m(?!s)|h|d))(.)/.exec(text);
    if (trailing !== null) {
      context.warnPlain(
        `unexpected character '${trailing[2]!}' after the timer value '${text}', only (us=microseconds,ms=milliseconds,s=seconds,m=minutes,h=hours,d=days) are supported. This will be reported as an error in next versions.`,
      );
      text = trailing[1]!;
    }
    const value = timeOf(text, keyword);
    if (words[3] !== undefined) {
      throw new ConfigError(
        `'${keyword}' : unexpected extra argument '${words[3]}' after value '${words[2]}'.`,
      );
    }
    if ((side === 'front' && proxy.kind === 'backend') || (side === 'back' && proxy.kind === 'frontend')) {
      context.warn(
        `'${keyword}' will be ignored because ${proxy.kind} '${proxy.name}' has no ${side === 'front' ? 'frontend' : 'backend'} capability`,
      );
    }
    if (/^\d+$/.test(words[2]) && value > 0 && value < 100) {
      context.warn(
        `'${keyword}' has a suspiciously small value of '${value} ms'. Please add 'ms' or the unit that was meant ('${value}s' ?).`,
      );
    }
    proxy.timeouts[field] = value;
  },
});
