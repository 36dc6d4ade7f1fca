// Both connections of a stream: addresses, listener, PROXY protocol (manual 7.3.3).

import { optional, str } from '../../registry/args.ts';
import { defineFetch, type FetchKeyword } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import type { Endpoint, StreamContext } from '../context.ts';
import { type Sample, Type } from '../sample.ts';
import { checkUnit, setDate } from './process.ts';

type End = (stream: StreamContext) => Endpoint | null;
type Where = typeof Source.CLIENT | typeof Source.SERVER_SESSION;

function setAddress(sample: Sample, end: Endpoint | null): boolean {
  if (end === null || end.family === 'unix') return false;
  return end.family === 'ipv4' ? sample.setIpv4(end.ipv4) : sample.setIpv6(end.ipv6);
}

const pair = (name: string, where: Where, end: End, doc: string): FetchKeyword[] => [
  defineFetch({
    name,
    args: [],
    type: Type.ADDR,
    ...where,
    doc: `${doc}: the address.`,
    fetch: (stream, sample) => setAddress(sample, end(stream)),
  }),
  defineFetch({
    name: `${name}_port`,
    args: [],
    type: Type.SINT,
    ...where,
    doc: `${doc}: the port.`,
    fetch(stream, sample) {
      const found = end(stream);
      return found !== null && found.family !== 'unix' && sample.setInt(found.port);
    },
  }),
];

/** Types of PROXY v2 TLVs by the names of its specification. */
const TLVS: Readonly<Record<string, number>> = {
  ALPN: 0x01,
  AUTHORITY: 0x02,
  CRC32: 0x03,
  NOOP: 0x04,
  UNIQUE_ID: 0x05,
  SSL: 0x20,
  SSL_VERSION: 0x21,
  SSL_CN: 0x22,
  SSL_CIPHER: 0x23,
  SSL_SIG_ALG: 0x24,
  SSL_KEY_ALG: 0x25,
  NETNS: 0x30,
};

function tlvType(text: string): number {
  if (Object.hasOwn(TLVS, text)) return TLVS[text]!;
  const value = /^(\d+|0x[0-9a-fA-F]+)$/.test(text) ? Number(text) : -1;
  return value <= 255 ? value : -1;
}

const tlv = (name: string, type: number, doc: string): FetchKeyword =>
  defineFetch({
    name,
    args: [],
    type: Type.STR,
    ...Source.CLIENT_SESSION,
    doc,
    fetch({ session }, sample) {
      const value = session.proxyTlvs?.get(type);
      return value !== undefined && sample.setStr(value);
    },
  });

const local = (name: string, end: End, doc: string): FetchKeyword =>
  defineFetch({
    name,
    args: [],
    type: Type.BOOL,
    ...Source.CLIENT,
    doc,
    fetch(stream, sample) {
      const found = end(stream);
      if (found === null || found.family === 'unix') return false;
      return sample.setBool(stream.isLocal(found));
    },
  });

