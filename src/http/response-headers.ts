import { Body } from '../proto/http1/framing.ts';
import type { HttpStream } from '../stream/http-stream.ts';
export function dressResponse(stream: HttpStream): void {
  if (stream.responseBody.kind === Body.UNTIL_CLOSE) stream.clientKeeps = false;
  if (stream.response.head.version >= 11) {
    if (!stream.clientKeeps) stream.response.add('connection', 'close');
    else if (stream.request.head.version < 11) stream.response.add('connection', 'keep-alive');
  }
}
