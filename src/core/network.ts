import type { Address } from '../config/address.ts';
import type { Endpoint } from '../sample/context.ts';
import type { SocketAddress } from '../sys/address.ts';
import { parseIpv4, parseIpv6 } from '../sample/address.ts';
export function endpointOf(address: SocketAddress): Endpoint {
  if (address.family === 'ipv4')
    return {
      family: 'ipv4',
      text: address.address,
      ipv4: parseIpv4(address.address),
      ipv6: '',
      port: address.port,
    };
  if (address.family === 'ipv6')
    return {
      family: 'ipv6',
      text: address.address,
      ipv4: 0,
      ipv6: parseIpv6(address.address),
      port: address.port,
    };
  return { family: 'unix', text: '', ipv4: 0, ipv6: '', port: 0 };
}
export function matchesNetwork(_e: Endpoint, _n: Address, _m: number): boolean {
  return false;
}
