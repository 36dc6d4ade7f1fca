// State of frontends and backends (manual 7.3.2).

import { backend, frontend, optional, ProxyReference } from '../../registry/args.ts';
import { defineFetch, type FetchKeyword } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import type { ProxyConfig } from '../../config/model.ts';
import type { ProxyFigures, ServerView, StreamContext } from '../context.ts';
import { Type } from '../sample.ts';

const CURRENT = new ProxyReference();

const backendOf = (stream: StreamContext, reference: ProxyReference): ProxyConfig =>
  reference.proxy ?? stream.backend ?? stream.frontend;

function countUsable(servers: readonly ServerView[]): number {
  let count = 0;
  for (let index = 0; index < servers.length; index++) if (servers[index]!.usable) count++;
  return count;
}

/** Free slots of the usable servers, with or without their queues; -1 where one of them has no limit. */
function freeSlots(servers: readonly ServerView[], queues: boolean): number {
  let free = 0;
  for (const server of servers) {
    if (!server.usable) continue;
    const { maxconn, maxqueue } = server.config;
    if (maxconn === 0 || (queues && maxqueue === 0)) return -1;
    free += Math.max(0, maxconn - server.current) + (queues ? Math.max(0, maxqueue - server.queued) : 0);
  }
  return free;
}

const backendFigure = (
  name: string,
  doc: string,
  read: (figures: ProxyFigures, servers: () => readonly ServerView[]) => number,
): FetchKeyword =>
  defineFetch({
    name,
    args: [optional(backend('backend'), CURRENT)],
    type: Type.SINT,
    ...Source.INTERNAL,
    doc,
    fetch(stream, sample, [reference]) {
      const proxy = backendOf(stream, reference);
      return sample.setInt(
        read(stream.process.figures(proxy, 'backend'), () => stream.process.servers(proxy)),
      );
    },
  });

const frontendFigure = (name: string, doc: string, read: (figures: ProxyFigures) => number): FetchKeyword =>
  defineFetch({
    name,
    args: [optional(frontend('frontend'), CURRENT)],
    type: Type.SINT,
    ...Source.INTERNAL,
    doc,
    fetch: ({ process, frontend: current }, sample, [reference]) =>
      sample.setInt(read(process.figures(reference.proxy ?? current, 'frontend'))),
  });

export default [
  defineFetch({
    name: 'act_conn',
    args: [],
    type: Type.SINT,
    ...Source.INTERNAL,
    doc: 'Concurrent connections of the process.',
    fetch: ({ counts }, sample) => sample.setInt(counts.process),
  }),
  backendFigure(
    'avg_queue',
    'Requests waiting in the backend and its servers, divided by the number of usable servers and rounded up.',
    ({ queued }, servers) => {
      const usable = countUsable(servers());
      return usable === 0 ? queued * 2 : Math.ceil(queued / usable);
    },
  ),
  backendFigure('be_conn', 'Concurrent sessions of a backend.', ({ current }) => current),
  backendFigure('be_conn_free', 'Free connections of a backend, queues not counted.', (_figures, servers) =>
    freeSlots(servers(), false),
  ),
  backendFigure('be_sess_rate', 'New sessions in the last second.', ({ sessionRate }) => sessionRate),
  backendFigure('connslots', 'Free connections and queue slots of a backend.', (_figures, servers) =>
    freeSlots(servers(), true),
  ),
  backendFigure('nbsrv', 'Usable servers of a backend.', (_figures, servers) => countUsable(servers())),
  backendFigure('queue', 'Queued requests of a backend and its servers.', ({ queued }) => queued),
  frontendFigure('fe_conn', 'Concurrent sessions of a frontend.', ({ current }) => current),
  frontendFigure('fe_req_rate', 'Requests in the last second.', ({ requestRate }) => requestRate),
  frontendFigure('fe_sess_rate', 'New sessions in the last second.', ({ sessionRate }) => sessionRate),
  defineFetch({
    name: 'be_id',
    args: [],
    type: Type.SINT,
    ...Source.BACKEND,
    doc: 'The id of the current backend.',
    fetch: (stream, sample) => sample.setInt((stream.backend ?? stream.frontend).id),
  }),
  defineFetch({
    name: 'be_name',
    args: [],
    type: Type.STR,
    ...Source.BACKEND,
    doc: 'The name of the current backend.',
    fetch: (stream, sample) => sample.setStr((stream.backend ?? stream.frontend).name),
  }),
  defineFetch({
    name: 'fe_defbe',
    args: [],
    type: Type.STR,
    ...Source.FRONTEND,
    doc: "The frontend's default backend.",
    fetch({ frontend: { defaultBackend } }, sample) {
      return defaultBackend !== null && sample.setStr(defaultBackend.name);
    },
  }),
  defineFetch({
    name: 'fe_id',
    args: [],
    type: Type.SINT,
    ...Source.FRONTEND,
    doc: 'The id of the current frontend.',
    fetch: (stream, sample) => sample.setInt(stream.frontend.id),
  }),
  defineFetch({
    name: 'fe_name',
    args: [],
    type: Type.STR,
    ...Source.FRONTEND,
    doc: 'The name of the current frontend.',
    fetch: (stream, sample) => sample.setStr(stream.frontend.name),
  }),
];
