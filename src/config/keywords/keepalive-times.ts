// clitcpka-cnt, -idle, -intvl and srvtcpka-*: how TCP probes an idle peer where option clitcpka, srvtcpka or tcpka asks
// for probes at all.

import { ConfigError, defineKeyword, type SectionKeyword } from '../../registry/define.ts';
import { MAX_TIMER_MS as MAX_INT, parseTime, timeError } from '../values.ts';
import { ALL, kindText, numberOf, proxyOf } from './common.ts';
import type { KeepAliveTimes } from '../model.ts';

const SIDES = [
  { prefix: 'clitcpka', side: 'client', without: 'backend', end: 'front' },
  { prefix: 'srvtcpka', side: 'server', without: 'frontend', end: 'back' },
] as const;

const PARTS = [
  { suffix: 'cnt', field: 'count', doc: 'How many probes of TCP in turn may go without an answer' },
  { suffix: 'idle', field: 'idleSeconds', doc: 'How long a connection is idle before TCP probes it' },
  { suffix: 'intvl', field: 'intervalSeconds', doc: 'Time between two probes of TCP' },
] as const;

function secondsOf(text: string, name: string): number {
  const result = parseTime(text, 's', Math.floor(MAX_INT / 1000));
  if (result.problem === 'character')
    throw new ConfigError(`unexpected character '${result.found}' in argument to <${name}>.\n`);
  const error = timeError(result, text, name);
  if (error !== undefined) throw new ConfigError(error);
  return result.value;
}

function keyword(
  { prefix, side, without, end }: (typeof SIDES)[number],
  { suffix, field, doc }: (typeof PARTS)[number],
): SectionKeyword {
  const name = `${prefix}-${suffix}`;
  return defineKeyword({
    name,
    sections: ALL,
    usage: `${name} ${field === 'count' ? '<count>' : '<timeout>'}`,
    doc: `${doc}, on the ${side} side${field === 'count' ? '' : '; in seconds without a unit'}. 0: as the system has it.`,
    parse(words, context) {
      const proxy = proxyOf(context);
      const missing = `'${name}' expects an integer value`;
      const text = words[1] ?? '';
      if (text === '') throw new ConfigError(missing);
      const value =
        field === 'count' ? numberOf(text, name, -MAX_INT, MAX_INT, missing) : secondsOf(text, name);
      if (proxy.kind === without) {
        context.warn(
          `${name} will be ignored because ${kindText(proxy)} '${proxy.name}' has no ${end}end capability`,
        );
      }
      proxy.keepAlive[side] = { ...proxy.keepAlive[side], [field]: value } satisfies KeepAliveTimes;
    },
  });
}

export const keepAliveKeywords: readonly SectionKeyword[] = SIDES.flatMap((side) =>
  PARTS.map((part) => keyword(side, part)),
);
