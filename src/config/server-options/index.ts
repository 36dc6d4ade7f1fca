// Options of `server` and `default-server` lines (manual 5.2).

import { ConfigError, defineServerOption, type ServerOption } from '../../registry/define.ts';
import { Phase } from '../../sample/expression.ts';
import { addressOf, rewording } from '../keywords/common.ts';
import { MAX_TIMER_MS as MAX_INT, parseInteger, parseTime } from '../values.ts';
import { agentOptions } from './agent.ts';
import { count, flag, time, valued } from './shapes.ts';
import { redir } from './redir.ts';
import { source, usesrc } from './source.ts';

function expectWord<T extends string>(name: string, value: string, words: readonly T[], listed: string): T {
  if (!(words as readonly string[]).includes(value)) {
    throw new ConfigError(`'${name}' expects ${listed} but got '${value}'`);
  }
  return value as T;
}

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
  ...agentOptions,
  valued('addr', 'Where health checks go instead of the server address.', (server, value, context) => {
    const address = addressOf(value, "'addr'", context, {});
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
    true,
  ),
  flag('disabled', 'Starts in maintenance.', (server) => {
    server.disabled = true;
  }),
  flag('enabled', 'Undoes `disabled`.', (server) => {
    server.disabled = false;
  }),
  time('downinter', 'downinterMs', 'Time between checks while the server is down.', false),
  count('fall', 'fall', 1, MAX_INT, 'Failed checks until the server is down.', "'fall' has to be > 0."),
  time('fastinter', 'fastinterMs', 'Time between checks while the state changes.', false),
  valued('hash-key', 'What places the server on a hash ring.', (server, value) => {
    server.hashKey = expectWord(
      'hash-key',
      value,
      ['id', 'addr', 'addr-port'],
      "'id', 'addr', or 'addr-port'",
    );
  }),
  count('id', 'id', 1, MAX_INT, "The server's id.", "'id' : custom id has to be > 0", false),
  valued('init-addr', 'How the address is found at start.', (server, value) => {
    server.initAddr = value.split(',');
    for (const method of server.initAddr) {
      if (!['last', 'libc', 'none'].includes(method) && !/^[\d.:a-fA-F]+$/.test(method)) {
        throw new ConfigError(
          `'init-addr' : unknown init-addr method '${method}', supported methods are 'libc', 'last', 'none'.`,
        );
      }
    }
  }),
  valued('init-state', 'The state before the first check.', (server, value) => {
    server.initState = expectWord(
      'init-state',
      value,
      ['fully-up', 'up', 'down', 'fully-down', 'none'],
      "one of 'fully-up', 'up', 'down', or 'fully-down'",
    );
  }),
  time('inter', 'interMs', 'Time between checks.', false),
  count('max-reuse', 'maxReuse', -1, MAX_INT, 'How often a connection may be used again.'),
  count('maxconn', 'maxconn', 0, MAX_INT, 'Concurrent sessions on the server; others queue.'),
  count('maxqueue', 'maxqueue', 0, MAX_INT, 'Sessions that may wait for this server.'),
  count('minconn', 'minconn', 0, MAX_INT, 'The limit while the backend has little load.'),
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
  count('pool-low-conn', 'poolLowConn', 0, MAX_INT, 'Idle connections kept whatever their age.'),
  count('pool-max-conn', 'poolMaxConn', -1, MAX_INT, 'Idle connections kept at most; -1 for no limit.'),
  time(
    'pool-purge-delay',
    'poolPurgeDelayMs',
    'How long half of the unused idle connections live.',
    true,
    's',
  ),
  valued('port', 'The port of health checks.', (server, value) => {
    const port = parseInteger(value, 1, 65535);
    if (port.problem !== 'none') throw new ConfigError(`'port' must be between 1 and 65535 (was ${value})`);
    server.checkPort = port.value;
  }),
  valued('proto', 'The protocol towards the server.', (_server, value) => {
    if (value === 'h1' || value === 'none') return;
    if (value === 'h2' || value === 'fcgi' || value === 'spop') {
      throw new ConfigError(`'proto' : MUX protocol '${value}' is known but not yet supported`);
    }
    throw new ConfigError(`'proto' :  unknown MUX protocol '${value}'`);
  }),
  valued('proxy-v2-options', 'What the PROXY v2 header says beside addresses.', (server, value) => {
    server.proxyV2Options = value.split(',');
    for (const word of server.proxyV2Options) {
      if (['ssl', 'cert-cn', 'cert-key', 'cert-sig', 'ssl-cipher'].includes(word)) {
        throw new ConfigError(`'proxy-v2-options ${word}' is known but not yet supported`);
      }
      if (!['crc32c', 'unique-id', 'authority'].includes(word)) {
        throw new ConfigError(`'${word}' : proxy v2 option not implemented`);
      }
    }
  }),
  redir,
  count('rise', 'rise', 1, MAX_INT, 'Passed checks until the server is up.', "'rise' has to be > 0."),
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
  time('slowstart', 'slowstartMs', 'How long a server that came up takes to get its full share.', true),
  source,
  usesrc,
  valued(
    'tcp-ut',
    'TCP user timeout.',
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
  valued(
    'track',
    'Takes over the state of another server.',
    (server, value) => {
      server.track = value;
    },
    true,
    "'track' expects [<proxy>/]<server> as argument.",
  ),
  flag('no-ssl', 'No TLS towards the server, which is how it is.', () => {}),
  flag('no-check-ssl', 'No TLS in checks, which is how it is.', () => {}),
  count(
    'weight',
    'weight',
    0,
    256,
    'The share of the load, relative to the other servers.',
    'weight of server %s is not within 0 and 256 (%v).',
  ),
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
          format: rewording(
            () => context.logFormat(format, Phase.REQUEST_CONTENT | Phase.REQUEST_HTTP | Phase.SESSION),
            (text) => `failed to parse '${name}' : ${text}`,
          ),
        },
      ];
      return 1;
    },
  };
}

export const serverOptions = {
  get: (name: string): ServerOption | undefined => byName.get(name) ?? tlvOption(name),
  keys: (): Iterable<string> => byName.keys(),
  list: (): readonly ServerOption[] => [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
};
