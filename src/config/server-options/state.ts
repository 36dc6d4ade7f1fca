// In which state a server starts, whose state it follows, and what its changes do (manual 5.2).

import type { ServerOption } from '../../registry/define.ts';
import { expectWord, flag, valued } from './shapes.ts';

export const stateOptions: readonly ServerOption[] = [
  flag('backup', 'Used only when no other server is usable.', (server) => {
    server.backup = true;
  }),
  flag('no-backup', 'Undoes `backup`.', (server) => {
    server.backup = false;
  }),
  flag('disabled', 'Starts in maintenance.', (server) => {
    server.disabled = true;
  }),
  flag('enabled', 'Undoes `disabled`.', (server) => {
    server.disabled = false;
  }),
  valued(
    'init-state',
    'The state of a server that has checks before the first of them: fully-up, up, down or fully-down.',
    (server, value) => {
      server.initState = expectWord(
        'init-state',
        value,
        ['fully-up', 'up', 'down', 'fully-down', 'none'],
        "one of 'fully-up', 'up', 'down', or 'fully-down'",
      );
    },
  ),
  valued('on-marked-down', 'What happens to sessions when the server goes down.', (server, value) => {
    server.onMarkedDown = expectWord(
      'on-marked-down',
      value,
      ['none', 'shutdown-sessions'],
      "'shutdown-sessions'",
    );
  }),
  valued('on-marked-up', 'What happens to backup sessions when the server comes up.', (server, value) => {
    server.onMarkedUp = expectWord(
      'on-marked-up',
      value,
      ['none', 'shutdown-backup-sessions'],
      "'shutdown-backup-sessions'",
    );
  }),
  valued(
    'track',
    'Takes over the state of another server.',
    (server, value) => {
      server.track = value;
    },
    true,
    "'track' expects [<proxy>/]<server> as argument.",
  ),
];
