// How much of the load a server gets (manual 5.2).

import type { ServerOption } from '../../registry/define.ts';
import { MAX_TIMER_MS as MAX_INT } from '../values.ts';
import { count, expectWord, time, valued } from './shapes.ts';

export const loadOptions: readonly ServerOption[] = [
  valued('hash-key', 'What places the server on a hash ring.', (server, value) => {
    server.hashKey = expectWord(
      'hash-key',
      value,
      ['id', 'addr', 'addr-port'],
      "'id', 'addr', or 'addr-port'",
    );
  }),
  count('maxconn', 'maxconn', 0, MAX_INT, 'Concurrent sessions on the server; others queue.'),
  count('maxqueue', 'maxqueue', 0, MAX_INT, 'Sessions that may wait for this server.'),
  count('minconn', 'minconn', 0, MAX_INT, 'The limit while the backend has little load.'),
  time('slowstart', 'slowstartMs', 'How long a server that came up takes to get its full share.', true),
  count(
    'weight',
    'weight',
    0,
    256,
    'The share of the load, relative to the other servers.',
    'weight of server %s is not within 0 and 256 (%v).',
  ),
];
