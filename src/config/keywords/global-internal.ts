// Settings of parts that HAProxy has and Hawser has not (its scheduler, buffer pools, pollers): nothing here could act
// on them, and no traffic could tell. Their form is checked, so that a typing error is still found.

import { ConfigError, defineKeyword, type SectionKeyword } from '../../registry/define.ts';
import { parseInteger, parseSize, parseTime } from '../values.ts';

type Form = 'none' | 'number' | 'size' | 'switch' | 'time' | 'words';

const FORMS: Readonly<Record<string, Form>> = {
  'busy-polling': 'none',
  'expose-deprecated-directives': 'none',
  'expose-experimental-directives': 'none',
  'insecure-fork-wanted': 'none',
  'insecure-setuid-wanted': 'none',
  'max-spread-checks': 'time',
  'no-memory-trimming': 'none',
  noevports: 'none',
  nogetaddrinfo: 'none',
  nokqueue: 'none',
  nopoll: 'none',
  noreuseport: 'none',
  nosplice: 'none',
  'numa-cpu-mapping': 'none',
  'set-dumpable': 'words',
  'stress-level': 'number',
  'tune.applet.zero-copy-forwarding': 'switch',
  'tune.buffers.limit': 'number',
  'tune.buffers.reserve': 'number',
  'tune.comp.maxlevel': 'number',
  'tune.defaults.purge': 'none',
  'tune.disable-fast-forward': 'none',
  'tune.disable-zero-copy-forwarding': 'none',
  'tune.epoll.mask-events': 'words',
  'tune.events.max-events-at-once': 'number',
  'tune.fd.edge-triggered': 'switch',
  'tune.h1.zero-copy-fwd-recv': 'switch',
  'tune.h1.zero-copy-fwd-send': 'switch',
  'tune.idle-pool.shared': 'words',
  'tune.idletimer': 'time',
  'tune.listener.default-shards': 'words',
  'tune.listener.multi-queue': 'words',
  'tune.max-checks-per-thread': 'number',
  'tune.maxaccept': 'number',
  'tune.maxpollevents': 'number',
  'tune.memory.hot-size': 'size',
  'tune.notsent-lowat.client': 'size',
  'tune.notsent-lowat.server': 'size',
  'tune.pattern.cache-size': 'number',
  'tune.pipesize': 'size',
  'tune.pool-high-fd-ratio': 'number',
  'tune.pool-low-fd-ratio': 'number',
  'tune.pt.zero-copy-forwarding': 'switch',
  'tune.recv_enough': 'size',
  'tune.ring.queues': 'number',
  'tune.runqueue-depth': 'number',
  'tune.sched.low-latency': 'switch',
  'tune.takeover-other-tg-connections': 'words',
};

function check(name: string, form: Form, value: string | undefined): void {
  if (form === 'none') {
    if (value !== undefined) throw new ConfigError(`'${name}' cannot handle unexpected argument '${value}'.`);
    return;
  }
  if (form === 'words') return;
  if (value === undefined) throw new ConfigError(`'${name}' expects an argument.`);
  if (form === 'switch' && value !== 'on' && value !== 'off') {
    throw new ConfigError(`'${name}' expects either 'on' or 'off' but got '${value}'.`);
  }
  if (form === 'number' && parseInteger(value) === null) {
    throw new ConfigError(`'${name}' expects an integer argument, found '${value}'.`);
  }
  if (form === 'size' && parseSize(value) === null)
    throw new ConfigError(`'${name}' expects a size, found '${value}'.`);
  if (form === 'time' && parseTime(value).error !== null) {
    throw new ConfigError(`'${name}' expects a time, found '${value}'.`);
  }
}

const threadGroups = defineKeyword({
  name: 'thread-groups',
  sections: ['global'],
  usage: 'thread-groups <number>',
  doc: 'There is one group, and it has all threads.',
  parse(words) {
    if (words[1] !== '1')
      throw new ConfigError(
        `'thread-groups' : more than one group ('${words[1] ?? ''}') is known but not yet supported.`,
      );
  },
});

export const internalKeywords: readonly SectionKeyword[] = [
  threadGroups,
  ...Object.entries(FORMS).map(([name, form]) =>
    defineKeyword({
      name,
      sections: ['global'],
      usage: name,
      doc: 'Concerns a part that is built otherwise here; checked for its form.',
      parse(words) {
        check(name, form, words[1]);
      },
    }),
  ),
];
