// Bytes as they arrived, and bodies (manual 7.3.5 and 7.3.6).

import { int } from '../../registry/args.ts';
import { defineFetch, type FetchKeyword } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import type { HttpMessage } from '../../http/message.ts';
import type { StreamContext } from '../context.ts';
import { type Sample, Type } from '../sample.ts';

const HTTP_START = /^(?:\r?\n)*[!#$%&'*+.^_`|~0-9A-Za-z-]+ \S+ HTTP\/\d\.\d\r?\n/;
const HTTP_PREFIX = /^(?:\r?\n)*(?:[!#$%&'*+.^_`|~0-9A-Za-z-]*| ?\S+ \S*|\S+ \S+ [HTP/\d.\r]*)$/;

function payload(
  stream: StreamContext,
  sample: Sample,
  text: string,
  offset: number,
  length: number,
): boolean {
  const enough = text.length >= offset + Math.max(1, length);
  sample.partial = !stream.inspectionOver && (length === 0 || !enough);
  if (!enough && (length > 0 || offset > text.length)) return false;
  return sample.setBin(length === 0 ? text.slice(offset) : text.slice(offset, offset + length));
}

const bytesFamily = (
  side: 'req' | 'res',
  where: typeof Source.REQUEST_BYTES | typeof Source.RESPONSE_BYTES,
  bytes: (stream: StreamContext) => string,
): FetchKeyword[] => [
  defineFetch({
    name: `${side}.len`,
    aliases: side === 'req' ? ['req_len'] : [],
    args: [],
    type: Type.SINT,
    ...where,
    doc: 'How many bytes are in the buffer now; it grows while more are received.',
    fetch(stream, sample) {
      sample.partial = !stream.inspectionOver;
      return sample.setInt(bytes(stream).length);
    },
  }),
  defineFetch({
    name: `${side}.payload`,
    args: [int('offset'), int('length')],
    type: Type.BIN,
    ...where,
    doc: 'Buffered bytes from <offset> on; all of them for a <length> of 0.',
    fetch: (stream, sample, [offset, length]) => payload(stream, sample, bytes(stream), offset, length),
  }),
];

const bodyFamily = (
  side: 'req' | 'res',
  where: typeof Source.REQUEST_BODY | typeof Source.RESPONSE_HEADERS,
  select: (stream: StreamContext) => HttpMessage | null,
): FetchKeyword[] => [
  defineFetch({
    name: `${side}.body`,
    args: [],
    type: Type.BIN,
    ...where,
    doc: 'What is buffered of the body: wait for it with wait-for-body or option http-buffer-request.',
    fetch(stream, sample) {
      const message = select(stream);
      return message !== null && sample.setBin(message.body());
    },
  }),
  defineFetch({
    name: `${side}.body_len`,
    args: [],
    type: Type.SINT,
    ...where,
    doc: 'How many bytes of the body are buffered.',
    fetch(stream, sample) {
      const message = select(stream);
      return message !== null && sample.setInt(message.body().length);
    },
  }),
  defineFetch({
    name: `${side}.body_size`,
    args: [],
    type: Type.SINT,
    ...where,
    doc: 'The length announced for the body, else how much is buffered.',
    fetch(stream, sample) {
      const message = select(stream);
      if (message === null) return false;
      return sample.setInt(message.contentLength >= 0 ? message.contentLength : message.body().length);
    },
  }),
];

export default [
  ...bytesFamily('req', Source.REQUEST_BYTES, (stream) => stream.requestPayload()),
  defineFetch({
    name: 'payload',
    args: [int('offset'), int('length')],
    type: Type.BIN,
    phases: Source.REQUEST_BYTES.phases | Source.RESPONSE_BYTES.phases,
    needs: 'request buffer contents',
    needsHttp: false,
    doc: 'req.payload or res.payload, by the side that asks.',
    fetch: (stream, sample, [offset, length]) =>
      payload(
        stream,
        sample,
        stream.direction === 'request' ? stream.requestPayload() : stream.responsePayload(),
        offset,
        length,
      ),
  }),
  ...bytesFamily('res', Source.RESPONSE_BYTES, (stream) => stream.responsePayload()),
  ...bodyFamily('req', Source.REQUEST_BODY, (stream) => stream.request),
  ...bodyFamily('res', Source.RESPONSE_HEADERS, (stream) => stream.response),
  defineFetch({
    name: 'req.proto_http',
    aliases: ['req_proto_http'],
    args: [],
    type: Type.BOOL,
    ...Source.REQUEST_BYTES,
    doc: 'True where the buffer begins with an HTTP/1 request line. Bytes that may become one are waited for.',
    fetch(stream, sample) {
      if (stream.request !== null) return sample.setBool(true);
      const text = stream.requestPayload();
      const is = HTTP_START.test(text);
      sample.partial = !is && !stream.inspectionOver && HTTP_PREFIX.test(text);
      return sample.setBool(is);
    },
  }),
  defineFetch({
    name: 'wait_end',
    args: [],
    type: Type.BOOL,
    ...Source.INTERNAL,
    doc: 'True once the inspection period is over; before that it keeps a rule undecided.',
    fetch(stream, sample) {
      sample.partial = !stream.inspectionOver;
      return stream.inspectionOver && sample.setBool(true);
    },
  }),
];
