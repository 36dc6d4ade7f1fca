// Addresses that `set server addr` gave to servers. They outlive a reload as long as the configured address, which they
// replaced, is still the same.

import { hostText } from '../config/socket-address.ts';
import type { Config, ServerConfig } from '../config/model.ts';

export interface ServerAddress {
  readonly addressText: string;
  readonly port: number;
  /** What the configuration had when it was changed. */
  readonly configured: string;
}

/** By `backend/server`. Plain data: data threads get a copy when they start. */
export type ServerAddresses = Map<string, ServerAddress>;

const keyOf = ({ backend, name }: ServerConfig): string => `${backend.name}/${name}`;
const configuredOf = ({ address, port }: ServerConfig): string => `${hostText(address)} ${port}`;

/** The address in use: the changed one, else the configured one. */
export function addressOfServer(
  server: ServerConfig,
  addresses: ServerAddresses,
): { readonly addressText: string; readonly port: number } {
  const changed = addresses.get(keyOf(server));
  if (changed !== undefined) return { addressText: changed.addressText, port: changed.port };
  return { addressText: hostText(server.address), port: server.port };
}

export function noteAddress(
  addresses: ServerAddresses,
  server: ServerConfig,
  addressText: string,
  port: number,
): void {
  addresses.set(keyOf(server), { addressText, port, configured: configuredOf(server) });
}

/** Those of `before` whose servers the new configuration has with the same address. */
export function keptAddresses(config: Config, before: ServerAddresses | null): ServerAddresses {
  const kept: ServerAddresses = new Map();
  if (before === null || before.size === 0) return kept;
  for (const proxy of config.proxies) {
    for (const server of proxy.servers) {
      const changed = before.get(keyOf(server));
      if (changed?.configured === configuredOf(server)) kept.set(keyOf(server), changed);
    }
  }
  return kept;
}
