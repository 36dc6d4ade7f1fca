// Keywords of the global section about the process (manual 3.1).

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { MAX_TIMER_MS as MAX_INT } from '../values.ts';
import { atMost, delayOf } from './common.ts';
import { count, flag, text } from './global-kinds.ts';
import { environmentKeyword, ENVIRONMENT_KEYWORDS } from '../environment-keywords.ts';
import { findGroup, findUser } from '../../sys/identity.ts';
import { parseInteger } from '../values.ts';
import { parseLogLine } from '../log-line.ts';
import type { ParseContext } from '../../registry/define.ts';
import type { GlobalConfig } from '../model.ts';

const NODE_NAME =
  "'node' requires valid node name - non-empty string with digits(0-9), letters(A-Z, a-z), dot(.), hyphen(-) or underscode(_).";
const WIDE = 4294967294;

/** `uid` and `gid`. */
function identity(name: 'uid' | 'gid') {
  return defineKeyword({
    name,
    sections: ['global'],
    usage: `${name} <number>`,
    doc: `The ${name} of the process after start.`,
    parse(words, context) {
      const value = words[1];
      if (value === undefined) throw new ConfigError(`'${name}' expects an integer argument.`);
      atMost(words, 1);
      const result = parseInteger(value, 0, WIDE);
      const kind = name === 'uid' ? 'user' : 'group';
      if (result.problem !== 'none') {
        throw new ConfigError(
          `${name}: string '${value}' is not a number.\n   | You might want to use the '${kind}' parameter to use a system ${kind} name.`,
        );
      }
      const { global } = context.config;
      if (global[name] !== null) {
        context.alert(`user/${name} already specified. Continuing.`);
        return;
      }
      global[name] = result.value;
    },
  });
}

function delay(name: 'grace' | 'hard-stop-after', field: 'graceMs' | 'hardStopAfterMs', doc: string) {
  return defineKeyword({
    name,
    sections: ['global'],
    usage: `${name} <time>`,
    doc,
    parse(words, context) {
      if (words[1] === undefined) throw new ConfigError(`'${name}' expects <time> as argument.`);
      context.config.global[field] = delayOf(words[1], name, context);
    },
  });
}

/** Percent or a delay. */
const spread = defineKeyword({
  name: 'spread-checks',
  sections: ['global'],
  usage: 'spread-checks <0..50, in percent>',
  doc: 'Spreads health checks by up to this many percent.',
  parse(words, context) {
    const range = 'in range 0..50.';
    if (words[1] === undefined) {
      throw new ConfigError("'spread-checks' expects an integer argument (0..50).", 'tight');
    }
    const result = parseInteger(words[1], 0, 50);
    if (result.problem !== 'none') {
      throw new ConfigError(`'spread-checks' needs a positive value ${range}`, 'tight');
    }
    context.config.global.spreadChecks = result.value;
  },
});

function log(words: readonly string[], context: ParseContext, global: GlobalConfig, form: string): void {
  if (form === 'no') {
    if (words[1] !== undefined) throw new ConfigError("log : 'no log' does not expect arguments");
    global.logTargets = [];
    return;
  }
  if (words[1] === 'global') {
    throw new ConfigError("log : 'global' is not supported for a global syslog server");
  }
  global.logTargets.push(parseLogLine(words, context, ''));
}

