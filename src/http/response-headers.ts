// What a proxy itself changes in a response before it goes to the client: hop-by-hop options, the persistence
// cookie, and what becomes of the connection.

import { Body } from '../proto/http1/framing.ts';
import { HeaderId } from '../proto/http1/names.ts';
import { setCookie } from './set-cookie.ts';
import { stripConnection } from './connection-header.ts';
import type { HttpStream } from '../stream/http-stream.ts';

/** Runs after the response's rules. Sets `clientKeeps` to false where only the end of the connection ends the body. */
export function dressResponse(stream: HttpStream): void {
  // A stopping process tells its clients to go elsewhere (management.txt 4).
  if (stream.session.isDraining) stream.clientKeeps = false;
  const { response } = stream;
  const { kind } = stream.responseBody;
  if (response.findId(HeaderId.CONNECTION) >= 0) stripConnection(response);
  setCookie(stream);
  if (kind === Body.TUNNEL || kind === Body.UNTIL_CLOSE) stream.clientKeeps = false;
}

/** What becomes of the client's connection: behind http-after-response, which has no say in it. */
export function tellPersistence(stream: HttpStream): void {
  // The protocol that follows has no messages of ours: the connection option that came with it stays.
  if (stream.responseBody.kind !== Body.TUNNEL) addPersistence(stream);
}

/** Only what the versions of the answer (a server's or an errorfile's may be 1.0) and of the request do not say anyway. */
export function addPersistence({ request, response, clientKeeps }: HttpStream): void {
  const { version } = response.head;
  if (!clientKeeps) {
    if (version >= 11) response.add('connection', 'close');
  } else if (version === 10 || request.head.version === 10) {
    response.add('connection', 'keep-alive');
  }
}