export default [
  ...pair('src', Source.CLIENT, ({ session }) => session.source, 'The client'),
  ...pair('dst', Source.CLIENT, ({ session }) => session.destination, 'Where the client connected to'),
  ...pair('fc_src', Source.CLIENT, ({ session }) => session.wireSource, 'The client as seen on the wire'),
  ...pair('fc_dst', Source.CLIENT, ({ session }) => session.wireDestination, 'The destination on the wire'),
  ...pair('bc_src', Source.SERVER_SESSION, (stream) => stream.backendSource, 'Our end towards the server'),
  ...pair('bc_dst', Source.SERVER_SESSION, (stream) => stream.backendDestination, 'The server'),
  defineFetch({
    name: 'fc_saved_syn',
    args: [],
    type: Type.BIN,
    ...Source.CLIENT_SESSION,
    doc: 'The headers of the SYN that opened the connection, where bind option tcp-ss kept them; the kernel tells once.',
    fetch({ session }, sample) {
      const syn = session.savedSyn();
      return syn !== '' && sample.setBin(syn);
    },
  }),
  local('src_is_local', ({ session }) => session.source, 'The source address is one of this machine.'),
  local(
    'dst_is_local',
    ({ session }) => session.destination,
    'The destination address is one of this machine.',
  ),
  local('fc_src_is_local', ({ session }) => session.wireSource, 'The same of the source on the wire.'),
  local(
    'fc_dst_is_local',
    ({ session }) => session.wireDestination,
    'The same of the destination on the wire.',
  ),
  defineFetch({
    name: 'dst_conn',
    args: [],
    type: Type.SINT,
    ...Source.FRONTEND,
    doc: 'Connections of the same listening socket, this one included.',
    fetch: ({ session }, sample) => sample.setInt(session.listenerCurrent),
  }),
  defineFetch({
    name: 'accept_date',
    args: [optional(str('unit'), 's')],
    type: Type.SINT,
    ...Source.CLIENT_SESSION,
    doc: 'When the connection was accepted.',
    check: ([unit]) => checkUnit(unit),
    fetch: (stream, sample, [unit]) => setDate(sample, stream.acceptedMs, 0, unit),
  }),
  defineFetch({
    name: 'fc_pp_tlv',
    args: [str('id')],
    type: Type.STR,
    ...Source.CLIENT_SESSION,
    doc: 'A TLV of the PROXY v2 header, by number or name.',
    check: ([id]) => (tlvType(id) < 0 ? `Invalid TLV type '${id}'` : undefined),
    fetch({ session }, sample, [id], index) {
      const value = index > 0 ? undefined : session.proxyTlvs?.get(tlvType(id));
      return value !== undefined && sample.setStr(value);
    },
  }),
  tlv('fc_pp_authority', 0x02, 'The authority TLV of the PROXY v2 header.'),
  tlv('fc_pp_unique_id', 0x05, 'The unique id TLV of the PROXY v2 header.'),
  defineFetch({
    name: 'fc_rcvd_proxy',
    args: [],
    type: Type.BOOL,
    ...Source.CLIENT_SESSION,
    doc: 'The client opened the connection with a PROXY header.',
    fetch: ({ session }, sample) => sample.setBool(session.receivedProxy),
  }),
  defineFetch({
    name: 'http_first_req',
    args: [],
    type: Type.BOOL,
    ...Source.REQUEST_KEPT,
    doc: 'The first request of its connection.',
    fetch: ({ session }, sample) => sample.setBool(session.isFirstRequest),
  }),
  defineFetch({
    name: 'so_id',
    args: [],
    type: Type.SINT,
    ...Source.LISTENER,
    doc: 'The id of the listening socket.',
    fetch: ({ session: { bind } }, sample) => bind !== null && sample.setInt(bind.id),
  }),
  defineFetch({
    name: 'so_name',
    args: [],
    type: Type.STR,
    ...Source.LISTENER,
    doc: 'The name of the listening socket.',
    fetch({ session: { bind } }, sample) {
      return bind !== null && bind.name !== null && sample.setStr(bind.name);
    },
  }),
  defineFetch({
    name: 'ssl_fc',
    args: [],
    type: Type.BOOL,
    ...Source.CLIENT_SESSION,
    doc: 'The client uses TLS: never, as `bind ... ssl` is refused.',
    fetch: (_stream, sample) => sample.setBool(false),
  }),
  defineFetch({
    name: 'bc_reused',
    args: [],
    type: Type.BOOL,
    ...Source.SERVER_SESSION,
    doc: 'The request went over a server connection that had carried others before.',
    fetch: ({ reused }, sample) => sample.setBool(reused),
  }),
  defineFetch({
    name: 'bc_be_queue',
    args: [],
    type: Type.SINT,
    ...Source.SERVER_SESSION,
    doc: "Requests before this one in the backend's queue.",
    fetch: ({ counts }, sample) => sample.setInt(counts.backendQueue),
  }),
  defineFetch({
    name: 'bc_srv_queue',
    args: [],
    type: Type.SINT,
    ...Source.SERVER_SESSION,
    doc: "Requests before this one in the server's queue.",
    fetch: ({ counts }, sample) => sample.setInt(counts.serverQueue),
  }),
];
