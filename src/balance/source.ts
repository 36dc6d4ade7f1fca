import type { StreamContext } from '../sample/context.ts';
import type { HashKey } from './hashed.ts';

/** `balance source`: the address itself is the hash, an IPv6 address as the exclusive or of its four words. */
export class SourceKey implements HashKey {
  hash(stream: StreamContext): number {
    const source = stream.session.source;
    if (source === null || source.family === 'unix') return -1;
    if (source.family === 'ipv4') return source.ipv4 >>> 0;
    const bytes = source.ipv6;
    let hash = 0;
    for (let i = 0; i + 3 < bytes.length; i += 4) {
      hash ^=
        (bytes.charCodeAt(i) << 24) |
        (bytes.charCodeAt(i + 1) << 16) |
        (bytes.charCodeAt(i + 2) << 8) |
        bytes.charCodeAt(i + 3);
    }
    return hash >>> 0;
  }
}
