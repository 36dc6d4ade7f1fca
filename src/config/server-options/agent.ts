// Agent checks: whether, where, how often, and what is said first (manual 5.2).

import { ConfigError, type ServerOption } from '../../registry/define.ts';
import { addressOf } from '../keywords/common.ts';
import { flag, time, valued } from './shapes.ts';

export const agentOptions: readonly ServerOption[] = [
  valued(
    'agent-addr',
    'Where agent checks go instead of the server address.',
    (server, value, context) => {
      const wrong = `parsing agent-addr failed. Check if '${value}' is correct address.`;
      if (value.startsWith('/')) throw new ConfigError(wrong);
      const address = addressOf(value, "'agent-addr'", context, {});
      if (address.kind !== 'inet' || address.portKind !== 'none') throw new ConfigError(wrong);
      server.agentAddress = address;
    },
    true,
    "'agent-addr' expects an address as argument.",
  ),
  flag('agent-check', 'An agent beside the server decides on its state, weight and limit.', (server) => {
    server.agentCheck = true;
  }),
  flag('no-agent-check', 'Undoes `agent-check`.', (server) => {
    server.agentCheck = false;
  }),
  time(
    'agent-inter',
    'agentInterMs',
    'The time between agent checks, in milliseconds unless a unit is given; 2 seconds by default.',
    false,
  ),
  valued(
    'agent-port',
    'The port of agent checks.',
    (server, value) => {
      // As HAProxy reads it: what is no number is no port, and the lack of one is found later.
      server.agentPort = /^\d+$/.test(value) ? Number(value) : 0;
      if (server.agentPort > 65535) {
        throw new ConfigError(`'agent-port' must be between 1 and 65535 (was ${value})`);
      }
    },
    true,
    "'agent-port' expects a port number as argument.",
  ),
  valued(
    'agent-send',
    'What is sent to the agent first, as it stands.',
    (server, value) => {
      server.agentSend = value;
    },
    true,
    "'agent-send' expects a string as argument.",
  ),
];
