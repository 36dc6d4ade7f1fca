// Addresses of `bind`, `server`, `log`, `nameserver` and others (manual 2.9).

import { isIP } from 'node:net';
import { expandAddress } from './address-variables.ts';
import type { Environment } from './environment.ts';

export type AddressKind = 'inet' | 'unix' | 'abns' | 'abnsz' | 'fd' | 'sockpair' | 'rhttp';
export type SocketType = 'stream' | 'dgram';

/** An address as far as the configuration tells it. */
export interface Address {
  readonly kind: AddressKind;
  /** Of `inet`: `any` when neither a prefix nor a numeric address decided it (a host name that is kept). */
  readonly family: 'ipv4' | 'ipv6' | 'any';
  /** The socket to open; of QUIC it is `dgram`. */
  readonly socket: SocketType;
  /** What the layers above see; of QUIC it is `stream`. */
  readonly transport: SocketType;
  readonly protocol: 'default' | 'quic' | 'mptcp';
  /**
   * `inet`: the host as written, without brackets; '' stands for all addresses of the family.
   * `unix`, `abns`, `abnsz`: the path or name. `rhttp`: what follows the `@`. Else ''.
   */
  readonly host: string;
  /** `inet`: the numeric address, or null when the name is left to be resolved later. Else null. */
  readonly ip: string | null;
  /** `offset` is added to the client's destination port; `none` leaves the port open. */
  readonly portKind: 'fixed' | 'range' | 'offset' | 'none';
  /** First port or the signed offset; 0 without one. */
  readonly portLow: number;
  /** Last port of a range, else equal to `portLow`. */
  readonly portHigh: number;
  /** `fd`, `sockpair`: the descriptor's number; else -1. */
  readonly fd: number;
  /** The address as written, for messages and statistics. */
  readonly text: string;
}

/** What a keyword accepts. */
export interface AddressOptions {
  readonly environment: Environment;
  /** Socket type when no prefix says it. */
  readonly defaultType: SocketType;
  readonly stream: boolean;
  readonly dgram: boolean;
  /** `forbidden` where a port has no place, as in `source ... usesrc`. */
  readonly port: 'required' | 'optional' | 'forbidden';
  readonly portRange?: boolean;
  readonly portOffset?: boolean;
  /** Whether port 0 may be written. */
  readonly portZero?: boolean;
  /** Whether `fd@` is accepted; `sockpair@` always is, for streams. */
  readonly fd?: boolean;
  readonly rhttp?: boolean;
  /** Longest path of a unix socket: 107 bytes, or 97 where a temporary name must fit. */
  readonly maxPath?: number;
  /** What a path of a unix socket continues (unix-bind). */
  readonly pathPrefix?: string;
  /** The numeric address of a host name, or null. Without it names are kept for later (`ip` is null). */
  readonly resolve?: (host: string, family: 'ipv4' | 'ipv6' | 'any') => string | null;
}

/** The message without the name of its keyword, for example `invalid port '92000'`. */
export interface AddressError {
  readonly error: string;
}

export const isAddressError = (result: object): result is AddressError => 'error' in result;

/** What a prefix in front of `@` decides; absent fields stay as they were. */
interface Prefix {
  readonly kind: AddressKind;
  readonly family?: 'ipv4' | 'ipv6' | 'any';
  readonly type?: SocketType | 'quic';
  readonly mptcp?: boolean;
}

