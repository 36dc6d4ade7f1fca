// What is kept of a transaction: status, captures, timers, last rule (manual 7.3.2, 7.3.3, 7.3.6).

import { int, optional, str } from '../../registry/args.ts';
import { defineFetch, type FetchKeyword } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import { bytesOfAnswer } from '../aliases.ts';
import type { StreamContext, StreamTimers } from '../context.ts';
import { Type } from '../sample.ts';
import { checkUnit, setDate } from './process.ts';

const capture = (
  name: string,
  where: typeof Source.REQUEST_KEPT | typeof Source.RESPONSE_STATUS,
  values: (stream: StreamContext) => readonly (string | null)[],
): FetchKeyword =>
  defineFetch({
    name,
    args: [int('idx')],
    type: Type.STR,
    ...where,
    doc: 'The captured header in slot <idx>, from 0 in the order of the `capture` lines.',
    fetch(stream, sample, [index]) {
      const value = values(stream)[index] ?? null;
      return value !== null && sample.setStr(value);
    },
  });

const captured = (name: string, doc: string, read: (stream: StreamContext) => string | null): FetchKeyword =>
  defineFetch({
    name,
    args: [],
    type: Type.STR,
    ...Source.REQUEST_KEPT,
    doc,
    fetch(stream, sample) {
      const value = stream.capturedMethod === null ? null : read(stream);
      return value !== null && sample.setStr(value);
    },
  });

const timer = (name: string, doc: string, read: (timers: StreamTimers) => number): FetchKeyword =>
  defineFetch({
    name,
    args: [],
    type: Type.SINT,
    ...Source.TRACKED,
    doc,
    fetch: ({ timers }, sample) => sample.setInt(read(timers)),
  });

const span = (from: number, to: number): number => (from < 0 || to < 0 ? -1 : to - from);

const bytes = (
  name: string,
  aliases: readonly string[],
  doc: string,
  read: (stream: StreamContext) => number,
): FetchKeyword =>
  defineFetch({
    name,
    aliases,
    args: [],
    type: Type.SINT,
    ...Source.TRACKED,
    doc,
    fetch: (stream, sample) => sample.setInt(read(stream)),
  });

const priority = (name: string, doc: string, read: (stream: StreamContext) => number): FetchKeyword =>
  defineFetch({
    name,
    args: [],
    type: Type.SINT,
    ...Source.INTERNAL,
    doc,
    fetch: (stream, sample) => sample.setInt(read(stream)),
  });

