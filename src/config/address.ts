// Addresses as `bind`, `server`, `log` and others write them (manual 2.9).

import { isIP } from 'node:net';
import { expandAddress } from './address-variables.ts';
import type { Environment } from './environment.ts';

export type AddressFamily = 'ipv4' | 'ipv6' | 'unix' | 'abns' | 'abnsz' | 'fd' | 'name';

/** A parsed address. Ports are 0 where `portKind` is none. */
export interface Address {
  readonly family: AddressFamily;
  /** IP text, path, abstract name, host name to resolve, or the fd's number. */
  readonly host: string;
  readonly portKind: 'fixed' | 'offset' | 'none';
  readonly portLow: number;
  readonly portHigh: number;
  /** stream or datagram, where a prefix says so. */
  readonly transport: 'stream' | 'datagram' | 'quic';
  /** As written after variables were put in, for messages. */
  readonly text: string;
}

export interface AddressRules {
  readonly port: 'mandatory' | 'optional' | 'none';
  readonly ranges?: boolean;
  readonly offsets?: boolean;
  /** Host names may be resolved later. */
  readonly names?: boolean;
  readonly datagram?: boolean;
}

export type AddressResult =
  { readonly address: Address; readonly error: null } | { readonly address: null; readonly error: string };

const refused = (error: string): AddressResult => ({ address: null, error });

/** The same address with its host name looked up, or null where nobody knows it. */
export function resolveAddress(address: Address, resolve: (name: string) => string | null): Address | null {
  if (address.family !== 'name') return address;
  const host = resolve(address.host);
  return host === null ? null : { ...address, family: host.includes(':') ? 'ipv6' : 'ipv4', host };
}

const PREFIX =
  /^((?:stream\+|dgram\+|quic\+)?)(?:(unix|uxst|uxdg|abnsz|abns|fd|sockpair|ipv4|ipv6|ip|tcp4|tcp6|tcp|udp4|udp6|udp|mptcp4|mptcp6|mptcp|quic4|quic6|rhttp)@)?/;

/** Reads one address. Errors are the text that follows `'keyword' : `. */
export function parseAddress(raw: string, rules: AddressRules, environment: Environment): AddressResult {
  const text = expandAddress(raw, environment);
  if (text === '') {
    return refused(`'${raw}' resolves to an empty address (environment variable missing?)`);
  }
  const [prefix, kind = '', scheme = ''] = PREFIX.exec(text)!;
  let rest = text.slice(prefix.length);
  let transport: Address['transport'] = 'stream';
  if (kind === 'dgram+' || scheme.startsWith('udp') || scheme === 'uxdg') transport = 'datagram';
  if (kind === 'quic+' || scheme.startsWith('quic')) transport = 'quic';
  const base = { portKind: 'none' as const, portLow: 0, portHigh: 0, transport, text };
  if (transport === 'quic') return refused(`protocol 'quic' is known but not yet supported in '${raw}'`);
  if (scheme === 'rhttp' || scheme === 'sockpair' || scheme.startsWith('mptcp')) {
    return refused(`address family '${scheme}@' is known but not yet supported in '${raw}'`);
  }
  if (
    scheme === 'unix' ||
    scheme === 'uxst' ||
    scheme === 'uxdg' ||
    (scheme === '' && rest.startsWith('/'))
  ) {
    if (rest.length > 107) return refused(`socket path '${rest}' too long (max 107)`);
    return { address: { ...base, family: 'unix', host: rest }, error: null };
  }
  if (scheme === 'abns' || scheme === 'abnsz') {
    return { address: { ...base, family: scheme, host: rest }, error: null };
  }
  if (scheme === 'fd') {
    if (!/^\d+$/.test(rest)) return refused(`file descriptor '${rest}' is not a valid integer in '${raw}'`);
    return { address: { ...base, family: 'fd', host: rest }, error: null };
  }
  let family: AddressFamily | null = null;
  if (scheme.endsWith('6')) family = 'ipv6';
  else if (scheme.endsWith('4')) family = 'ipv4';
  // Host and port: the last colon divides them, brackets protect IPv6 text.
  let host: string;
  let port: string | null;
  const bracket = rest.startsWith('[') ? rest.indexOf(']') : -1;
  if (bracket > 0) {
    host = rest.slice(1, bracket);
    rest = rest.slice(bracket + 1);
    if (rest !== '' && !rest.startsWith(':')) return refused(`invalid address: '${raw}'`);
    port = rest === '' ? null : rest.slice(1);
    family = 'ipv6';
  } else {
    const colon = rest.lastIndexOf(':');
    if (rules.port === 'none') {
      host = rest;
      port = null;
    } else if (colon < 0) {
      host = rest;
      port = null;
    } else {
      host = rest.slice(0, colon);
      port = rest.slice(colon + 1);
    }
  }
  const ports = readPorts(port, raw, rules);
  if (typeof ports === 'string') return refused(ports);
  if (host === '' || host === '*') {
    host = family === 'ipv6' ? '::' : '0.0.0.0';
  }
  const version = isIP(host.split('%')[0]!);
  if (version === 6 || family === 'ipv6') {
    if (version !== 6) return refused(`invalid address: '${host}' in '${raw}'`);
    return { address: { ...base, ...ports, family: 'ipv6', host }, error: null };
  }
  if (version === 4) return { address: { ...base, ...ports, family: 'ipv4', host }, error: null };
  if (!/^[A-Za-z0-9_.-]+$/.test(host) || rules.names === false) {
    return refused(`invalid address: '${host}' in '${raw}'`);
  }
  return { address: { ...base, ...ports, family: 'name', host }, error: null };
}

interface Ports {
  readonly portKind: 'fixed' | 'offset' | 'none';
  readonly portLow: number;
  readonly portHigh: number;
}

function readPorts(port: string | null, raw: string, rules: AddressRules): Ports | string {
  if (port === null || port === '') {
    if (rules.port === 'mandatory') return `missing port specification in '${raw}'`;
    return { portKind: 'none', portLow: 0, portHigh: 0 };
  }
  const offset = /^[+-]\d+$/.test(port);
  if (offset) {
    if (rules.offsets !== true) return `port offsets not permitted here in '${raw}'`;
    return { portKind: 'offset', portLow: Number(port), portHigh: Number(port) };
  }
  const range = /^(\d+)(?:-(\d+))?$/.exec(port);
  if (range === null)
    return `invalid character '${/[^\d-]/.exec(port)?.[0] ?? '-'}' in port number '${port}' in '${raw}'`;
  const low = Number(range[1]);
  const high = range[2] === undefined ? low : Number(range[2]);
  if (range[2] !== undefined && rules.ranges !== true) return `port range not permitted here in '${raw}'`;
  if (low < 0 || low > 65535) return `invalid port '${range[1]}'`;
  if (high > 65535) return `invalid port '${range[2]}'`;
  if (low > high) return `invalid port range '${port}'`;
  return { portKind: 'fixed', portLow: low, portHigh: high };
}
