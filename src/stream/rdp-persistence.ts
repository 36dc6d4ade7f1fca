// persist rdp-cookie: the cookie is `ADDRESS.PORT.RESERVED`, both numbers decimal with their bytes in the order of the
// network read as if in that of the terminal server, least significant first ([MS-RDPBCGR] 2.2.1.1, routingToken).

import { Rdp, rdpCookie, rdpValue } from '../sample/rdp.ts';
import type { Server } from '../backend/server.ts';
import type { TcpStream } from './tcp-stream.ts';

const TOKEN = /^(\d{1,10})\.(\d{1,5})\./;

/** The address and port that a token names, as `192.0.2.1:3389`; '' where it is none. */
export function addressOfToken(token: string): string {
  const parts = TOKEN.exec(token);
  if (parts === null) return '';
  const address = Number(parts[1]);
  const port = Number(parts[2]);
  if (address > 0xffffffff || port > 0xffff) return '';
  const text = [address & 255, (address >>> 8) & 255, (address >>> 16) & 255, address >>> 24].join('.');
  return `${text}:${((port & 255) << 8) | (port >> 8)}`;
}

/** The server that the cookie named `name` (lower case) asks for, where it may be used; sets `stream.forced`. */
export function serverOfRdpCookie(stream: TcpStream, name: string): Server | null {
  const farm = stream.farm!;
  stream.forced = farm.persists;
  for (const rule of stream.backend!.persistRules) {
    if (!rule.condition.test(stream)) continue;
    if (rule.kind === 'ignore') return null;
    stream.forced = true;
    break;
  }
  const text = stream.requestPayload();
  if (rdpCookie(text, name) !== Rdp.FOUND) return null;
  const wanted = addressOfToken(text.slice(rdpValue.start, rdpValue.end));
  if (wanted === '') return null;
  for (const server of farm.servers) {
    if (`${server.addressText}:${server.port}` !== wanted) continue;
    if (server.acceptsPersistent || stream.forced) return server;
  }
  return null;
}
