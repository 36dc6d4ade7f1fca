// IP addresses as samples hold them: IPv4 as an unsigned number, IPv6 as 16 latin1 bytes.

/** Parses a dotted quad; -1 where it is none. */
export function parseIpv4(text: string): number {
  let value = 0;
  let part = -1;
  let dots = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x30 && code <= 0x39) {
      part = (part < 0 ? 0 : part * 10) + code - 0x30;
      if (part > 255) return -1;
    } else if (code === 0x2e && part >= 0 && dots < 3) {
      value = value * 256 + part;
      part = -1;
      dots++;
    } else {
      return -1;
    }
  }
  return dots === 3 && part >= 0 ? value * 256 + part : -1;
}

/** Parses the text forms of RFC 4291 section 2.2; '' where it is none. */
export function parseIpv6(text: string): string {
  if (text.length < 2 || text.length > 45) return '';
  const halves = text.split('::');
  if (halves.length > 2) return '';
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : '';
  if (head === null || tail === null) return '';
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return '';
  return head + '\0'.repeat(missing) + tail;
}

/** Groups between colons as bytes; an IPv4 address may end them where `last` says so. */
function parseGroups(text: string, last: boolean): string | null {
  if (text === '') return '';
  const groups = text.split(':');
  let bytes = '';
  for (let index = 0; index < groups.length; index++) {
    const group = groups[index]!;
    if (last && index === groups.length - 1 && group.includes('.')) {
      const ipv4 = parseIpv4(group);
      if (ipv4 < 0) return null;
      bytes += ipv4Bytes(ipv4);
    } else {
      const value = parseGroup(group);
      if (value < 0) return null;
      bytes += String.fromCharCode(value >> 8, value & 255);
    }
  }
  return bytes.length <= 16 ? bytes : null;
}

/** One to four hex digits, or -1. */
function parseGroup(text: string): number {
  if (text.length === 0 || text.length > 4) return -1;
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const digit = code <= 0x39 ? code - 0x30 : (code | 32) - 0x57;
    if (digit < 0 || digit > 15 || (code > 0x39 && digit < 10)) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** The four bytes of an IPv4 address, latin1. */
export function ipv4Bytes(value: number): string {
  return String.fromCharCode(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

export function formatIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

const MAPPED = '\0'.repeat(10) + '\xff\xff';

const ZEROS = '\0'.repeat(12);

/** ::ffff:a.b.c.d for an IPv4 address. */
export function mapIpv4(value: number): string {
  return MAPPED + ipv4Bytes(value);
}

/** The IPv4 address inside ::ffff:a.b.c.d, or -1. */
export function unmapIpv6(bytes: string): number {
  return bytes.startsWith(MAPPED) ? lastWord(bytes) : -1;
}

/** The IPv4 address inside ::ffff:a.b.c.d, ::a.b.c.d or 2002:a.b.c.d:: (manual 7.1.6), or -1. */
export function embeddedIpv4(bytes: string): number {
  if (bytes.startsWith(MAPPED) || bytes.startsWith(ZEROS)) return lastWord(bytes);
  if (bytes.startsWith('\x20\x02')) return wordAt(bytes, 2);
  return -1;
}

function lastWord(bytes: string): number {
  return wordAt(bytes, 12);
}

function wordAt(bytes: string, at: number): number {
  return (
    bytes.charCodeAt(at) * 0x1000000 +
    (bytes.charCodeAt(at + 1) << 16) +
    (bytes.charCodeAt(at + 2) << 8) +
    bytes.charCodeAt(at + 3)
  );
}

/** The shortest form of RFC 5952, mapped IPv4 addresses dotted. */
export function formatIpv6(bytes: string): string {
  const mapped = unmapIpv6(bytes);
  if (mapped >= 0) return '::ffff:' + formatIpv4(mapped);
  // As inet_ntop(3) writes the obsolete "IPv4-compatible" ones: ::1.2.3.4, but ::1 and ::12.
  if (bytes.startsWith(ZEROS) && wordAt(bytes, 12) > 0xffff) return '::' + formatIpv4(wordAt(bytes, 12));
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(bytes.charCodeAt(at) * 256 + bytes.charCodeAt(at + 1));
  let best = -1;
  let bestLength = 1;
  for (let from = 0; from < 8; from++) {
    let to = from;
    while (to < 8 && groups[to] === 0) to++;
    if (to - from > bestLength) {
      best = from;
      bestLength = to - from;
    }
    if (to > from) from = to;
  }
  let text = '';
  for (let index = 0; index < 8; index++) {
    if (index === best) {
      text += '::';
      index += bestLength - 1;
      continue;
    }
    if (text !== '' && !text.endsWith(':')) text += ':';
    text += groups[index]!.toString(16);
  }
  return text;
}

/** Keeps the first `bits` bits of 16 bytes. */
export function maskIpv6(bytes: string, mask: string): string {
  let text = '';
  for (let at = 0; at < 16; at++) text += String.fromCharCode(bytes.charCodeAt(at) & mask.charCodeAt(at));
  return text;
}

/** A mask of `bits` leading ones: 32-bit number. */
export function ipv4Mask(bits: number): number {
  return bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
}

/** A mask of `bits` leading ones: 16 bytes. */
export function ipv6Mask(bits: number): string {
  let text = '';
  for (let at = 0; at < 16; at++) {
    const left = Math.min(8, Math.max(0, bits - at * 8));
    text += String.fromCharCode((0xff00 >> left) & 0xff);
  }
  return text;
}
