// Keywords of the global section that tune: those that act, and those that name what only HAProxy has inside.

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { MAX_TIMER_MS as MAX_INT, parseInteger, parseSize } from '../values.ts';
import { setRoom } from '../../sample/room.ts';
import { atMost, delayOf, notYet, numberOf } from './common.ts';
import { count, flag } from './global-kinds.ts';
import type { GlobalConfig } from '../model.ts';

const INSIDE = 'Tunes what HAProxy has inside and this program has not: checked, and without effect.';

function size(name: string, low: number, doc: string, set: (global: GlobalConfig, value: number) => void) {
  return defineKeyword({
    name,
    sections: ['global'],
    usage: `${name} <size>`,
    doc,
    parse(words, context) {
      if (words[1] === undefined) throw new ConfigError(`'${name}' expects an integer argument.`);
      atMost(words, 1);
      const result = parseSize(words[1], MAX_INT);
      if (result.problem !== 'none' || result.value < low) {
        throw new ConfigError(`'${name}' expects a positive integer argument.`);
      }
      set(context.config.global, result.value);
    },
  });
}

/** A keyword of which one value is what this program does anyway. */
function only(name: string, accepted: readonly string[], usage: string, doc: string) {
  return defineKeyword({
    name,
    sections: ['global'],
    usage,
    doc,
    parse(words) {
      const given = words.slice(1).join(' ');
      if (!accepted.includes(given)) throw notYet(`'${name} ${given}'`);
    },
  });
}

const threadGroups = defineKeyword({
  name: 'thread-groups',
  sections: ['global'],
  usage: 'thread-groups 1',
  doc: 'All data threads are one group.',
  parse(words) {
    const text = words[1] ?? '';
    atMost(words, 1);
    const result = parseInteger(text);
    if (result.problem !== 'none') {
      throw new ConfigError(`'thread-groups' passed a missing or unparsable integer value in '${text}'`);
    }
    numberOf(text, 'thread-groups', 1, 1);
  },
});

const idleTimer = defineKeyword({
  name: 'tune.idletimer',
  sections: ['global'],
  usage: 'tune.idletimer <timeout>',
  doc: INSIDE,
  parse(words, context) {
    const range = "'tune.idletimer' expects a timer value between 0 and 65535 ms.";
    if (words[1] === undefined) throw new ConfigError(range);
    if (delayOf(words[1], 'tune.idletimer', context) > 65535) throw new ConfigError(range);
  },
});

const sharedIdlePools = defineKeyword({
  name: 'tune.idle-pool.shared',
  sections: ['global'],
  usage: 'tune.idle-pool.shared { full | on | off }',
  doc: 'Whether data threads take idle server connections over from each other. All are one group: full is on.',
  parse(words, context) {
    const value = words[1] ?? '';
    atMost(words, 1);
    if (!['auto', 'full', 'off', 'on'].includes(value)) {
      throw new ConfigError(
        `'tune.idle-pool.shared' expects 'auto' or 'on' or 'full' or 'off' but got '${value}'.`,
      );
    }
    context.config.global.sharedIdlePools = value !== 'off';
  },
});

const multiQueue = defineKeyword({
  name: 'tune.listener.multi-queue',
  sections: ['global'],
  usage: 'tune.listener.multi-queue { on | fair | off }',
  doc: 'Which data thread serves a new connection: the one with the fewest, each in turn, or the one that accepts it.',
  parse(words, context) {
    const value = words[1] ?? '';
    atMost(words, 1);
    if (value !== 'on' && value !== 'fair' && value !== 'off') {
      throw new ConfigError(
        `'tune.listener.multi-queue' expects either 'on', 'fair', or 'off' but got '${value}'.`,
      );
    }
    context.config.global.acceptPolicy = value;
  },
});

export default [
  flag('noepoll', 'Does not use epoll.', (global) => {
    global.epoll = false;
  }),
  flag('noiouring', 'Does not use io_uring.', (global) => {
    global.uring = false;
  }),
  flag(
    'noreuseport',
    'Listening sockets do not share their address with other processes (no SO_REUSEPORT).',
    (global) => {
      global.reusePort = false;
    },
  ),
  flag('zero-warning', 'A configuration with warnings is refused.', (global) => {
    global.tune.set('zero-warning', 1);
  }),
  threadGroups,
  only(
    'cpu-policy',
    ['none'],
    'cpu-policy none',
    'Which processors are used: threads are left to the kernel.',
  ),
  only(
    'default-path',
    ['current'],
    'default-path current',
    'Where relative file names begin: the working directory.',
  ),
  defineKeyword({
    name: 'numa-cpu-mapping',
    sections: ['global'],
    negatable: true,
    usage: 'no numa-cpu-mapping',
    doc: 'Threads are never bound to a NUMA node.',
    parse(_words, _context, form) {
      if (form === 'set') throw notYet("'numa-cpu-mapping'");
    },
  }),
  idleTimer,
  sharedIdlePools,
  multiQueue,
  size('tune.bufsize', 1024, 'The largest head and the largest read, in bytes.', (global, value) => {
    global.bufsize = value;
    setRoom(value);
  }),
  size(
    'tune.maxrewrite',
    0,
    'Bytes of a buffer kept free for rewriting heads; at most half of it.',
    (global, value) => {
      global.maxrewrite = value;
    },
  ),
  count(
    'tune.http.cookielen',
    0,
    MAX_INT,
    'How many characters of a captured cookie are kept for the log; 63 by default.',
    (global, value) => {
      global.cookielen = value === 0 ? 63 : value;
    },
  ),
  count(
    'tune.http.logurilen',
    0,
    MAX_INT,
    'How many characters of the request URI are kept for the log; 1024 by default.',
    (global, value) => {
      global.logurilen = value === 0 ? 1024 : value;
    },
  ),
  defineKeyword({
    name: 'tune.http.maxhdr',
    sections: ['global'],
    usage: 'tune.http.maxhdr <number>',
    doc: 'How many header lines a message may have, 1 to 32767; 101 by default. More get a 400 or a 502.',
    parse(words, context) {
      if (words[1] === undefined) throw new ConfigError("'tune.http.maxhdr' expects an integer argument.");
      atMost(words, 1);
      const result = parseInteger(words[1], 1, 32767);
      if (result.problem !== 'none') {
        throw new ConfigError("'tune.http.maxhdr' expects a numeric value between 1 and 32767");
      }
      context.config.global.maxhdr = result.value;
    },
  }),
];
