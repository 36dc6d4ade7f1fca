// Inner state of a stream as text, for fs.debug_str, bs.debug_str and term_events (manual 7.3.2, 7.3.4).

import { ECONNRESET } from '../sys/errno.ts';
import type { Connection } from './connection.ts';
import type { Stream } from './stream.ts';

/** Layers of the bitmap of debug_str. */
const Layer = { STREAM: 1, PROTOCOL: 2, TRANSPORT: 4, CONNECTION: 8, SOCKET: 16 } as const;

/** Offset of the round trip time in struct tcp_info of linux/tcp.h; its first byte is the state. */
const RTT = 68;

const flag = (value: boolean): string => (value ? '1' : '0');

/** `name=value` words, layer by layer from the socket up; '' without a connection. */
export function debugText(stream: Stream, side: 'client' | 'server', layers: number): string {
  const connection: Connection | null = side === 'client' ? stream.session.client : stream.upstream;
  if (connection === null) return '';
  const words: string[] = [];
  if ((layers & Layer.SOCKET) !== 0) {
    const { fd } = connection;
    words.push(`sock.fd=${fd}`);
    const state = stream.tcpInfo(side, 0);
    if (state >= 0) words.push(`sock.state=${state & 255}`, `sock.rtt=${stream.tcpInfo(side, RTT)}us`);
  }
  if ((layers & Layer.CONNECTION) !== 0) {
    const { bytesIn, bytesOut, ended, failed, reading, busySending } = connection;
    words.push(
      `conn.in=${bytesIn}`,
      `conn.out=${bytesOut}`,
      `conn.unread=${connection.length}`,
      `conn.end=${flag(ended)}`,
      `conn.err=${-failed}`,
      `conn.recv=${flag(reading)}`,
      `conn.send=${flag(busySending)}`,
    );
  }
  if ((layers & Layer.TRANSPORT) !== 0) words.push('xprt=RAW');
  if ((layers & Layer.PROTOCOL) !== 0) {
    const served = side === 'client' ? stream.session.requestCount : (stream.upstream?.requests ?? 0);
    words.push(`mux=${stream.frontend.mode === 'http' ? 'H1' : 'PASS'}`, `mux.requests=${served}`);
  }
  if ((layers & Layer.STREAM) !== 0) {
    words.push(
      `strm.term=${stream.terminationFlags()}`,
      `strm.wait=${stream.wait}`,
      `strm.retries=${stream.retriesDone}`,
    );
  }
  return words.join(' ');
}

/** `e`: the other end closed. `r`: it reset the connection. `E`: another error. */
function eventOf(connection: Connection): string {
  if (connection.failed < 0) return connection.failed === -ECONNRESET ? 'r' : 'E';
  return connection.ended ? 'e' : '';
}

/**
 * `{client connection,-,-,stream,-,-,server connection}`: between connection and stream there are no levels of their
 * own. A connection shows `e`, `r` or `E` (see eventOf), that to the server `c` where it could not be had; the stream
 * shows the two letters of its termination state.
 */
export function endEvents(stream: Stream): string {
  const { session, upstream, cause, phase } = stream;
  const server = upstream !== null ? eventOf(upstream) : stream.serverFault !== 0 ? 'c' : '';
  return `{${eventOf(session.client)},-,-,${cause === '-' ? '' : cause + phase},-,-,${server}}`;
}
