// Header fields (manual 7.3.6): `hdr` cuts comma lists, `fhdr` gives lines as they are.

import { listValueEnd } from '../../acl/specialise.ts';
import type { HttpMessage } from '../../http/message.ts';
import { int, optional, str } from '../../registry/args.ts';
import { defineFetch, type FetchKeyword } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import { parseIpv4, parseIpv6 } from '../address.ts';
import { setIntegerFromText } from '../cast.ts';
import type { StreamContext } from '../context.ts';
import { type Sample, Type } from '../sample.ts';

type Select = (stream: StreamContext) => HttpMessage | null;

/** Number of values named `name` ('' for any), whole lines or list items. */
function countValues(message: HttpMessage, name: string, whole: boolean): number {
  let count = 0;
  for (let at = nextLine(message, name, 0); at >= 0; at = nextLine(message, name, at + 1)) {
    if (whole) {
      count++;
      continue;
    }
    const line = message.valueAt(at);
    for (let from = 0; from <= line.length; from = listValueEnd(line, from) + 1) count++;
  }
  return count;
}

function nextLine(message: HttpMessage, name: string, from: number): number {
  if (name !== '') return message.find(name, from);
  return from < message.headerCount() ? from : -1;
}

/** Value number `index` (from 0), or null. */
function valueNumber(message: HttpMessage, name: string, whole: boolean, index: number): string | null {
  let left = index;
  for (let at = nextLine(message, name, 0); at >= 0; at = nextLine(message, name, at + 1)) {
    const line = message.valueAt(at);
    if (whole) {
      if (left-- === 0) return line.trim();
      continue;
    }
    for (let from = 0; from <= line.length;) {
      const end = listValueEnd(line, from);
      if (left-- === 0) return line.slice(from, end).trim();
      from = end + 1;
    }
  }
  return null;
}

/** Fills in the occurrence asked for: by number from either end, all in turn for ACLs, else the last. */
function fetchValue(
  message: HttpMessage | null,
  sample: Sample,
  name: string,
  occurrence: number,
  whole: boolean,
  index: number,
): boolean {
  if (message === null) return false;
  let wanted = index;
  if (occurrence > 0) wanted = index > 0 ? -1 : occurrence - 1;
  else if (occurrence < 0 || index < 0) {
    wanted = index > 0 ? -1 : countValues(message, name, whole) + (occurrence < 0 ? occurrence : -1);
  }
  const value = wanted < 0 ? null : valueNumber(message, name, whole, wanted);
  if (value === null) return false;
  sample.more = occurrence === 0 && index >= 0;
  return sample.setStr(value);
}

/** An address, possibly with a port or in brackets. */
function setAddressText(sample: Sample, text: string): boolean {
  const bracket = /^\[([0-9a-fA-F:.]+)\](?::\d+)?$/.exec(text);
  const ipv6 = parseIpv6(bracket === null ? text : bracket[1]!);
  if (ipv6 !== '') return sample.setIpv6(ipv6);
  const colon = text.indexOf(':');
  const ipv4 = parseIpv4(colon < 0 ? text : text.slice(0, colon));
  return ipv4 >= 0 && sample.setIpv4(ipv4);
}

type Where = typeof Source.REQUEST_HEADERS | typeof Source.RESPONSE_HEADERS | typeof Source.BOTH_HEADERS;

function family(
  prefix: string,
  aliases: (suffix: string) => string[],
  where: Where,
  select: Select,
): FetchKeyword[] {
  const args = [optional(str('name'), ''), optional(int('occ'), 0)] as const;
  const check = ([, occurrence]: readonly [string, number]): string | undefined =>
    occurrence < -10 ? 'header occurrence must be >= -10' : undefined;
  const hdr = (
    suffix: string,
    whole: boolean,
    type: Type,
    doc: string,
    convert: (sample: Sample) => boolean,
  ): FetchKeyword =>
    defineFetch({
      name: prefix + suffix,
      aliases: whole ? [] : aliases(suffix),
      args,
      type,
      ...where,
      doc,
      check,
      fetch(stream, sample, [name, occurrence], index) {
        const found = fetchValue(select(stream), sample, name.toLowerCase(), occurrence, whole, index);
        return found && convert(sample);
      },
    });
  const count = (suffix: string, whole: boolean): FetchKeyword =>
    defineFetch({
      name: prefix + suffix,
      aliases: whole ? [] : aliases(suffix),
      args: [optional(str('name'), '')],
      type: Type.SINT,
      ...where,
      doc: 'How many values, separated by commas and lines, header <name> has.',
      fetch(stream, sample, [name]) {
        const message = select(stream);
        return message !== null && sample.setInt(countValues(message, name.toLowerCase(), whole));
      },
    });
  return [
    hdr('hdr', false, Type.STR, 'A value of header <name>, commas cut; without <occ> the last.', () => true),
    hdr(
      'hdr_ip',
      false,
      Type.ADDR,
      'One value of header <name> (occurrence <occ>, the last by default) as an IPv4 or IPv6 address; a port is left out.',
      (sample) => setAddressText(sample, sample.text),
    ),
    hdr(
      'hdr_val',
      false,
      Type.SINT,
      'One value of header <name> (occurrence <occ>, the last by default) as an integer.',
      (sample) => setIntegerFromText(sample, sample.text),
    ),
    count('hdr_cnt', false),
    ...(prefix === ''
      ? []
      : [hdr('fhdr', true, Type.STR, 'A whole line of header <name>.', () => true), count('fhdr_cnt', true)]),
  ];
}

const listing = (side: 'req' | 'res', where: Where, select: Select): FetchKeyword[] => [
  defineFetch({
    name: `${side}.hdr_names`,
    args: [optional(str('delim'), ',')],
    type: Type.STR,
    ...where,
    doc: 'Names of all headers, joined by <delim>.',
    fetch(stream, sample, [delimiter]) {
      const message = select(stream);
      if (message === null) return false;
      let text = '';
      for (let at = 0; at < message.headerCount(); at++) {
        text += (at > 0 ? delimiter.slice(0, 1) : '') + message.nameAt(at);
      }
      return sample.setStr(text);
    },
  }),
  defineFetch({
    name: `${side}.hdrs`,
    args: [],
    type: Type.STR,
    ...where,
    doc: 'All headers as text, with the empty line that ends them.',
    fetch(stream, sample) {
      const message = select(stream);
      if (message === null) return false;
      let text = '';
      for (let at = 0; at < message.headerCount(); at++) {
        text += `${message.nameAt(at)}: ${message.valueAt(at)}\r\n`;
      }
      return sample.setStr(text + '\r\n');
    },
  }),
];

const ofRequest: Select = (stream) => stream.request;
const ofResponse: Select = (stream) => stream.response;

export default [
  ...family('req.', () => [], Source.REQUEST_HEADERS, ofRequest),
  ...family('res.', (suffix) => ['s' + suffix], Source.RESPONSE_HEADERS, ofResponse),
  ...family(
    '',
    () => [],
    Source.BOTH_HEADERS,
    (stream) => (stream.direction === 'request' ? stream.request : stream.response),
  ),
  ...listing('req', Source.REQUEST_HEADERS, ofRequest),
  ...listing('res', Source.RESPONSE_HEADERS, ofResponse),
];
