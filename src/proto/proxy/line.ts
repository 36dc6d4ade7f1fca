// The line of PROXY protocol version 1: `TCP4 192.0.2.1 192.0.2.2 1000 80`, or `UNKNOWN` and anything.

import { endpointOf } from '../../core/network.ts';
import { parseIpv4, parseIpv6 } from '../../sample/address.ts';
import type { Endpoint } from '../../sample/context.ts';

/** What the line is read into: a part of `ProxyHeader`. */
export interface ProxyAddresses {
  local: boolean;
  source: Endpoint | null;
  destination: Endpoint | null;
}

/** `line`: what stands between `PROXY ` and the line end. False where it is malformed. */
export function parseProxyLine(line: string, result: ProxyAddresses): boolean {
  if (line === 'UNKNOWN' || line.startsWith('UNKNOWN ')) {
    result.local = true;
    return true;
  }
  const words = line.split(' ');
  if (words.length !== 5) return false;
  const [protocol, from, to] = words as [string, string, string, string, string];
  const sourcePort = parsePort(words[3]!);
  const destinationPort = parsePort(words[4]!);
  if (sourcePort < 0 || destinationPort < 0) return false;
  let family: 'ipv4' | 'ipv6';
  if (protocol === 'TCP4') {
    if (parseIpv4(from) < 0 || parseIpv4(to) < 0) return false;
    family = 'ipv4';
  } else if (protocol === 'TCP6') {
    if (parseIpv6(from) === '' || parseIpv6(to) === '') return false;
    family = 'ipv6';
  } else {
    return false;
  }
  result.source = endpointOf({ family, address: from, port: sourcePort });
  result.destination = endpointOf({ family, address: to, port: destinationPort });
  return true;
}

function parsePort(text: string): number {
  if (text.length === 0 || text.length > 5) return -1;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value <= 65535 ? value : -1;
}
