// State of servers (manual 7.3.2).

import { server, type ServerReference } from '../../registry/args.ts';
import { defineFetch, type FetchKeyword } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import type { ServerView, StreamContext } from '../context.ts';
import { Type } from '../sample.ts';

function viewOf(stream: StreamContext, reference: ServerReference): ServerView | null {
  if (reference.proxy === null) return null;
  const servers = stream.process.servers(reference.proxy);
  for (let index = 0; index < servers.length; index++) {
    if (servers[index]!.config === reference.server) return servers[index]!;
  }
  return null;
}

const serverFigure = (name: string, doc: string, read: (view: ServerView) => number): FetchKeyword =>
  defineFetch({
    name,
    args: [server('[backend/]server')],
    type: Type.SINT,
    ...Source.INTERNAL,
    doc,
    fetch(stream, sample, [reference]) {
      const view = viewOf(stream, reference);
      return view !== null && sample.setInt(read(view));
    },
  });

export default [
  serverFigure('srv_conn', 'Concurrent connections of a server.', ({ current }) => current),
  serverFigure('srv_conn_free', 'Free connections of a server, -1 without a limit.', ({ config, current }) =>
    config.maxconn === 0 ? -1 : Math.max(0, config.maxconn - current),
  ),
  serverFigure(
    'srv_iweight',
    'The weight that the configuration gives, 0 to 256.',
    ({ config }) => config.weight,
  ),
  serverFigure('srv_queue', 'Requests queued for a server.', ({ queued }) => queued),
  serverFigure('srv_sess_rate', 'New sessions in the last second.', ({ sessionRate }) => sessionRate),
  serverFigure(
    'srv_uweight',
    'The weight as the user set it: that of the configuration or of the stats socket, 0 to 256.',
    ({ userWeight }) => userWeight,
  ),
  serverFigure(
    'srv_weight',
    'The weight in force, slow start and agent included, 0 to 256.',
    ({ weight }) => weight,
  ),
  defineFetch({
    name: 'srv_is_up',
    args: [server('[backend/]server')],
    type: Type.BOOL,
    ...Source.INTERNAL,
    doc: 'Whether a server can take traffic: up, or without health checks, and not in maintenance.',
    fetch(stream, sample, [reference]) {
      const view = viewOf(stream, reference);
      return sample.setBool(view !== null && view.usable);
    },
  }),
  defineFetch({
    name: 'srv_id',
    args: [],
    type: Type.SINT,
    ...Source.SERVER,
    doc: 'The id of the server that handles the request.',
    fetch: ({ server: chosen }, sample) => chosen !== null && sample.setInt(chosen.id),
  }),
  defineFetch({
    name: 'srv_name',
    args: [],
    type: Type.STR,
    ...Source.SERVER,
    doc: 'The name of the server that handles the request.',
    fetch: ({ server: chosen }, sample) => chosen !== null && sample.setStr(chosen.name),
  }),
];
