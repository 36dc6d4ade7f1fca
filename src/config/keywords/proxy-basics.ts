// mode, description, disabled/enabled, id, backlog, maxconn, fullconn, retries, retry-on: one value each.

import { ConfigError, defineKeyword, type SectionKeyword } from '../../registry/define.ts';
import { ALL, BACK, FRONT, atMost, kindText, notYet, numberOf, proxyOf } from './common.ts';
import { didYouMean } from '../suggest.ts';
import { MAX_TIMER_MS as MAX_INT } from '../values.ts';
import type { ProxyConfig, ProxyKind } from '../model.ts';

const RETRY_WORDS =
  'none conn-failure empty-response junk-response response-timeout 0rtt-rejected all-retryable-errors ' +
  '401 403 404 408 421 425 429 500 501 502 503 504';
const retryWords = new Set(RETRY_WORDS.split(' '));
const LATER_MODES = ['haterm', 'spop', 'syslog'];

/** One number that goes to a field. */
function count(
  name: 'backlog' | 'maxconn' | 'fullconn' | 'retries',
  sections: readonly ProxyKind[],
  doc: string,
  missing?: string,
): SectionKeyword {
  return defineKeyword({
    name,
    sections,
    usage: `${name} <number>`,
    doc,
    parse(words, context) {
      const value = numberOf(words[1], name, 0, MAX_INT, missing);
      atMost(words, 1);
      proxyOf(context)[name] = value;
    },
  });
}

function onOff(name: string, value: boolean, doc: string): SectionKeyword {
  return defineKeyword({
    name,
    sections: ALL,
    usage: name,
    doc,
    parse(words, context) {
      atMost(words, 0);
      proxyOf(context).disabled = value;
    },
  });
}

export default [
  defineKeyword({
    name: 'mode',
    sections: ALL,
    usage: 'mode { tcp | http | log }',
    doc: 'Sets what the proxy speaks: bytes (tcp) or HTTP requests; `log` makes a backend of log servers.',
    parse(words, context) {
      const proxy = proxyOf(context);
      const mode = words[1] ?? '';
      atMost(words, 1);
      if (mode === 'http' || mode === 'tcp') proxy.mode = mode;
      else if (mode === 'log') {
        if (proxy.kind !== 'backend') {
          throw new ConfigError(`${kindText(proxy)} '${proxy.name}' : 'mode log' is only for backends.`);
        }
        proxy.mode = mode;
      } else if (mode === 'health') {
        throw new ConfigError(
          "'mode health' doesn't exist anymore. Please use 'http-request return status 200' instead.",
        );
      } else if (LATER_MODES.includes(mode)) throw notYet(`proxy mode '${mode}'`);
      else throw new ConfigError(`unknown proxy mode '${mode}'${didYouMean(mode, ['http', 'log', 'tcp'])}.`);
    },
  }),
  defineKeyword({
    name: 'description',
    sections: ['frontend', 'listen', 'backend'],
    usage: 'description <string>',
    doc: 'A text about the proxy, shown in statistics.',
    parse(words, context) {
      if (words.length < 2) throw new ConfigError("'description' expects a string argument.", 'tight', true);
      proxyOf(context).description = words.slice(1).join(' ');
    },
  }),
  onOff('disabled', true, 'The proxy is read but not started.'),
  onOff('enabled', false, 'Undoes a `disabled` that came from defaults.'),
  defineKeyword({
    name: 'id',
    sections: ['frontend', 'listen', 'backend'],
    usage: 'id <value>',
    doc: "Sets the proxy's id in statistics.",
    parse(words, context) {
      const proxy = proxyOf(context);
      if (words[1] === undefined) throw new ConfigError("'id' expects an integer argument.", 'tight');
      atMost(words, 1);
      const id = numberOf(words[1], 'id', 0, MAX_INT);
      if (id === 0) throw new ConfigError('custom id has to be > 0.', 'tight');
      const other = context.config.proxies.find((one) => one.id === id && one !== proxy);
      if (other !== undefined) throw new ConfigError(reuse(proxy, other), 'tight');
      proxy.id = id;
      proxy.forcedId = true;
    },
  }),
  count('backlog', FRONT, 'How many connections the kernel may keep waiting to be accepted.'),
  count('maxconn', FRONT, 'Concurrent connections that the frontend accepts; others wait in the kernel.'),
  count('fullconn', BACK, "The backend load at which servers' minconn grows to maxconn."),
  count(
    'retries',
    BACK,
    'How often a failed connection to a server is tried again.',
    "'retries' expects an integer argument (dispatch counts for one).",
  ),
  defineKeyword({
    name: 'retry-on',
    sections: BACK,
    usage: 'retry-on <keywords>*',
    doc: 'Which failures of a request are tried again on a server.',
    parse(words, context) {
      const chosen = words.slice(1);
      if (chosen.length === 0) {
        throw new ConfigError("'retry-on' needs at least one keyword to specify when to retry");
      }
      for (const word of chosen) {
        if (!retryWords.has(word)) throw new ConfigError(`'retry-on': unknown keyword '${word}'`);
      }
      if (chosen.includes('none') && chosen.length > 1) {
        throw new ConfigError("'retry-on' 'none' keyworld only usable alone");
      }
      proxyOf(context).retryOn = new Set(chosen[0] === 'none' ? [] : chosen);
    },
  }),
];

function reuse(proxy: ProxyConfig, other: ProxyConfig): string {
  const { file, line } = other.position;
  return `${proxy.kind === 'listen' ? 'proxy' : proxy.kind} ${proxy.name} reuses same custom id as ${other.kind === 'listen' ? 'proxy' : other.kind} ${other.name} (declared at ${file}:${line}).`;
}
