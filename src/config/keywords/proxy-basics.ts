// mode, description, disabled/enabled, id, backlog, maxconn, fullconn, retries, retry-on: one value each.

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { atMost, numberOf, proxyOf } from './common.ts';
import { didYouMean } from '../suggest.ts';

const ALL = ['defaults', 'frontend', 'listen', 'backend'] as const;
const FRONT = ['defaults', 'frontend', 'listen'] as const;
const BACK = ['defaults', 'listen', 'backend'] as const;

const RETRY_WORDS = new Set([
  'none',
  'conn-failure',
  'empty-response',
  'junk-response',
  'response-timeout',
  '0rtt-rejected',
  'all-retryable-errors',
  '401',
  '403',
  '404',
  '408',
  '421',
  '425',
  '429',
  '500',
  '501',
  '502',
  '503',
  '504',
]);

export default [
  defineKeyword({
    name: 'mode',
    sections: ALL,
    usage: 'mode { tcp | http }',
    doc: 'Sets what the proxy speaks: bytes (tcp) or HTTP requests.',
    parse(words, context) {
      const proxy = proxyOf(context);
      const mode = words[1];
      if (mode === 'http' || mode === 'tcp') proxy.mode = mode;
      else if (mode === 'health')
        throw new ConfigError(
          "mode 'health' doesn't exist anymore. Please use 'http-request return status 200' instead.",
        );
      else if (mode === 'log' || mode === 'spop' || mode === 'haterm' || mode === 'syslog') {
        throw new ConfigError(`mode '${mode}' is known but not yet supported.`);
      } else
        throw new ConfigError(
          `unknown proxy mode '${mode ?? ''}'${didYouMean(mode ?? '', ['http', 'tcp'])}.`,
        );
      atMost(words, 1);
    },
  }),
  defineKeyword({
    name: 'description',
    sections: ['frontend', 'listen', 'backend'],
    usage: 'description <string>',
    doc: 'A text about the proxy, shown in statistics.',
    parse(words, context) {
      if (words.length < 2) throw new ConfigError("'description' expects a string argument.");
      proxyOf(context).description = words.slice(1).join(' ');
    },
  }),
  defineKeyword({
    name: 'disabled',
    sections: ALL,
    usage: 'disabled',
    doc: 'The proxy is read but not started.',
    parse(words, context) {
      atMost(words, 0);
      proxyOf(context).disabled = true;
    },
  }),
  defineKeyword({
    name: 'enabled',
    sections: ALL,
    usage: 'enabled',
    doc: 'Undoes a `disabled` that came from defaults.',
    parse(words, context) {
      atMost(words, 0);
      proxyOf(context).disabled = false;
    },
  }),
  defineKeyword({
    name: 'id',
    sections: ['frontend', 'listen', 'backend'],
    usage: 'id <value>',
    doc: "Sets the proxy's id in statistics.",
    parse(words, context) {
      const proxy = proxyOf(context);
      const id = numberOf(words[1], 'id', 1, 2147483647);
      const other = context.config.proxies.find((one) => one.id === id && one !== proxy);
      if (other !== undefined) {
        throw new ConfigError(
          `${proxy.kind} ${proxy.name} reuses same custom ID as proxy ${other.name} (declared at ${other.position.file}:${other.position.line}).`,
        );
      }
      proxy.id = id;
    },
  }),
  defineKeyword({
    name: 'backlog',
    sections: FRONT,
    usage: 'backlog <conns>',
    doc: 'How many connections the kernel may keep waiting to be accepted.',
    parse(words, context) {
      proxyOf(context).backlog = numberOf(words[1], 'backlog', 0, 2147483647);
      atMost(words, 1);
    },
  }),
  defineKeyword({
    name: 'maxconn',
    sections: FRONT,
    usage: 'maxconn <conns>',
    doc: 'Concurrent connections that the frontend accepts; others wait in the kernel.',
    parse(words, context) {
      proxyOf(context).maxconn = numberOf(words[1], 'maxconn', 0, 2147483647);
      atMost(words, 1);
    },
  }),
  defineKeyword({
    name: 'fullconn',
    sections: BACK,
    usage: 'fullconn <conns>',
    doc: "The backend load at which servers' minconn grows to maxconn.",
    parse(words, context) {
      proxyOf(context).fullconn = numberOf(words[1], 'fullconn', 0, 2147483647);
      atMost(words, 1);
    },
  }),
  defineKeyword({
    name: 'retries',
    sections: BACK,
    usage: 'retries <value>',
    doc: 'How often a failed connection to a server is tried again.',
    parse(words, context) {
      proxyOf(context).retries = numberOf(words[1], 'retries', 0, 2147483647);
      atMost(words, 1);
    },
  }),
  defineKeyword({
    name: 'retry-on',
    sections: BACK,
    usage: 'retry-on <keywords>*',
    doc: 'Which failures of a request are tried again on a server.',
    parse(words, context) {
      if (words.length < 2)
        throw new ConfigError("'retry-on' needs at least one keyword to specify when to retry");
      for (const word of words.slice(1)) {
        if (!RETRY_WORDS.has(word)) throw new ConfigError(`retry-on: unknown keyword '${word}'`);
        if (word === 'none' && words.length > 2) {
          throw new ConfigError("'retry-on' 'none' keyword only usable alone");
        }
      }
      proxyOf(context).retryOn = new Set(words[1] === 'none' ? [] : words.slice(1));
    },
  }),
];
