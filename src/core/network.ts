// Peer addresses as rules see them, and whether one lies in a network.

import { parseIpv4, parseIpv6 } from '../sample/address.ts';
import type { Address } from '../config/address.ts';
import type { Endpoint } from '../sample/context.ts';
import type { SocketAddress } from '../sys/address.ts';

const UNIX: Endpoint = { family: 'unix', text: '', ipv4: 0, ipv6: '', port: 0 };
const MAPPED = '\0'.repeat(10) + '\xff\xff';

/** A socket address with its binary form. All kinds of unix sockets look alike; the scope of IPv6 is dropped. */
export function endpointOf(address: SocketAddress): Endpoint {
  const { family, port } = address;
  if (family === 'ipv4') {
    return { family, text: address.address, ipv4: parseIpv4(address.address), ipv6: '', port };
  }
  if (family !== 'ipv6') return UNIX;
  const scope = address.address.indexOf('%');
  const text = scope < 0 ? address.address : address.address.slice(0, scope);
  return { family, text, ipv4: 0, ipv6: parseIpv6(text), port };
}

/** An IPv4 address given as an unsigned integer. */
export function ipv4Endpoint(ipv4: number, port: number): Endpoint {
  const text = `${ipv4 >>> 24}.${(ipv4 >>> 16) & 255}.${(ipv4 >>> 8) & 255}.${ipv4 & 255}`;
  return { family: 'ipv4', text, ipv4: ipv4 >>> 0, ipv6: '', port };
}

interface Prefix {
  readonly ipv4: number;
  readonly ipv6: string;
}
const prefixes = new WeakMap<Address, Prefix>();

function prefixOf(network: Address): Prefix {
  let prefix = prefixes.get(network);
  if (prefix === undefined) {
    const v4 = network.family === 'ipv4';
    const v6 = network.family === 'ipv6';
    prefix = { ipv4: v4 ? parseIpv4(network.host) : -1, ipv6: v6 ? parseIpv6(network.host) : '' };
    prefixes.set(network, prefix);
  }
  return prefix;
}

/** Whether the first `mask` bits agree. IPv4 and IPv6 meet only where the IPv6 address is a mapped IPv4 one. */
export function matchesNetwork(endpoint: Endpoint, network: Address, mask: number): boolean {
  const prefix = prefixOf(network);
  if (prefix.ipv4 >= 0) {
    const { ipv4, ipv6 } = endpoint;
    if (endpoint.family === 'ipv4') return sameIpv4(ipv4, prefix.ipv4, mask);
    if (!ipv6.startsWith(MAPPED)) return false;
    let low = 0;
    for (let i = 12; i < 16; i++) low = (low << 8) | ipv6.charCodeAt(i);
    return sameIpv4(low, prefix.ipv4, mask);
  }
  return endpoint.family === 'ipv6' && prefix.ipv6 !== '' && sameIpv6(endpoint.ipv6, prefix.ipv6, mask);
}

function sameIpv4(one: number, other: number, mask: number): boolean {
  return mask <= 0 || (one ^ other) >>> (32 - Math.min(mask, 32)) === 0;
}

function sameIpv6(one: string, other: string, mask: number): boolean {
  const whole = mask >> 3;
  for (let i = 0; i < whole; i++) if (one.charCodeAt(i) !== other.charCodeAt(i)) return false;
  const rest = mask & 7;
  return rest === 0 || (one.charCodeAt(whole) ^ other.charCodeAt(whole)) >> (8 - rest) === 0;
}
