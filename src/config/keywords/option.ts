// option NAME: switches are a list, the few with arguments have a parser each.

import { ConfigError, defineKeyword, type ParseContext } from '../../registry/define.ts';
import { Phase } from '../../sample/expression.ts';
import { didYouMean } from '../suggest.ts';
import { optionParsers } from './options-with-arguments.ts';
import { proxyOf } from './common.ts';
import { known } from '../../registry/known.ts';
import {
  HTTP_CLF_LOG_FORMAT,
  HTTP_LOG_FORMAT,
  TCP_CLF_LOG_FORMAT,
  TCP_LOG_FORMAT,
} from '../../sample/logformat-compile.ts';
import type { ProxyConfig } from '../model.ts';

type Side = 'front' | 'back' | 'both';

/** Switches that act by their name in `ProxyConfig.options`. */
const SWITCHES: Record<string, Side> = {
  abortonclose: 'back',
  'accept-unsafe-violations-in-http-request': 'front',
  'accept-unsafe-violations-in-http-response': 'back',
  allbackups: 'back',
  clitcpka: 'front',
  'dontlog-normal': 'front',
  dontlognull: 'front',
  'http-buffer-request': 'both',
  'http-ignore-probes': 'front',
  'http-no-delay': 'both',
  'http-pretend-keepalive': 'back',
  'independent-streams': 'both',
  'log-health-checks': 'back',
  'log-separate-errors': 'front',
  nolinger: 'both',
  persist: 'back',
  'prefer-last-server': 'back',
  'splice-auto': 'both',
  'splice-request': 'both',
  'splice-response': 'both',
  srvtcpka: 'back',
  tcpka: 'both',
  'tcp-smart-accept': 'front',
  'tcp-smart-connect': 'back',
};

const CONNECTION_MODES: Record<string, ProxyConfig['httpConnection']> = {
  httpclose: 'close',
  'http-server-close': 'server-close',
  'http-keep-alive': 'keep-alive',
};

const REMOVED: Record<string, string> = {
  http_proxy:
    'is not supported any more since HAProxy 2.5. This option stopped working in HAProxy 1.9 and usually had nasty side effects. It can be more reliably implemented with combinations of "http-request set-dst" and "http-request set-uri", and even "http-request do-resolve" if DNS resolution is desired.',
  'http-use-htx': 'is deprecated and ignored.',
  'http-tunnel': 'is not supported any more since HAProxy 2.1.',
  forceclose: "is not supported any more since HAProxy 2.0, use 'option httpclose' instead.",
};

const LOG_PHASES = Phase.LOG;

function logOption(words: readonly string[], context: ParseContext): void {
  const proxy = proxyOf(context);
  const name = words[1]!;
  const clf = words[2] === 'clf';
  if (words[2] !== undefined && !clf) throw new ConfigError(`keyword '${name}' only supports option 'clf'.`);
  if (words[3] !== undefined)
    throw new ConfigError(`'option ${name}' cannot handle unexpected argument '${words[3]}'.`);
  if (proxy.kind === 'backend') {
    context.warn(`'option ${name}' ignored because backend '${proxy.name}' has no frontend capability.`);
    return;
  }
  const text = `option ${name}${clf ? ' clf' : ''}`;
  if (proxy.logFormatSource !== null && proxy.kind === 'defaults') {
    warnOverride(context, text, proxy.logFormatSource);
  }
  const format =
    name === 'httplog'
      ? clf
        ? HTTP_CLF_LOG_FORMAT
        : HTTP_LOG_FORMAT
      : clf
        ? TCP_CLF_LOG_FORMAT
        : TCP_LOG_FORMAT;
  proxy.logFormat = context.logFormat(format, LOG_PHASES);
  proxy.logFormatSource = text;
}

/** The frame without a space before the colon, as HAProxy prints this one. */
function warnOverride(context: ParseContext, text: string, previous: string): void {
  context.warnHere(`'${text}' overrides previous '${previous}' in 'defaults' section.`);
}

export default defineKeyword({
  name: 'option',
  sections: ['defaults', 'frontend', 'listen', 'backend'],
  negatable: true,
  usage: '[no] option <name> [arguments]',
  doc: 'Switches a behaviour on, or off with `no`.',
  parse(words, context, form) {
    const proxy = proxyOf(context);
    const name = words[1];
    if (name === undefined) throw new ConfigError("'option' expects an option name.");
    const removed = REMOVED[name];
    if (removed !== undefined) {
      context.alertHere(`option '${name}' ${removed}`);
      return;
    }
    const side = SWITCHES[name];
    if (side !== undefined) {
      if (words[2] !== undefined)
        throw new ConfigError(`'option ${name}' cannot handle unexpected argument '${words[2]}'.`);
      if ((side === 'front' && proxy.kind === 'backend') || (side === 'back' && proxy.kind === 'frontend')) {
        context.warn(
          `'option ${name}' ignored because ${proxy.kind} '${proxy.name}' has no ${side === 'front' ? 'frontend' : 'backend'} capability.`,
        );
        return;
      }
      if (form === 'set') proxy.options.add(name);
      else if (form === 'no') proxy.options.delete(name);
      else if (name === 'abortonclose') proxy.options.add(name);
      else proxy.options.delete(name);
      return;
    }
    const mode = CONNECTION_MODES[name];
    if (mode !== undefined) {
      if (form === 'set') proxy.httpConnection = mode;
      else if (proxy.httpConnection === mode || form === 'default') proxy.httpConnection = 'keep-alive';
      return;
    }
    if (
      form !== 'set' &&
      name !== 'redispatch' &&
      name !== 'forwardfor' &&
      name !== 'forwarded' &&
      name !== 'contstats'
    ) {
      throw new ConfigError(`negation/default is not supported for option '${name}'.`);
    }
    if (name === 'httplog' || name === 'tcplog') {
      logOption(words, context);
      return;
    }
    const parser = optionParsers[name];
    if (parser !== undefined) {
      parser(words, context, form);
      return;
    }
    if (known('option', name)) {
      throw new ConfigError(`'option ${name}' is known but not yet supported.`);
    }
    const names = [
      ...Object.keys(SWITCHES),
      ...Object.keys(CONNECTION_MODES),
      ...Object.keys(optionParsers),
      'httplog',
      'tcplog',
    ];
    throw new ConfigError(`unknown option '${name}'${didYouMean(name, names)}.`);
  },
});
