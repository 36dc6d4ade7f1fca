// Streams made of literals, for tests of balance algorithms.

import type { HttpMessage } from '../http/message.ts';
import type { Endpoint, StreamContext } from '../sample/context.ts';

/** An address as sessions carry it; IPv6 in full or with `::`. */
export function endpoint(text: string): Endpoint {
  if (!text.includes(':')) {
    const ipv4 = text.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
    return { family: 'ipv4', text, ipv4, ipv6: '', port: 1000 };
  }
  const [left = '', right] = text.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const words = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  const ipv6 = words
    .map((word) => Number.parseInt(word, 16))
    .map((word) => String.fromCharCode(word >> 8, word & 255))
    .join('');
  return { family: 'ipv6', text, ipv4: 0, ipv6, port: 1000 };
}

/** A request as balancers read it. */
export function fakeStream(request: {
  target?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  source?: string;
}): StreamContext {
  const names = Object.keys(request.headers ?? {});
  const message = {
    target: request.target ?? '/',
    method: request.method ?? 'GET',
    find: (name: string, from: number) =>
      names.findIndex((one, i) => i >= from && one.toLowerCase() === name),
    valueAt: (index: number) => request.headers![names[index]!]!,
    body: () => request.body ?? '',
  } as unknown as HttpMessage;
  return {
    request: message,
    session: { source: endpoint(request.source ?? '192.0.2.1') },
  } as unknown as StreamContext;
}
