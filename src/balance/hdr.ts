import type { StreamContext } from '../sample/context.ts';
import type { Hasher } from './hash.ts';
import type { HashKey } from './hashed.ts';

/**
 * The label before the last dot (`use_domain_only`): "1wt" of "haproxy.1wt.eu". A label has at least one
 * character, whatever that is; text without a dot behind its first character stays whole.
 */
export function mainDomain(host: string): string {
  const last = host.lastIndexOf('.');
  if (last <= 0) return host;
  const before = last >= 2 ? host.lastIndexOf('.', last - 2) : -1;
  return host.slice(before + 1, last);
}

/** `balance hdr(name)`: the first value of a request header. */
export class HeaderKey implements HashKey {
  private readonly name: string;
  private readonly domainOnly: boolean;
  private readonly hasher: Hasher;

  constructor(name: string, domainOnly: boolean, hasher: Hasher) {
    this.name = name.toLowerCase();
    this.domainOnly = domainOnly;
    this.hasher = hasher;
  }

  hash(stream: StreamContext): number {
    const request = stream.request;
    if (request === null) return -1;
    const line = request.find(this.name, 0);
    if (line < 0) return -1;
    const value = request.valueAt(line);
    if (value === '') return -1;
    return this.hasher(this.domainOnly ? mainDomain(value) : value);
  }
}
