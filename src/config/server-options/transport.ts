// What connections to a server are made of, below HTTP (manual 5.2).

import { ConfigError, type ServerOption } from '../../registry/define.ts';
import { parseTime } from '../values.ts';
import { flag, valued } from './shapes.ts';

export const transportOptions: readonly ServerOption[] = [
  valued('proto', 'The protocol towards the server.', (_server, value) => {
    if (value === 'h1' || value === 'none') return;
    if (value === 'h2' || value === 'fcgi' || value === 'spop') {
      throw new ConfigError(`'proto' : MUX protocol '${value}' is known but not yet supported`);
    }
    throw new ConfigError(`'proto' :  unknown MUX protocol '${value}'`);
  }),
  flag('no-ssl', 'No TLS towards the server, which is how it is.', () => {}),
  valued(
    'tcp-ut',
    'How long sent data may stay unacknowledged before the kernel gives the connection up, in milliseconds.',
    (server, text) => {
      const result = parseTime(text);
      if (result.problem !== 'none') {
        throw new ConfigError("'tcp-ut' : expects a positive delay in milliseconds");
      }
      server.tcpUserTimeout = result.value;
    },
    true,
    "'tcp-ut' : missing TCP User Timeout value",
  ),
  flag('tfo', 'TCP fast open towards the server.', (server) => {
    server.tfo = true;
  }),
  flag('no-tfo', 'Undoes `tfo`.', (server) => {
    server.tfo = false;
  }),
];
