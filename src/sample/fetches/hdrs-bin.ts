// All header lines in binary form: names and values behind their lengths, at the end two empty ones (manual 7.3.6).

import { defineFetch, type FetchKeyword } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import { varint } from '../varint.ts';
import type { HttpMessage } from '../../http/message.ts';
import type { StreamContext } from '../context.ts';
import { Type } from '../sample.ts';

function encodeHeaders(message: HttpMessage): string {
  let bytes = '';
  for (let at = 0; at < message.headerCount(); at++) {
    const name = message.nameAt(at).toLowerCase();
    const value = message.valueAt(at);
    bytes += varint(name.length) + name + varint(value.length) + value;
  }
  return `${bytes}\0\0`;
}

const headers = (
  name: string,
  where: typeof Source.REQUEST_HEADERS | typeof Source.RESPONSE_HEADERS,
  select: (stream: StreamContext) => HttpMessage | null,
): FetchKeyword =>
  defineFetch({
    name,
    args: [],
    type: Type.BIN,
    ...where,
    doc: 'All header lines in binary form.',
    fetch(stream, sample) {
      const message = select(stream);
      return message !== null && sample.setBin(encodeHeaders(message));
    },
  });

export default [
  headers('req.hdrs_bin', Source.REQUEST_HEADERS, (stream) => stream.request),
  headers('res.hdrs_bin', Source.RESPONSE_HEADERS, (stream) => stream.response),
];
