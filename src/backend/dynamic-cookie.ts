// The cookie value of a server that has none of its own (manual: cookie, dynamic; dynamic-cookie-key): the same on
// every load balancer that shares the key, so that they agree without talking to each other.

import { xxh64 } from '../core/xxh64.ts';
import { parseIpv4, parseIpv6 } from '../sample/address.ts';

/**
 * Sixteen hexadecimal digits for the server at `address` and `port`; null where `address` is neither IPv4 nor IPv6
 * text. To be made again when the server's address changes.
 */
export function dynamicCookie(key: string, address: string, port: number): string | null {
  const ipv4 = parseIpv4(address);
  const ipv6 = ipv4 < 0 ? parseIpv6(address) : '';
  if (ipv4 < 0 && ipv6 === '') return null;
  const secret = Buffer.from(key, 'latin1');
  const host = Buffer.from(ipv6, 'latin1');
  const length = ipv4 < 0 ? 16 : 4;
  const bytes = Buffer.alloc(secret.length + length + 4);
  bytes.set(secret);
  if (ipv4 >= 0) bytes.writeUInt32BE(ipv4, secret.length);
  else bytes.set(host, secret.length);
  bytes.writeUInt32BE(port, secret.length + length);
  return xxh64(bytes).toString(16).padStart(16, '0');
}
