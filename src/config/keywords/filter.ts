// filter: what may look at the bytes of a stream (manual 9). Of all kinds only bandwidth limits are there (manual 9.7).

import { ConfigError, defineKeyword, type ParseContext } from '../../registry/define.ts';
import { knownNames } from '../../registry/known-keywords.ts';
import { ALL, kindText, notYet, proxyOf } from './common.ts';
import { parseSize, parseTime } from '../values.ts';
import type { BandwidthFilter } from '../model.ts';

/** Kinds that a `filter` line may name. */
export const FILTERS: ReadonlyMap<string, string> = new Map([
  ['bwlim-in', 'Limits how fast bytes from the client are forwarded.'],
  ['bwlim-out', 'Limits how fast bytes from the server are forwarded.'],
]);

function amount(text: string | undefined, word: string, where: string): number {
  if (text === undefined) throw new ConfigError(`${where} : missing value for '${word}'.`);
  const { problem, value, found } = word === 'default-period' ? parseTime(text) : parseSize(text, 0xffffffff);
  if (problem === 'overflow') throw new ConfigError(`${where} : '${text}' is too large for '${word}'.`);
  if (problem !== 'none') throw new ConfigError(`${where} : unexpected character '${found}' in '${word}'.`);
  if (value === 0) throw new ConfigError(`${where} : '${word}' must be greater than 0.`);
  return value;
}

function bandwidthFilter(words: readonly string[], context: ParseContext): BandwidthFilter {
  const [, kind, name] = words;
  const where = `'filter ${kind!}'`;
  if (name === undefined) throw new ConfigError(`${where} : a name is expected as first argument.`);
  const { bandwidthFilters } = proxyOf(context);
  if (bandwidthFilters.some((other) => other.name === name)) {
    throw new ConfigError(`${where} : the name '${name}' is already used by another filter of this proxy.`);
  }
  const given: Record<string, number> = {};
  for (let at = 3; at < words.length; at += 2) {
    const word = words[at]!;
    if (word === 'limit' || word === 'key' || word === 'table') {
      throw notYet(`${where} : '${word}' (a limit shared through a stick-table)`);
    }
    if (word !== 'default-limit' && word !== 'default-period' && word !== 'min-size') {
      throw new ConfigError(`${where} : unexpected argument '${word}'.`);
    }
    if (word in given) throw new ConfigError(`${where} : '${word}' is given twice.`);
    given[word] = amount(words[at + 1], word, where);
  }
  const { 'default-limit': limit, 'default-period': periodMs, 'min-size': minSize = 0 } = given;
  if (limit === undefined || periodMs === undefined) {
    throw new ConfigError(`${where} : 'default-limit <size>' and 'default-period <time>' are required.`);
  }
  return { name, direction: kind === 'bwlim-in' ? 'in' : 'out', limit, periodMs, minSize };
}

export default defineKeyword({
  name: 'filter',
  sections: ALL,
  usage:
    'filter { bwlim-in | bwlim-out } <name> default-limit <size> default-period <time> [ min-size <size> ]',
  doc: 'A limit of bandwidth, in force for the streams whose rules ask for it with set-bandwidth-limit.',
  parse(words, context) {
    const kind = words[1];
    const proxy = proxyOf(context);
    if (proxy.kind === 'defaults') throw new ConfigError("filter is not allowed in a 'default' section.");
    if (kind === undefined) {
      throw new ConfigError(`missing argument for 'filter' in ${kindText(proxy)} '${proxy.name}'.`);
    }
    if (FILTERS.has(kind)) proxy.bandwidthFilters.push(bandwidthFilter(words, context));
    else if (knownNames('filter').has(kind)) throw notYet(`'filter ${kind}'`);
    else {
      const list = [...FILTERS.keys()].map((name) => `'${name}'`).join(', ');
      throw new ConfigError(`'filter' : unknown keyword '${kind}'. Registered keywords : ${list}.`);
    }
  },
});
