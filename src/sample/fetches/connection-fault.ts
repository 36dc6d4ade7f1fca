// Why a client connection was refused, for error-log-format (manual 7.3.3, fc_err_str).

import { defineFetch } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import { Type } from '../sample.ts';

/** Number and name of what can be met here, by what the log says: nobody but the PROXY protocol refuses so early. */
const FAULTS: ReadonlyMap<string, readonly [number, string]> = new Map([
  ['', [0, '']],
  ['Connection closed while waiting for PROXY protocol header', [11, 'PRX_EMPTY']],
  ['Timeout while waiting for PROXY protocol header', [13, 'PRX_TIMEOUT']],
  ['Truncated PROXY protocol header received', [14, 'PRX_TRUNCATED']],
  ['Received something which does not look like a PROXY protocol header', [15, 'PRX_NOT_HDR']],
  ['Received an invalid PROXY protocol header', [16, 'PRX_BAD_HDR']],
]);

export default [
  defineFetch({
    name: 'fc_err',
    args: [],
    type: Type.SINT,
    ...Source.CLIENT_SESSION,
    doc: 'The number of what was wrong with the client connection; 0 for nothing.',
    fetch({ session }, sample) {
      const fault = FAULTS.get(session.connectionFault);
      return fault !== undefined && sample.setInt(fault[0]);
    },
  }),
  defineFetch({
    name: 'fc_err_name',
    args: [],
    type: Type.STR,
    ...Source.CLIENT_SESSION,
    doc: 'Its name, such as PRX_TIMEOUT; none for nothing.',
    fetch({ session }, sample) {
      const fault = FAULTS.get(session.connectionFault);
      return fault !== undefined && fault[1] !== '' && sample.setStr(fault[1]);
    },
  }),
  defineFetch({
    name: 'fc_err_str',
    args: [],
    type: Type.STR,
    ...Source.CLIENT_SESSION,
    doc: 'The same fault in words, for people to read.',
    fetch: ({ session: { connectionFault } }, sample) =>
      sample.setStr(connectionFault === '' ? 'Success' : connectionFault),
  }),
];
