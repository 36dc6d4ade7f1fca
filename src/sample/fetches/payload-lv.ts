// A block of bytes whose length stands in the bytes before it (manual 7.3.5).

import { int, optional, str } from '../../registry/args.ts';
import { defineFetch, type FetchKeyword } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import type { StreamContext } from '../context.ts';
import { type Sample, Type } from '../sample.ts';

const SIGNED = /^[-+]?[0-9]+$/;
/** More than any buffer holds. */
const TOO_LARGE = 2 ** 31;

/** Where the block starts: after the length, at an absolute place, or that far from the end of the length. */
function blockStart(offset1: number, length: number, offset2: string): number {
  const after = offset1 + length;
  if (offset2 === '') return after;
  return /^[-+]/.test(offset2) ? after + Number(offset2) : Number(offset2);
}

export function checkLengthValue(offset1: number, length: number, offset2: string): string | undefined {
  if (offset1 < 0) return 'payload offset1 must be positive';
  if (length <= 0) return 'payload length must be > 0';
  if (offset2 !== '' && !SIGNED.test(offset2)) return 'payload offset2 is not a number';
  return blockStart(offset1, length, offset2) < 0 ? 'payload offset2 too negative' : undefined;
}

function readLengthValue(
  stream: StreamContext,
  sample: Sample,
  text: string,
  offset1: number,
  length: number,
  offset2: string,
): boolean {
  const after = offset1 + length;
  if (text.length < after) {
    sample.partial = !stream.inspectionOver;
    return false;
  }
  let size = 0;
  for (let at = offset1; at < after && size < TOO_LARGE; at++) size = size * 256 + text.charCodeAt(at);
  if (size === 0 || size >= TOO_LARGE) return false;
  const start = blockStart(offset1, length, offset2);
  if (text.length < start + size) {
    sample.partial = !stream.inspectionOver;
    return false;
  }
  return sample.setBin(text.slice(start, start + size));
}

const lengthValue = (
  name: string,
  where: Pick<FetchKeyword, 'phases' | 'needs' | 'needsHttp'>,
  bytes: (stream: StreamContext) => string,
): FetchKeyword =>
  defineFetch({
    name,
    args: [int('offset1'), int('length'), optional(str('offset2'), '')],
    type: Type.BIN,
    ...where,
    doc: 'The block whose size stands at <offset1> in <length> bytes; it follows the size, or starts at <offset2>.',
    check: ([offset1, length, offset2]) => checkLengthValue(offset1, length, offset2),
    fetch: (stream, sample, [offset1, length, offset2]) =>
      readLengthValue(stream, sample, bytes(stream), offset1, length, offset2),
  });

const EITHER = {
  phases: Source.REQUEST_BYTES.phases | Source.RESPONSE_BYTES.phases,
  needs: 'request buffer contents',
  needsHttp: false,
} as const;

const either = (stream: StreamContext): string =>
  stream.direction === 'request' ? stream.requestPayload() : stream.responsePayload();

export default [
  lengthValue('req.payload_lv', Source.REQUEST_BYTES, (stream) => stream.requestPayload()),
  lengthValue('res.payload_lv', Source.RESPONSE_BYTES, (stream) => stream.responsePayload()),
  lengthValue('payload_lv', EITHER, either),
];
