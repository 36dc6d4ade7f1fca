// What a client says about itself in its Authorization header (RFC 9110 section 11.6.2): Basic and Bearer.

import type { HttpMessage } from '../http/message.ts';

export interface Credentials {
  /** As the RFCs write it, however the client did. */
  readonly scheme: 'Basic' | 'Bearer';
  /** Basic only; bytes as latin1. */
  readonly user: string;
  readonly password: string;
  /** Bearer only. */
  readonly token: string;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Reads a header's value; null where it is of another scheme, or wrong. */
export function parseCredentials(value: string): Credentials | null {
  const space = value.indexOf(' ');
  if (space < 0) return null;
  const scheme = value.slice(0, space).toLowerCase();
  let from = space;
  while (value.charCodeAt(from) === 0x20) from++;
  const rest = value.slice(from);
  if (rest === '') return null;
  if (scheme === 'bearer') return { scheme: 'Bearer', user: '', password: '', token: rest };
  if (scheme !== 'basic' || !BASE64.test(rest)) return null;
  const text = Buffer.from(rest, 'base64').toString('latin1');
  const colon = text.indexOf(':');
  if (colon < 0) return null;
  return { scheme: 'Basic', user: text.slice(0, colon), password: text.slice(colon + 1), token: '' };
}

/** The last value read: the keywords of one request ask for the same one again and again. */
let lastValue = '';
let lastCredentials: Credentials | null = null;

/** The credentials in the first `header` of the request, in lower case. */
export function credentialsOf(
  request: HttpMessage,
  header = request.proxied ? 'proxy-authorization' : 'authorization',
): Credentials | null {
  const at = request.find(header, 0);
  if (at < 0) return null;
  const value = request.valueAt(at);
  if (value !== lastValue) {
    lastCredentials = parseCredentials(value);
    lastValue = value;
  }
  return lastCredentials;
}
