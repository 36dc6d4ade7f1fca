// Settings of parts that HAProxy has and Hawser has not (its scheduler, buffer pools, pollers): nothing here could act
// on them, and no traffic could tell. Their form is checked, so that a typing error is still found.

import { ConfigError, defineKeyword, type ParseContext, type SectionKeyword } from '../../registry/define.ts';
import { MAX_TIMER_MS as MAX_INT, numberError, parseSize } from '../values.ts';
import { atMost, delayOf, numberOf } from './common.ts';

export type Form = 'none' | 'number' | 'size' | 'switch' | 'time' | 'events' | readonly string[];

const FORMS: Readonly<Record<string, Form>> = {
  'busy-polling': 'none',
  'expose-deprecated-directives': 'none',
  'no-memory-trimming': 'none',
  maxsslconn: 'number',
  maxsslrate: 'number',
  noevports: 'none',
  nogetaddrinfo: 'none',
  nokqueue: 'none',
  noktls: 'none',
  nopoll: 'none',
  'stress-level': 'number',
  'tune.applet.zero-copy-forwarding': 'switch',
  'tune.buffers.limit': 'number',
  'tune.buffers.reserve': 'number',
  'tune.comp.maxlevel': 'number',
  'tune.defaults.purge': 'none',
  'tune.epoll.mask-events': 'events',
  'tune.events.max-events-at-once': 'number',
  'tune.fd.edge-triggered': 'switch',
  'tune.listener.default-shards': ['by-process', 'by-thread', 'by-group'],
  'tune.max-checks-per-thread': 'number',
  'tune.maxaccept': 'number',
  'tune.maxpollevents': 'number',
  'tune.memory.hot-size': 'size',
  'tune.pattern.cache-size': 'number',
  'tune.pool-high-fd-ratio': 'number',
  'tune.pool-low-fd-ratio': 'number',
  'tune.recv_enough': 'size',
  'tune.ring.queues': 'number',
  'tune.runqueue-depth': 'number',
  'tune.sched.low-latency': 'switch',
  'tune.takeover-other-tg-connections': ['none', 'restricted', 'full'],
};

/** Events of epoll that can be left out of what is waited for. */
const EVENTS = ['err', 'hup', 'rdhup'];

/** Checks the words behind a keyword of this form. Throws ConfigError. */
export function checkForm(name: string, form: Form, words: readonly string[], context: ParseContext): void {
  const value = words[1];
  atMost(words, form === 'none' ? 0 : 1);
  if (form === 'none') return;
  if (form === 'events') {
    const unknown = (value ?? '').split(',').find((event) => !EVENTS.includes(event));
    if (unknown === undefined) return;
    throw new ConfigError(`'${name}' : unknown event '${unknown}' (expected ${EVENTS.join(', ')}).`);
  }
  if (form === 'switch' || typeof form !== 'string') {
    const choices = form === 'switch' ? ['on', 'off'] : form;
    if (choices.includes(value ?? '')) return;
    const listed = choices.map((choice) => `'${choice}'`).join(' or ');
    throw new ConfigError(
      `'${name}' expects ${choices.length === 2 ? 'either ' : ''}${listed} but got '${value ?? ''}'.`,
    );
  }
  if (value === undefined) throw new ConfigError(`'${name}' expects an integer argument.`);
  if (form === 'number') numberOf(value, name, -1, MAX_INT);
  else if (form === 'time') delayOf(value, name, context);
  else {
    const error = numberError(parseSize(value, MAX_INT), value, name, 0, MAX_INT);
    if (error !== undefined) throw new ConfigError(error);
  }
}

export const internalKeywords: readonly SectionKeyword[] = [
  ...Object.entries(FORMS).map(([name, form]) =>
    defineKeyword({
      name,
      sections: ['global'],
      usage: name,
      doc: 'Concerns a part that is built otherwise here; checked for its form.',
      parse(words, context) {
        checkForm(name, form, words, context);
      },
    }),
  ),
];
