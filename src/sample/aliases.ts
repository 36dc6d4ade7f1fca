// Aliases of log formats, `%ci` and so on (manual 8.2.6): one entry each, giving the text of a stream.

import { hostname } from 'node:os';
import { pid } from 'node:process';
import { localDateMs, localDateZone, threeDigits, utcDateZone } from './dates.ts';
import type { Endpoint, StreamContext } from './context.ts';
import { CAPTURE_SET, escapeBytes, LOG_SET } from './escape.ts';
import type { Line } from './line.ts';
import { ORIGIN_NAMES } from './origin.ts';
import { splitTarget } from '../http/message.ts';

export interface Alias {
  readonly name: string;
  /** Needs mode http. */
  readonly needsHttp: boolean;
  /** Has a meaning in logs alone. */
  readonly logOnly?: boolean;
  /** Flag Q puts it between quotes. */
  readonly quotes: boolean;
  /** Text, or '' where there is nothing (logs write '-'). */
  readonly text: (stream: StreamContext) => string;
  /** Writes the same, where that is faster; never nothing. */
  readonly write?: (stream: StreamContext, line: Line) => void;
  /** The form of flag X. */
  readonly hex?: (stream: StreamContext) => string;
  /** Lists are written item by item, each with its own quotes. */
  readonly list?: (stream: StreamContext) => readonly (string | null)[];
}

const SMALL: readonly string[] = Array.from({ length: 1024 }, (_, value) => String(value));

/** Small numbers are most of a log line; their texts are kept. */
export function numberText(value: number): string {
  return value >= 0 && value < 1024 ? (SMALL[value] ?? String(value)) : String(value);
}

const hexText = (value: number, width: number): string =>
  value.toString(16).toUpperCase().padStart(width, '0');

function addressText(end: Endpoint | null): string {
  return end === null ? '' : end.family === 'unix' ? 'unix' : end.text;
}

function addressHex(end: Endpoint | null): string {
  if (end === null || end.family === 'unix') return addressText(end);
  if (end.family === 'ipv4') return hexText(end.ipv4, 8);
  let text = '';
  for (let at = 0; at < 16; at++) text += hexText(end.ipv6.charCodeAt(at), 2);
  return text;
}

/** A unix socket has no port: the id of the listening socket stands for it. */
function portOf(end: Endpoint, stream: StreamContext): number {
  return end.family === 'unix' ? (stream.session.bind?.id ?? 0) : end.port;
}

const span = (from: number, to: number): number => (from < 0 || to < 0 ? -1 : to - from);

/** The request date: its first byte. */
const requestMs = (stream: StreamContext): number => stream.acceptedMs + Math.max(0, stream.timers.idle);

/** Where waiting for a server began: after the request in HTTP, after the handshake in TCP. */
function queueStart(stream: StreamContext): number {
  const { timers } = stream;
  if (timers.request >= 0) return timers.request;
  return stream.request === null && stream.capturedMethod === null ? Math.max(0, timers.handshake) : -1;
}

/** From the first byte of the request to the end. */
function activeTime({ timers }: StreamContext): number {
  return Math.max(0, timers.total) - Math.max(0, timers.idle, timers.handshake);
}

/** Bytes of the answer as they came: from the server, or those that were made here (manual 7.3.3, res.bytes_in). */
export function bytesOfAnswer({ bytesFromServer, bytesOut }: StreamContext): number {
  return bytesFromServer > 0 ? bytesFromServer : bytesOut;
}

const BAD_REQUEST = '<BADREQ>';
const clean = (text: string | null): string => (text === null ? '' : escapeBytes(text, LOG_SET, '#'));

function requestLine(stream: StreamContext): string {
  if (stream.capturedMethod === null) return BAD_REQUEST;
  return `${stream.capturedMethod} ${clean(stream.capturedTarget)} HTTP/${stream.capturedVersion}`;
}

