// Keywords of the global section (manual chapter 3) that take one value.

import { ConfigError, defineKeyword, type ParseContext, type SectionKeyword } from '../../registry/define.ts';
import { findGroup, findUser } from '../../sys/identity.ts';
import { newBind } from '../defaults.ts';
import { numberOf, timeOf } from './common.ts';
import { parseAddress } from '../address.ts';
import { parseBindOptions } from './listen.ts';
import { parseLogLine } from '../log-line.ts';
import { parseSize } from '../values.ts';
import type { GlobalConfig } from '../model.ts';

type Parse = (words: readonly string[], context: ParseContext, global: GlobalConfig) => void;

function keyword(name: string, usage: string, doc: string, parse: Parse): SectionKeyword {
  return defineKeyword({
    name,
    sections: ['global'],
    usage,
    doc,
    parse(words, context) {
      parse(words, context, context.config.global);
    },
  });
}

const text = (
  name: string,
  doc: string,
  set: (global: GlobalConfig, value: string) => void,
): SectionKeyword =>
  keyword(name, `${name} <value>`, doc, (words, _context, global) => {
    if (words[1] === undefined) throw new ConfigError(`'${name}' expects an argument`);
    set(global, words[1]);
  });

const flag = (name: string, doc: string, set: (global: GlobalConfig) => void): SectionKeyword =>
  keyword(name, name, doc, (words, _context, global) => {
    if (words[1] !== undefined) {
      throw new ConfigError(`'${name}' cannot handle unexpected argument '${words[1]}'.`);
    }
    set(global);
  });

const count = (
  name: string,
  low: number,
  high: number,
  doc: string,
  set: (global: GlobalConfig, value: number) => void,
) =>
  keyword(name, `${name} <number>`, doc, (words, _context, global) => {
    set(global, numberOf(words[1], name, low, high));
    if (words[2] !== undefined) {
      throw new ConfigError(`'${name}' cannot handle unexpected argument '${words[2]}'.`);
    }
  });

const tuneSize = (
  name: string,
  low: number,
  set: (global: GlobalConfig, value: number) => void,
): SectionKeyword =>
  keyword(name, `${name} <size>`, 'A size in bytes.', (words, _context, global) => {
    const value = parseSize(words[1] ?? '');
    if (value === null || value < low)
      throw new ConfigError(`'${name}' expects a size of at least ${low} bytes.`);
    set(global, value);
  });

