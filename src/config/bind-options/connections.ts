// What a socket is called, and which connections it takes (manual 5.1).

import { ConfigError, type BindOption } from '../../registry/define.ts';
import { MAX_TIMER_MS as MAX_INT, parseInteger } from '../values.ts';
import { count, flag, integer, text } from './shapes.ts';

export const connectionOptions: readonly BindOption[] = [
  flag('accept-proxy', 'acceptProxy', 'Each connection begins with a PROXY protocol header.'),
  text('id', 'The socket id in statistics.', 'expects an integer argument', (bind, value) => {
    const result = parseInteger(value);
    if (result.problem !== 'none') {
      throw new ConfigError(`'id' : expects an integer argument, found '${value}'`);
    }
    if (result.value === 0) throw new ConfigError("'id' : custom id has to be > 0");
    bind.id = result.value;
  }),
  count(
    'maxconn',
    'maxconn',
    0,
    MAX_INT,
    'Concurrent connections on this socket.',
    'invalid value %v, must be >= 0',
  ),
  text('name', 'A name for logs and statistics.', 'missing name', (bind, value) => {
    bind.name = value;
  }),
  text('nice', 'The scheduling class of the connections.', 'missing value', (bind, value) => {
    const nice = integer('nice', value, -1024, 1024, 'invalid value %v, allowed range is -1024..1024');
    if (nice !== 0) throw new ConfigError(`'nice ${value}' is known but not yet supported.`);
    bind.nice = nice;
  }),
  text('proto', 'The protocol of the connections.', 'missing value', (_bind, value) => {
    if (value === 'h1' || value === 'none') return;
    if (value === 'h2' || value === 'quic') {
      throw new ConfigError(`'proto' : MUX protocol '${value}' is known but not yet supported.`);
    }
    throw new ConfigError(`'proto' :  unknown MUX protocol '${value}'`);
  }),
];
