// The request goes out: head with its edits, then the body as it arrives.

import { Body } from '../proto/http1/framing.ts';
import { BodyState } from '../http/body.ts';
import { Counter } from '../core/shared.ts';
import { Req, Res } from './http-stream.ts';
import { Wait } from './stream.ts';
import { abortsOnClose, clientGone, failExchange, passEnd } from './finish.ts';
import { dressRequest } from '../http/request-headers.ts';
import { forwardSplicedRequest, splicedOut, spliceRequest } from './splicing.ts';
import { replyError } from './local-reply.ts';
import type { HttpStream } from './http-stream.ts';

/** A body piece up to this size is copied behind a rewritten head, to go out in one send. */
const JOIN_BYTES = 4096;

/** A connected server is at hand: the first attempt writes the head, a retry sends the same bytes again. */
export function sendRequest(stream: HttpStream): void {
  if (stream.headEnd === 0 && !writeHead(stream)) return;
  const upstream = stream.upstream!;
  stream.req = Req.SENDING;
  stream.res = Res.HEAD;
  stream.splices = stream.farm!.splices | stream.session.owner.splices;
  stream.lastFill = stream.requestFill = 0;
  stream.responseParser.reset();
  stream.responseParser.relaxed = stream.farm!.relaxed;
  upstream.receive(stream.server!.likelyLong);
  sendHead(stream);
}

function writeHead(stream: HttpStream): boolean {
  const { request, plane } = stream;
  const { memory } = plane.reactor;
  dressRequest(stream);
  stream.bodyAt = request.bodyAt;
  stream.bodyEnd = request.bodyEnd;
  if (request.inPlace) {
    request.writeInPlace();
    stream.headAt = request.outAt;
    // Head and body are one piece unless the body was moved by reframing.
    if (request.bodyAt === request.outEnd && request.bodyEnd > request.bodyAt && stream.paceIn === null) {
      stream.headEnd = request.bodyEnd;
      stream.bodyAt = stream.bodyEnd;
    } else {
      stream.headEnd = request.outEnd;
    }
    return true;
  }
  const slab = memory.take();
  if (slab < 0) {
    stream.ends('R', 'C');
    replyError(stream, 500);
    return false;
  }
  stream.requestOut = slab;
  const at = memory.offsetOf(slab);
  const limit = at + memory.slabSize;
  if (!request.writeTo(at, limit)) {
    // The rewritten head is larger than a buffer (manual: tune.maxrewrite).
    stream.session.owner.block.counters[Counter.FAILED_REWRITES]! += 1;
    stream.ends('P', 'R');
    replyError(stream, 400);
    return false;
  }
  stream.headAt = request.outAt;
  stream.headEnd = request.outEnd;
  const length = stream.bodyEnd - stream.bodyAt;
  if (length > 0 && length <= JOIN_BYTES && length <= limit - stream.headEnd && stream.paceIn === null) {
    memory.bytes.copyWithin(stream.headEnd, stream.bodyAt, stream.bodyEnd);
    stream.headEnd += length;
    stream.bodyAt = stream.bodyEnd;
  }
  return true;
}

function sendHead(stream: HttpStream): void {
  stream.armFor(Wait.SERVER, stream.timeoutOf('server'));
  const body = stream.bodyEnd > stream.bodyAt;
  stream.sendingBody = !body;
  stream.upstream!.send(stream.headAt, stream.headEnd, body);
}

/** The kernel took what was given, or the server is gone. */
export function requestSent(stream: HttpStream, result: number): void {
  if (stream.upstream === null || stream.res === Res.LOCAL) return;
  if (result < 0) {
    // The answer may have arrived before the reset: what was read counts. The receive in flight will tell.
    stream.req = Req.DONE;
    stream.requestFailed = true;
    if (!stream.upstream.reading && stream.res === Res.HEAD) {
      stream.onReceived(stream.upstream, result);
    }
    return;
  }
  stream.bytesToServer += result;
  if (stream.paceIn !== null && stream.paceIn.goOn()) return;
  if (stream.splices !== 0 && stream.session.client.pipe >= 0) {
    splicedOut(stream, stream.session.client, false, result);
  }
  if (!stream.sendingBody) {
    stream.sendingBody = true;
    if (stream.paceIn !== null) stream.paceIn.begin(stream.bodyAt, stream.bodyEnd);
    else stream.upstream.send(stream.bodyAt, stream.bodyEnd, false);
    return;
  }
  if (stream.requestComplete) {
    stream.req = Req.DONE;
    if (stream.session.client.ended && abortsOnClose(stream)) passEnd(stream);
    return;
  }
  readBody(stream);
}

/** Nothing of the body is held any more: read on. */
function readBody(stream: HttpStream): void {
  const { client } = stream.session;
  stream.req = Req.READING;
  stream.request.forget();
  if (client.length > 0) {
    forwardRequestBody(stream, client.length);
    return;
  }
  if (stream.splices !== 0 && spliceRequest(stream)) return;
  if (client.room() === 0) client.grow();
  if (!client.reading && client.large < 0) client.releaseSlab();
  else client.rewind();
  stream.session.arm(stream.frontend.timeouts.client);
  client.receive();
}

/** Body bytes from the client: on to the server. */
export function forwardRequestBody(stream: HttpStream, result: number): void {
  const { client } = stream.session;
  if (result <= 0) {
    if (stream.requestBody.kind === Body.TUNNEL) return;
    clientGone(stream);
    return;
  }
  if (client.pipe >= 0) {
    forwardSplicedRequest(stream, result);
    return;
  }
  const { bytes } = stream.plane.reactor.memory;
  const body = stream.requestBody;
  stream.requestFill = result;
  const state = body.scan(bytes, client.at, client.end);
  if (state === BodyState.ERROR) {
    stream.ends('C', 'D');
    stream.clientKeeps = false;
    if (stream.res === Res.HEAD) replyError(stream, 400);
    else failExchange(stream);
    return;
  }
  stream.bytesIn += body.end - body.at;
  client.at = body.consumed;
  // From here on the start of the body is gone: no other server can be asked.
  stream.replayable = false;
  if (state === BodyState.END) {
    stream.requestComplete = true;
    stream.session.arm(0);
  }
  if (body.end === body.at) {
    if (state === BodyState.END) requestSent(stream, 0);
    else {
      client.compact();
      client.receive();
    }
    return;
  }
  stream.req = Req.SENDING;
  if (!stream.farm!.mustSpeak) stream.armFor(Wait.SERVER, stream.timeoutOf('server'));
  if (stream.paceIn !== null) stream.paceIn.begin(body.at, body.end);
  else stream.upstream!.send(body.at, body.end, false);
}
