// option NAME: switches are a list, those with arguments have a parser each.

import { ConfigError, defineKeyword, type ParseContext } from '../../registry/define.ts';
import { ALL, kindText, notYet, proxyOf } from './common.ts';
import { Phase } from '../../sample/expression.ts';
import { didYouMean } from '../suggest.ts';
import { classify } from '../../registry/known-keywords.ts';
import { optionParsers } from './options-with-arguments.ts';
import {
  HTTP_CLF_LOG_FORMAT,
  HTTP_LOG_FORMAT,
  HTTPS_LOG_FORMAT,
  TCP_CLF_LOG_FORMAT,
  TCP_LOG_FORMAT,
} from '../../sample/logformat-compile.ts';
import type { ProxyConfig } from '../model.ts';

/** Present while a line has switched abortonclose off; gone after the checks. */
export const NO_ABORT = 'no abortonclose';

type Side = 'front' | 'back' | 'both';

/**
 * Switches that act by their name in `ProxyConfig.options`, with the side where they have an effect. `http-no-delay` asks
 * for what the data path does anyway.
 */
export const SWITCHES: Readonly<Record<string, Side>> = {
  abortonclose: 'both',
  'accept-unsafe-violations-in-http-request': 'front',
  'accept-unsafe-violations-in-http-response': 'back',
  allbackups: 'back',
  clitcpka: 'front',
  contstats: 'front',
  'dontlog-normal': 'front',
  dontlognull: 'front',
  'http-buffer-request': 'both',
  'http-ignore-probes': 'front',
  'http-no-delay': 'both',
  'http-pretend-keepalive': 'back',
  'http-use-proxy-header': 'front',
  'idle-close-on-response': 'front',
  'independent-streams': 'both',
  'log-health-checks': 'back',
  'log-separate-errors': 'front',
  logasap: 'front',
  nolinger: 'both',
  persist: 'back',
  'prefer-last-server': 'back',
  'socket-stats': 'front',
  'splice-auto': 'both',
  'splice-request': 'both',
  'splice-response': 'both',
  srvtcpka: 'back',
  'tcp-smart-connect': 'back',
  tcpka: 'both',
};

const CONNECTION_MODES: Readonly<Record<string, ProxyConfig['httpConnection']>> = {
  httpclose: 'close',
  'http-server-close': 'server-close',
  'http-keep-alive': 'keep-alive',
};
/** Names of before 3.3 that are still read. */
const RENAMED: Readonly<Record<string, string>> = {
  'accept-invalid-http-request': 'accept-unsafe-violations-in-http-request',
  'accept-invalid-http-response': 'accept-unsafe-violations-in-http-response',
};

/** All options, which messages suggest and the manual lists. */
export const optionNames: readonly string[] = [
  ...Object.keys(SWITCHES),
  ...Object.keys(CONNECTION_MODES),
  ...Object.keys(optionParsers),
  'httplog',
  'httpslog',
  'redispatch',
  'tcp-smart-accept',
  'tcplog',
];

/** Whether the option means something in this section; if not, the warning is given. */
function applies(name: string, side: Side, proxy: ProxyConfig, context: ParseContext): boolean {
  const wrong =
    (side === 'front' && proxy.kind === 'backend') || (side === 'back' && proxy.kind === 'frontend');
  if (!wrong) return true;
  context.warn(`'${name}' ignored because ${kindText(proxy)} '${proxy.name}' has no ${side}end capability.`);
  return false;
}

function noMoreWords(words: readonly string[], count: number): void {
  if (words.length <= count) return;
  throw new ConfigError(`'option ${words[1]!}' cannot handle unexpected argument '${words[count]!}'.`);
}

