// Headers of a connection's first packet (manual 7.3.1: eth.*, ip.* and tcp.*).

import { int, optional } from '../../registry/args.ts';
import { type ConverterKeyword, defineConverter } from '../../registry/define.ts';
import { fingerprint } from '../ip-fingerprint.ts';
import {
  byteAt,
  etherTypeAt,
  findOption,
  ipVersion,
  longAt,
  Option,
  optionKinds,
  tcpLength,
  Transport,
  wordAt,
} from '../packet.ts';
import { type Sample, Type } from '../sample.ts';

const transport = new Transport();

/** `read` gives false where the header is cut or of another kind. */
const header = (
  name: string,
  to: Type,
  doc: string,
  read: (sample: Sample, text: string) => boolean,
): ConverterKeyword =>
  defineConverter({
    name,
    from: Type.BIN,
    to,
    args: [],
    doc,
    convert: (sample) => read(sample, sample.text),
  });

const ethernet = (
  name: string,
  to: Type,
  doc: string,
  read: (sample: Sample, text: string, typeAt: number) => boolean,
): ConverterKeyword =>
  header(name, to, doc, (sample, text) => {
    const typeAt = etherTypeAt(text);
    return typeAt >= 0 && read(sample, text, typeAt);
  });

/** An integer of the IPv4 header, or of the IPv6 one. */
const ipInteger = (
  name: string,
  doc: string,
  four: (text: string) => number,
  six: (text: string) => number,
): ConverterKeyword =>
  header(name, Type.SINT, doc, (sample, text) => {
    const version = ipVersion(text);
    return version !== 0 && sample.setInt(version === 4 ? four(text) : six(text));
  });

const ipAddress = (name: string, doc: string, four: number, six: number): ConverterKeyword =>
  header(name, Type.ADDR, doc, (sample, text) => {
    const version = ipVersion(text);
    if (version === 4) return sample.setIpv4(longAt(text, four));
    return version === 6 && sample.setIpv6(text.slice(six, six + 16));
  });

const tcp = (
  name: string,
  to: Type,
  doc: string,
  read: (sample: Sample, text: string) => boolean,
): ConverterKeyword => header(name, to, doc, (sample, text) => tcpLength(text, 0) >= 0 && read(sample, text));

const tcpOption = (
  name: string,
  kind: number,
  length: number,
  doc: string,
  read: (text: string, at: number) => number,
): ConverterKeyword =>
  tcp(name, Type.SINT, doc, (sample, text) => {
    const at = findOption(text, 0, kind, length);
    return sample.setInt(at < 0 ? 0 : read(text, at));
  });

const { SINT, BIN } = Type;
const one = (): number => 1;

export default [
  ethernet('eth.data', BIN, 'What follows the Ethernet header and its VLAN tags.', (sample, text, at) =>
    sample.setBin(text.slice(at + 2)),
  ),
  ethernet('eth.dst', BIN, 'The destination of an Ethernet frame, 6 bytes.', (sample, text) =>
    sample.setBin(text.slice(0, 6)),
  ),
  ethernet('eth.hdr', BIN, 'The Ethernet header with its VLAN tags.', (sample, text, at) =>
    sample.setBin(text.slice(0, at + 2)),
  ),
  ethernet('eth.proto', SINT, 'The EtherType behind any VLAN tags.', (sample, text, at) =>
    sample.setInt(wordAt(text, at)),
  ),
  ethernet('eth.src', BIN, 'The source of an Ethernet frame, 6 bytes.', (sample, text) =>
    sample.setBin(text.slice(6, 12)),
  ),
  ethernet(
    'eth.vlan',
    SINT,
    'The id of the last VLAN tag; no value without one.',
    (sample, text, at) => at > 12 && sample.setInt(wordAt(text, at - 2) & 0xfff),
  ),
  header(
    'ip.data',
    BIN,
    'What follows the IP header and its options or extensions.',
    (sample, text) => transport.find(text) && sample.setBin(text.slice(transport.from)),
  ),
  ipInteger(
    'ip.df',
    'Whether the packet must not be fragmented; always 1 for IPv6.',
    (text) => (byteAt(text, 6) >> 6) & 1,
    one,
  ),
  ipAddress('ip.dst', 'The destination address.', 16, 24),
  defineConverter({
    name: 'ip.fp',
    from: BIN,
    to: BIN,
    args: [optional(int('mode'), 0)],
    doc: 'A fingerprint of the IP and TCP headers; <mode> adds up what to append: 1 TTL, 2 TCP options, 4 source.',
    check: ([mode]) => (mode < 0 || mode > 7 ? `'mode' must be between 0 and 7: found ${mode}` : undefined),
    convert(sample, [mode]) {
      const bytes = fingerprint(sample.text, mode);
      return bytes !== '' && sample.setBin(bytes);
    },
  }),
  header(
    'ip.hdr',
    BIN,
    'The IP header with its options or extensions.',
    (sample, text) => transport.find(text) && sample.setBin(text.slice(0, transport.from)),
  ),
  header(
    'ip.proto',
    SINT,
    'The number of the transport protocol, behind any IPv6 extensions.',
    (sample, text) => transport.find(text) && sample.setInt(transport.protocol),
  ),
  ipAddress('ip.src', 'The source address.', 12, 8),
  ipInteger(
    'ip.tos',
    'The type of service, or the traffic class.',
    (text) => byteAt(text, 1),
    (text) => (wordAt(text, 0) >> 4) & 255,
  ),
  ipInteger(
    'ip.ttl',
    'The time to live, or the hop limit.',
    (text) => byteAt(text, 8),
    (text) => byteAt(text, 7),
  ),
  header(
    'ip.ver',
    SINT,
    'The version of the IP header.',
    (sample, text) => text !== '' && sample.setInt(byteAt(text, 0) >> 4),
  ),
  tcp('tcp.dst', SINT, 'The destination port.', (sample, text) => sample.setInt(wordAt(text, 2))),
  tcp('tcp.flags', SINT, 'The eight flags, FIN the lowest.', (sample, text) =>
    sample.setInt(byteAt(text, 13)),
  ),
  tcpOption('tcp.options.mss', Option.MSS, 4, 'The maximum segment size, or 0.', (text, at) =>
    wordAt(text, at + 2),
  ),
  tcpOption('tcp.options.sack', Option.SACK_PERMITTED, 2, 'Whether SACK is permitted.', one),
  tcpOption('tcp.options.tsopt', Option.TIMESTAMP, 10, 'Whether there is a timestamp.', one),
  tcp('tcp.options.tsval', SINT, 'The timestamp of the sender; no value without one.', (sample, text) => {
    const at = findOption(text, 0, Option.TIMESTAMP, 10);
    return at >= 0 && sample.setInt(longAt(text, at + 2));
  }),
  tcpOption('tcp.options.wscale', Option.WINDOW_SCALE, 3, 'The window scale, or 0.', (text, at) =>
    byteAt(text, at + 2),
  ),
  tcpOption('tcp.options.wsopt', Option.WINDOW_SCALE, 3, 'Whether there is a window scale.', one),
  tcp('tcp.options_list', BIN, 'The kinds of all options, a byte each, without the end.', (sample, text) =>
    sample.setBin(optionKinds(text, 0)),
  ),
  tcp('tcp.seq', SINT, 'The sequence number.', (sample, text) => sample.setInt(longAt(text, 4))),
  tcp('tcp.src', SINT, 'The source port.', (sample, text) => sample.setInt(wordAt(text, 0))),
  tcp('tcp.win', SINT, 'The window, not scaled.', (sample, text) => sample.setInt(wordAt(text, 14))),
];
