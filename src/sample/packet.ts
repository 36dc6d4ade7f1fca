// Headers of Ethernet, IPv4 (RFC 791), IPv6 (RFC 8200) and TCP (RFC 9293) in latin1 text, as a saved SYN holds them.
// Positions are offsets into the text; -1 says that the header is cut or of another kind.

const VLAN_TYPES: readonly number[] = [0x8100, 0x88a8];
const ETHERNET_LENGTH = 14;
const IPV4_LENGTH = 20;
const IPV6_LENGTH = 40;
const TCP_LENGTH = 20;
export const TCP = 6;

/** IPv6 extension headers (IANA: IPv6 Extension Header Types), but ESP, behind which nothing can be read. */
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION = 60;
const MOBILITY = 135;
const HIP = 139;
const SHIM6 = 140;

export const byteAt = (text: string, at: number): number => text.charCodeAt(at);
export const wordAt = (text: string, at: number): number =>
  text.charCodeAt(at) * 256 + text.charCodeAt(at + 1);
export const longAt = (text: string, at: number): number => wordAt(text, at) * 65536 + wordAt(text, at + 2);

/** Where the Ethernet header's type stands, behind any VLAN tags. */
export function etherTypeAt(text: string): number {
  let at = ETHERNET_LENGTH - 2;
  while (at + 2 <= text.length) {
    if (!VLAN_TYPES.includes(wordAt(text, at))) return at;
    at += 4;
  }
  return -1;
}

/** 4 or 6; 0 where no header of that version fits into the text. */
export function ipVersion(text: string): number {
  const version = text.length > 0 ? byteAt(text, 0) >> 4 : 0;
  if (version === 4) return text.length >= IPV4_LENGTH ? 4 : 0;
  return version === 6 && text.length >= IPV6_LENGTH ? 6 : 0;
}

/** What stands behind the IP header and its options or extensions. */
export class Transport {
  protocol = 0;
  from = 0;
  /** Options or extensions stand before it. */
  hasOptions = false;

  /** False where the header is cut or wrong. */
  find(text: string): boolean {
    const version = ipVersion(text);
    if (version === 4) {
      this.protocol = byteAt(text, 9);
      this.from = (byteAt(text, 0) & 15) * 4;
      this.hasOptions = this.from > IPV4_LENGTH;
      return this.from >= IPV4_LENGTH && this.from <= text.length;
    }
    if (version !== 6) return false;
    this.protocol = byteAt(text, 6);
    this.from = IPV6_LENGTH;
    while (isExtension(this.protocol)) {
      if (this.from + 8 > text.length) return false;
      const size = byteAt(text, this.from + 1);
      const { protocol } = this;
      this.protocol = byteAt(text, this.from);
      // RFC 4302 counts in words of four bytes, and fragment headers have one size.
      this.from += protocol === AUTHENTICATION ? (size + 2) * 4 : protocol === FRAGMENT ? 8 : (size + 1) * 8;
    }
    this.hasOptions = this.from > IPV6_LENGTH;
    return this.from <= text.length;
  }
}

function isExtension(protocol: number): boolean {
  switch (protocol) {
    case HOP_BY_HOP:
    case ROUTING:
    case FRAGMENT:
    case AUTHENTICATION:
    case DESTINATION:
    case MOBILITY:
    case HIP:
    case SHIM6:
      return true;
    default:
      return false;
  }
}

/** The length of the TCP header at `from` with its options, or -1. */
export function tcpLength(text: string, from: number): number {
  if (from + TCP_LENGTH > text.length) return -1;
  const length = (byteAt(text, from + 12) >> 4) * 4;
  return length < TCP_LENGTH || from + length > text.length ? -1 : length;
}

export const Option = { END: 0, NOP: 1, MSS: 2, WINDOW_SCALE: 3, SACK_PERMITTED: 4, TIMESTAMP: 8 } as const;

/**
 * Where the next TCP option stands, from `at` on; -1 at the end of the list, or where one is malformed. `end`: behind the
 * header.
 */
export function optionFrom(text: string, at: number, end: number): number {
  if (at >= end || byteAt(text, at) === Option.END) return -1;
  return optionEnd(text, at) > end ? -1 : at;
}

/** Where the option at `at` ends; infinitely far where its length is wrong. */
export function optionEnd(text: string, at: number): number {
  if (byteAt(text, at) === Option.NOP) return at + 1;
  const length = at + 1 < text.length ? byteAt(text, at + 1) : 0;
  return length < 2 ? Infinity : at + length;
}

/** Where the first TCP option of a kind and length stands; -1 without one. `from`: where the TCP header does. */
export function findOption(text: string, from: number, kind: number, length: number): number {
  const end = from + tcpLength(text, from);
  for (
    let at = optionFrom(text, from + TCP_LENGTH, end);
    at >= 0;
    at = optionFrom(text, optionEnd(text, at), end)
  ) {
    if (byteAt(text, at) === kind && (kind === Option.NOP || byteAt(text, at + 1) === length)) return at;
  }
  return -1;
}

/** The kinds of all TCP options in order, as text. */
export function optionKinds(text: string, from: number): string {
  const end = from + tcpLength(text, from);
  let kinds = '';
  for (
    let at = optionFrom(text, from + TCP_LENGTH, end);
    at >= 0;
    at = optionFrom(text, optionEnd(text, at), end)
  ) {
    kinds += text[at]!;
  }
  return kinds;
}
