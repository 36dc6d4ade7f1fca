import type { StreamContext } from '../sample/context.ts';
import type { BalanceSettings } from './balance.ts';
import type { Hasher } from './hash.ts';
import type { HashKey } from './hashed.ts';

/** `balance uri`: the target up to its query, cut by `len` and `depth`; `whole` keeps the query. */
export class UriKey implements HashKey {
  private readonly settings: BalanceSettings;
  private readonly hasher: Hasher;

  constructor(settings: BalanceSettings, hasher: Hasher) {
    this.settings = settings;
    this.hasher = hasher;
  }

  hash(stream: StreamContext): number {
    const request = stream.request;
    if (request === null) return -1;
    const { uriWhole, uriPathOnly, uriLength, uriDepth } = this.settings;
    const target = request.target;
    let start = 0;
    if (uriPathOnly && target.charCodeAt(0) !== 0x2f) {
      const scheme = target.indexOf('://');
      start = target.indexOf('/', scheme < 0 ? 0 : scheme + 3);
      if (start < 0) start = target.length;
    }
    let end = target.length;
    if (uriLength > 0) end = Math.min(end, start + uriLength);
    if (!uriWhole) {
      const mark = target.indexOf('?', start);
      if (mark >= 0 && mark < end) end = mark;
    }
    if (uriDepth > 0) {
      let slashes = 0;
      for (let at = start; at < end; at++) {
        if (target.charCodeAt(at) === 0x2f && ++slashes > uriDepth) end = at;
      }
    }
    return this.hasher(start === 0 && end === target.length ? target : target.slice(start, end));
  }
}
