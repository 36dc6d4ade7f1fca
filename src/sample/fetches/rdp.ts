// The cookie in the connection request of RDP (manual 7.3.5).

import { optional, str } from '../../registry/args.ts';
import { defineFetch } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import type { StreamContext } from '../context.ts';
import { Rdp, rdpCookie, rdpValue } from '../rdp.ts';
import { type Sample, Type } from '../sample.ts';

function find(stream: StreamContext, sample: Sample, text: string, name: string): Rdp {
  if (stream.request !== null) return Rdp.NO_COOKIE;
  const result = rdpCookie(text, name.toLowerCase());
  sample.partial = result === Rdp.NOT_YET && !stream.inspectionOver;
  return result;
}

export default [
  defineFetch({
    name: 'req.rdp_cookie',
    aliases: ['rdp_cookie'],
    args: [optional(str('name'), '')],
    type: Type.STR,
    ...Source.REQUEST_BYTES,
    doc: 'The value of the RDP cookie, where it has this <name>.',
    fetch(stream, sample, [name]) {
      const text = stream.requestPayload();
      if (find(stream, sample, text, name) !== Rdp.FOUND) return false;
      return sample.setStr(text.slice(rdpValue.start, rdpValue.end));
    },
  }),
  defineFetch({
    name: 'req.rdp_cookie_cnt',
    aliases: ['rdp_cookie_cnt'],
    args: [optional(str('name'), '')],
    type: Type.SINT,
    ...Source.REQUEST_BYTES,
    doc: 'How many RDP cookies, 0 or 1, have this <name>.',
    fetch(stream, sample, [name]) {
      const result = find(stream, sample, stream.requestPayload(), name);
      return result !== Rdp.NOT_YET && sample.setInt(result === Rdp.FOUND ? 1 : 0);
    },
  }),
];
