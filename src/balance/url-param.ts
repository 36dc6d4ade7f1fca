import type { StreamContext } from '../sample/context.ts';
import type { Hasher } from './hash.ts';
import type { HashKey } from './hashed.ts';

/** The value of parameter `name` in `text[from..]`, pairs divided by '&'; null when absent or without '='. */
export function parameterValue(text: string, from: number, name: string): string | null {
  let at = from;
  while (at < text.length) {
    let end = text.indexOf('&', at);
    if (end < 0) end = text.length;
    const equals = at + name.length;
    if (equals < end && text.charCodeAt(equals) === 0x3d && text.startsWith(name, at)) {
      return text.slice(equals + 1, end);
    }
    at = end + 1;
  }
  return null;
}

/** `balance url_param`: a query parameter, or with `check_post` one of a POST's body. */
export class UrlParamKey implements HashKey {
  private readonly name: string;
  private readonly checkPost: boolean;
  private readonly hasher: Hasher;

  constructor(name: string, checkPost: boolean, hasher: Hasher) {
    this.name = name;
    this.checkPost = checkPost;
    this.hasher = hasher;
  }

  hash(stream: StreamContext): number {
    const request = stream.request;
    if (request === null) return -1;
    const mark = request.target.indexOf('?');
    let value = mark < 0 ? null : parameterValue(request.target, mark + 1, this.name);
    if (value === null && this.checkPost && request.method === 'POST') {
      value = parameterValue(request.body(), 0, this.name);
    }
    return value === null || value === '' ? -1 : this.hasher(value);
  }
}