export default [
  text('chroot', 'Changes the root directory after start.', 'expects a directory as an argument', (g, v) => {
    g.chroot = v;
  }),
  flag('daemon', 'Goes to the background.', (global) => {
    global.daemon = true;
  }),
  defineKeyword({
    name: 'description',
    sections: ['global'],
    usage: 'description <text>',
    doc: 'A text about this instance.',
    parse(words, context) {
      if (words.length < 2) throw new ConfigError("'description' expects a string argument.", 'tight');
      context.config.global.description = words.slice(1).join(' ');
    },
  }),
  identity('gid'),
  defineKeyword({
    name: 'group',
    sections: ['global'],
    usage: 'group <group name>',
    doc: 'The group of the process once its sockets are open, by name.',
    parse(words, context) {
      const name = words[1] ?? '';
      atMost(words, 1);
      const { global } = context.config;
      const gid = findGroup(name);
      if (gid < 0) throw new ConfigError(`cannot find group id for '${name}' (0:Success)`);
      global.group = name;
      global.gid = gid;
    },
  }),
  delay('grace', 'graceMs', 'How long listeners stay open after a soft stop was asked for.'),
  delay('hard-stop-after', 'hardStopAfterMs', 'How long a soft stop may take.'),
  flag(
    'insecure-fork-wanted',
    'Nothing that starts other programs is supported, so there is nothing to permit.',
    () => {},
  ),
  flag('insecure-setuid-wanted', 'The process may start programs that gain privilege.', (global) => {
    global.setuidWanted = true;
  }),
  defineKeyword({
    name: 'localpeer',
    sections: ['global'],
    usage: 'localpeer <name>',
    doc: 'The name of this instance among peers, which HAPROXY_LOCALPEER repeats.',
    parse(words, context) {
      if (words[1] === undefined) throw new ConfigError("'localpeer' expects a name as an argument.");
      atMost(words, 1);
      context.environment.set('HAPROXY_LOCALPEER', words[1]);
    },
  }),
  defineKeyword({
    name: 'log',
    sections: ['global'],
    negatable: true,
    usage: 'log <target> ... <facility> [<level> [<minlevel>]]',
    doc: 'A log target that proxies take over with `log global`.',
    parse(words, context, form) {
      log(words, context, context.config.global, form);
    },
  }),
  defineKeyword({
    name: 'log-send-hostname',
    sections: ['global'],
    usage: 'log-send-hostname [<string>]',
    doc: 'Puts the host name, or the text given, into log headers.',
    parse(words, context) {
      context.config.global.logSendHostname = words[1] ?? '';
    },
  }),
  text('log-tag', 'The tag of log lines.', 'expects a tag for use in syslog', (global, value) => {
    global.logTag = value;
  }),
  count('maxconn', 0, MAX_INT, 'Concurrent connections of the process.', (global, value) => {
    global.maxconn = value;
  }),
  defineKeyword({
    name: 'nbthread',
    sections: ['global'],
    usage: 'nbthread <number>',
    doc: 'The number of data threads; as many as processors by default.',
    parse(words, context) {
      const value = words[1] ?? '';
      atMost(words, 1);
      if (!/^-?\d+$/.test(value)) {
        throw new ConfigError(`'nbthread' passed a missing or unparsable integer value in '${value}'`);
      }
      const number = Number(value);
      if (number < 1 || number > 64) {
        throw new ConfigError(`'nbthread' value must be between 1 and 64 (was ${value})`);
      }
      context.config.global.nbthread = number;
    },
  }),
  count('thread-hard-limit', 1, 64, 'Data threads at most, found or given.', (global, value) => {
    global.threadHardLimit = value;
  }),
  defineKeyword({
    name: 'node',
    sections: ['global'],
    usage: 'node <name>',
    doc: 'The name of this node in statistics.',
    parse(words, context) {
      atMost(words, 1);
      if (!/^[\w.-]+$/.test(words[1] ?? '')) throw new ConfigError(NODE_NAME, 'tight');
      context.config.global.node = words[1]!;
    },
  }),
  text(
    'pidfile',
    'Where the process id is written.',
    'expects a file name as an argument',
    (global, value) => {
      global.pidfile = value;
    },
  ),
  ...ENVIRONMENT_KEYWORDS.map((name) =>
    defineKeyword({
      name,
      sections: ['global'],
      usage: `${name} <name> ...`,
      doc: 'Changes the variables that the following lines see.',
      parse(words, context) {
        const report = { alert: (_at: unknown, said: string) => context.alert(said, 'tight') };
        environmentKeyword(words, context.position, context.environment, report);
      },
    }),
  ),
  spread,
  defineKeyword({
    name: 'strict-limits',
    sections: ['global'],
    negatable: true,
    usage: '[no] strict-limits',
    doc: 'Failing to raise a limit is fatal.',
    parse(words, context, form) {
      atMost(words, 0);
      context.config.global.strictLimits = form !== 'no';
    },
  }),
  identity('uid'),
  count(
    'fd-hard-limit',
    0,
    MAX_INT,
    'The most file descriptors that the process uses, whatever the system allows; 1048576 by default.',
    (global, value) => {
      global.fdHardLimit = value;
    },
  ),
  count(
    'ulimit-n',
    0,
    MAX_INT,
    'The limit of file descriptors that the process asks for; by default it is computed from `maxconn`.',
    (global, value) => {
      global.ulimitN = value;
    },
  ),
  defineKeyword({
    name: 'user',
    sections: ['global'],
    usage: 'user <user name>',
    doc: 'The user of the process once its sockets are open, by name.',
    parse(words, context) {
      const name = words[1] ?? '';
      atMost(words, 1);
      const { global } = context.config;
      const user = findUser(name);
      if (user === null) throw new ConfigError(`cannot find user id for '${name}' (0:Success)`);
      global.user = name;
      global.uid = user.uid;
    },
  }),
];
