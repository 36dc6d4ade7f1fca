// Idle connections to a server (manual 5.2).

import type { ServerOption } from '../../registry/define.ts';
import { MAX_TIMER_MS as MAX_INT } from '../values.ts';
import { count, time } from './shapes.ts';

export const idleOptions: readonly ServerOption[] = [
  count('max-reuse', 'maxReuse', -1, MAX_INT, 'How often a connection may be used again.'),
  count('pool-low-conn', 'poolLowConn', 0, MAX_INT, 'Idle connections kept whatever their age.'),
  count('pool-max-conn', 'poolMaxConn', -1, MAX_INT, 'Idle connections kept at most; -1 for no limit.'),
  time(
    'pool-purge-delay',
    'poolPurgeDelayMs',
    'How long half of the unused idle connections live.',
    true,
    's',
  ),
];
