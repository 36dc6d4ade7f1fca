// Frontends, backends and servers named by the input (manual 7.3.1: fe_exists, nbsrv, srv_is_up, srv_queue).

import type { ProxyConfig } from '../../config/model.ts';
import { type ConverterKeyword, defineConverter } from '../../registry/define.ts';
import type { ServerView, StreamContext } from '../context.ts';
import { type Sample, Type } from '../sample.ts';

function findProxy(stream: StreamContext, name: string, other: 'frontend' | 'backend'): ProxyConfig | null {
  const { proxies } = stream.process.config;
  for (let index = 0; index < proxies.length; index++) {
    const proxy = proxies[index]!;
    if (proxy.name === name && proxy.kind !== other) return proxy;
  }
  return null;
}

/** The server of `backend/server`, or of the current backend where only a server is named. */
function findServer(stream: StreamContext, text: string): ServerView | null {
  const slash = text.indexOf('/');
  const backend = slash < 0 ? stream.backend : findProxy(stream, text.slice(0, slash), 'frontend');
  if (backend === null) return null;
  const name = text.slice(slash + 1);
  const servers = stream.process.servers(backend);
  for (let index = 0; index < servers.length; index++) {
    if (servers[index]!.name === name) return servers[index]!;
  }
  return null;
}

/** Without such a server there is no value. */
const ofServer = (
  name: string,
  to: Type,
  doc: string,
  read: (sample: Sample, server: ServerView) => true,
): ConverterKeyword =>
  defineConverter({
    name,
    from: Type.STR,
    to,
    args: [],
    volatile: true,
    doc,
    convert(sample, _args, stream) {
      const server = findServer(stream, sample.text);
      return server !== null && read(sample, server);
    },
  });

export default [
  defineConverter({
    name: 'fe_exists',
    from: Type.STR,
    to: Type.BOOL,
    args: [],
    volatile: true,
    doc: 'Whether a frontend (or listen section) of this name exists.',
    examples: [
      ['str(fe),fe_exists', '1'],
      ['str(be),fe_exists', '0'],
    ],
    convert: (sample, _args, stream) => sample.setBool(findProxy(stream, sample.text, 'backend') !== null),
  }),
  defineConverter({
    name: 'nbsrv',
    from: Type.STR,
    to: Type.SINT,
    args: [],
    volatile: true,
    doc: 'The usable servers of a backend; no value where there is none of this name.',
    examples: [
      ['str(be),nbsrv', '0'],
      ['str(fe),nbsrv', null],
    ],
    convert(sample, _args, stream) {
      const backend = findProxy(stream, sample.text, 'frontend');
      if (backend === null) return false;
      const servers = stream.process.servers(backend);
      let usable = 0;
      for (let index = 0; index < servers.length; index++) if (servers[index]!.usable) usable++;
      return sample.setInt(usable);
    },
  }),
  ofServer('srv_is_up', Type.BOOL, 'Whether the server [backend/]server is up.', (sample, server) =>
    sample.setBool(server.usable),
  ),
  ofServer('srv_queue', Type.SINT, 'Streams queued for the server [backend/]server.', (sample, server) =>
    sample.setInt(server.queued),
  ),
];
