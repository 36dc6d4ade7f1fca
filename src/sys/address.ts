// Socket addresses as values, and as the bytes the kernel wants.

import { isIP } from 'node:net';
import { SOCKADDR_IN, SOCKADDR_IN6, SOCKADDR_UN } from './abi.ts';

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;

/**
 * `address` is dotted IPv4, IPv6 text, a path, or the name of an abstract socket without its leading NUL; `port` is
 * 0 for the last two. A scope follows IPv6 text as `%number`. `abns` binds the name padded with NULs to the whole
 * length of sun_path, as HAProxy does; `abnsz` binds just the name (manual: bind, abns@ and abnsz@).
 */
export interface SocketAddress {
  readonly family: 'ipv4' | 'ipv6' | 'unix' | 'abns' | 'abnsz';
  readonly address: string;
  readonly port: number;
}

/** The AF_ constant for socket(). */
export function domainOf(address: SocketAddress): number {
  if (address.family === 'ipv4') return AF_INET;
  return address.family === 'ipv6' ? AF_INET6 : AF_UNIX;
}

/** Writes a sockaddr at `at` and returns its length in bytes. Throws RangeError on text that is no address. */
export function encodeAddress(address: SocketAddress, bytes: Uint8Array, at: number): number {
  switch (address.family) {
    case 'ipv4':
      bytes.fill(0, at, at + SOCKADDR_IN.size);
      bytes[at] = AF_INET;
      writePort(bytes, at + SOCKADDR_IN.port, address.port);
      writeIPv4(address.address, bytes, at + SOCKADDR_IN.address);
      return SOCKADDR_IN.size;
    case 'ipv6':
      return encodeIPv6(address, bytes, at);
    default:
      return encodeUnix(address, bytes, at);
  }
}

function writePort(bytes: Uint8Array, at: number, port: number): void {
  if (!(port >= 0 && port <= 65535)) throw new RangeError(`port ${port} is not between 0 and 65535`);
  bytes[at] = port >> 8;
  bytes[at + 1] = port & 255;
}

function writeIPv4(text: string, bytes: Uint8Array, at: number): void {
  if (isIP(text) !== 4) throw new RangeError(`'${text}' is not an IPv4 address`);
  const parts = text.split('.');
  for (let i = 0; i < 4; i++) bytes[at + i] = Number(parts[i]);
}

function encodeIPv6(address: SocketAddress, bytes: Uint8Array, at: number): number {
  const [text = '', scope = ''] = address.address.split('%');
  if (isIP(text) !== 6) throw new RangeError(`'${address.address}' is not an IPv6 address`);
  bytes.fill(0, at, at + SOCKADDR_IN6.size);
  bytes[at] = AF_INET6;
  writePort(bytes, at + SOCKADDR_IN6.port, address.port);
  writeIPv6(text, bytes, at + SOCKADDR_IN6.address);
  if (scope !== '') {
    const number = Number(scope);
    if (!Number.isInteger(number)) throw new RangeError(`'${address.address}': the scope must be a number`);
    for (let i = 0; i < 4; i++) bytes[at + SOCKADDR_IN6.scope + i] = number >>> (8 * i);
  }
  return SOCKADDR_IN6.size;
}

/** `text` is valid IPv6 (RFC 4291 section 2.2), perhaps with a dotted IPv4 tail; the 16 bytes start zeroed. */
function writeIPv6(text: string, bytes: Uint8Array, at: number): void {
  const gap = text.indexOf('::');
  const head = gap < 0 ? text : text.slice(0, gap);
  const tail = gap < 0 ? '' : text.slice(gap + 2);
  writeGroups(head, bytes, at);
  if (tail !== '') writeGroups(tail, bytes, at + 16 - groupBytes(tail));
}

function groupBytes(text: string): number {
  return text.split(':').length * 2 + (text.includes('.') ? 2 : 0);
}