const ofTarget =
  (part: (target: string) => string) =>
  (stream: StreamContext): string =>
    stream.capturedMethod === null ? BAD_REQUEST : clean(part(stream.capturedTarget));

function beforeQuery(target: string): string {
  const mark = target.indexOf('?');
  return mark < 0 ? target : target.slice(0, mark);
}

function fromQuery(target: string): string {
  const mark = target.indexOf('?');
  return mark < 0 ? '' : target.slice(mark);
}

/** `{a||b}`, or nothing where no header was ever looked for. */
function captures(values: readonly (string | null)[]): string {
  if (values.length === 0) return '';
  let text = '{';
  for (let index = 0; index < values.length; index++) {
    if (index > 0) text += '|';
    const value = values[index];
    if (value !== null && value !== undefined) text += escapeBytes(value, CAPTURE_SET, '#');
  }
  return text + '}';
}

const PLUS = 43;

type Text = (stream: StreamContext) => string;
type Value = (stream: StreamContext) => number;
const number = (name: string, text: Text, hex?: Text): Alias =>
  hex === undefined
    ? { name, needsHttp: false, quotes: false, text }
    : { name, needsHttp: false, quotes: false, text, hex };
const httpNumber = (name: string, text: Text): Alias => ({ name, needsHttp: true, quotes: false, text });
/** An integer. */
const count = (name: string, value: Value, hex?: Text): Alias => ({
  ...number(name, (stream) => numberText(value(stream)), hex),
  write: (stream, line) => line.number(value(stream)),
});
const httpCount = (name: string, value: Value): Alias => ({ ...count(name, value), needsHttp: true });
/** An integer that is not the last word while the stream goes on (option logasap). */
const growing = (name: string, value: Value): Alias => ({
  ...number(name, (stream) => (stream.inProgress ? '+' : '') + numberText(value(stream))),
  write: (stream, line) => {
    if (stream.inProgress) line.byte(PLUS);
    line.number(value(stream));
  },
});
const string = (name: string, text: Text, hex?: Text): Alias =>
  hex === undefined
    ? { name, needsHttp: false, quotes: true, text }
    : { name, needsHttp: false, quotes: true, text, hex };
const httpString = (name: string, text: Text): Alias => ({ name, needsHttp: true, quotes: true, text });
const address = (name: string, end: (stream: StreamContext) => Endpoint | null): Alias =>
  string(
    name,
    (stream) => addressText(end(stream)),
    (stream) => addressHex(end(stream)),
  );
const port = (name: string, end: (stream: StreamContext) => Endpoint | null): Alias =>
  number(
    name,
    (stream) => {
      const found = end(stream);
      return found === null ? '' : numberText(portOf(found, stream));
    },
    (stream) => {
      const found = end(stream);
      return found === null ? '' : hexText(portOf(found, stream), 4);
    },
  );
const captureList = (name: string, values: (stream: StreamContext) => readonly (string | null)[]): Alias => ({
  name,
  needsHttp: true,
  quotes: true,
  text: (stream) => captures(values(stream)),
  list: values,
});

const machine = hostname();
const process = String(pid);

