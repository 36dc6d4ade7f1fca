// Messages of distcc (its protocol document: four letters, eight hexadecimal digits; some tokens are followed by as
// many bytes as the number says) (manual 7.3.5).

import { int, optional, str } from '../../registry/args.ts';
import { defineFetch } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import type { StreamContext } from '../context.ts';
import { type Sample, Type } from '../sample.ts';

const HEADER = 12;
const WITH_BODY: ReadonlySet<string> = new Set('ARGV CDIR DOTI DOTO FILE LINK NAME SERR SOUT'.split(' '));
const WITHOUT_BODY: ReadonlySet<string> = new Set('ARGC DIST DONE NFIL STAT'.split(' '));

function parameter(text: string, at: number): number {
  const digits = text.slice(at + 4, at + HEADER);
  return /^[0-9a-fA-F]{8}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
}

/** Where the wanted occurrence of a token begins, or -1. `occurrence` below 1 takes the first. */
function find(
  stream: StreamContext,
  sample: Sample,
  text: string,
  token: string,
  occurrence: number,
): number {
  let left = Math.max(1, occurrence);
  let at = 0;
  while (at + HEADER <= text.length) {
    const name = text.slice(at, at + 4);
    const hasBody = WITH_BODY.has(name);
    const value = parameter(text, at);
    if (value < 0 || (!hasBody && !WITHOUT_BODY.has(name))) return -1;
    if (name === token && --left === 0) return at;
    at += HEADER + (hasBody ? value : 0);
  }
  sample.partial = !stream.inspectionOver;
  return -1;
}

const ARGS = [str('token'), optional(int('occ'), 0)] as const;

const check = ([token]: readonly [string, number]): string | undefined =>
  token.length === 4 ? undefined : 'token name must be exactly 4 characters';

export default [
  defineFetch({
    name: 'distcc_param',
    args: ARGS,
    type: Type.SINT,
    ...Source.REQUEST_BYTES,
    doc: 'The number behind occurrence <occ> of a distcc <token>.',
    check,
    fetch(stream, sample, [token, occurrence]) {
      const text = stream.requestPayload();
      const at = find(stream, sample, text, token, occurrence);
      return at >= 0 && sample.setInt(parameter(text, at));
    },
  }),
  defineFetch({
    name: 'distcc_body',
    args: ARGS,
    type: Type.BIN,
    ...Source.REQUEST_BYTES,
    doc: 'What follows occurrence <occ> of a distcc <token>, as far as it is there.',
    check,
    fetch(stream, sample, [token, occurrence]) {
      const text = stream.requestPayload();
      const at = find(stream, sample, text, token, occurrence);
      if (at < 0 || !WITH_BODY.has(token)) return false;
      const start = at + HEADER;
      const end = start + parameter(text, at);
      if (end > text.length) sample.partial = !stream.inspectionOver;
      return sample.setBin(text.slice(start, end));
    },
  }),
];
