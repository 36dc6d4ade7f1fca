import { Rdp, rdpCookie, rdpValue } from '../sample/rdp.ts';
import type { StreamContext } from '../sample/context.ts';
import type { Hasher } from './hash.ts';
import type { HashKey } from './hashed.ts';

/** `balance rdp-cookie(name)`: the cookie of RDP's connection request, which content rules have waited for. */
export class RdpCookieKey implements HashKey {
  private readonly name: string;
  private readonly hasher: Hasher;

  /** `name` in lower case. */
  constructor(name: string, hasher: Hasher) {
    this.name = name;
    this.hasher = hasher;
  }

  hash(stream: StreamContext): number {
    if (stream.request !== null) return -1;
    const text = stream.requestPayload();
    if (rdpCookie(text, this.name) !== Rdp.FOUND || rdpValue.start === rdpValue.end) return -1;
    return this.hasher(text.slice(rdpValue.start, rdpValue.end));
  }
}
