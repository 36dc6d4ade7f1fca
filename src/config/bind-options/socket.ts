// How the listening socket is made: interface, addresses, and what TCP does (manual 5.1).

import { ConfigError, type BindOption } from '../../registry/define.ts';
import { MAX_TIMER_MS as MAX_INT, parseInteger, parseTime } from '../values.ts';
import { count, flag, moot, text } from './shapes.ts';

const MSS = 'expects an MSS with and absolute value between 1 and 65535';

export const socketOptions: readonly BindOption[] = [
  count(
    'backlog',
    'backlog',
    1,
    MAX_INT,
    'Connections that wait in the kernel.',
    'invalid value %v, must be > 0',
  ),
  flag('defer-accept', 'deferAccept', 'Accepts once the client has sent something (TCP_DEFER_ACCEPT).'),
  text(
    'interface',
    'Takes connections of this network interface only.',
    'missing interface name',
    (bind, value) => {
      bind.interfaceName = value;
    },
  ),
  text('mss', 'Largest TCP segment announced.', 'missing MSS value', (bind, value) => {
    const result = parseInteger(value, -65535, 65535);
    if (result.problem !== 'none' || result.value === 0) throw new ConfigError(`'mss' : ${MSS}`);
    bind.mss = result.value;
  }),
  moot(
    'shards',
    'How many sockets the kernel spreads connections over: all data threads accept on each anyway.',
    'missing value',
    (value) => {
      const { problem, value: count } = parseInteger(value, 1, 1024);
      const named = value === 'by-thread' || value === 'by-group';
      if (!named && (problem !== 'none' || count < 1)) {
        throw new ConfigError(
          `'shards' : invalid value ${Number.parseInt(value, 10) || 0}, allowed range is 1..1024, 'by-group' or 'by-thread'`,
        );
      }
    },
  ),
  text(
    'tcp-ut',
    'How long sent data may stay unacknowledged before the kernel gives the connection up, in milliseconds.',
    'missing TCP User Timeout value',
    (bind, value) => {
      const result = parseTime(value);
      if (result.problem === 'overflow') {
        throw new ConfigError(
          `timer overflow in argument '${value}' to 'tcp-ut' (maximum value is 2147483647 ms or ~24.8 days)`,
        );
      }
      if (result.problem !== 'none') {
        throw new ConfigError("'tcp-ut' : expects a positive delay in milliseconds");
      }
      bind.tcpUserTimeout = result.value;
    },
  ),
  text(
    'tcp-ss',
    'Keeps the SYN of each connection for fc_saved_syn: 0 no, 1 from its IP header on, 2 from its Ethernet header on.',
    'missing TCP Save SYN value',
    (bind, value) => {
      const result = parseInteger(value, 0, 2);
      if (result.problem !== 'none') throw new ConfigError("'tcp-ss' : TCP Save SYN value must be 0, 1 or 2");
      bind.saveSyn = result.value;
    },
  ),
  flag('tfo', 'tfo', 'Takes data within the first packet of a connection (TCP fast open).'),
  flag('transparent', 'transparent', 'Listens on addresses that are not local (IP_TRANSPARENT).'),
  flag('v4v6', 'v4v6', 'An IPv6 socket that takes IPv4 too.'),
  flag('v6only', 'v6only', 'An IPv6 socket that takes IPv6 alone.'),
];
