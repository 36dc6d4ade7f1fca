// http-request, http-response, http-after-response, tcp-request, tcp-response: lines of the rule families.

import { ConfigError, defineKeyword, type ParseContext } from '../../registry/define.ts';
import { ALL, BACK, kindText, proxyOf, rewording } from './common.ts';
import { REGISTRY } from '../../registry/index.ts';
import { RuleSet } from '../../rules/rule.ts';
import { RuleStage, warnOrder, warnUnreachable } from './rule-order.ts';
import { parseRule } from '../../rules/parse.ts';
import { parseTime } from '../values.ts';
import type { ProxyConfig, Rule } from '../model.ts';

type HttpList = 'httpRequest' | 'httpResponse' | 'httpAfterResponse';

/** An HTTP rule that cannot be read ends the reading of the file, as in HAProxy. */
function http(name: 'http-request' | 'http-response' | 'http-after-response', list: HttpList) {
  return defineKeyword({
    name,
    sections: ALL,
    usage: `${name} <action> [options...] [ { if | unless } <condition> ]`,
    doc: 'Rules on HTTP messages, looked at in order until one is final.',
    parse(words, context) {
      const proxy = proxyOf(context);
      if (proxy.kind === 'defaults' && proxy.name === '') {
        throw new ConfigError(`'${name}' not allowed in anonymous 'defaults' section.`);
      }
      const rules = proxy[list];
      warnUnreachable(rules, name, context);
      const rule = httpRule(words.slice(1), name, context);
      if (list === 'httpRequest') warnOrder(RuleStage.HTTP, proxy, context);
      rules.push(rule);
    },
  });
}

function httpRule(words: readonly string[], name: RuleSet, context: ParseContext): Rule {
  try {
    return parseRule(words, name, context, REGISTRY);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const misplaced = /^'[^']*' (expects|is known)/.test(error.message);
    const experimental = error.message.includes(' action is experimental, ');
    throw new ConfigError(
      experimental ? error.message : `${error.message}.`,
      misplaced && !error.message.includes('yet supported') ? 'tight' : 'spaced',
      !error.message.includes('yet supported'),
    );
  }
}

/** `inspect-delay <time>`. */
function inspectDelay(words: readonly string[], keyword: string, proxy: ProxyConfig): number {
  const expected = `'${keyword} inspect-delay' expects a positive delay in milliseconds, in ${kindText(proxy)} '${proxy.name}'`;
  const text = words[2];
  if (text === undefined) throw new ConfigError(expected);
  const result = parseTime(text);
  switch (result.problem) {
    case 'none':
    case 'trailing':
      return result.value;
    case 'overflow':
      throw new ConfigError(
        `${expected} (timer overflow in '${text}', maximum value is 2147483647 ms or ~24.8 days)`,
      );
    default:
      throw new ConfigError(`${expected} (unexpected character '${result.found}')`);
  }
}

const TCP_REQUEST = {
  connection: {
    list: 'tcpRequestConnection',
    set: RuleSet.TCP_REQUEST_CONNECTION,
    stage: RuleStage.CONNECTION,
  },
  session: { list: 'tcpRequestSession', set: RuleSet.TCP_REQUEST_SESSION, stage: RuleStage.SESSION },
  content: { list: 'tcpRequestContent', set: RuleSet.TCP_REQUEST_CONTENT, stage: RuleStage.CONTENT },
} as const;

export default [
  http('http-request', 'httpRequest'),
  http('http-response', 'httpResponse'),
  http('http-after-response', 'httpAfterResponse'),
  defineKeyword({
    name: 'tcp-request',
    sections: ALL,
    usage: 'tcp-request { connection | session | content | inspect-delay } ...',
    doc: 'Rules on connections, sessions and the first bytes of a stream.',
    parse(words, context) {
      const proxy = proxyOf(context);
      const kind = words[1];
      const section = `${kindText(proxy)} '${proxy.name}'`;
      if (kind === undefined) throw new ConfigError(`missing argument for 'tcp-request' in ${section}`);
      const known = kind === 'connection' || kind === 'session' || kind === 'content';
      if (!known && kind !== 'inspect-delay') {
        throw new ConfigError(
          `'tcp-request' expects 'inspect-delay', 'connection', 'session' or 'content' in ${section} (got '${kind}')`,
        );
      }
      if (proxy.kind === 'defaults' && proxy.name === '') {
        throw new ConfigError(`tcp-request ${kind} is not allowed in anonymous 'defaults' sections`);
      }
      if (!known) {
        proxy.tcpRequestInspectDelayMs = inspectDelay(words, 'tcp-request', proxy);
        return;
      }
      const { list, set, stage } = TCP_REQUEST[kind];
      if (proxy.kind === 'backend' && kind !== 'content') {
        throw new ConfigError(
          `tcp-request ${kind} is not allowed because backend ${proxy.name} is not a frontend`,
        );
      }
      const rule = parseRule(words.slice(2), set, context, REGISTRY);
      warnOrder(stage, proxy, context);
      proxy[list].push(rule);
    },
  }),
  defineKeyword({
    name: 'tcp-response',
    sections: ALL,
    usage: 'tcp-response { content | inspect-delay } ...',
    doc: 'Rules on the first bytes of a server.',
    parse(words, context) {
      const proxy = proxyOf(context);
      const kind = words[1];
      const section = `${kindText(proxy)} '${proxy.name}'`;
      if (kind === undefined) throw new ConfigError(`missing argument for 'tcp-response' in ${section}`);
      if (kind !== 'inspect-delay' && kind !== 'content') {
        throw new ConfigError(
          `'tcp-response' expects 'inspect-delay' or 'content' in ${section} (got '${kind}')`,
        );
      }
      if (proxy.kind === 'frontend' || (proxy.kind === 'defaults' && proxy.name === '')) {
        throw new ConfigError(
          `tcp-response ${kind} is only allowed in 'backend' sections or 'defaults' section with a name`,
        );
      }
      if (kind === 'inspect-delay') {
        proxy.tcpResponseInspectDelayMs = inspectDelay(words, 'tcp-response', proxy);
      } else {
        proxy.tcpResponseContent.push(
          rewording(
            () => parseRule(words.slice(2), RuleSet.TCP_RESPONSE_CONTENT, context, REGISTRY),
            (text) => text,
          ),
        );
      }
    },
  }),
  defineKeyword({
    name: 'http-reuse',
    sections: BACK,
    usage: 'http-reuse { never | safe | aggressive | always }',
    doc: 'When requests of different clients may share connections to a server.',
    parse(words, context) {
      const word = words[1];
      if (word !== 'never' && word !== 'safe' && word !== 'aggressive' && word !== 'always') {
        throw new ConfigError("'http-reuse' only supports 'never', 'safe', 'aggressive', 'always'.");
      }
      if (words[2] !== undefined) {
        throw new ConfigError(`'http-reuse ${word}' cannot handle unexpected argument '${words[2]}'.`);
      }
      proxyOf(context).httpReuse = word;
    },
  }),
];
