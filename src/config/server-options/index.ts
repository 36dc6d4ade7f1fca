// Options of `server` and `default-server` lines (manual 5.2).

import {
  ConfigError,
  defineServerOption,
  type ServerOption,
  type ParseContext,
} from '../../registry/define.ts';
import { Phase } from '../../sample/expression.ts';
import { numberOf, timeOf } from '../keywords/common.ts';
import { parseAddress } from '../address.ts';
import type { ServerConfig } from '../model.ts';

type Setter = (server: ServerConfig, value: string, context: ParseContext) => void;

function flag(
  name: string,
  doc: string,
  set: (server: ServerConfig) => void,
  defaultServer = true,
): ServerOption {
  return defineServerOption({
    name,
    usage: name,
    doc,
    defaultServer,
    parse(_words, _at, server) {
      set(server);
      return 0;
    },
  });
}

function valued(name: string, doc: string, set: Setter, defaultServer = true): ServerOption {
  return defineServerOption({
    name,
    usage: `${name} <value>`,
    doc,
    defaultServer,
    parse(words, at, server, context) {
      const value = words[at + 1];
      if (value === undefined) throw new ConfigError(`'${name}' expects an argument.`);
      set(server, value, context);
      return 1;
    },
  });
}

type NumberField =
  | 'maxconn'
  | 'minconn'
  | 'maxqueue'
  | 'weight'
  | 'rise'
  | 'fall'
  | 'poolMaxConn'
  | 'poolLowConn'
  | 'maxReuse'
  | 'id';
type TimeField =
  'interMs' | 'fastinterMs' | 'downinterMs' | 'slowstartMs' | 'poolPurgeDelayMs' | 'tcpUserTimeout';

const count = (
  name: string,
  field: NumberField,
  low: number,
  high: number,
  doc: string,
  defaultServer = true,
) =>
  valued(
    name,
    doc,
    (server, value) => {
      server[field] = numberOf(value, name, low, high);
    },
    defaultServer,
  );

const time = (name: string, field: TimeField, doc: string, unit: 'ms' | 's' = 'ms') =>
  valued(name, doc, (server, value) => {
    server[field] = timeOf(value, name, unit);
  });

function expectWord<T extends string>(name: string, value: string, words: readonly T[]): T {
  if (!(words as readonly string[]).includes(value)) {
    throw new ConfigError(
      `'${name}' expects one of ${words.map((word) => `'${word}'`).join(', ')} but got '${value}'`,
    );
  }
  return value as T;
}

const source = defineServerOption({
  name: 'source',
  usage: 'source <addr>[:<port>] [interface <name>]',
  doc: 'The address that connections to this server come from.',
  defaultServer: true,
  parse(words, at, server, context) {
    const { address, error } = parseAddress(
      words[at + 1] ?? '',
      { port: 'optional', names: false },
      context.environment,
    );
    if (error !== null) {
      if (/:\d+-\d+$/.test(words[at + 1]!)) {
        throw new ConfigError("port ranges of 'source' are known but not yet supported.");
      }
      throw new ConfigError(`'source' : ${error}`);
    }
    if (words[at + 2] === 'usesrc') throw new ConfigError("'usesrc' option is known but not yet supported.");
    const named = words[at + 2] === 'interface' && words[at + 3] !== undefined;
    server.source = { address, interfaceName: named ? words[at + 3]! : null };
    return named ? 3 : 1;
  },
});

const tlv: ServerOption = defineServerOption({
  name: 'set-proxy-v2-tlv-fmt',
  usage: 'set-proxy-v2-tlv-fmt(<id>) <fmt>',
  doc: 'Adds a TLV to the PROXY v2 header.',
  defaultServer: true,
  parse() {
    throw new ConfigError("'set-proxy-v2-tlv-fmt' is used with the TLV type in parentheses.");
  },
});