const PREFIXES: Readonly<Record<string, Prefix>> = {
  abns: { kind: 'abns' },
  abnsz: { kind: 'abnsz' },
  fd: { kind: 'fd' },
  ip: { kind: 'inet' },
  ipv4: { kind: 'inet', family: 'ipv4' },
  ipv6: { kind: 'inet', family: 'ipv6' },
  mptcp: { kind: 'inet', type: 'stream', mptcp: true },
  mptcp4: { kind: 'inet', family: 'ipv4', type: 'stream', mptcp: true },
  mptcp6: { kind: 'inet', family: 'ipv6', type: 'stream', mptcp: true },
  quic4: { kind: 'inet', family: 'ipv4', type: 'quic' },
  quic6: { kind: 'inet', family: 'ipv6', type: 'quic' },
  rhttp: { kind: 'rhttp' },
  sockpair: { kind: 'sockpair' },
  tcp: { kind: 'inet', type: 'stream' },
  tcp4: { kind: 'inet', family: 'ipv4', type: 'stream' },
  tcp6: { kind: 'inet', family: 'ipv6', type: 'stream' },
  udp: { kind: 'inet', type: 'dgram' },
  udp4: { kind: 'inet', family: 'ipv4', type: 'dgram' },
  udp6: { kind: 'inet', family: 'ipv6', type: 'dgram' },
  unix: { kind: 'unix' },
  uxdg: { kind: 'unix', type: 'dgram' },
  uxst: { kind: 'unix', type: 'stream' },
};

const fail = (error: string): AddressError => ({ error });

/** Reads one address. */
export function parseAddress(text: string, options: AddressOptions): Address | AddressError {
  const expanded = expandAddress(text, options.environment);
  if (expanded === '') return fail(`'${text}' resolves to an empty address (environment variable missing?)`);

  let rest = expanded;
  let type: SocketType | 'quic' = options.defaultType;
  const forced = /^(stream|dgram|quic)\+/.exec(rest);
  if (forced !== null) {
    type = forced[1] as SocketType | 'quic';
    rest = rest.slice(forced[0].length);
  }
  let prefix: Prefix = { kind: rest.startsWith('/') ? 'unix' : 'inet' };
  const sign = rest.indexOf('@');
  if (sign > 0 && Object.hasOwn(PREFIXES, rest.slice(0, sign))) {
    prefix = PREFIXES[rest.slice(0, sign)]!;
    rest = rest.slice(sign + 1);
    if (prefix.type !== undefined) type = prefix.type;
  }
  const transport: SocketType = type === 'dgram' ? 'dgram' : 'stream';
  const address: Mutable = {
    kind: prefix.kind,
    family: prefix.family ?? 'any',
    socket: type === 'stream' ? 'stream' : 'dgram',
    transport,
    protocol: type === 'quic' ? 'quic' : prefix.mptcp === true ? 'mptcp' : 'default',
    host: rest,
    ip: null,
    portKind: 'none',
    portLow: 0,
    portHigh: 0,
    fd: -1,
    text,
  };
  const error = readRest(address, rest, text, options);
  if (error !== undefined) return fail(error);
  if (!(transport === 'dgram' ? options.dgram : options.stream)) {
    return fail(`${transport}-type address not acceptable in '${text}'`);
  }
  return address;
}

/**
 * Reads the comma separated addresses of one `bind` argument. A comma at the end is accepted, as in HAProxy.
 * The first bad address ends it.
 */
export function parseAddresses(text: string, options: AddressOptions): readonly Address[] | AddressError {
  const addresses: Address[] = [];
  const items = text.split(',');
  if (items.length > 1 && items.at(-1) === '') items.pop();
  for (const item of items) {
    const address = parseAddress(item, options);
    if (isAddressError(address)) return address;
    addresses.push(address);
  }
  return addresses;
}

type Mutable = { -readonly [K in keyof Address]: Address[K] };