export const ALIASES: readonly Alias[] = [
  growing('B', bytesOfAnswer),
  httpString('CC', (stream) => clean(stream.requestCookieCaptured)),
  httpString('CS', (stream) => clean(stream.responseCookieCaptured)),
  string('H', () => machine),
  httpString('HM', (stream) => stream.capturedMethod ?? BAD_REQUEST),
  httpString('HP', ofTarget(beforeQuery)),
  httpString(
    'HPO',
    ofTarget((target) => splitTarget(target).path),
  ),
  httpString('HQ', ofTarget(fromQuery)),
  httpString(
    'HU',
    ofTarget((target) => target),
  ),
  httpString('HV', (stream) =>
    stream.capturedMethod === null ? BAD_REQUEST : 'HTTP/' + stream.capturedVersion,
  ),
  string('ID', (stream) => clean(stream.uniqueId())),
  { ...string('OG', (stream) => ORIGIN_NAMES[stream.logOrigin]!), logOnly: true },
  count('ST', (stream) => stream.status),
  number('T', (stream) => utcDateZone(stream.acceptedMs)),
  httpCount('TR', ({ timers }) => span(Math.max(timers.idle, 0), timers.request)),
  { ...growing('Ta', activeTime), needsHttp: true },
  count('Tc', ({ timers }) => span(timers.queue, timers.connect)),
  count('Td', ({ timers }) => span(timers.response < 0 ? timers.connect : timers.response, timers.data)),
  count('Th', ({ timers }) => Math.max(0, timers.handshake)),
  httpCount('Ti', ({ timers }) => (timers.idle < 0 ? -1 : timers.idle - Math.max(0, timers.handshake))),
  number('Tl', (stream) => localDateZone(stream.acceptedMs)),
  httpCount('Tq', ({ timers }) => timers.request),
  httpCount('Tr', ({ timers }) => span(timers.connect, timers.response)),
  number(
    'Ts',
    (stream) => String(Math.floor(stream.acceptedMs / 1000)),
    (stream) => hexText(Math.floor(stream.acceptedMs / 1000), 8),
  ),
  growing('Tt', (stream) => Math.max(0, stream.timers.total)),
  growing('Tu', (stream) => Math.max(0, stream.timers.total) - Math.max(0, stream.timers.idle)),
  count('Tw', (stream) => span(queueStart(stream), stream.timers.queue)),
  growing('U', (stream) => stream.bytesIn),
  count('ac', (stream) => stream.counts.process),
  string('b', (stream) => (stream.backend ?? stream.frontend).name),
  count('bc', (stream) => stream.counts.backend),
  address('bi', (stream) => stream.backendSource),
  port('bp', (stream) => stream.backendSource),
  count('bq', (stream) => stream.counts.backendQueue),
  address('ci', (stream) => stream.session.source),
  port('cp', (stream) => stream.session.source),
  string('f', (stream) => stream.frontend.name),
  count('fc', (stream) => stream.counts.frontend),
  address('fi', (stream) => stream.session.destination),
  port('fp', (stream) => stream.session.destination),
  string('ft', (stream) => stream.frontend.name),
  captureList('hr', (stream) => stream.requestCaptured),
  captureList('hrl', (stream) => stream.requestCaptured),
  captureList('hs', (stream) => stream.responseCaptured),
  captureList('hsl', (stream) => stream.responseCaptured),
  count(
    'lc',
    (stream) => stream.logCounter,
    (stream) => hexText(stream.logCounter, 4),
  ),
  number('ms', (stream) => threeDigits(Math.floor(stream.acceptedMs) % 1000)),
  number(
    'pid',
    () => process,
    () => hexText(pid, 4),
  ),
  httpString('r', requestLine),
  number('rc', (stream) => (stream.redispatched ? '+' : '') + numberText(stream.retriesDone)),
  count(
    'rt',
    (stream) => stream.counts.requests,
    (stream) => hexText(stream.counts.requests, 4),
  ),
  string('s', (stream) => stream.serverLogName),
  count('sc', (stream) => stream.counts.server),
  address('si', (stream) => stream.backendDestination),
  port('sp', (stream) => stream.backendDestination),
  count('sq', (stream) => stream.counts.serverQueue),
  // No connection carries TLS: what logs have where there is none.
  string('sslc', () => ''),
  string('sslv', () => ''),
  number('t', (stream) => localDateMs(stream.acceptedMs)),
  httpNumber('tr', (stream) => localDateMs(requestMs(stream))),
  httpNumber('trg', (stream) => utcDateZone(requestMs(stream))),
  httpNumber('trl', (stream) => localDateZone(requestMs(stream))),
  number('ts', (stream) => stream.terminationFlags().slice(0, 2)),
  httpNumber('tsc', (stream) => stream.terminationFlags()),
];