function logOption(words: readonly string[], proxy: ProxyConfig, context: ParseContext): void {
  const name = words[1]!;
  const clf = words[2] === 'clf' && name !== 'httpslog';
  if (name === 'httplog' && words[2] !== undefined && !clf) {
    throw new ConfigError(`keyword '${name}' only supports option 'clf'.`);
  }
  noMoreWords(words, clf ? 3 : 2);
  if (proxy.kind === 'backend') {
    context.warn(`backend '${proxy.name}' : 'option ${name}' directive is ignored in backends.`);
    return;
  }
  const text = `option ${name}${clf ? ' clf' : ''}`;
  if (proxy.logFormatSource !== null && proxy.kind === 'defaults') {
    context.warnHere(`'${text}' overrides previous '${proxy.logFormatSource}' in 'defaults' section.`);
  }
  const [plain, common] =
    name === 'tcplog'
      ? [TCP_LOG_FORMAT, TCP_CLF_LOG_FORMAT]
      : name === 'httplog'
        ? [HTTP_LOG_FORMAT, HTTP_CLF_LOG_FORMAT]
        : [HTTPS_LOG_FORMAT, ''];
  proxy.logFormat = context.logFormat(clf ? common : plain, Phase.LOG);
  // A proxy that turns out to be in TCP mode logs in this one (see check-mode.ts).
  proxy.tcpLogFormat = name !== 'tcplog' ? context.logFormat(TCP_LOG_FORMAT, Phase.LOG) : null;
  proxy.logFormatSource = text;
  proxy.logFormatPosition = context.position;
}

export default defineKeyword({
  name: 'option',
  sections: ALL,
  negatable: true,
  usage: '[no] option <name> [arguments]',
  doc: 'Switches a behaviour on, or off with `no`.',
  parse(words, context, form) {
    const proxy = proxyOf(context);
    const written = words[1];
    if (written === undefined) throw new ConfigError("'option' expects an option name.", 'tight');
    const name = Object.hasOwn(RENAMED, written) ? RENAMED[written]! : written;
    if (Object.hasOwn(SWITCHES, name)) {
      noMoreWords(words, 2);
      if (!applies(written, SWITCHES[name]!, proxy, context)) return;
      if (form === 'set') proxy.options.add(name);
      else proxy.options.delete(name);
      if (name === 'abortonclose') markAbort(proxy, form);
      return;
    }
    if (Object.hasOwn(CONNECTION_MODES, name)) {
      noMoreWords(words, 2);
      const mode = CONNECTION_MODES[name]!;
      if (form === 'set') proxy.httpConnection = mode;
      else if (proxy.httpConnection === mode || form === 'default') proxy.httpConnection = 'keep-alive';
      return;
    }
    if (name === 'tcp-smart-accept') {
      noMoreWords(words, 2);
      if (applies(name, 'front', proxy, context))
        proxy.smartAccept = form === 'default' ? null : form === 'set';
      return;
    }
    if (name === 'redispatch') {
      if (applies(name, 'back', proxy, context)) redispatch(words, proxy, form);
      return;
    }
    if (name === 'forwarded' && form !== 'set') {
      proxy.forwarded = null;
      return;
    }
    if (form !== 'set' && typeof classify('option', name) !== 'object') {
      throw new ConfigError(`negation/default is not supported for option '${name}'.`, 'tight');
    }
    if (name === 'httplog' || name === 'httpslog' || name === 'tcplog') {
      logOption(words, proxy, context);
      return;
    }
    if (Object.hasOwn(optionParsers, name)) {
      const { side, parse } = optionParsers[name]!;
      if (applies(name, side, proxy, context)) parse(words, context);
      return;
    }
    const found = classify('option', name);
    if (typeof found === 'object') throw new ConfigError(found.removed, 'tight');
    if (found === 'known') throw notYet(`'option ${name}'`);
    const guess = didYouMean(name, optionNames);
    throw new ConfigError(`unknown option '${name}'${guess === '' ? '.' : guess}`);
  },
});

/** `option redispatch [<interval>]`: positive counts every N retries, negative the Nth before the last. */
function redispatch(words: readonly string[], proxy: ProxyConfig, form: 'set' | 'no' | 'default'): void {
  const text = words[2];
  if (form !== 'set') proxy.redispatch = 0;
  else if (text === undefined) proxy.redispatch = -1;
  else if (!/^[+-]?\d{1,9}$/.test(text)) {
    throw new ConfigError(`'option redispatch' expects an integer argument, found '${text}'.`);
  } else proxy.redispatch = Number(text);
}

/** The mode of the proxy decides abortonclose unless a line does: its absence alone does not tell. */
function markAbort(proxy: ProxyConfig, form: 'set' | 'no' | 'default'): void {
  if (form === 'no') proxy.options.add(NO_ABORT);
  else proxy.options.delete(NO_ABORT);
}
