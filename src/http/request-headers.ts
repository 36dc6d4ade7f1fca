// What a proxy itself adds to a request before it goes to the server, after all rules have run: X-Forwarded-For and
// its relatives, the unique id, cookies of persistence. The parser has taken out what speaks of one hop only.

import { matchesNetwork } from '../core/network.ts';
import { forwardedValue } from './forwarded.ts';
import { hideCookie } from './cookies.ts';
import { withdrawHttp2 } from './connection-header.ts';
import type { Endpoint } from '../sample/context.ts';
import type { ForwardHeader } from '../config/model.ts';
import type { HttpStream } from '../stream/http-stream.ts';

export function dressRequest(stream: HttpStream): void {
  const { request, frontend } = stream;
  const backend = stream.backend!;
  const { head } = request;
  hideCookie(stream);
  if (frontend.uniqueIdHeader !== null) request.add(frontend.uniqueIdHeader, stream.uniqueId());
  // Addresses are asked from the kernel: only where a header wants them.
  if (frontend.forwardFor !== null || backend.forwardFor !== null) {
    addAddress(stream, frontend.forwardFor, backend.forwardFor, stream.session.source);
  }
  if (frontend.originalTo !== null || backend.originalTo !== null) {
    addAddress(stream, frontend.originalTo, backend.originalTo, stream.session.destination);
  }
  if (backend.forwarded !== null) {
    const forwarded = forwardedValue(stream, backend.forwarded);
    if (forwarded !== '') request.add('forwarded', forwarded);
  }
  if (head.http2Refused) withdrawHttp2(request);
  if (stream.serverMustClose) {
    request.add('connection', 'close');
  } else if (head.version === 10) {
    request.add('connection', 'keep-alive');
  }
}

/** Both sides may ask: the backend names the header, `if-none` holds where no side insists, `except` of each counts. */
function addAddress(
  stream: HttpStream,
  front: ForwardHeader | null,
  back: ForwardHeader | null,
  endpoint: Endpoint | null,
): void {
  const { request } = stream;
  const setting = back ?? front;
  if (setting === null || endpoint === null || endpoint.family === 'unix') return;
  const ifNone = (front === null || front.ifNone) && (back === null || back.ifNone);
  if (ifNone && request.find(setting.header, 0) >= 0) return;
  if (front !== null && exempt(front, endpoint)) return;
  if (back !== null && back !== front && exempt(back, endpoint)) return;
  request.add(setting.header, endpoint.text);
}

function exempt(setting: ForwardHeader, endpoint: Endpoint): boolean {
  return setting.except !== null && matchesNetwork(endpoint, setting.except, setting.exceptMask);
}
