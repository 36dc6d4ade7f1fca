// Messages that a relaxed parser took and a strict one would not have: kept for `show errors`, as the manual says of
// option accept-unsafe-violations-in-http-request and -response.

import { StrictReader } from '../proto/http1/strict-reader.ts';
import type { HttpStream } from './http-stream.ts';

const readers = new Map<'request' | 'response', StrictReader>();

function readerOf(side: 'request' | 'response', headersMax: number): StrictReader {
  let reader = readers.get(side);
  if (reader === undefined) {
    reader = new StrictReader(side, { headersMax });
    readers.set(side, reader);
  }
  return reader;
}

/** Looks at the head that `stream` has just read, once for each message and only where the option is on. */
export function keepTolerated(stream: HttpStream, side: 'request' | 'response'): void {
  const { plane, session } = stream;
  const { head } = side === 'request' ? stream.request : stream.response;
  const connection = side === 'request' ? session.client : stream.upstream!;
  const reader = readerOf(side, plane.config.global.maxhdr);
  const fault = reader.faultIn(plane.reactor.memory.bytes, connection.at, head.end);
  if (fault === null) return;
  if (side === 'request') plane.captureError(session, stream, fault);
  else plane.captureResponseError(stream, fault);
}