export default [
  bytes('req.bytes_in', ['bytes_in'], 'Bytes received from the client.', ({ bytesIn }) => bytesIn),
  bytes(
    'res.bytes_in',
    ['bytes_out'],
    'Bytes received from the server, before rules change them; of an answer made here, its own.',
    bytesOfAnswer,
  ),
  bytes('req.bytes_out', [], 'Bytes sent to the server.', ({ bytesToServer }) => bytesToServer),
  bytes('res.bytes_out', [], 'Bytes sent to the client.', ({ bytesOut }) => bytesOut),
  capture('capture.req.hdr', Source.REQUEST_KEPT, (stream) => stream.requestCaptured),
  capture('capture.res.hdr', Source.RESPONSE_STATUS, (stream) => stream.responseCaptured),
  captured('capture.req.method', 'The method as received.', (stream) => stream.capturedMethod),
  captured('capture.req.uri', 'The path and query as received.', (stream) => stream.capturedTarget),
  captured('capture.req.ver', 'HTTP/1.0 or HTTP/1.1.', (stream) =>
    stream.capturedVersion === '1.0' ? 'HTTP/1.0' : 'HTTP/1.1',
  ),
  captured('capture.res.ver', 'HTTP/1.0 or HTTP/1.1 of the response.', ({ response }) =>
    response === null ? null : response.version === '1.0' ? 'HTTP/1.0' : 'HTTP/1.1',
  ),
  timer('bc.timer.connect', 'Time to connect to the server (Tc).', (timers) =>
    span(timers.queue, timers.connect),
  ),
  timer('fc.timer.handshake', 'Handshakes with the client (Th).', (timers) => Math.max(0, timers.handshake)),
  timer(
    'fc.timer.total',
    'Milliseconds from accepting to the end of the stream (Tt).',
    (timers) => timers.total,
  ),
  timer('txn.timer.total', 'Milliseconds from accepting to the end of the stream (Tt).', (timers) =>
    Math.max(0, timers.total),
  ),
  timer(
    'txn.timer.user',
    'Total time without the idle time before the request (Tu).',
    (timers) => Math.max(0, timers.total) - Math.max(0, timers.idle),
  ),
  timer('req.timer.hdr', 'Time to receive the request (TR).', (timers) => span(timers.idle, timers.request)),
  timer('req.timer.idle', 'Idle time before the request (Ti).', (timers) =>
    timers.idle < 0 ? -1 : timers.idle - Math.max(0, timers.handshake),
  ),
  timer('req.timer.queue', 'Time in queues (Tw).', (timers) => span(timers.request, timers.queue)),
  timer(
    'req.timer.tq',
    'Milliseconds from accepting, or from the previous answer, to the whole request head (Tq: Th, Ti and TR together).',
    (timers) => timers.request,
  ),
  timer('res.timer.data', 'Time to transfer the response (Td).', (timers) =>
    span(timers.response, timers.data),
  ),
  timer('res.timer.hdr', 'Time to get the response (Tr).', (timers) => span(timers.connect, timers.response)),
  defineFetch({
    name: 'last_rule_file',
    args: [],
    type: Type.STR,
    ...Source.INTERNAL,
    doc: 'The file of the last final rule that matched.',
    fetch: ({ lastRule }, sample) => lastRule !== null && sample.setStr(lastRule.file),
  }),
  defineFetch({
    name: 'last_rule_line',
    args: [],
    type: Type.SINT,
    ...Source.INTERNAL,
    doc: 'The line of the last final rule that matched.',
    fetch: ({ lastRule }, sample) => lastRule !== null && sample.setInt(lastRule.line),
  }),
  priority('prio_class', 'The priority class in queues.', (stream) => stream.priorityClass),
  priority('prio_offset', 'The priority offset in queues, ms.', (stream) => stream.priorityOffset),
  defineFetch({
    name: 'request_date',
    args: [optional(str('unit'), 's')],
    type: Type.SINT,
    ...Source.REQUEST_KEPT,
    doc: 'When the first byte of the request came, in <unit>: s (default), ms or us.',
    check: ([unit]) => checkUnit(unit),
    fetch: (stream, sample, [unit]) =>
      setDate(sample, stream.acceptedMs + Math.max(0, stream.timers.idle), 0, unit),
  }),
  defineFetch({
    name: 'server_status',
    args: [],
    type: Type.SINT,
    ...Source.RESPONSE_STATUS,
    doc: "The status of the server's response as it was received.",
    fetch: ({ serverStatus }, sample) => serverStatus >= 0 && sample.setInt(serverStatus),
  }),
  defineFetch({
    name: 'res.ver',
    aliases: ['resp_ver'],
    args: [],
    type: Type.STR,
    ...Source.RESPONSE_HEADERS,
    doc: 'The version of the response.',
    fetch: ({ response }, sample) => response !== null && sample.setStr(response.version),
  }),
  defineFetch({
    name: 'status',
    args: [],
    type: Type.SINT,
    ...Source.RESPONSE_STATUS,
    doc: 'The status of the response.',
    fetch({ response }, sample) {
      return response !== null && response.status > 0 && sample.setInt(response.status);
    },
  }),
  defineFetch({
    name: 'txn.conn_retries',
    args: [],
    type: Type.SINT,
    ...Source.TRACKED,
    doc: 'Connection retries done.',
    fetch: ({ retriesDone }, sample) => sample.setInt(retriesDone),
  }),
  defineFetch({
    name: 'txn.id32',
    args: [],
    type: Type.SINT,
    ...Source.INTERNAL,
    doc: 'The internal number of the transaction.',
    fetch: ({ counts }, sample) => sample.setInt(counts.requests >>> 0),
  }),
  defineFetch({
    name: 'txn.redispatched',
    args: [],
    type: Type.BOOL,
    ...Source.TRACKED,
    doc: 'The request was sent to another server than first chosen.',
    fetch: ({ redispatched }, sample) => sample.setBool(redispatched),
  }),
  defineFetch({
    name: 'txn.sess_term_state',
    args: [],
    type: Type.STR,
    ...Source.TRACKED,
    doc: 'Two letters that say who ended the session and in which phase, as %ts.',
    fetch: (stream, sample) => sample.setStr(stream.terminationFlags().slice(0, 2)),
  }),
  defineFetch({
    name: 'txn.status',
    args: [],
    type: Type.SINT,
    ...Source.TRACKED,
    doc: "The status that logs show; it may differ from that of the server's answer.",
    fetch: ({ status }, sample) => sample.setInt(status),
  }),
  defineFetch({
    name: 'unique-id',
    args: [],
    type: Type.STR,
    ...Source.TRACKED,
    doc: 'The unique id of the request; needs unique-id-format.',
    fetch(stream, sample) {
      const id = stream.uniqueId();
      return id !== '' && sample.setStr(id);
    },
  }),
];
