// Choice of a language from Accept-Language (manual 7.3.1, language; RFC 9110 section 12.5.4).

import { optional, str } from '../../registry/args.ts';
import { type ArgSpec, defineConverter } from '../../registry/define.ts';
import { Type } from '../sample.ts';

const SEMICOLON = 0x3b;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const DOT = 0x2e;
const DASH = 0x2d;
const ZERO = 0x30;
const LOWER_Q = 0x71;
const BEST = 1000;

const list: ArgSpec<readonly string[]> = {
  usage: 'value[;value...]',
  kind: 'string',
  optional: false,
  fallback: [],
  parse: (text) => text.split(';').filter((name) => name !== ''),
};

function skipBlanks(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && (text.charCodeAt(at) === 0x20 || text.charCodeAt(at) === 0x09)) at++;
  return at;
}

const isDigit = (code: number): boolean => code >= ZERO && code <= ZERO + 9;

/** Thousandths of the q-factor in `text[from..end)`, at most 1000; 1000 too where it is not `;q=<digit>...`. */
function qualityOf(text: string, from: number, end: number): number {
  let at = skipBlanks(text, from + 1, end);
  if (text.charCodeAt(at) !== LOWER_Q) return BEST;
  at = skipBlanks(text, at + 1, end);
  if (text.charCodeAt(at) !== EQUALS) return BEST;
  at = skipBlanks(text, at + 1, end);
  if (at >= end || text.charCodeAt(at) !== ZERO) return BEST;
  let quality = 0;
  if (text.charCodeAt(++at) !== DOT) return 0;
  for (let unit = 100; unit >= 1 && ++at < end && isDigit(text.charCodeAt(at)); unit /= 10) {
    quality += (text.charCodeAt(at) - ZERO) * unit;
  }
  return quality;
}

/** The first name that is the tag in `text[from..end)` or what stands before one of its dashes; null without one. */
function nameOf(names: readonly string[], text: string, from: number, end: number): string | null {
  for (let index = 0; index < names.length; index++) {
    const name = names[index]!;
    const after = from + name.length;
    if (after > end || !text.startsWith(name, from)) continue;
    if (after === end || text.charCodeAt(after) === DASH) return name;
  }
  return null;
}

export default [
  defineConverter({
    name: 'language',
    from: Type.STR,
    to: Type.STR,
    args: [list, optional(str('default'), '')],
    doc: 'The name of the list with the highest q-factor in an Accept-Language value, else <default>.',
    examples: [
      ['str("fr;q=0.5,en"),language(es;fr;en)', 'en'],
      ['str("fr;q=0.5, en;q=0.5"),language(es;fr;en)', 'fr'],
      ['str("fr-CA;q=0.9,en;q=0.5"),language(es;fr;en)', 'fr'],
      ['str("en;q=0 , fr;q=0.3,es;q=0.2"),language(es;fr;en)', 'fr'],
      ['str("fr;q=0.123,en;q=0.1239"),language(es;fr;en)', 'fr'],
      ['str(FR),language(es;fr;en)', null],
      ['str(da),language(es;fr;en,en)', 'en'],
    ],
    convert(sample, [names, fallback]) {
      const { text } = sample;
      let best = 0;
      let chosen = fallback;
      for (let at = 0; at < text.length && best < BEST; at++) {
        const from = skipBlanks(text, at, text.length);
        for (at = from; at < text.length && text.charCodeAt(at) !== COMMA;) at++;
        let semicolon = from;
        while (semicolon < at && text.charCodeAt(semicolon) !== SEMICOLON) semicolon++;
        let end = semicolon;
        while (end > from && (text.charCodeAt(end - 1) === 0x20 || text.charCodeAt(end - 1) === 0x09)) end--;
        const name = nameOf(names, text, from, end);
        if (name === null) continue;
        const quality = semicolon === at ? BEST : qualityOf(text, semicolon, at);
        if (quality > best) {
          best = quality;
          chosen = name;
        }
      }
      return chosen !== '' && sample.setStr(chosen);
    },
  }),
];
