// What an exchange adds to the counters of its frontend, listener, backend and server when it is over (management.txt
// 9.1). Events within it are counted where they happen.

import { Counter, type SharedBlock } from '../core/shared.ts';
import type { Stream } from './stream.ts';

/** The averages of `show stat` are over about so many of the last exchanges. */
const WINDOW = 1024;

/** Bytes for all four, times for the server that was reached and its backend. `timers.total` must be known. */
export function accountExchange(stream: Stream): void {
  const { farm, server, timers } = stream;
  accountBytes(stream);
  if (stream.request !== null) countStatus(stream);
  if (farm === null || server === null || timers.connect < 0) return;
  addTimes(server.block.counters, stream);
  addTimes(farm.block.counters, stream);
}

/** Counts the bytes that passed since this was called last: at the end, and on the way with option contstats. */
export function accountBytes(stream: Stream): void {
  const { session, farm, server } = stream;
  addBytes(session.owner.block, stream);
  addBytes(session.listener.block, stream);
  if (farm !== null) addBytes(farm.block, stream);
  if (server !== null) addBytes(server.block, stream);
  stream.countedIn = stream.bytesIn;
  stream.countedOut = stream.bytesOut;
  stream.countedToServer = stream.bytesToServer;
  stream.countedFromServer = stream.bytesFromServer;
}

/** What the client was answered, for frontend and backend; `other` where it got no status at all. */
function countStatus({ session, farm, status }: Stream): void {
  const counter = statusCounter(status);
  session.owner.block.counters[counter]! += 1;
  if (farm !== null) farm.block.counters[counter]! += 1;
}

/** A server's own answer, whatever rules make of it. */
export function countServerStatus(stream: Stream, status: number): void {
  const { counters } = stream.server!.block;
  counters[Counter.REQUESTS]! += 1;
  counters[statusCounter(status)]! += 1;
}

function statusCounter(status: number): number {
  const kind = status < 600 ? Math.floor(status / 100) : 0;
  return kind >= 1 && kind <= 5 ? Counter.RESPONSES_1XX + kind - 1 : Counter.RESPONSES_OTHER;
}

function addBytes({ counters }: SharedBlock, stream: Stream): void {
  counters[Counter.BYTES_IN]! += stream.bytesIn - stream.countedIn;
  counters[Counter.BYTES_OUT]! += stream.bytesOut - stream.countedOut;
  counters[Counter.BYTES_TO_SERVER]! += stream.bytesToServer - stream.countedToServer;
  counters[Counter.BYTES_FROM_SERVER]! += stream.bytesFromServer - stream.countedFromServer;
}

/** A row's sums stand for at most WINDOW exchanges: beyond, each new one pushes the mean of the former out. */
function addTimes(counters: Float64Array, stream: Stream): void {
  const { timers } = stream;
  if (counters[Counter.TIMED_SESSIONS]! >= WINDOW) {
    const keep = 1 - 1 / WINDOW;
    counters[Counter.QUEUE_TIME]! *= keep;
    counters[Counter.CONNECT_TIME]! *= keep;
    counters[Counter.RESPONSE_TIME]! *= keep;
    counters[Counter.TOTAL_TIME]! *= keep;
  } else {
    counters[Counter.TIMED_SESSIONS]! += 1;
  }
  const begin = Math.max(0, timers.request);
  add(counters, Counter.QUEUE_TIME, Counter.QUEUE_TIME_MAX, timers.queue - begin);
  add(counters, Counter.CONNECT_TIME, Counter.CONNECT_TIME_MAX, timers.connect - timers.queue);
  // For TCP the first byte is not an answer to anything: rtime stays 0 (management.txt 9.1).
  if (timers.response >= 0 && stream.request !== null) {
    add(counters, Counter.RESPONSE_TIME, Counter.RESPONSE_TIME_MAX, timers.response - timers.connect);
  }
  add(counters, Counter.TOTAL_TIME, Counter.TOTAL_TIME_MAX, timers.total - timers.idle);
}

function add(counters: Float64Array, sum: number, most: number, value: number): void {
  if (value <= 0) return;
  counters[sum]! += value;
  if (value > counters[most]!) counters[most] = value;
}

/** The transfer was cut by the client: counted for everyone it concerned. */
export function countClientAbort(stream: Stream): void {
  stream.session.owner.block.counters[Counter.CLIENT_ABORTS]! += 1;
  stream.session.listener.block.counters[Counter.CLIENT_ABORTS]! += 1;
  if (stream.farm !== null) stream.farm.block.counters[Counter.CLIENT_ABORTS]! += 1;
  if (stream.server !== null) stream.server.block.counters[Counter.CLIENT_ABORTS]! += 1;
}

/** A rule refused the server's answer. */
export function countDeniedResponse(stream: Stream): void {
  stream.session.owner.block.counters[Counter.DENIED_RESPONSES]! += 1;
  stream.session.listener.block.counters[Counter.DENIED_RESPONSES]! += 1;
  if (stream.farm !== null) stream.farm.block.counters[Counter.DENIED_RESPONSES]! += 1;
  if (stream.server !== null) stream.server.block.counters[Counter.DENIED_RESPONSES]! += 1;
}

/** The server cut the transfer. In HTTP mode it is a failed response too (management.txt 9.1 eresp). */
export function countServerAbort(stream: Stream): void {
  const { farm, server } = stream;
  if (farm !== null) serverAbort(farm.block.counters, stream);
  if (server !== null) serverAbort(server.block.counters, stream);
}

function serverAbort(counters: Float64Array, stream: Stream): void {
  counters[Counter.SERVER_ABORTS]! += 1;
  if (stream.request !== null) counters[Counter.FAILED_RESPONSES]! += 1;
}
