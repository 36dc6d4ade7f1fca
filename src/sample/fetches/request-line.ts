// Parts of the request line and of the request's address (manual 7.3.6).

import { splitTarget } from '../../http/message.ts';
import type { HttpMessage } from '../../http/message.ts';
import { defineFetch, type FetchKeyword } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import type { StreamContext } from '../context.ts';
import { type Sample, Type } from '../sample.ts';

/** The path without query: from the first slash; '' where there is none. */
export function pathOf(request: HttpMessage): string {
  const { target } = request;
  if (target.charCodeAt(0) === 0x2f && !target.includes('?') && !target.includes('#')) return target;
  return target === '*' ? '' : splitTarget(target).path;
}

/** From the first slash to the end. */
export function pathqOf(request: HttpMessage): string {
  const { target } = request;
  if (target.charCodeAt(0) === 0x2f) return target;
  if (target === '*') return '';
  const { path, query } = splitTarget(target);
  return query === null ? path : `${path}?${query}`;
}

/** The first Host header's value, as it is. */
export function hostOf(request: HttpMessage): string {
  const at = request.find('host', 0);
  return at < 0 ? '' : request.valueAt(at);
}

const part = (
  name: string,
  type: Type,
  doc: string,
  fetch: (request: HttpMessage, sample: Sample) => boolean,
  aliases: readonly string[] = [],
): FetchKeyword =>
  defineFetch({
    name,
    aliases,
    args: [],
    type,
    ...Source.REQUEST_HEADERS,
    doc,
    fetch: ({ request }: StreamContext, sample) => request !== null && fetch(request, sample),
  });

const WELL_KNOWN: readonly string[] = [
  ...['GET', 'HEAD', 'POST', 'PUT'],
  ...['OPTIONS', 'DELETE', 'TRACE', 'CONNECT'],
];

/** What `method` gives, else an empty text: set-method changes only methods that HAProxy has no number for. */
export function methodOf({ request, capturedMethod }: StreamContext): string {
  if (request === null) return '';
  const { method } = request;
  // Without an edit, or with one, the text received is the first to be asked.
  if (capturedMethod === null || capturedMethod === method) return method;
  return WELL_KNOWN.includes(capturedMethod) ? capturedMethod : method;
}

export default [
  part('base', Type.STR, 'Host and path, joined.', (request, sample) =>
    sample.setStr(hostOf(request) + pathOf(request)),
  ),
  part('baseq', Type.STR, 'Host, path and query, joined.', (request, sample) =>
    sample.setStr(hostOf(request) + pathqOf(request)),
  ),
  part('path', Type.STR, 'The path without the query.', (request, sample) => {
    const path = pathOf(request);
    return path !== '' && sample.setStr(path);
  }),
  part('pathq', Type.STR, 'The path with the query.', (request, sample) => {
    const path = pathqOf(request);
    return path !== '' && sample.setStr(path);
  }),
  part('query', Type.STR, 'What follows the first question mark; empty without one.', (request, sample) => {
    const mark = request.target.indexOf('?');
    return sample.setStr(mark < 0 ? '' : request.target.slice(mark + 1));
  }),
  part('url', Type.STR, 'The request target as it is.', (request, sample) => sample.setStr(request.target)),
  part(
    'req.ver',
    Type.STR,
    'The version: 1.0, 1.1, 2.0.',
    (request, sample) => sample.setStr(request.version),
    ['req_ver'],
  ),
  defineFetch({
    name: 'method',
    args: [],
    type: Type.METH,
    ...Source.REQUEST_KEPT,
    doc: 'The method of the request, a known one as it was received; ACLs compare known ones by number.',
    fetch(stream, sample) {
      const method = methodOf(stream);
      return method !== '' && sample.setMeth(method);
    },
  }),
];