function writeGroups(text: string, bytes: Uint8Array, at: number): void {
  if (text === '') return;
  let position = at;
  for (const group of text.split(':')) {
    if (group.includes('.')) {
      writeIPv4(group, bytes, position);
      position += 4;
    } else {
      const value = Number.parseInt(group, 16);
      bytes[position++] = value >> 8;
      bytes[position++] = value & 255;
    }
  }
}

function encodeUnix(address: SocketAddress, bytes: Uint8Array, at: number): number {
  const path = Buffer.from(address.address, 'latin1');
  const room = SOCKADDR_UN.size - SOCKADDR_UN.path - 1;
  if (path.length === 0 || path.length > room) {
    throw new RangeError(`the socket's name '${address.address}' must have 1 to ${room} bytes`);
  }
  bytes.fill(0, at, at + SOCKADDR_UN.size);
  bytes[at] = AF_UNIX;
  if (address.family === 'unix') {
    bytes.set(path, at + SOCKADDR_UN.path);
    return SOCKADDR_UN.path + path.length + 1;
  }
  bytes.set(path, at + SOCKADDR_UN.path + 1);
  return address.family === 'abns' ? SOCKADDR_UN.size : SOCKADDR_UN.path + 1 + path.length;
}

/** Reads a sockaddr of `length` bytes; null for a family we do not know. An unnamed unix socket has address ''. */
export function decodeAddress(bytes: Uint8Array, at: number, length: number): SocketAddress | null {
  if (length < 2) return null;
  const family = bytes[at]! | (bytes[at + 1]! << 8);
  const port = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  if (family === AF_INET) return { family: 'ipv4', address: textIPv4(bytes, at + SOCKADDR_IN.address), port };
  if (family === AF_INET6) {
    let address = textIPv6(bytes, at + SOCKADDR_IN6.address);
    const s = at + SOCKADDR_IN6.scope;
    const scope = (bytes[s]! | (bytes[s + 1]! << 8) | (bytes[s + 2]! << 16) | (bytes[s + 3]! << 24)) >>> 0;
    if (scope !== 0) address += `%${scope}`;
    return { family: 'ipv6', address, port };
  }
  if (family !== AF_UNIX) return null;
  const path = Buffer.from(bytes.buffer, bytes.byteOffset + at + SOCKADDR_UN.path, length - SOCKADDR_UN.path);
  if (path.length > 0 && path[0] === 0) {
    const whole = length === SOCKADDR_UN.size;
    const end = whole ? path.indexOf(0, 1) : -1;
    const name = path.toString('latin1', 1, end < 0 ? path.length : end);
    return { family: whole ? 'abns' : 'abnsz', address: name, port: 0 };
  }
  const end = path.indexOf(0);
  return { family: 'unix', address: path.toString('latin1', 0, end < 0 ? path.length : end), port: 0 };
}

/** Four bytes as dotted text. */
export function textIPv4(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

/** Sixteen bytes in the form of RFC 5952; mapped IPv4 keeps its dotted tail. */
export function textIPv6(bytes: Uint8Array, at: number): string {
  let mapped = bytes[at + 10] === 255 && bytes[at + 11] === 255;
  for (let i = 0; i < 10 && mapped; i++) mapped = bytes[at + i] === 0;
  if (mapped) return `::ffff:${textIPv4(bytes, at + 12)}`;
  let bestStart = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (i + run < 8 && bytes[at + 2 * (i + run)] === 0 && bytes[at + 2 * (i + run) + 1] === 0) run++;
    if (run > bestLength) {
      bestStart = i;
      bestLength = run;
    }
  }
  let text = '';
  for (let i = 0; i < 8; i++) {
    if (i === bestStart) {
      text += '::';
      i += bestLength - 1;
      continue;
    }
    if (text !== '' && !text.endsWith(':')) text += ':';
    text += ((bytes[at + 2 * i]! << 8) | bytes[at + 2 * i + 1]!).toString(16);
  }
  return text;
}
