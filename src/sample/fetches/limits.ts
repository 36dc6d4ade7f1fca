// Timeouts and retries: as configured, and as they hold for the stream (manual 7.3.2).

import { defineFetch, type FetchKeyword } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import type { StreamContext, TimeoutKind } from '../context.ts';
import { Type } from '../sample.ts';

const figure = (name: string, doc: string, read: (stream: StreamContext) => number): FetchKeyword =>
  defineFetch({
    name,
    args: [],
    type: Type.SINT,
    ...Source.TRACKED,
    doc,
    fetch: (stream, sample) => sample.setInt(read(stream)),
  });

const BACKEND: readonly TimeoutKind[] = ['connect', 'queue', 'server', 'tarpit', 'tunnel'];
const FRONTEND: readonly TimeoutKind[] = ['client', 'tarpit'];
const ALL: readonly TimeoutKind[] = ['client', 'connect', 'queue', 'server', 'tarpit', 'tunnel'];

export default [
  ...BACKEND.map((kind) =>
    figure(
      `be_${kind}_timeout`,
      `timeout ${kind} of the backend, ms.`,
      ({ backend, frontend }) => (backend ?? frontend).timeouts[kind],
    ),
  ),
  ...FRONTEND.map((kind) =>
    figure(
      `fe_${kind}_timeout`,
      `timeout ${kind} of the frontend, ms.`,
      ({ frontend }) => frontend.timeouts[kind],
    ),
  ),
  ...ALL.map((kind) =>
    figure(`cur_${kind}_timeout`, `timeout ${kind} that holds for the stream, ms.`, (stream) =>
      stream.timeoutOf(kind),
    ),
  ),
  figure(
    'be_max_retries',
    'The number of `retries` of the backend.',
    ({ backend, frontend }) => (backend ?? frontend).retries,
  ),
  figure(
    'cur_max_retries',
    'The number of retries that the stream may make: that of the backend unless `set-retries` said otherwise.',
    ({ retriesAllowed }) => retriesAllowed,
  ),
];
