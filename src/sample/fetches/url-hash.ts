// Address, port and hashes of what a request asks for (manual 7.3.6).

import { ipv4Bytes, parseIpv4 } from '../address.ts';
import { defineFetch, type FetchKeyword } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import type { HttpMessage } from '../../http/message.ts';
import type { StreamContext } from '../context.ts';
import { type Sample, Type } from '../sample.ts';
import { fullAvalanche, sdbm } from '../converters/hashes.ts';
import { hostOf, pathOf, pathqOf } from './request-line.ts';

/** `http://` or `https://`, an IPv4 address in full, perhaps a port. */
const NUMERIC_URL = /^(https?):\/\/(\d+\.\d+\.\d+\.\d+)(?::(\d{1,5}))?(?=[/?#]|$)/i;

/** The 32 bits of a hash, most significant byte first, which is how IPv4 addresses are written too. */
const word = ipv4Bytes;

const hashes = (name: string, doc: string, text: (request: HttpMessage) => string): FetchKeyword[] => [
  defineFetch({
    name,
    args: [],
    type: Type.SINT,
    ...Source.REQUEST_HEADERS,
    doc: `${doc}: a hash of 32 bits, as \`sdbm(1)\` makes it.`,
    fetch: ({ request }, sample) => request !== null && sample.setInt(fullAvalanche(sdbm(text(request)))),
  }),
  defineFetch({
    name: `${name}+src`,
    args: [],
    type: Type.BIN,
    ...Source.REQUEST_HEADERS,
    doc: `The four bytes of ${name}, then those of the source address.`,
    fetch({ request, session: { source } }, sample) {
      if (request === null || source === null || source.family === 'unix') return false;
      const address = source.family === 'ipv4' ? ipv4Bytes(source.ipv4) : source.ipv6;
      return sample.setBin(word(fullAvalanche(sdbm(text(request)))) + address);
    },
  }),
];

const numericPart = (
  name: string,
  type: Type,
  doc: string,
  read: (parts: RegExpExecArray, sample: Sample) => boolean,
): FetchKeyword =>
  defineFetch({
    name,
    args: [],
    type,
    ...Source.REQUEST_HEADERS,
    doc,
    fetch({ request }: StreamContext, sample) {
      const parts = request === null ? null : NUMERIC_URL.exec(request.target);
      return parts !== null && read(parts, sample);
    },
  });

export default [
  ...hashes('base32', 'Host and path', (request) => hostOf(request) + pathOf(request)),
  ...hashes('url32', 'Host and URL with its query', (request) => hostOf(request) + pathqOf(request)),
  numericPart(
    'url_ip',
    Type.IPV4,
    'The IPv4 address that stands as host in an absolute URL.',
    (parts, sample) => {
      const address = parseIpv4(parts[2]!);
      return address >= 0 && sample.setIpv4(address);
    },
  ),
  numericPart(
    'url_port',
    Type.SINT,
    'The port behind that address, or that of its scheme.',
    (parts, sample) => {
      if (parseIpv4(parts[2]!) < 0) return false;
      return sample.setInt(Number(parts[3] ?? (parts[1]!.length === 5 ? 443 : 80)) & 0xffff);
    },
  ),
];
