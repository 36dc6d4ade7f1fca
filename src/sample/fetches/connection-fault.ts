// What was wrong with a connection: fc_err and bc_err with their names and texts (manual 7.3.3, table of fc_err_str).
// Those of TLS, NetScaler headers and SOCKS cannot occur.

import { faultOfErrno, faultOfText, type Fault } from '../faults.ts';
import { defineFetch, type FetchKeyword } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import type { StreamContext } from '../context.ts';
import { Type } from '../sample.ts';

type Find = (stream: StreamContext) => Fault;

/** Number, name and text of one side's fault. */
function three(
  prefix: 'fc' | 'bc',
  where: typeof Source.CLIENT_SESSION | typeof Source.SERVER_SESSION,
  whose: string,
  find: Find,
): FetchKeyword[] {
  return [
    defineFetch({
      name: `${prefix}_err`,
      args: [],
      type: Type.SINT,
      ...where,
      doc: `The number of what was wrong with the connection ${whose}; 0 for nothing.`,
      fetch: (stream, sample) => sample.setInt(find(stream).id),
    }),
    defineFetch({
      name: `${prefix}_err_name`,
      args: [],
      type: Type.STR,
      ...where,
      doc: 'Its name, such as PRX_TIMEOUT; no value for nothing.',
      fetch(stream, sample) {
        const { name } = find(stream);
        return name !== '' && sample.setStr(name);
      },
    }),
    defineFetch({
      name: `${prefix}_err_str`,
      args: [],
      type: Type.STR,
      ...where,
      doc: 'What was wrong with the connection, in the words of the manual; empty for nothing.',
      fetch: (stream, sample) => sample.setStr(find(stream).text),
    }),
  ];
}

export default [
  ...three('fc', Source.CLIENT_SESSION, 'to the client', ({ session }) =>
    session.connectionFault === '' ? faultOfErrno(session.clientFault) : faultOfText(session.connectionFault),
  ),
  ...three('bc', Source.SERVER_SESSION, 'to the server', (stream) => faultOfErrno(stream.serverFault)),
];
