// The fingerprint of a SYN: what hosts behind one address differ in (manual 7.3.1, ip.fp).

import {
  byteAt,
  findOption,
  ipVersion,
  Option,
  optionKinds,
  TCP,
  tcpLength,
  Transport,
  wordAt,
} from './packet.ts';

/** What <mode> adds up. */
const Mode = { TTL: 1, OPTIONS: 2, SOURCE: 4 } as const;

const transport = new Transport();

/** Eight bytes and what `mode` asks for behind them, latin1; '' where it is no whole TCP packet. */
export function fingerprint(text: string, mode: number): string {
  if (!transport.find(text) || transport.protocol !== TCP) return '';
  const { from, hasOptions } = transport;
  const length = tcpLength(text, from);
  if (length < 0) return '';
  const isV6 = ipVersion(text) === 6;
  const tos = isV6 ? (wordAt(text, 0) >> 4) & 255 : byteAt(text, 1);
  const ttl = byteAt(text, isV6 ? 7 : 8);
  const kinds = optionKinds(text, from);
  const scale = findOption(text, from, Option.WINDOW_SCALE, 3);
  const mss = findOption(text, from, Option.MSS, 4);
  const flags =
    (isV6 ? 128 : 0) |
    (isV6 || (byteAt(text, 6) & 64) !== 0 ? 64 : 0) |
    ((ttl <= 32 ? 0 : ttl <= 64 ? 1 : ttl <= 128 ? 2 : 3) << 4) |
    (hasOptions ? 8 : 0) |
    (text.length > from + length ? 4 : 0) |
    // CWR and ECE are the upper two of TCP's flags.
    (byteAt(text, from + 13) >> 6);
  let present = 0;
  for (let index = 0; index < kinds.length; index++) {
    const kind = kinds.charCodeAt(index);
    if (kind > 1) present |= kind <= 8 ? 1 << (kind - 2) : 128;
  }
  let result = String.fromCharCode(
    tos,
    flags,
    // The header's length is in its upper bits already; scales beyond 14 are none.
    (byteAt(text, from + 12) & 240) | (scale < 0 ? 0 : Math.min(15, byteAt(text, scale + 2) + 1)),
  );
  result += text.slice(from + 14, from + 16);
  result += mss < 0 ? '\0\0' : text.slice(mss + 2, mss + 4);
  result += String.fromCharCode(present);
  if ((mode & Mode.TTL) !== 0) result += String.fromCharCode(ttl);
  if ((mode & Mode.OPTIONS) !== 0) result += kinds;
  if ((mode & Mode.SOURCE) !== 0) result += isV6 ? text.slice(8, 24) : text.slice(12, 16);
  return result;
}