/** Fills `address` from what follows the prefix; returns the error. */
function readRest(
  address: Mutable,
  rest: string,
  whole: string,
  options: AddressOptions,
): string | undefined {
  switch (address.kind) {
    case 'fd':
    case 'sockpair':
      address.host = '';
      if (!/^\d{1,9}$/.test(rest)) return `file descriptor '${rest}' is not a valid integer in '${whole}'`;
      if (address.kind === 'fd' && options.fd !== true) {
        return `a file descriptor is not acceptable here in '${whole}'`;
      }
      address.fd = Number(rest);
      return undefined;
    case 'unix':
    case 'abns':
    case 'abnsz': {
      const pathPrefix = address.kind === 'unix' ? (options.pathPrefix ?? '') : '';
      const max = (options.maxPath ?? 107) - pathPrefix.length;
      if (address.kind === 'unix' && rest === '') return `missing socket path in '${whole}'`;
      if (rest.length > max) return `socket path '${whole}' too long (max ${max})`;
      address.host = pathPrefix + rest;
      return undefined;
    }
    case 'rhttp':
      return options.rhttp === true
        ? undefined
        : `a reverse HTTP address is not acceptable here in '${whole}'`;
    case 'inet':
      return readPort(address, rest, whole, options) ?? readHost(address, whole, options);
  }
}

/** Cuts `rest` at its last colon, outside of brackets, into host and port. */
function readPort(
  address: Mutable,
  rest: string,
  whole: string,
  options: AddressOptions,
): string | undefined {
  const colon = rest.endsWith(']') ? -1 : rest.lastIndexOf(':');
  address.host = colon < 0 ? rest : rest.slice(0, colon);
  const port = colon < 0 ? '' : rest.slice(colon + 1);
  if (port === '') {
    return options.port === 'required' ? `missing port specification in '${whole}'` : undefined;
  }
  const sign = port[0] === '+' || port[0] === '-';
  const bad = /[^\d]/.exec(sign ? port.slice(1) : port.replace('-', ''));
  if (bad !== null) {
    return `invalid character '${bad[0]}' in port number '${port}' in '${whole}'`;
  }
  if (options.port === 'forbidden') return `port specification not permitted here in '${whole}'`;
  if (sign) {
    if (options.portOffset !== true) return `port offset not permitted here in '${whole}'`;
    if (!inRange(port.slice(1), 0)) return `invalid port offset '${port}'`;
    address.portKind = 'offset';
    address.portLow = address.portHigh = Number(port);
    return undefined;
  }
  const dash = port.indexOf('-');
  const lowest = options.portZero === true ? 0 : 1;
  const low = dash < 0 ? port : port.slice(0, dash);
  if (!inRange(low, lowest)) return `invalid port '${low}'`;
  const high = dash < 0 ? low : port.slice(dash + 1);
  if (dash >= 0) {
    if (options.portRange !== true) return `port range not permitted here in '${whole}'`;
    if (!inRange(high, lowest)) return `invalid port '${high}'`;
    if (Number(high) < Number(low)) return `invalid port range '${port}'`;
  }
  address.portLow = Number(low);
  address.portHigh = Number(high);
  address.portKind = address.portLow === address.portHigh ? 'fixed' : 'range';
  return undefined;
}

const inRange = (port: string, lowest: number): boolean =>
  port !== '' && Number(port) >= lowest && Number(port) <= 65535;

/** Decides family and numeric address of the host. */
function readHost(address: Mutable, whole: string, options: AddressOptions): string | undefined {
  const bracketed = address.host.startsWith('[') && address.host.endsWith(']');
  const written = address.host;
  const host = bracketed ? written.slice(1, -1) : written;
  address.host = host === '*' ? '' : host;
  if (address.host === '') {
    if (address.family === 'any') address.family = 'ipv4';
    address.ip = address.family === 'ipv6' ? '::' : '0.0.0.0';
    return undefined;
  }
  const invalid = `invalid address: '${written}' in '${whole}'`;
  const version = isIP(host);
  let ip: string | null = version === 0 ? null : host;
  if (version === 0) {
    // Colons, brackets and signs are in no host name; names made of them would only fail later.
    if (/[:[\]@/\s]/.test(host)) return invalid;
    if (options.resolve === undefined) return undefined;
    ip = options.resolve(host, address.family);
    if (ip === null) return invalid;
  }
  const family = isIP(ip!) === 6 ? 'ipv6' : 'ipv4';
  if (address.family !== 'any' && address.family !== family) return invalid;
  address.family = family;
  address.ip = ip;
  return undefined;
}
