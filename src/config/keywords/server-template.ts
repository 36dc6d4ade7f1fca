// server-template: many servers from one line.

import { defineKeyword } from '../../registry/define.ts';
import { addServer, badCharacter, element } from './server-line.ts';
import { proxyOf } from './common.ts';

/** Servers of one template at most, so that a typing error does not take all memory. */
const TEMPLATE_MAX = 100_000;

/** `3` for 1 to 3, or `2-5`; both bounds included. */
function rangeOf(text: string): readonly [low: number, high: number] {
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text);
  const first = Number(match?.[1] ?? 0);
  const [low, high] = match?.[2] === undefined ? [1, first] : [first, Number(match[2])];
  if (match === null || high < low || high < 1)
    throw element(`Wrong server-template number or range arg '${text}'.`);
  if (high - low >= TEMPLATE_MAX) throw element(`server-template makes at most ${TEMPLATE_MAX} servers.`);
  return [low, high];
}

export default defineKeyword({
  name: 'server-template',
  sections: ['listen', 'backend'],
  usage: 'server-template <prefix> <num | range> <address>[:[port]] [param*]',
  doc: 'Servers that differ by the number behind their name alone.',
  parse(words, context) {
    const [, prefix, range, where] = words;
    if (prefix === undefined || range === undefined || where === undefined) {
      throw element("'server-template' expects <prefix> <nb | range> <addr>[:<port>] as arguments.");
    }
    const bad = badCharacter(prefix);
    if (bad !== null)
      throw element(`character '${bad}' is not permitted in server-template prefix '${prefix}'.`);
    const [low, high] = rangeOf(range);
    const known = proxyOf(context).servers.length;
    for (let number = low; number <= high; number++) {
      addServer({ name: `${prefix}${number}`, where, words, from: 4 }, known, context);
    }
  },
});
