// What a stats socket allows and how it speaks (manual 5.1, `stats socket`).

import { ConfigError, type BindOption } from '../../registry/define.ts';
import { text } from './shapes.ts';

export const statsSocketOptions: readonly BindOption[] = [
  text(
    'expose-fd',
    'Lets another process fetch the listening sockets through this one.',
    'missing fd type',
    (bind, value) => {
      if (value !== 'listeners') {
        throw new ConfigError(`'expose-fd' only supports 'listeners' (got '${value}')`);
      }
      bind.exposeFdListeners = true;
    },
  ),
  text('level', 'What commands are allowed on a stats socket.', 'missing level', (bind, value) => {
    if (value !== 'user' && value !== 'operator' && value !== 'admin') {
      throw new ConfigError(`'level' only supports 'user', 'operator', and 'admin' (got '${value}')`);
    }
    bind.level = value;
  }),
  text(
    'severity-output',
    'How messages of a stats socket show their severity.',
    'missing severity format',
    (bind, value) => {
      if (value !== 'none' && value !== 'number' && value !== 'string') {
        throw new ConfigError(
          `'severity-output' only supports 'none', 'number', and 'string' (got '${value}')`,
        );
      }
      bind.severityOutput = value;
    },
  ),
];