const list: readonly ServerOption[] = [
  valued('addr', 'Where health checks go instead of the server address.', (server, value, context) => {
    const { address, error } = parseAddress(value, { port: 'optional', names: false }, context.environment);
    if (error !== null) throw new ConfigError(`'addr' : ${error}`);
    server.checkAddress = address;
    if (address.portKind === 'fixed') server.checkPort = address.portLow;
  }),
  flag('backup', 'Used only when no other server is usable.', (server) => {
    server.backup = true;
  }),
  flag('no-backup', 'Undoes `backup`.', (server) => {
    server.backup = false;
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
  valued(
    'cookie',
    'The value of the persistence cookie.',
    (server, value) => {
      server.cookie = value;
    },
    false,
  ),
  flag('disabled', 'Starts in maintenance.', (server) => {
    server.disabled = true;
  }),
  flag('enabled', 'Undoes `disabled`.', (server) => {
    server.disabled = false;
  }),
  time('downinter', 'downinterMs', 'Time between checks while the server is down.'),
  count('fall', 'fall', 1, 2147483647, 'Failed checks until the server is down.'),
  time('fastinter', 'fastinterMs', 'Time between checks while the state changes.'),
  valued('hash-key', 'What places the server on a hash ring.', (server, value) => {
    server.hashKey = expectWord('hash-key', value, ['id', 'addr', 'addr-port']);
  }),
  count('id', 'id', 1, 2147483647, "The server's id.", false),
  valued('init-addr', 'How the address is found at start.', (server, value) => {
    server.initAddr = value.split(',');
    for (const method of server.initAddr) {
      if (!['last', 'libc', 'none'].includes(method) && !/^[\d.:a-fA-F]+$/.test(method)) {
        throw new ConfigError(`'init-addr' : unknown method '${method}'.`);
      }
    }
  }),
  valued('init-state', 'The state before the first check.', (server, value) => {
    server.initState = expectWord('init-state', value, ['fully-up', 'up', 'down', 'fully-down', 'none']);
  }),
  time('inter', 'interMs', 'Time between checks.'),
  count('max-reuse', 'maxReuse', -1, 2147483647, 'How often a connection may be used again.'),
  count('maxconn', 'maxconn', 0, 2147483647, 'Concurrent sessions on the server; others queue.'),
  count('maxqueue', 'maxqueue', 0, 2147483647, 'Sessions that may wait for this server.'),
  count('minconn', 'minconn', 0, 2147483647, 'The limit while the backend has little load.'),
  valued('on-marked-down', 'What happens to sessions when the server goes down.', (server, value) => {
    server.onMarkedDown = expectWord('on-marked-down', value, ['none', 'shutdown-sessions']);
  }),
  valued('on-marked-up', 'What happens to backup sessions when the server comes up.', (server, value) => {
    server.onMarkedUp = expectWord('on-marked-up', value, ['none', 'shutdown-backup-sessions']);
  }),
  count('pool-low-conn', 'poolLowConn', 0, 2147483647, 'Idle connections kept whatever their age.'),
  count('pool-max-conn', 'poolMaxConn', -1, 2147483647, 'Idle connections kept at most; -1 for no limit.'),
  time('pool-purge-delay', 'poolPurgeDelayMs', 'How long half of the unused idle connections live.', 's'),
  valued('port', 'The port of health checks.', (server, value) => {
    server.checkPort = numberOf(value, 'port', 1, 65535);
  }),
  valued('proto', 'The protocol towards the server.', (_server, value) => {
    if (value !== 'h1' && value !== 'none')
      throw new ConfigError(`'proto' : MUX protocol '${value}' is known but not yet supported.`);
  }),
  valued('proxy-v2-options', 'What the PROXY v2 header says beside addresses.', (server, value) => {
    server.proxyV2Options = value.split(',');
    for (const word of server.proxyV2Options) {
      if (!['crc32c', 'unique-id', 'authority'].includes(word)) {
        throw new ConfigError(`'proxy-v2-options' : '${word}' is known but not yet supported.`);
      }
    }
  }),
  valued('redir', 'GET and HEAD requests are sent to this prefix by a redirection.', (server, value) => {
    server.redir = value;
  }),
  count('rise', 'rise', 1, 2147483647, 'Passed checks until the server is up.'),
  flag('send-proxy', 'Sends a PROXY protocol v1 header.', (server) => {
    server.sendProxy = 1;
  }),
  flag('no-send-proxy', 'Undoes `send-proxy`.', (server) => {
    server.sendProxy = 0;
  }),
  flag('send-proxy-v2', 'Sends a PROXY protocol v2 header.', (server) => {
    server.sendProxy = 2;
  }),
  flag('no-send-proxy-v2', 'Undoes `send-proxy-v2`.', (server) => {
    server.sendProxy = 0;
  }),
  tlv,
  time('slowstart', 'slowstartMs', 'How long a server that came up takes to get its full share.'),
  source,
  time('tcp-ut', 'tcpUserTimeout', 'TCP user timeout.'),
  flag('tfo', 'TCP fast open towards the server.', (server) => {
    server.tfo = true;
  }),
  flag('no-tfo', 'Undoes `tfo`.', (server) => {
    server.tfo = false;
  }),
  valued('track', 'Takes over the state of another server.', (server, value) => {
    server.track = value;
  }),
  flag('no-ssl', 'No TLS towards the server, which is how it is.', () => {}),
  flag('no-check-ssl', 'No TLS in checks, which is how it is.', () => {}),
  flag('no-agent-check', 'No agent checks, which is how it is.', () => {}),
  count('weight', 'weight', 0, 256, 'The share of the load, relative to the other servers.'),
];

const byName: ReadonlyMap<string, ServerOption> = new Map(list.map((option) => [option.name, option]));

/** `set-proxy-v2-tlv-fmt(0x20)` carries its type in its name. */
function tlvOption(name: string): ServerOption | undefined {
  const match = /^set-proxy-v2-tlv-fmt\((0x[0-9a-fA-F]{1,2}|\d{1,3})\)$/.exec(name);
  if (match === null) return undefined;
  const type = Number(match[1]);
  if (type > 255) return undefined;
  return {
    ...tlv,
    parse(words, at, server, context) {
      // At the end of the line the value is empty.
      const format = words[at + 1] ?? '';
      server.proxyV2Tlvs = [
        ...server.proxyV2Tlvs,
        {
          type,
          format: context.logFormat(format, Phase.REQUEST_CONTENT | Phase.REQUEST_HTTP | Phase.SESSION),
        },
      ];
      return 1;
    },
  };
}

export const serverOptions = {
  get: (name: string): ServerOption | undefined => byName.get(name) ?? tlvOption(name),
  keys: (): Iterable<string> => byName.keys(),
};
