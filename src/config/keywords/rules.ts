// http-request, http-response, http-after-response, tcp-request, tcp-response: lines of the rule families.

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { Phase } from '../../sample/expression.ts';
import { REGISTRY } from '../../registry/index.ts';
import { RuleSet } from '../../rules/rule.ts';
import { proxyOf, timeOf } from './common.ts';
import { parseRule } from '../../rules/parse.ts';
import type { ProxyConfig, Rule } from '../model.ts';

const UNIQUE_ID = Phase.REQUEST_HTTP | Phase.REQUEST_CONTENT | Phase.SESSION | Phase.LOG;

/** Rules are allowed in named defaults only: what has no name would reach every section that follows. */
function checkDefaults(proxy: ProxyConfig, keyword: string): void {
  if (proxy.kind === 'defaults' && proxy.name === '') {
    throw new ConfigError(`'${keyword}' not allowed in anonymous 'defaults' section.`);
  }
}

function http(
  name: 'http-request' | 'http-response' | 'http-after-response',
  list: (proxy: ProxyConfig) => Rule[],
) {
  return defineKeyword({
    name,
    sections: ['defaults', 'frontend', 'listen', 'backend'],
    usage: `${name} <action> [options...] [ { if | unless } <condition> ]`,
    doc: 'Rules on HTTP messages, looked at in order until one is final.',
    parse(words, context) {
      const proxy = proxyOf(context);
      checkDefaults(proxy, name);
      try {
        list(proxy).push(parseRule(words.slice(1), name, context, REGISTRY));
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        const { message } = error;
        // HAProxy gives up at a rule that it cannot read; what is only missing here need not hide what follows.
        const abort = !message.includes('known but not yet supported');
        const frame = message.startsWith(`'${name}' expects`) ? 'tight' : 'spaced';
        throw new ConfigError(`${message}.`, frame, abort);
      }
    },
  });
}

export default [
  http('http-request', (proxy) => proxy.httpRequest),
  http('http-response', (proxy) => proxy.httpResponse),
  http('http-after-response', (proxy) => proxy.httpAfterResponse),
  defineKeyword({
    name: 'tcp-request',
    sections: ['defaults', 'frontend', 'listen', 'backend'],
    usage: 'tcp-request { connection | session | content | inspect-delay } ...',
    doc: 'Rules on connections, sessions and the first bytes of a stream.',
    parse(words, context) {
      const proxy = proxyOf(context);
      const kind = words[1];
      checkDefaults(proxy, 'tcp-request');
      if (kind === 'inspect-delay') {
        if (words[2] === undefined)
          throw new ConfigError(
            "'tcp-request inspect-delay' expects a positive delay in milliseconds, in frontend (missing).",
          );
        proxy.tcpRequestInspectDelayMs = timeOf(words[2], 'tcp-request inspect-delay');
        return;
      }
      if (kind === 'content') {
        proxy.tcpRequestContent.push(
          parseRule(words.slice(2), RuleSet.TCP_REQUEST_CONTENT, context, REGISTRY),
        );
        return;
      }
      if (kind === 'connection' || kind === 'session') {
        if (proxy.kind === 'backend') {
          throw new ConfigError(`'tcp-request ${kind}' : rules are not allowed in 'backend' sections.`);
        }
        if (kind === 'connection') {
          proxy.tcpRequestConnection.push(
            parseRule(words.slice(2), RuleSet.TCP_REQUEST_CONNECTION, context, REGISTRY),
          );
        } else {
          proxy.tcpRequestSession.push(
            parseRule(words.slice(2), RuleSet.TCP_REQUEST_SESSION, context, REGISTRY),
          );
        }
        return;
      }
      throw new ConfigError(
        `'tcp-request' expects 'inspect-delay', 'connection', 'session' or 'content' in ${proxy.kind} '${proxy.name}' (got '${kind ?? ''}').`,
      );
    },
  }),
  defineKeyword({
    name: 'tcp-response',
    sections: ['defaults', 'listen', 'backend'],
    usage: 'tcp-response { content | inspect-delay } ...',
    doc: 'Rules on the first bytes of a server.',
    parse(words, context) {
      const proxy = proxyOf(context);
      checkDefaults(proxy, 'tcp-response');
      if (words[1] === 'inspect-delay') {
        proxy.tcpResponseInspectDelayMs = timeOf(words[2] ?? '', 'tcp-response inspect-delay');
      } else if (words[1] === 'content') {
        proxy.tcpResponseContent.push(
          parseRule(words.slice(2), RuleSet.TCP_RESPONSE_CONTENT, context, REGISTRY),
        );
      } else {
        throw new ConfigError(
          `'tcp-response' expects 'inspect-delay' or 'content' in ${proxy.kind} '${proxy.name}' (got '${words[1] ?? ''}').`,
        );
      }
    },
  }),
  defineKeyword({
    name: 'http-reuse',
    sections: ['defaults', 'listen', 'backend'],
    usage: 'http-reuse { never | safe | aggressive | always }',
    doc: 'When requests of different clients may share connections to a server.',
    parse(words, context) {
      const word = words[1];
      if (word !== 'never' && word !== 'safe' && word !== 'aggressive' && word !== 'always') {
        throw new ConfigError("'http-reuse' only supports 'never', 'safe', 'aggressive', 'always'.");
      }
      proxyOf(context).httpReuse = word;
    },
  }),
  defineKeyword({
    name: 'unique-id-format',
    sections: ['defaults', 'frontend', 'listen'],
    usage: 'unique-id-format <fmt>',
    doc: 'How the unique id of a request is made.',
    parse(words, context) {
      if (words.length !== 2) throw new ConfigError("'unique-id-format' expects an argument.");
      proxyOf(context).uniqueIdFormat = context.logFormat(words[1]!, UNIQUE_ID);
    },
  }),
  defineKeyword({
    name: 'unique-id-header',
    sections: ['defaults', 'frontend', 'listen'],
    usage: 'unique-id-header <name>',
    doc: 'The request header that carries the unique id to the server.',
    parse(words, context) {
      if (words[1] === undefined) throw new ConfigError("'unique-id-header' expects an argument.");
      proxyOf(context).uniqueIdHeader = words[1].toLowerCase();
    },
  }),
];
