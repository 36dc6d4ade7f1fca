// The end of an exchange, good or bad: counters, log line, and what becomes of both connections.

import { accountExchange, countClientAbort } from './accounting.ts';
import { Req, Res } from './http-stream.ts';
import { leaveFarm } from './assign.ts';
import type { HttpStream } from './http-stream.ts';

/** The client closed or broke while its exchange goes on. */
export function clientGone(stream: HttpStream): void {
  const { client } = stream.session;
  if (stream.req === Req.READING || (stream.req === Req.RULES && !stream.requestComplete)) {
    // The request was cut short.
    countClientAbort(stream);
    stream.ends('C', stream.req === Req.RULES ? 'R' : 'D');
    stream.status = stream.res >= Res.SENDING ? stream.status : 400;
    failExchange(stream);
    return;
  }
  if (stream.res >= Res.SENDING) {
    // An answer is on its way: a client that only closed its sending side may still read it.
    if (client.failed < 0) {
      stream.ends('C', 'D');
      countClientAbort(stream);
      failExchange(stream);
    }
    return;
  }
  if (client.failed === 0) {
    if (!abortsOnClose(stream)) return;
    if (stream.upstream !== null && (stream.req === Req.SENDING || stream.req === Req.DONE)) {
      passEnd(stream);
      return;
    }
  }
  clientAborts(stream);
}

/** Whether the end of the client's sending side counts as a wish to abort: `option abortonclose`. */
export function abortsOnClose(stream: HttpStream): boolean {
  return (stream.backend ?? stream.frontend).options.has('abortonclose');
}

/**
 * A server works for a client that closed its sending side: it is told so and decides whether it still answers
 * (manual: option abortonclose). Once more when all of the request is sent.
 */
export function passEnd(stream: HttpStream): void {
  const upstream = stream.upstream!;
  stream.serverMustClose = true;
  const paused = stream.paceIn !== null && stream.paceIn.isPending;
  if (!upstream.busySending && !paused) stream.plane.shutdownWrite(upstream.fd);
}

/** The client has no use for an answer any more. */
export function clientAborts(stream: HttpStream): void {
  countClientAbort(stream);
  const phase = phaseNow(stream);
  stream.ends('C', phase);
  if (phase === 'Q') stream.timers.queue = stream.elapsed();
  // Before a server was reached, the log shows no status at all.
  if (phase !== 'Q' && phase !== 'C') stream.status = 400;
  failExchange(stream);
}

function phaseNow(stream: HttpStream): string {
  if (stream.req === Req.RULES) return 'R';
  if (stream.slot.waiting) return 'Q';
  if (stream.req === Req.ASSIGN) return 'C';
  return stream.res >= Res.SENDING ? 'D' : 'H';
}

/** Ends without (another) answer: both connections are closed. */
export function failExchange(stream: HttpStream): void {
  stream.clientKeeps = false;
  stream.serverKeeps = false;
  stream.session.client.failed ||= -104;
  finishExchange(stream);
}

/** Everything was sent, or cannot be: counts, logs, and hands both connections on. */
export function finishExchange(stream: HttpStream): void {
  const { session, upstream, plane, timers } = stream;
  const { client } = session;
  if (upstream !== null && upstream.busySending) {
    stream.finishing = true;
    upstream.cancelSending();
    return;
  }
  if (client.busySending) {
    stream.finishing = true;
    client.cancelSending();
    return;
  }
  stream.finishing = false;
  stream.disarm();
  timers.total = stream.elapsed();
  if (timers.response >= 0) timers.data = timers.total;
  accountExchange(stream);
  if (stream.shouldLog()) plane.log(stream, stream.endOrigin(), null);
  if (stream.server !== null && stream.splices === 0) {
    stream.server.noteAnswer(stream.bytesFromServer > plane.reactor.memory.slabSize);
  }
  if (upstream !== null) {
    const keeps =
      stream.serverKeeps &&
      stream.res === Res.DONE &&
      stream.req === Req.DONE &&
      stream.requestComplete &&
      upstream.length === 0 &&
      !upstream.ended;
    if (keeps) {
      stream.upstream = null;
      upstream.releaseSlab();
      plane.giveIdle(stream, upstream);
    }
  }
  if (client.pipe >= 0) client.dropPipe();
  stream.slot.end();
  if (stream.farm !== null) leaveFarm(stream);
  const keep = stream.clientKeeps && stream.requestComplete;
  stream.clear();
  stream.http.exchanged(keep);
}
