// Whether a cache between the client and us could keep a response (manual: cookie nocache). Deliberately narrow: a
// response counts only where it gives a cache something to go by, a lifetime or a validator.

import { Method } from '../proto/http1/head.ts';
import type { Http1Message } from './http1-message.ts';

/** Statuses that caches may keep without being told so. */
const STATUSES = new Set([200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501]);

export function isCacheable(request: Http1Message, response: Http1Message): boolean {
  const { method } = request.head;
  if (
    method !== Method.GET &&
    method !== Method.HEAD &&
    method !== Method.OPTIONS &&
    method !== Method.TRACE
  ) {
    return false;
  }
  if (!STATUSES.has(response.status)) return false;
  for (let i = response.find('pragma', 0); i >= 0; i = response.find('pragma', i + 1)) {
    if (response.valueAt(i).trim().toLowerCase().startsWith('no-cache')) return false;
  }
  let guided =
    response.find('etag', 0) >= 0 ||
    response.find('last-modified', 0) >= 0 ||
    response.find('expires', 0) >= 0;
  for (let i = response.find('cache-control', 0); i >= 0; i = response.find('cache-control', i + 1)) {
    for (const part of response.valueAt(i).split(',')) {
      const directive = part.trim().toLowerCase();
      switch (directive) {
        case 'private':
        case 'no-cache':
        case 'no-store':
        case 'max-age=0':
        case 's-maxage=0':
          return false;
        default:
          if (directive.startsWith('max-age=') || directive.startsWith('s-maxage=')) guided = true;
      }
    }
  }
  return guided;
}
