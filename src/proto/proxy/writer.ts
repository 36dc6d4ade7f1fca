// Writes PROXY protocol headers, version 1 and 2, into memory.

import { crc32c } from '../../core/crc32c.ts';
import { writeLatin1 } from '../http1/writer.ts';
import { ADDRESS_BYTES, Command, Family, SIGNATURE, TLV_HEAD_BYTES, Tlv, V2_HEAD_BYTES } from './format.ts';
import type { Endpoint } from '../../sample/context.ts';

/** Room that the fixed part of either version needs at most, bytes; TLVs come on top. */
export const HEADER_BYTES_MAX = V2_HEAD_BYTES + ADDRESS_BYTES[Family.INET6]! + TLV_HEAD_BYTES + 4;

const STREAM = 1;
const MAPPED = '\0'.repeat(10) + '\xff\xff';

/** Both addresses, or null where they are not known: then the header says UNKNOWN or LOCAL. */
function familyOf(source: Endpoint | null, destination: Endpoint | null): number {
  if (source === null || destination === null) return Family.UNSPEC;
  if (source.family === 'unix' || destination.family === 'unix') return Family.UNSPEC;
  return source.family === 'ipv4' && destination.family === 'ipv4' ? Family.INET : Family.INET6;
}

/** The text of an endpoint in a header of `family`: IPv4 among IPv6 is written in its mapped form. */
function textOf(endpoint: Endpoint, family: number): string {
  return family === Family.INET6 && endpoint.family === 'ipv4' ? `::ffff:${endpoint.text}` : endpoint.text;
}

/** Writes version 1 at `at`; returns its end. Needs 107 bytes at most. */
export function writeProxyV1(
  memory: Uint8Array,
  at: number,
  source: Endpoint | null,
  destination: Endpoint | null,
): number {
  const family = familyOf(source, destination);
  if (family === Family.UNSPEC) return writeLatin1(memory, at, 'PROXY UNKNOWN\r\n');
  const from = textOf(source!, family);
  const to = textOf(destination!, family);
  const protocol = family === Family.INET ? 'TCP4' : 'TCP6';
  return writeLatin1(memory, at, `PROXY ${protocol} ${from} ${to} ${source!.port} ${destination!.port}\r\n`);
}

/** What version 2 carries besides addresses: pairs of type and latin1 value, in the order they are sent. */
export interface ProxyTlv {
  readonly type: number;
  readonly value: string;
}

/**
 * Writes version 2 at `at`; returns its end, or -1 where it does not fit before `limit` or into 16 bits of length.
 * Unknown addresses make it a LOCAL header, as for connections of our own (health checks), or with `proxied` a
 * PROXY header of an unspecified family. `checksum` puts a CRC32c TLV in front of `tlvs`.
 */
export function writeProxyV2(
  memory: Uint8Array,
  at: number,
  limit: number,
  source: Endpoint | null,
  destination: Endpoint | null,
  tlvs: readonly ProxyTlv[],
  checksum: boolean,
  proxied: boolean,
): number {
  const family = familyOf(source, destination);
  let length = ADDRESS_BYTES[family]! + (checksum ? TLV_HEAD_BYTES + 4 : 0);
  for (const tlv of tlvs) length += TLV_HEAD_BYTES + tlv.value.length;
  if (length > 0xffff || limit - at < V2_HEAD_BYTES + length) return -1;
  memory.set(SIGNATURE, at);
  const local = family === Family.UNSPEC && !proxied;
  memory[at + 12] = 0x20 | (local ? Command.LOCAL : Command.PROXY);
  memory[at + 13] = family === Family.UNSPEC ? 0 : (family << 4) | STREAM;
  writeShort(memory, at + 14, length);
  let to = at + V2_HEAD_BYTES;
  if (family !== Family.UNSPEC) {
    to = writeAddress(memory, to, source!, family);
    to = writeAddress(memory, to, destination!, family);
    to = writeShort(memory, to, source!.port);
    to = writeShort(memory, to, destination!.port);
  }
  let sumAt = -1;
  if (checksum) {
    memory[to] = Tlv.CRC32C;
    sumAt = writeShort(memory, to + 1, 4);
    memory.fill(0, sumAt, sumAt + 4);
    to = sumAt + 4;
  }
  for (const tlv of tlvs) {
    memory[to] = tlv.type;
    to = writeShort(memory, to + 1, tlv.value.length);
    to = writeLatin1(memory, to, tlv.value);
  }
  if (sumAt >= 0) {
    const sum = crc32c(memory, at, to);
    writeShort(memory, sumAt, sum >>> 16);
    writeShort(memory, sumAt + 2, sum & 0xffff);
  }
  return to;
}

function writeShort(memory: Uint8Array, at: number, value: number): number {
  memory[at] = value >> 8;
  memory[at + 1] = value & 255;
  return at + 2;
}

function writeAddress(memory: Uint8Array, at: number, endpoint: Endpoint, family: number): number {
  if (family === Family.INET6) {
    if (endpoint.family === 'ipv6') return writeLatin1(memory, at, endpoint.ipv6);
    at = writeLatin1(memory, at, MAPPED);
  }
  const { ipv4 } = endpoint;
  at = writeShort(memory, at, ipv4 >>> 16);
  return writeShort(memory, at, ipv4 & 0xffff);
}
