// Messages that a relaxed parser took and a strict one would not have: kept for `show errors`, as the manual says of
// option accept-unsafe-violations-in-http-request and -response.

import { Head } from '../proto/http1/head.ts';
import { HeadParser, Parse } from '../proto/http1/parser.ts';
import type { HttpStream } from './http-stream.ts';

type Side = 'request' | 'response';

/** A parser without the option, and the head that it fills; each made when it is first needed. */
interface Reader {
  readonly parser: HeadParser;
  readonly head: Head;
}

const readers = new Map<Side, Reader>();

function readerOf(side: Side, headersMax: number): Reader {
  let reader = readers.get(side);
  if (reader === undefined) {
    reader = { parser: new HeadParser(side, { headersMax, relaxed: false }), head: new Head(headersMax) };
    readers.set(side, reader);
  }
  reader.parser.reset();
  return reader;
}

/** Looks at the head that `stream` has just read, once for each message and only where the option is on. */
export function keepTolerated(stream: HttpStream, side: Side): void {
  const { plane, session } = stream;
  const { head } = side === 'request' ? stream.request : stream.response;
  const connection = side === 'request' ? session.client : stream.upstream!;
  const { parser, head: scratch } = readerOf(side, plane.config.global.maxhdr);
  if (parser.parse(plane.reactor.memory.bytes, connection.at, head.end, scratch) !== Parse.ERROR) return;
  if (side === 'request') plane.captureError(session, stream, parser.fault);
  else plane.captureResponseError(stream, parser.fault);
}
