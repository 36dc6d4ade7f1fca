// Words that say who and where somebody is, replaced by short hashes that stay equal for equal words. 24 bits are few
// enough that a hash cannot be turned back, and enough to see which words belong together.

import { isIP } from 'node:net';

/** 24 bits of an FNV-1a hash of `text` (latin1) under a 32-bit key, as six hexadecimal digits. */
export function anonymousHash(text: string, key: number): string {
  let hash = 0x811c9dc5;
  for (let shift = 0; shift < 32; shift += 8) hash = Math.imul(hash ^ ((key >>> shift) & 0xff), 0x01000193);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (((hash >>> 24) ^ hash) & 0xffffff).toString(16).padStart(6, '0');
}

/** An identifier such as the name of a proxy, a server or an ACL. */
export const anonymousName = (text: string, key: number): string =>
  key === 0 || text === '' ? text : anonymousHash(text, key);

/**
 * An address: the prefix, the port and the wildcards stay, the host or path becomes a hash. Text that is not an
 * address at all is hashed as a whole.
 */
export function anonymousAddress(text: string, key: number): string {
  if (key === 0) return text;
  const prefix = /^(?:[a-z]+\+)?[a-z0-9]+@/.exec(text)?.[0] ?? '';
  const rest = text.slice(prefix.length);
  if (rest.startsWith('/')) return `${prefix}/${anonymousHash(rest, key)}`;
  const port = /:([-+]?\d+(?:-\d+)?)?$/.exec(rest)?.[0] ?? '';
  const host = isIP(rest) === 6 ? rest : rest.slice(0, rest.length - port.length);
  const kept = host === rest ? '' : port;
  if (host === '' || host === '*' || host === '::' || host === '[::]') return text;
  return `${prefix}${isIP(host) > 0 ? 'IP' : 'HOST'}-${anonymousHash(host, key)}${kept}`;
}
