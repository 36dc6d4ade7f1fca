// What a server is known by (manual 5.2).

import { ConfigError, type ServerOption } from '../../registry/define.ts';
import { MAX_TIMER_MS as MAX_INT } from '../values.ts';
import { count, valued } from './shapes.ts';

export const identityOptions: readonly ServerOption[] = [
  valued(
    'cookie',
    'The value of the persistence cookie.',
    (server, value) => {
      server.cookie = value;
    },
    true,
  ),
  count('id', 'id', 1, MAX_INT, "The server's id.", "'id' : custom id has to be > 0", false),
  valued('init-addr', 'How the address is found at start.', (server, value) => {
    server.initAddr = value.split(',');
    for (const method of server.initAddr) {
      if (!['last', 'libc', 'none'].includes(method) && !/^[\d.:a-fA-F]+$/.test(method)) {
        throw new ConfigError(
          `'init-addr' : unknown init-addr method '${method}', supported methods are 'libc', 'last', 'none'.`,
        );
      }
    }
  }),
];
