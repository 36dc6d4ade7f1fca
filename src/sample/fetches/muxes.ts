// What protocols with several streams on a connection would tell; of those spoken here, TCP and HTTP/1, each connection
// carries one (manual 7.3.3 to 7.3.5).

import { defineFetch, type FetchKeyword } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import type { StreamContext } from '../context.ts';
import { Type } from '../sample.ts';

const Client = Source.CLIENT_SESSION;
const Server = Source.SERVER_SESSION;

const hasServer = (stream: StreamContext): boolean => stream.backendDestination !== null;

/** Both sides of one figure; that of the server has no value before there is a connection. */
const pair = (name: string, value: number, doc: string): FetchKeyword[] => [
  defineFetch({
    name: `fc_${name}`,
    args: [],
    type: Type.SINT,
    ...Client,
    doc: `Client connection: ${doc}`,
    fetch: (_stream, sample) => sample.setInt(value),
  }),
  defineFetch({
    name: `bc_${name}`,
    args: [],
    type: Type.SINT,
    ...Server,
    doc: `Server connection: ${doc}`,
    fetch: (stream, sample) => hasServer(stream) && sample.setInt(value),
  }),
];

/** `cause` in the termination state (manual 8.5), and the phases in which it is an abort. */
const aborted = (
  name: string,
  where: typeof Client | typeof Server,
  cause: string,
  doc: string,
): FetchKeyword =>
  defineFetch({
    name,
    args: [],
    type: Type.BOOL,
    ...where,
    doc,
    fetch(stream, sample) {
      const flags = stream.terminationFlags();
      // Before the request went out there was nothing that a server could have aborted.
      const server = cause === 'S' && !'HDL'.includes(flags.charAt(1));
      return sample.setBool(flags.startsWith(cause) && !server);
    },
  });

const noResetCode = (name: string, where: typeof Client | typeof Server): FetchKeyword =>
  defineFetch({
    name,
    args: [],
    type: Type.SINT,
    ...where,
    doc: 'The code of a reset of HTTP/2 or QUIC: never a value, as HTTP/1 and TCP have none.',
    fetch: () => false,
  });

/** Numbers of streams exist only where a connection carries several at once. */
const streamId = (name: string, where: typeof Client | typeof Server): FetchKeyword =>
  defineFetch({
    name,
    args: [],
    type: Type.SINT,
    ...where,
    doc: 'The number of the stream in its connection: 0, as TCP and HTTP/1 have none.',
    fetch: (stream, sample) => (where === Client || hasServer(stream)) && sample.setInt(0),
  });

export default [
  streamId('fs.id', Client),
  streamId('bs.id', Server),
  ...pair('http_major', 1, 'the major version of HTTP on the wire: 1.'),
  ...pair('nb_streams', 1, 'how many streams it carries: 1.'),
  ...pair('glitches', 0, 'protocol glitches, which HTTP/1 and TCP do not count: 0.'),
  ...pair('settings_streams_limit', 1, 'how many streams it may carry: 1.'),
  aborted('fs.aborted', Client, 'C', 'The client aborted the stream.'),
  aborted('bs.aborted', Server, 'S', 'The server aborted the stream.'),
  noResetCode('fs.rst_code', Client),
  noResetCode('bs.rst_code', Server),
];
