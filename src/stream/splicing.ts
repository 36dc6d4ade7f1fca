// Bodies and tunnels whose bytes nobody looks at go through a pipe (options splice-request, -response and -auto).
// Each function is asked where the next read is about to begin, after everything read before was sent.

import { Counter } from '../core/shared.ts';
import { Req, Res } from './http-stream.ts';
import { SPLICE_MAX } from '../reactor/pipes.ts';
import { Splice, spliceChoice } from '../config/splicing.ts';
import { Wait } from './stream.ts';
import type { Connection } from './connection.ts';
import type { HttpStream } from './http-stream.ts';
import type { Stream } from './stream.ts';

/**
 * Whether the next read is to go into a pipe, where the last one brought `fill` bytes. `auto` splices a stream that
 * fills whole buffers, and copies one that trickles: a pipe costs more system calls than it saves there.
 */
export function worthSplicing(choice: number, fill: number, slabSize: number): boolean {
  return choice === Splice.ALWAYS || (choice === Splice.AUTO && fill >= slabSize);
}

/** Bytes of `from` arrived in a pipe. */
export function countSplicedIn(stream: Stream, fromClient: boolean, count: number): void {
  const block = fromClient ? stream.session.owner.block : stream.farm!.block;
  block.counters[Counter.SPLICED_IN]! += count;
}

/** The pipe of `from` was emptied into the other side. */
export function splicedOut(stream: Stream, from: Connection, toClient: boolean, count: number): void {
  const block = toClient ? stream.session.owner.block : stream.farm!.block;
  block.counters[Counter.SPLICED_OUT]! += count;
  from.givePipe();
}

/** Reads on from the client into a pipe, where the request's body allows and it is worth it. */
export function spliceRequest(stream: HttpStream): boolean {
  const { client } = stream.session;
  const length = stream.requestBody.spliceable;
  const choice = spliceChoice(stream.splices, Splice.REQUEST);
  const { slabSize } = stream.plane.reactor.memory;
  if (
    stream.paceIn !== null ||
    length === 0 ||
    client.reading ||
    !worthSplicing(choice, stream.requestFill, slabSize)
  )
    return false;
  client.releaseSlab();
  stream.session.arm(stream.frontend.timeouts.client);
  client.receiveSpliced(Math.min(length, SPLICE_MAX));
  return true;
}

/** A piece of the request's body is in the client's pipe: on to the server. */
export function forwardSplicedRequest(stream: HttpStream, count: number): void {
  const { client } = stream.session;
  const body = stream.requestBody;
  countSplicedIn(stream, true, count);
  body.skip(count);
  stream.requestFill = count;
  // The read had begun before the limit was in force.
  if (stream.paceIn !== null) stream.paceIn.charge(count);
  stream.bytesIn += count;
  stream.replayable = false;
  if (body.isOver) {
    stream.requestComplete = true;
    stream.session.arm(0);
  }
  stream.req = Req.SENDING;
  if (!stream.farm!.mustSpeak) stream.armFor(Wait.SERVER, stream.timeoutOf('server'));
  stream.upstream!.sendSpliced(client.pipe, count);
}

/** Reads on from the server into a pipe, where the answer's body allows and it is worth it. */
export function spliceResponse(stream: HttpStream): boolean {
  const upstream = stream.upstream!;
  const length = stream.responseBody.spliceable;
  const choice = spliceChoice(stream.splices, Splice.RESPONSE);
  const { slabSize } = stream.plane.reactor.memory;
  if (length === 0 || upstream.length > 0 || stream.discards || stream.paceOut !== null) return false;
  if (!worthSplicing(choice, stream.lastFill, slabSize)) return false;
  upstream.releaseSlab();
  stream.session.arm(0);
  stream.armFor(Wait.SERVER, stream.timeoutOf('server'));
  upstream.receiveSpliced(Math.min(length, SPLICE_MAX));
  return true;
}

/** A piece of the answer's body is in the server's pipe: on to the client. */
export function forwardSplicedResponse(stream: HttpStream, count: number): void {
  const body = stream.responseBody;
  countSplicedIn(stream, false, count);
  body.skip(count);
  if (body.isOver) stream.response.bodyComplete = true;
  stream.res = Res.SENDING;
  stream.disarm();
  stream.session.arm(stream.timeoutOf('client'));
  stream.session.client.sendSpliced(stream.upstream!.pipe, count);
}
