// What a proxy itself changes in a request before it goes to the server, after all rules have run: the hop-by-hop
// options, X-Forwarded-For and its relatives, the unique id, cookies of persistence.

import { HeaderId } from '../proto/http1/names.ts';
import { matchesNetwork } from '../core/network.ts';
import { forwardedValue } from './forwarded.ts';
import { hideCookie } from './cookies.ts';
import { stripConnection } from './connection-header.ts';
import type { Endpoint } from '../sample/context.ts';
import type { ForwardHeader } from '../config/model.ts';
import type { HttpStream } from '../stream/http-stream.ts';

export function dressRequest(stream: HttpStream): void {
  const { request, frontend } = stream;
  const backend = stream.backend!;
  const { head } = request;
  if (request.findId(HeaderId.CONNECTION) >= 0) stripConnection(request, head.connectionUpgrade);
  const te = request.findId(HeaderId.TE);
  if (te >= 0) {
    // Only "trailers" may pass a proxy (RFC 9110 section 10.1.4).
    if (!head.teTrailers) request.removeId(HeaderId.TE);
    else if (request.valueAt(te) !== 'trailers') request.replaceValueAt(te, 'trailers');
  }
  hideCookie(stream);
  const forwardFor = backend.forwardFor ?? frontend.forwardFor;
  if (forwardFor !== null) addAddress(stream, forwardFor, stream.session.source);
  const originalTo = backend.originalTo ?? frontend.originalTo;
  if (originalTo !== null) addAddress(stream, originalTo, stream.session.destination);
  if (backend.forwarded !== null) {
    const forwarded = forwardedValue(stream, backend.forwarded);
    if (forwarded !== '') request.add('forwarded', forwarded);
  }
  if (frontend.uniqueIdHeader !== null) request.add(frontend.uniqueIdHeader, stream.uniqueId());
  if (stream.serverMustClose) {
    request.add('connection', 'close');
  } else if (head.version === 10) {
    request.add('connection', 'keep-alive');
  }
}

function addAddress(stream: HttpStream, setting: ForwardHeader, endpoint: Endpoint | null): void {
  const { request } = stream;
  if (endpoint === null || endpoint.family === 'unix') return;
  if (setting.ifNone && request.find(setting.header, 0) >= 0) return;
  if (setting.except !== null && matchesNetwork(endpoint, setting.except, setting.exceptMask)) return;
  request.add(setting.header, endpoint.text);
}
