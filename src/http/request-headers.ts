// What a proxy itself adds to a request before it goes to the server, after all rules have run: X-Forwarded-For and
// its relatives, the unique id, cookies of persistence. The parser has taken out what speaks of one hop only.

import { matchesNetwork } from '../core/network.ts';
import { forwardedValue } from './forwarded.ts';
import { hideCookie } from './cookies.ts';
import type { Endpoint } from '../sample/context.ts';
import type { ForwardHeader } from '../config/model.ts';
import type { HttpStream } from '../stream/http-stream.ts';

export function dressRequest(stream: HttpStream): void {
  const { request, frontend } = stream;
  const backend = stream.backend!;
  const { head } = request;
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
