// For developers and for who looks into errors: which rule ended or held a stream, what ended at which level, inner
// state (manual 7.3.2, 7.3.4).

import { int, optional } from '../../registry/args.ts';
import { defineFetch, type FetchKeyword } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import type { Position } from '../../config/model.ts';
import type { StreamContext } from '../context.ts';
import { Type } from '../sample.ts';

const ALL_LAYERS = 31;

const rule = (name: string, doc: string, find: (stream: StreamContext) => Position | null): FetchKeyword =>
  defineFetch({
    name,
    args: [],
    type: Type.STR,
    ...Source.TRACKED,
    doc,
    fetch(stream, sample) {
      const position = find(stream);
      return position !== null && sample.setStr(`${position.file}:${position.line}`);
    },
  });

const state = (
  name: string,
  side: 'client' | 'server',
  where: typeof Source.CLIENT_SESSION | typeof Source.SERVER_SESSION,
): FetchKeyword =>
  defineFetch({
    name,
    args: [optional(int('bitmap'), ALL_LAYERS)],
    type: Type.STR,
    ...where,
    doc: `Inner state of the ${side} side: the sum of 1 stream, 2 protocol, 4 transport, 8 connection, 16 socket.`,
    fetch(stream, sample, [layers]) {
      const text = stream.debugText(side, layers);
      return text !== '' && sample.setStr(text);
    },
  });

export default [
  rule('last_entity', 'The last final rule that matched, as file:line.', ({ lastRule }) => lastRule),
  rule(
    'waiting_entity',
    'The rule that was waiting when an error or a timeout ended the stream, as file:line.',
    ({ waitingRule }) => waitingRule,
  ),
  defineFetch({
    name: 'term_events',
    args: [],
    type: Type.STR,
    ...Source.TRACKED,
    doc:
      'What ended so far: client connection, -, -, stream, -, -, server connection. e: closed by its peer, r: reset, ' +
      'E: another error, c: not connected; of the stream the two letters of its termination state.',
    fetch: (stream, sample) => sample.setStr(stream.endEvents()),
  }),
  state('fs.debug_str', 'client', Source.CLIENT_SESSION),
  state('bs.debug_str', 'server', Source.SERVER_SESSION),
];
