// Health checks: whether, where, how often, and how many decide (manual 5.2).

import { ConfigError, type ServerOption } from '../../registry/define.ts';
import { addressOf } from '../keywords/common.ts';
import { MAX_TIMER_MS as MAX_INT, parseInteger } from '../values.ts';
import { count, flag, time, valued } from './shapes.ts';

export const checkOptions: readonly ServerOption[] = [
  valued('addr', 'Where health checks go instead of the server address.', (server, value, context) => {
    const address = addressOf(value, "'addr'", context, {});
    server.checkAddress = address;
    if (address.portKind === 'fixed') server.checkPort = address.portLow;
  }),
  flag('check', 'Health checks decide whether the server is up.', (server) => {
    server.check = true;
  }),
  flag('no-check', 'Undoes `check`.', (server) => {
    server.check = false;
  }),
  flag('check-send-proxy', 'Health checks send the PROXY header too.', (server) => {
    server.checkSendProxy = true;
  }),
  flag('no-check-send-proxy', 'Undoes `check-send-proxy`.', (server) => {
    server.checkSendProxy = false;
  }),
  flag('no-check-ssl', 'No TLS in checks, which is how it is.', () => {}),
  time('downinter', 'downinterMs', 'Time between checks while the server is down.', false),
  count('fall', 'fall', 1, MAX_INT, 'Failed checks until the server is down.', "'fall' has to be > 0."),
  time('fastinter', 'fastinterMs', 'Time between checks while the state changes.', false),
  time(
    'inter',
    'interMs',
    'The time between health checks, in milliseconds unless a unit is given; 2 seconds by default.',
    false,
  ),
  valued('port', 'The port of health checks.', (server, value) => {
    const port = parseInteger(value, 1, 65535);
    if (port.problem !== 'none') throw new ConfigError(`'port' must be between 1 and 65535 (was ${value})`);
    server.checkPort = port.value;
  }),
  count('rise', 'rise', 1, MAX_INT, 'Passed checks until the server is up.', "'rise' has to be > 0."),
];
