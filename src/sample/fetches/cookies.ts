// Cookies of requests and responses (manual 7.3.6, RFC 6265).

import type { HttpMessage } from '../../http/message.ts';
import { optional, str } from '../../registry/args.ts';
import { defineFetch, type FetchKeyword } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import { setIntegerFromText } from '../cast.ts';
import type { StreamContext } from '../context.ts';
import { type Sample, Type } from '../sample.ts';

/**
 * Looks through the cookies named `name` ('' for any). Fills in number `wanted`, the last one for -1, and returns how
 * many it passed.
 */
function walkCookies(
  message: HttpMessage,
  header: 'cookie' | 'set-cookie',
  name: string,
  wanted: number,
  sample: Sample | null,
): number {
  let count = 0;
  for (let line = message.find(header, 0); line >= 0; line = message.find(header, line + 1)) {
    const text = message.valueAt(line);
    for (let at = 0; at < text.length;) {
      let end = text.indexOf(';', at);
      if (end < 0) end = text.length;
      const equals = text.indexOf('=', at);
      if (equals >= 0 && equals < end && (name === '' || text.slice(at, equals).trim() === name)) {
        if (sample !== null && (wanted < 0 || wanted === count))
          sample.setStr(text.slice(equals + 1, end).trim());
        count++;
        if (wanted >= 0 && count > wanted && sample !== null) return count;
      }
      // A response line holds one cookie; attributes follow it.
      at = header === 'cookie' ? end + 1 : text.length;
    }
  }
  return count;
}

function fetchCookie(
  message: HttpMessage | null,
  header: 'cookie' | 'set-cookie',
  name: string,
  sample: Sample,
  index: number,
): boolean {
  if (message === null) return false;
  // Without a name there is nothing to tell occurrences apart: the first one is meant.
  const wanted = index < 0 && name === '' ? 0 : index;
  const count = walkCookies(message, header, name, wanted, sample);
  if (count === 0 || count <= wanted) return false;
  sample.more = index >= 0;
  return true;
}

/** The names of all cookies in order. */
function cookieNames(message: HttpMessage, header: 'cookie' | 'set-cookie', delimiter: string): string {
  let names = '';
  for (let line = message.find(header, 0); line >= 0; line = message.find(header, line + 1)) {
    const text = message.valueAt(line);
    for (let at = 0; at < text.length;) {
      let end = text.indexOf(';', at);
      if (end < 0) end = text.length;
      const equals = text.indexOf('=', at);
      if (equals >= 0 && equals < end) {
        if (names !== '') names += delimiter;
        names += text.slice(at, equals).trim();
      }
      at = header === 'cookie' ? end + 1 : text.length;
    }
  }
  return names;
}

function family(
  side: 'req' | 'res',
  short: string,
  header: 'cookie' | 'set-cookie',
  where: typeof Source.REQUEST_HEADERS | typeof Source.RESPONSE_HEADERS,
  select: (stream: StreamContext) => HttpMessage | null,
): FetchKeyword[] {
  const args = [optional(str('name'), '')] as const;
  return [
    defineFetch({
      name: `${side}.cook`,
      aliases: [short],
      args,
      type: Type.STR,
      ...where,
      doc: 'The last value of cookie <name>; ACLs look at all of them.',
      fetch: (stream, sample, [name], index) => fetchCookie(select(stream), header, name, sample, index),
    }),
    defineFetch({
      name: `${side}.cook_cnt`,
      aliases: [`${short}_cnt`],
      args,
      type: Type.SINT,
      ...where,
      doc: 'How often cookie <name> is there.',
      fetch(stream, sample, [name]) {
        const message = select(stream);
        return message !== null && sample.setInt(walkCookies(message, header, name, -1, null));
      },
    }),
    defineFetch({
      name: `${side}.cook_names`,
      args: [optional(str('delim'), ',')],
      type: Type.STR,
      ...where,
      doc: 'The names of all cookies, with commas or the first character of <delim> between them.',
      fetch(stream, sample, [delimiter]) {
        const message = select(stream);
        return message !== null && sample.setStr(cookieNames(message, header, delimiter.slice(0, 1)));
      },
    }),
    defineFetch({
      name: `${side}.cook_val`,
      aliases: [`${short}_val`],
      args,
      type: Type.SINT,
      ...where,
      doc: 'The value of cookie <name> as an integer.',
      fetch(stream, sample, [name], index) {
        return (
          fetchCookie(select(stream), header, name, sample, index) && setIntegerFromText(sample, sample.text)
        );
      },
    }),
  ];
}

export default [
  defineFetch({
    name: 'cookie',
    args: [optional(str('name'), '')],
    type: Type.STR,
    ...Source.BOTH_HEADERS,
    doc: 'req.cook or res.cook, by the side that asks.',
    fetch: (stream, sample, [name], index) =>
      stream.direction === 'request'
        ? fetchCookie(stream.request, 'cookie', name, sample, index)
        : fetchCookie(stream.response, 'set-cookie', name, sample, index),
  }),
  defineFetch({
    name: 'set-cookie',
    args: [optional(str('name'), '')],
    type: Type.STR,
    ...Source.RESPONSE_HEADERS,
    doc: 'The last value of cookie <name> that the server sets.',
    fetch: ({ response }, sample, [name], index) => fetchCookie(response, 'set-cookie', name, sample, index),
  }),
  ...family('req', 'cook', 'cookie', Source.REQUEST_HEADERS, (stream) => stream.request),
  ...family('res', 'scook', 'set-cookie', Source.RESPONSE_HEADERS, (stream) => stream.response),
];
