// What the kernel measured on both connections of a stream: TCP_INFO of tcp(7) (manual 7.3.3).

import { optional, str } from '../../registry/args.ts';
import { defineFetch, type FetchKeyword } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import { Type } from '../sample.ts';

/** Offsets in struct tcp_info of linux/tcp.h, bytes; times are in us. */
const Field = {
  UNACKED: 24,
  SACKED: 28,
  LOST: 32,
  RETRANS: 36,
  FACKETS: 40,
  RTT: 68,
  RTTVAR: 72,
  REORDERING: 88,
} as const;

type Side = 'client' | 'server';
const WHERE = { client: Source.CLIENT_SESSION, server: Source.SERVER_SESSION } as const;

const time = (name: string, side: Side, field: number, doc: string): FetchKeyword =>
  defineFetch({
    name,
    args: [optional(str('unit'), 'ms')],
    type: Type.SINT,
    ...WHERE[side],
    doc: `${doc}, in <unit>: ms (default) or us.`,
    check: ([unit]) => (unit === 'ms' || unit === 'us' ? undefined : `expects 'us' or 'ms', got '${unit}'`),
    fetch(stream, sample, [unit]) {
      const value = stream.tcpInfo(side, field);
      return value >= 0 && sample.setInt(unit === 'us' ? value : Math.floor(value / 1000));
    },
  });

const count = (name: string, field: number, doc: string): FetchKeyword =>
  defineFetch({
    name,
    args: [],
    type: Type.SINT,
    ...WHERE.client,
    doc,
    fetch(stream, sample) {
      const value = stream.tcpInfo('client', field);
      return value >= 0 && sample.setInt(value);
    },
  });

export default [
  time('fc_rtt', 'client', Field.RTT, 'Round trip time to the client'),
  time('fc_rttvar', 'client', Field.RTTVAR, 'How much the round trip time to the client varies'),
  time('bc_rtt', 'server', Field.RTT, 'Round trip time to the server'),
  time('bc_rttvar', 'server', Field.RTTVAR, 'How much the round trip time to the server varies'),
  count('fc_unacked', Field.UNACKED, 'Segments to the client that are not acknowledged.'),
  count('fc_sacked', Field.SACKED, 'Segments to the client that are acknowledged selectively.'),
  count('fc_lost', Field.LOST, 'Segments to the client that are held for lost.'),
  count('fc_retrans', Field.RETRANS, 'Segments to the client that are being sent again.'),
  count('fc_fackets', Field.FACKETS, 'Forward acknowledgements of the client.'),
  count('fc_reordering', Field.REORDERING, 'How far segments to the client may change places.'),
];
