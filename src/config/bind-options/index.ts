// Options of `bind` lines (manual 5.1) and of `stats socket`.

import { ConfigError, defineBindOption, type BindOption } from '../../registry/define.ts';
import { findGroup, findUser } from '../../sys/identity.ts';
import { numberOf, timeOf } from '../keywords/common.ts';
import type { BindConfig } from '../model.ts';

type SwitchField = { [K in keyof BindConfig]: BindConfig[K] extends boolean ? K : never }[keyof BindConfig];
type NumberField = 'maxconn' | 'backlog' | 'mss' | 'nice' | 'id';

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

function count(name: string, field: NumberField, low: number, high: number, doc: string): BindOption {
  return defineBindOption({
    name,
    usage: `${name} <number>`,
    doc,
    parse(words, at, bind) {
      bind[field] = numberOf(words[at + 1], name, low, high);
      return 1;
    },
  });
}

function text(name: string, doc: string, set: (bind: BindConfig, value: string) => void): BindOption {
  return defineBindOption({
    name,
    usage: `${name} <value>`,
    doc,
    parse(words, at, bind) {
      const value = words[at + 1];
      if (value === undefined) throw new ConfigError(`'${name}' : missing argument`);
      set(bind, value);
      return 1;
    },
  });
}

const list: readonly BindOption[] = [
  flag('accept-proxy', 'acceptProxy', 'Each connection begins with a PROXY protocol header.'),
  count('backlog', 'backlog', 1, 2147483647, 'Connections that wait in the kernel.'),
  flag('defer-accept', 'deferAccept', 'Accepts once the client has sent something (TCP_DEFER_ACCEPT).'),
  text('expose-fd', 'Lets another process fetch the listening sockets through this one.', (bind, value) => {
    if (value !== 'listeners') throw new ConfigError(`'expose-fd' : unknown argument '${value}'`);
    bind.exposeFdListeners = true;
  }),
  text('gid', 'Group id of a unix socket.', (bind, value) => {
    bind.gid = numberOf(value, 'gid', 0, 4294967294);
  }),
  text('group', 'Group of a unix socket.', (bind, value) => {
    const gid = findGroup(value);
    if (gid < 0) throw new ConfigError(`'group' : unknown group name '${value}'`);
    bind.gid = gid;
  }),
  count('id', 'id', 1, 2147483647, 'The socket id in statistics.'),
  text('interface', 'Takes connections of this network interface only.', (bind, value) => {
    bind.interfaceName = value;
  }),
  text('level', 'What commands are allowed on a stats socket.', (bind, value) => {
    if (value !== 'user' && value !== 'operator' && value !== 'admin') {
      throw new ConfigError(`'level' only supports 'user', 'operator', and 'admin' (got '${value}')`);
    }
    bind.level = value;
  }),
  count('maxconn', 'maxconn', 0, 2147483647, 'Concurrent connections on this socket.'),
  text('mode', 'Access mode of a unix socket, octal.', (bind, value) => {
    if (!/^[0-7]{1,4}$/.test(value))
      throw new ConfigError(`'mode' : missing or invalid octal mode '${value}'`);
    bind.mode = Number.parseInt(value, 8);
  }),
  count('mss', 'mss', -65535, 65535, 'Largest TCP segment announced.'),
  text('name', 'A name for logs and statistics.', (bind, value) => {
    bind.name = value;
  }),
  text('proto', 'The protocol of the connections.', (_bind, value) => {
    if (value !== 'h1' && value !== 'none')
      throw new ConfigError(`'proto' : MUX protocol '${value}' is known but not yet supported`);
  }),
  text('severity-output', 'How messages of a stats socket show their severity.', (bind, value) => {
    if (value !== 'none' && value !== 'number' && value !== 'string') {
      throw new ConfigError(
        `'severity-output' only supports 'none', 'number', and 'string' (got '${value}')`,
      );
    }
    bind.severityOutput = value;
  }),
  text('tcp-ut', 'TCP user timeout.', (bind, value) => {
    bind.tcpUserTimeout = timeOf(value, 'tcp-ut');
  }),
  flag('tfo', 'tfo', 'TCP fast open.'),
  flag('transparent', 'transparent', 'Listens on addresses that are not local (IP_TRANSPARENT).'),
  text('uid', 'Owner id of a unix socket.', (bind, value) => {
    bind.uid = numberOf(value, 'uid', 0, 4294967294);
  }),
  text('user', 'Owner of a unix socket.', (bind, value) => {
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