export default [
  text('chroot', 'Changes the root directory after start.', (global, value) => {
    global.chroot = value;
  }),
  flag('daemon', 'Goes to the background.', (global) => {
    global.daemon = true;
  }),
  text('description', 'A text about this instance.', (global, value) => {
    global.description = value;
  }),
  count('gid', 0, 4294967294, 'Group id after start.', (global, value) => {
    global.gid = value;
  }),
  text('group', 'Group after start, by name.', (global, value) => {
    const gid = findGroup(value);
    if (gid < 0) throw new ConfigError(`cannot find group id for '${value}' (0:Success)`);
    global.group = value;
    global.gid = gid;
  }),
  keyword(
    'grace',
    'grace <time>',
    'How long listeners stay open after a soft stop was asked for.',
    (words, _context, global) => {
      global.graceMs = timeOf(words[1] ?? '', 'grace');
    },
  ),
  keyword(
    'hard-stop-after',
    'hard-stop-after <time>',
    'How long a soft stop may take.',
    (words, _context, global) => {
      global.hardStopAfterMs = timeOf(words[1] ?? '', 'hard-stop-after');
    },
  ),
  defineKeyword({
    name: 'log',
    sections: ['global'],
    usage: 'log <target> ... <facility> [<level> [<minlevel>]]',
    doc: 'A log target that proxies take over with `log global`.',
    parse(words, context) {
      if (words[1] === 'global')
        throw new ConfigError("'global' is not supported for a global syslog server.");
      const target = parseLogLine(words, context);
      if (target !== null) context.config.global.logTargets.push(target);
    },
  }),
  keyword(
    'log-send-hostname',
    'log-send-hostname [<string>]',
    'Puts the host name into log headers.',
    (words, _context, global) => {
      global.logSendHostname = words[1] ?? '';
    },
  ),
  text('log-tag', 'The tag of log lines.', (global, value) => {
    global.logTag = value;
  }),
  text('localpeer', 'The name of this instance among peers; HAPROXY_LOCALPEER.', (global, value) => {
    global.node ??= value;
  }),
  count('maxconn', 0, 2147483647, 'Concurrent connections of the process.', (global, value) => {
    global.maxconn = value;
  }),
  count('nbthread', 1, 64, 'Data threads.', (global, value) => {
    global.nbthread = value;
  }),
  flag('noepoll', 'Does not use epoll.', (global) => {
    global.epoll = false;
  }),
  flag('noiouring', 'Does not use io_uring.', (global) => {
    global.uring = false;
  }),
  text('node', 'The name of this node in statistics.', (global, value) => {
    global.node = value;
  }),
  text('pidfile', 'Where the process id is written.', (global, value) => {
    global.pidfile = value;
  }),
  keyword(
    'presetenv',
    'presetenv <name> <value>',
    'Sets a variable that is not set yet.',
    (words, context) => {
      if (words[2] === undefined) throw new ConfigError("'presetenv' expects a name and a value.");
      context.environment.preset(words[1]!, words[2]);
    },
  ),
  keyword('resetenv', 'resetenv [<name> ...]', 'Forgets all variables but those named.', (words, context) => {
    context.environment.reset(words.slice(1));
  }),
  keyword('setenv', 'setenv <name> <value>', 'Sets a variable.', (words, context) => {
    if (words[2] === undefined) throw new ConfigError("'setenv' expects a name and a value.");
    context.environment.set(words[1]!, words[2]);
  }),
  count('spread-checks', 0, 50, 'Spreads health checks by up to this many percent.', (global, value) => {
    global.spreadChecks = value;
  }),
  keyword('stats', 'stats { socket | timeout | maxconn } ...', 'The stats socket.', parseStats),
  flag('strict-limits', 'Failing to raise a limit is fatal.', (global) => {
    global.strictLimits = true;
  }),
  tuneSize('tune.bufsize', 1024, (global, value) => {
    global.bufsize = value;
  }),
  count('tune.http.cookielen', 1, 65535, 'Longest captured cookie.', (global, value) => {
    global.cookielen = value;
  }),
  count('tune.http.logurilen', 1, 65535, 'Longest URI in logs.', (global, value) => {
    global.logurilen = value;
  }),
  count('tune.http.maxhdr', 1, 32767, 'Header lines of one message.', (global, value) => {
    global.maxhdr = value;
  }),
  tuneSize('tune.maxrewrite', 0, (global, value) => {
    global.maxrewrite = value;
  }),
  count('uid', 0, 4294967294, 'User id after start.', (global, value) => {
    global.uid = value;
  }),
  count('ulimit-n', 0, 2147483647, 'File descriptors.', (global, value) => {
    global.ulimitN = value;
  }),
  keyword('unsetenv', 'unsetenv <name> ...', 'Forgets variables.', (words, context) => {
    for (const name of words.slice(1)) context.environment.unset(name);
  }),
  text('user', 'User after start, by name.', (global, value) => {
    const user = findUser(value);
    if (user === null) throw new ConfigError(`cannot find user id for '${value}' (0:Success)`);
    global.user = value;
    global.uid = user.uid;
  }),
];

function parseStats(words: readonly string[], context: ParseContext, global: GlobalConfig): void {
  switch (words[1]) {
    case 'socket': {
      const where = words[2];
      if (where === undefined)
        throw new ConfigError(
          "'stats socket' in the global section expects an address or a path to a UNIX socket.",
        );
      const { address, error } = parseAddress(where, { port: 'optional', names: false }, context.environment);
      if (error !== null) throw new ConfigError(`'stats socket' : ${error}`);
      const bind = newBind(address, context.position);
      parseBindOptions(words, 3, [bind], `'stats socket' :`, context);
      global.statsSockets.push({ bind, position: context.position });
      return;
    }
    case 'timeout':
      global.statsTimeoutMs = timeOf(words[2] ?? '', 'stats timeout');
      return;
    case 'maxconn':
      global.statsMaxconn = numberOf(words[2], 'stats maxconn', 1, 2147483647);
      return;
    case 'bind-process':
      throw new ConfigError("'stats bind-process' is not supported anymore.");
    default:
      throw new ConfigError(
        `'stats' only supports 'socket', 'maxconn', 'timeout' (got '${words[1] ?? ''}').`,
      );
  }
}
