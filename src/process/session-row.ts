// A session of a data thread as `show sess` tells of it (management.txt, "show sess").

import { LOG_SET, escapeBytes } from '../sample/escape.ts';
import type { Endpoint } from '../sample/context.ts';
import type { PartRow, SessionRow } from '../cli/view.ts';
import type { ProxyConfig } from '../config/model.ts';
import type { Session } from '../stream/session.ts';
import type { Stream } from '../stream/stream.ts';

/** A timer may be so late on a busy machine before anybody should wonder, ms. */
const LATE_MS = 1000;

/** `id`: what the command prints in front. `thread`: from 0. */
export function rowOf(session: Session, id: string, thread: number): SessionRow {
  const { plane, source, bind, wireDestination: local } = session;
  const { now, wallMs } = plane.reactor;
  const stream = session.streamNow();
  const server = stream?.server ?? null;
  const expiresMs = expiryOf(session, stream, now);
  const startedAt = stream?.startedAt ?? session.startedAt;
  return {
    id,
    serial: session.id,
    startedAtMs: wallMs - (now - startedAt),
    protocol: protocolOf(session.wireSource),
    source: source === null ? 'unknown' : textOf(source),
    frontend: proxyRow(session.frontend, ''),
    listener: {
      name: bind?.name ?? '?',
      id: bind?.id ?? 0,
      mode: '',
      address: local === null ? '' : textOf(local),
    },
    backend: stream?.backend ? proxyRow(stream.backend, localAddress(stream)) : null,
    server:
      server === null
        ? null
        : {
            name: server.name,
            id: server.id,
            mode: '',
            address: server.port === 0 ? 'unix' : `${server.addressText}:${server.port}`,
          },
    thread,
    ageMs: now - startedAt,
    expiresMs,
    retries: stream?.retriesDone ?? 0,
    bytesIn: session.client.bytesIn,
    bytesOut: session.client.bytesOut,
    uri: escapeBytes(stream?.capturedTarget ?? '', LOG_SET, '#'),
    suspicious: expiresMs === null || expiresMs < -LATE_MS || bothSidesEnded(session, stream),
  };
}

/** The client's and the server's side each have a timer. */
function expiryOf(session: Session, stream: Stream | null, now: number): number | null {
  const { deadline: client } = session;
  const server = stream?.timer.deadline ?? 0;
  if (client === 0 && server === 0) return null;
  return (client === 0 ? server : server === 0 ? client : Math.min(client, server)) - now;
}

function bothSidesEnded(session: Session, stream: Stream | null): boolean {
  return session.client.ended && stream !== null && (stream.upstream === null || stream.upstream.ended);
}

function localAddress(stream: Stream): string {
  const local = stream.backendSource;
  return local === null ? '' : textOf(local);
}

function proxyRow(proxy: ProxyConfig, address: string): PartRow {
  return { name: proxy.name, id: proxy.id, mode: proxy.mode, address };
}

function protocolOf(peer: Endpoint | null): string {
  if (peer?.family === 'unix') return 'unix_stream';
  return peer?.family === 'ipv6' ? 'tcpv6' : 'tcpv4';
}

const textOf = ({ family, text, port }: Endpoint): string => (family === 'unix' ? 'unix' : `${text}:${port}`);
