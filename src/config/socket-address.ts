// From an address as the configuration writes it to one that the kernel understands.

import type { Address } from './address.ts';
import type { SocketAddress } from '../sys/address.ts';

/** What counters and tables know an address by: its family, or its kind where that says it. */
export type AddressFamily = 'ipv4' | 'ipv6' | 'unix' | 'abns' | 'abnsz' | 'fd' | 'name';

/** `name`: a host name that nobody has resolved yet. */
export function familyOf(address: Address): AddressFamily {
  switch (address.kind) {
    case 'inet':
      return address.ip === null || address.family === 'any' ? 'name' : address.family;
    case 'unix':
    case 'abns':
    case 'abnsz':
      return address.kind;
    default:
      return 'fd';
  }
}

/** The numeric address, the path or the name; '' for a descriptor. A name that is not resolved stays as it is. */
export const hostText = (address: Address): string => address.ip ?? address.host;

/** Null for a descriptor and for a name that nobody has resolved. `port` replaces one that is not given. */
export function socketAddressOf(address: Address, port = 0): SocketAddress | null {
  const family = familyOf(address);
  if (family === 'fd' || family === 'name') return null;
  const inet = family === 'ipv4' || family === 'ipv6';
  const given = address.portKind === 'fixed' || address.portKind === 'range' ? address.portLow : port;
  return { family, address: hostText(address), port: inet ? given : 0 };
}
