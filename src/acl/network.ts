// Networks as patterns write them, in words: what the index stores and what it looks up (manual 7.1.6).

import { ipv4Mask, parseIpv4, parseIpv6 } from '../sample/address.ts';
import { ConfigError } from '../registry/define.ts';

/** Kind and prefix length in one number: 0..32 for IPv4, 64..192 for IPv6; masks with holes have a code of their own. */
export const CODE_V6 = 64;
export const CODE_HOLES = 250;
export const CODES = 251;

export interface Network {
  readonly code: number;
  /** The masked address, one word for IPv4. With holes the second word is the mask. */
  readonly words: readonly [number, number, number, number];
}

/** Reads `address[/mask]`, short forms of IPv4 included. Throws ConfigError. */
export function parseNetwork(text: string): Network {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const mask = slash < 0 ? null : text.slice(slash + 1);
  const value = parseShortIpv4(address);
  if (value >= 0) {
    const bits = mask === null ? 0xffffffff : parseMask4(mask);
    if (bits >= 0) {
      const prefix = Math.clz32(~bits);
      const masked = value & bits;
      return prefix < 32 && bits << prefix !== 0
        ? { code: CODE_HOLES, words: [masked, bits | 0, 0, 0] }
        : { code: prefix, words: [masked, 0, 0, 0] };
    }
  }
  const bytes = parseIpv6(address);
  const length = mask === null ? 128 : /^\d{1,3}$/.test(mask) ? Number(mask) : 129;
  if (bytes === '' || length > 128) throw new ConfigError(`'${text}' is not a valid IPv4 or IPv6 address`);
  return { code: CODE_V6 + length, words: wordsOf(bytes, length) };
}

function wordsOf(bytes: string, length: number): Network['words'] {
  const first = maskedWord(bytes, 0, length);
  const second = maskedWord(bytes, 1, length);
  return [first, second, maskedWord(bytes, 2, length), maskedWord(bytes, 3, length)];
}

/** Word `at` (0..3) of 16 bytes, all but the first `length` bits of the address cleared. */
export function maskedWord(bytes: string, at: number, length: number): number {
  const bits = length - at * 32;
  if (bits <= 0) return 0;
  const from = at * 4;
  const word =
    (bytes.charCodeAt(from) << 24) |
    (bytes.charCodeAt(from + 1) << 16) |
    (bytes.charCodeAt(from + 2) << 8) |
    bytes.charCodeAt(from + 3);
  return bits >= 32 ? word : word & (-1 << (32 - bits));
}

/** An IPv4 address in full or short form (10.1 is 10.0.0.1), or -1. */
export function parseShortIpv4(text: string): number {
  const full = parseIpv4(text);
  if (full >= 0) return full;
  if (text.includes(':')) return -1;
  const parts = text.split('.');
  if (parts.length > 3 || parts.length < 2) return -1;
  while (parts.length < 4) parts.splice(parts.length - 1, 0, '0');
  return parseIpv4(parts.join('.'));
}

/** A dotted mask or a number of bits, or -1. */
export function parseMask4(text: string): number {
  if (/^\d{1,2}$/.test(text)) return Number(text) <= 32 ? ipv4Mask(Number(text)) : -1;
  return parseIpv4(text);
}
