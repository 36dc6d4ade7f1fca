// Reads a PROXY protocol header, version 1 or 2, from the start of a connection. The caller gathers bytes until the
// whole header is there; no byte behind it is looked at.

import { crc32c } from '../../core/crc32c.ts';
import { endpointOf, ipv4Endpoint } from '../../core/network.ts';
import { textIPv6 } from '../../sys/address.ts';
import {
  ADDRESS_BYTES,
  Command,
  Family,
  SIGNATURE,
  TLV_HEAD_BYTES,
  Tlv,
  UNIQUE_ID_MAX,
  V1_LINE_MAX,
  V2_HEAD_BYTES,
} from './format.ts';
import { parseProxyLine } from './line.ts';
import type { Endpoint } from '../../sample/context.ts';

export const ProxyParse = { NEED_DATA: 0, DONE: 1, ERROR: 2 } as const;
export type ProxyParse = (typeof ProxyParse)[keyof typeof ProxyParse];

/** What a header said. Filled by `parseProxyHeader`, which empties it first. */
export class ProxyHeader {
  /** Where the header ends and the connection's own bytes begin. */
  end = 0;
  version: 0 | 1 | 2 = 0;
  /** LOCAL or UNKNOWN: the connection's real addresses stay. */
  local = false;
  source: Endpoint | null = null;
  destination: Endpoint | null = null;
  /** Values of version 2's TLVs by type, latin1; the last one of each type. */
  readonly tlvs = new Map<number, string>();

  clear(): void {
    this.end = 0;
    this.version = 0;
    this.local = false;
    this.source = null;
    this.destination = null;
    this.tlvs.clear();
  }
}

/** Looks at [from, to): NEED_DATA, DONE with `header` filled, or ERROR where it is no PROXY header. */
export function parseProxyHeader(
  memory: Uint8Array,
  from: number,
  to: number,
  header: ProxyHeader,
): ProxyParse {
  header.clear();
  if (from === to) return ProxyParse.NEED_DATA;
  return memory[from] === SIGNATURE[0]
    ? parseV2(memory, from, to, header)
    : parseV1(memory, from, to, header);
}

const START = 'PROXY ';
const CR = 13;
const LF = 10;

function parseV1(memory: Uint8Array, from: number, to: number, header: ProxyHeader): ProxyParse {
  const limit = Math.min(to, from + V1_LINE_MAX);
  for (let i = 0; i < START.length && from + i < to; i++) {
    if (memory[from + i] !== START.charCodeAt(i)) return ProxyParse.ERROR;
  }
  let at = from;
  while (at < limit && memory[at] !== LF) at++;
  if (at === limit) return to - from >= V1_LINE_MAX ? ProxyParse.ERROR : ProxyParse.NEED_DATA;
  if (at - from <= START.length || memory[at - 1] !== CR) return ProxyParse.ERROR;
  let line = '';
  for (let i = from + START.length; i < at - 1; i++) line += String.fromCharCode(memory[i]!);
  if (!parseProxyLine(line, header)) return ProxyParse.ERROR;
  header.version = 1;
  header.end = at + 1;
  return ProxyParse.DONE;
}

function parseV2(memory: Uint8Array, from: number, to: number, header: ProxyHeader): ProxyParse {
  for (let i = 0; i < SIGNATURE.length && from + i < to; i++) {
    if (memory[from + i] !== SIGNATURE[i]) return ProxyParse.ERROR;
  }
  if (to - from > SIGNATURE.length && memory[from + 12]! >> 4 !== 2) return ProxyParse.ERROR;
  if (to - from < V2_HEAD_BYTES) return ProxyParse.NEED_DATA;
  const command = memory[from + 12]! & 15;
  const family = memory[from + 13]! >> 4;
  const transport = memory[from + 13]! & 15;
  const end = from + V2_HEAD_BYTES + ((memory[from + 14]! << 8) | memory[from + 15]!);
  if (command !== Command.LOCAL && command !== Command.PROXY) return ProxyParse.ERROR;
  if (family > Family.UNIX || transport > 2) return ProxyParse.ERROR;
  const addressesEnd = from + V2_HEAD_BYTES + ADDRESS_BYTES[family]!;
  if (command === Command.PROXY && addressesEnd > end) return ProxyParse.ERROR;
  if (to < end) return ProxyParse.NEED_DATA;
  header.version = 2;
  header.end = end;
  if (command === Command.LOCAL) {
    // Whatever follows must be skipped (section 2.2): it says nothing about this connection.
    header.local = true;
    return ProxyParse.DONE;
  }
  readAddresses(memory, from + V2_HEAD_BYTES, family, header);
  return readTlvs(memory, from, addressesEnd, end, header) ? ProxyParse.DONE : ProxyParse.ERROR;
}

function readAddresses(memory: Uint8Array, at: number, family: number, header: ProxyHeader): void {
  if (family === Family.INET) {
    header.source = ipv4Endpoint(word(memory, at), port(memory, at + 8));
    header.destination = ipv4Endpoint(word(memory, at + 4), port(memory, at + 10));
  } else if (family === Family.INET6) {
    const address = textIPv6(memory, at);
    header.source = endpointOf({ family: 'ipv6', address, port: port(memory, at + 32) });
    const other = textIPv6(memory, at + 16);
    header.destination = endpointOf({ family: 'ipv6', address: other, port: port(memory, at + 34) });
  } else if (family === Family.UNIX) {
    header.source = header.destination = endpointOf({ family: 'unix', address: '', port: 0 });
  } else {
    header.local = true;
  }
}

function word(memory: Uint8Array, at: number): number {
  return ((memory[at]! << 24) | (memory[at + 1]! << 16) | (memory[at + 2]! << 8) | memory[at + 3]!) >>> 0;
}

function port(memory: Uint8Array, at: number): number {
  return (memory[at]! << 8) | memory[at + 1]!;
}

function readTlvs(memory: Uint8Array, from: number, at: number, end: number, header: ProxyHeader): boolean {
  while (at < end) {
    if (end - at < TLV_HEAD_BYTES) return false;
    const type = memory[at]!;
    const valueAt = at + TLV_HEAD_BYTES;
    const length = port(memory, at + 1);
    at = valueAt + length;
    if (at > end) return false;
    if (type === Tlv.NOOP) continue;
    if (type === Tlv.CRC32C && (length !== 4 || !checksumHolds(memory, from, valueAt, end))) return false;
    if (type === Tlv.UNIQUE_ID && length > UNIQUE_ID_MAX) return false;
    let value = '';
    for (let i = valueAt; i < at; i++) value += String.fromCharCode(memory[i]!);
    header.tlvs.set(type, value);
  }
  return true;
}

const ZEROS = new Uint8Array(4);

/** The sum is taken over the whole header with zeros in its own place (section 2.2.3). */
function checksumHolds(memory: Uint8Array, from: number, sumAt: number, end: number): boolean {
  const before = crc32c(memory, from, sumAt);
  const within = crc32c(ZEROS, 0, 4, before);
  return crc32c(memory, sumAt + 4, end, within) === word(memory, sumAt);
}
