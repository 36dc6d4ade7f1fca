// Options of `bind` lines (manual 5.1) and of `stats socket`.

import { ConfigError, defineBindOption, type BindOption } from '../../registry/define.ts';
import { findGroup, findUser } from '../../sys/identity.ts';
import { MAX_TIMER_MS as MAX_INT, parseInteger, parseTime } from '../values.ts';
import type { BindConfig } from '../model.ts';

type SwitchField = { [K in keyof BindConfig]: BindConfig[K] extends boolean ? K : never }[keyof BindConfig];
type NumberField = 'maxconn' | 'backlog';

function flag(name: string, field: SwitchField, doc: string): BindOption {
  return defineBindOption({
    name,
    usage: name,
    doc,
    parse(_words, _at, bind) {
      bind[field] = true;
      return 0;
    },
  });
}

/** Reads a decimal number; what is beyond the bounds is refused with `outside`, where %v stands for it. */
function integer(name: string, text: string, low: number, high: number, outside: string): number {
  const result = parseInteger(text, Math.min(low, -1), MAX_INT);
  if (result.problem === 'character') {
    throw new ConfigError(`'${name}' : unexpected character '${result.found}' in integer value '${text}'`);
  }
  if (result.problem !== 'none' || result.value < low || result.value > high) {
    throw new ConfigError(`'${name}' : ${outside.replace('%v', text)}`);
  }
  return result.value;
}

function count(
  name: string,
  field: NumberField,
  low: number,
  high: number,
  doc: string,
  outside: string,
  missing = 'missing value',
): BindOption {
  return text(name, doc, missing, (bind, value) => {
    bind[field] = integer(name, value, low, high, outside);
  });
}

/** `missing` is said when no value follows. */
function text(
  name: string,
  doc: string,
  missing: string,
  set: (bind: BindConfig, value: string) => void,
): BindOption {
  return defineBindOption({
    name,
    usage: `${name} <value>`,
    doc,
    parse(words, at, bind) {
      const value = words[at + 1];
      if (value === undefined) throw new ConfigError(`'${name}' : ${missing}`);
      set(bind, value);
      return 1;
    },
  });
}

/** Accepted because it asks for nothing that could differ here. */
function moot(name: string, doc: string, missing: string, check: (value: string) => void): BindOption {
  return text(name, doc, missing, (_bind, value) => check(value));
}

const MSS = 'expects an MSS with and absolute value between 1 and 65535';
const WIDE = 4294967294;

const list: readonly BindOption[] = [
  flag('accept-proxy', 'acceptProxy', 'Each connection begins with a PROXY protocol header.'),
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
  text('gid', 'Group id of a unix socket.', 'missing value', (bind, value) => {
    bind.gid = integer('gid', value, 0, WIDE, 'invalid value %v');
  }),
  text('group', 'Group of a unix socket.', 'missing group name', (bind, value) => {
    const gid = findGroup(value);
    if (gid < 0) throw new ConfigError(`'group' : unknown group name '${value}'`);
    bind.gid = gid;
  }),
  text('id', 'The socket id in statistics.', 'expects an integer argument', (bind, value) => {
    const result = parseInteger(value);
    if (result.problem !== 'none') {
      throw new ConfigError(`'id' : expects an integer argument, found '${value}'`);
    }
    if (result.value === 0) throw new ConfigError("'id' : custom id has to be > 0");
    bind.id = result.value;
  }),
  text(
    'interface',
    'Takes connections of this network interface only.',
    'missing interface name',
    (bind, value) => {
      bind.interfaceName = value;
    },
  ),
  text('level', 'What commands are allowed on a stats socket.', 'missing level', (bind, value) => {
    if (value !== 'user' && value !== 'operator' && value !== 'admin') {
      throw new ConfigError(`'level' only supports 'user', 'operator', and 'admin' (got '${value}')`);
    }
    bind.level = value;
  }),
  count(
    'maxconn',
    'maxconn',
    0,
    MAX_INT,
    'Concurrent connections on this socket.',
    'invalid value %v, must be >= 0',
  ),
  text(
    'mode',
    'Access mode of a unix socket, octal.',
    "missing or invalid mode '' (octal integer expected)",
    (bind, value) => {
      if (!/^[0-7]{1,4}$/.test(value)) {
        throw new ConfigError(`'mode' : missing or invalid mode '${value}' (octal integer expected)`);
      }
      bind.mode = Number.parseInt(value, 8);
    },
  ),
  text('mss', 'Largest TCP segment announced.', 'missing MSS value', (bind, value) => {
    const result = parseInteger(value, -65535, 65535);
    if (result.problem !== 'none' || result.value === 0) throw new ConfigError(`'mss' : ${MSS}`);
    bind.mss = result.value;
  }),
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
  text('tcp-ut', 'TCP user timeout.', 'missing TCP User Timeout value', (bind, value) => {
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
  }),
  flag('tfo', 'tfo', 'TCP fast open.'),
  flag('transparent', 'transparent', 'Listens on addresses that are not local (IP_TRANSPARENT).'),
  text('uid', 'Owner id of a unix socket.', 'missing value', (bind, value) => {
    bind.uid = integer('uid', value, 0, WIDE, 'invalid value %v');
  }),
  text('user', 'Owner of a unix socket.', 'missing user name', (bind, value) => {
    const user = findUser(value);
    if (user === null) throw new ConfigError(`'user' : unknown user name '${value}'`);
    bind.uid = user.uid;
  }),
  flag('v4v6', 'v4v6', 'An IPv6 socket that takes IPv4 too.'),
  flag('v6only', 'v6only', 'An IPv6 socket that takes IPv6 alone.'),
];

export const bindOptions: ReadonlyMap<string, BindOption> = new Map(
  list.map((option) => [option.name, option]),
);
