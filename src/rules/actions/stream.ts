// Actions on the stream itself: addresses, captures, timeouts, priorities, waiting (manual 4.4).

import { type ActionKeyword, ConfigError, defineAction, type ParseContext } from '../../registry/define.ts';
import { formatIpv4, formatIpv6 } from '../../sample/address.ts';
import { toAddr, toSint, toStr } from '../../sample/cast.ts';
import type { Endpoint } from '../../sample/context.ts';
import type { Expression } from '../../sample/expression.ts';
import { Sample, Type } from '../../sample/sample.ts';
import { RULESET_PHASES } from '../parse.ts';
import { type RuleAction, RuleSet, type RuleTarget, Verdict } from '../rule.ts';
import { parseTime } from '../../config/values.ts';
import { parseMs } from '../time.ts';

const { TCP_REQUEST_CONNECTION, TCP_REQUEST_SESSION, TCP_REQUEST_CONTENT } = RuleSet;
const { TCP_RESPONSE_CONTENT, HTTP_REQUEST, HTTP_RESPONSE, HTTP_AFTER_RESPONSE } = RuleSet;
const REQUESTS = [TCP_REQUEST_CONNECTION, TCP_REQUEST_SESSION, TCP_REQUEST_CONTENT, HTTP_REQUEST];
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

/** What a capture lacks. */
const EXPECTS = {
  request: "expects <expression> [ 'len' <length> | id <idx> ]",
  response: 'expects <expression> id <idx>',
} as const;

const sample = new Sample();

function action(name: string, needsHttp: boolean, act: (target: RuleTarget) => void): RuleAction {
  return {
    name,
    needsHttp,
    run(target) {
      act(target);
      return Verdict.CONTINUE;
    },
  };
}

function expressionAt(
  words: readonly string[],
  at: number,
  ruleset: RuleSet,
  context: ParseContext,
): Expression {
  const text = words[at];
  if (text === undefined) throw new ConfigError('missing fetch method');
  return context.expression(text, RULESET_PHASES[ruleset]);
}

/** An action that takes one expression. */
const evaluating = (
  name: string,
  rulesets: readonly RuleSet[],
  doc: string,
  act: (target: RuleTarget, sample: Sample) => void,
): ActionKeyword =>
  defineAction({
    name,
    rulesets,
    usage: `${name} <expr>`,
    doc,
    parse(words, at, ruleset, context) {
      const expression = expressionAt(words, at + 1, ruleset, context);
      const run = action(name, expression.needsHttp, (target) => {
        if (expression.evaluate(target, sample)) act(target, sample);
      });
      return { next: at + 2, action: run };
    },
  });

/** The address of the sample with a port; the port is kept where there was one. */
function withAddress(value: Sample, old: Endpoint | null): Endpoint | null {
  if (!toAddr(value)) return null;
  const port = old === null || old.family === 'unix' ? 0 : old.port;
  return value.type === Type.IPV4
    ? { family: 'ipv4', text: formatIpv4(value.num), ipv4: value.num, ipv6: '', port }
    : { family: 'ipv6', text: formatIpv6(value.text), ipv4: 0, ipv6: value.text, port };
}

function withPort(value: Sample, old: Endpoint | null): Endpoint | null {
  if (!toSint(value)) return null;
  const base = old === null || old.family === 'unix' ? ANY_ADDRESS : old;
  return { family: base.family, text: base.text, ipv4: base.ipv4, ipv6: base.ipv6, port: value.num & 0xffff };
}

const ANY_ADDRESS: Endpoint = { family: 'ipv4', text: '0.0.0.0', ipv4: 0, ipv6: '', port: 0 };

type Change = (value: Sample, old: Endpoint | null) => Endpoint | null;

const changeSource = (name: string, doc: string, change: Change): ActionKeyword =>
  evaluating(name, REQUESTS, doc, (target, value) => {
    const next = change(value, target.session.source);
    if (next !== null) target.setSource(next);
  });
const changeDestination = (name: string, doc: string, change: Change): ActionKeyword =>
  evaluating(name, REQUESTS, doc, (target, value) => {
    const next = change(value, target.session.destination);
    if (next !== null) target.setDestination(next);
  });

const KINDS = ['server', 'tunnel', 'client', 'connect', 'queue', 'tarpit'] as const;

export default [
  changeSource('set-src', 'Sets the source address to the value of an expression.', withAddress),
  changeSource('set-src-port', 'Sets the source port.', withPort),
  changeDestination('set-dst', 'Sets the destination address.', withAddress),
  changeDestination('set-dst-port', 'Sets the destination port.', withPort),
  ...(['class', 'offset'] as const).map((kind) =>
    evaluating(
      `set-priority-${kind}`,
      [TCP_REQUEST_CONTENT, HTTP_REQUEST],
      `Sets the priority ${kind} in queues.`,
      (target, value) => {
        if (!toSint(value)) return;
        const limit = kind === 'class' ? 2047 : 524287;
        target.setPriority(kind, Math.max(-limit, Math.min(limit, value.num)));
      },
    ),
  ),
  defineAction({
    name: 'set-retries',
    rulesets: [TCP_REQUEST_CONTENT, HTTP_REQUEST],
    usage: 'set-retries { <count> | <expr> }',
    doc: 'Sets the number of retries.',
    parse(words, at, ruleset, context) {
      const text = words[at + 1] ?? '';
      const count = /^\d+$/.test(text) ? Number(text) : -1;
      const expression = count >= 0 ? null : expressionAt(words, at + 1, ruleset, context);
      const run = action('set-retries', expression !== null && expression.needsHttp, (target) => {
        if (expression === null) target.setRetries(count);
        else if (expression.evaluate(target, sample) && toSint(sample) && sample.num >= 0)
          target.setRetries(sample.num);
      });
      return { next: at + 2, action: run };
    },
  }),
  defineAction({
    name: 'capture',
    rulesets: [TCP_REQUEST_CONTENT, HTTP_REQUEST, HTTP_RESPONSE, HTTP_AFTER_RESPONSE],
    usage: 'capture <sample> { len <length> | id <id> }',
    doc: 'Captures a value for logs, in a slot of its own or a declared one.',
    parse(words, at, ruleset, context) {
      const request = ruleset === HTTP_REQUEST || ruleset === TCP_REQUEST_CONTENT;
      const [text, kind, amount] = [words[at + 1], words[at + 2], words[at + 3]];
      if (text === undefined || kind === undefined || amount === undefined) {
        throw new ConfigError(EXPECTS[request ? 'request' : 'response']);
      }
      const expression = expressionAt(words, at + 1, ruleset, context);
      const slot = captureSlot(kind, amount, request, context);
      const run = action('capture', expression.needsHttp, (target) => {
        if (!expression.evaluate(target, sample) || !toStr(sample)) return;
        if (request) target.captureRequest(slot, sample.text);
        else target.captureResponse(slot, sample.text);
      });
      return { next: at + 4, action: run };
    },
  }),
  defineAction({
    name: 'disable-l7-retry',
    rulesets: [HTTP_REQUEST],
    usage: 'disable-l7-retry',
    doc: 'The request is not retried for any reason but a failed connection.',
    parse: (_words, at) => ({
      next: at + 1,
      action: action('disable-l7-retry', true, (target) => target.disableRetries()),
    }),
  }),
  defineAction({
    name: 'early-hint',
    rulesets: [HTTP_REQUEST],
    usage: 'early-hint <name> <fmt>',
    doc: 'Sends a 103 response with a header (RFC 8297).',
    parse(words, at, ruleset, context) {
      const [name, text] = [words[at + 1], words[at + 2]];
      if (name === undefined || text === undefined) throw new ConfigError('expects exactly 2 arguments');
      const format = context.logFormat(text, RULESET_PHASES[ruleset]);
      const lower = name.toLowerCase();
      const run = action('early-hint', true, (target) => {
        target.sendEarlyHints([[lower, format.render(target)]]);
      });
      return { next: at + 3, action: run };
    },
  }),
  defineAction({
    name: 'expect-proxy',
    rulesets: [TCP_REQUEST_CONNECTION],
    usage: 'expect-proxy layer4',
    doc: 'Expects a PROXY header on the connection.',
    parse(words, at) {
      if (words[at + 1] !== 'layer4')
        throw new ConfigError(`only supports 'layer4' (got '${words[at + 1] ?? ''}')`);
      return { next: at + 2, action: action('expect-proxy', false, (target) => target.expectProxy()) };
    },
  }),
  defineAction({
    name: 'pause',
    rulesets: [HTTP_REQUEST, HTTP_RESPONSE],
    usage: 'pause { <timeout> | <expr> }',
    doc: 'Waits before the next rule.',
    parse(words, at, ruleset, context) {
      const delay = delayAt(words, at + 1, ruleset, context);
      return {
        next: at + 2,
        action: {
          name: 'pause',
          needsHttp: true,
          run(target) {
            const ms = delay(target);
            return ms <= 0 || target.paused(ms) ? Verdict.CONTINUE : Verdict.WAIT;
          },
        },
      };
    },
  }),
  defineAction({
    name: 'set-log-level',
    rulesets: [TCP_REQUEST_CONTENT, TCP_RESPONSE_CONTENT, HTTP_REQUEST, HTTP_RESPONSE, HTTP_AFTER_RESPONSE],
    usage: 'set-log-level <level>',
    doc: 'Sets the level of the log line; silent logs nothing.',
    parse(words, at) {
      const level = words[at + 1] === 'silent' ? -1 : LEVELS.indexOf(words[at + 1] ?? '');
      if (level < 0 && words[at + 1] !== 'silent') {
        throw new ConfigError("expects exactly 1 argument (log level name or 'silent')");
      }
      const run = action('set-log-level', false, (target) => {
        target.logLevel = level;
      });
      return { next: at + 2, action: run };
    },
  }),
  defineAction({
    name: 'set-timeout',
    rulesets: [HTTP_REQUEST, HTTP_RESPONSE],
    usage: `set-timeout { ${KINDS.join(' | ')} } { <timeout> | <expr> }`,
    doc: 'Sets a timeout for this stream.',
    parse(words, at, ruleset, context) {
      const name = words[at + 1];
      if (name === undefined || words[at + 2] === undefined)
        throw new ConfigError('expects exactly 2 arguments');
      const kind = KINDS.find((candidate) => candidate === name);
      if (kind === undefined) {
        throw new ConfigError(`'${name}' is not a timeout that can be set: use one of ${KINDS.join(', ')}`);
      }
      if (kind !== 'client' && kind !== 'tarpit' && context.proxy?.kind === 'frontend') {
        throw new ConfigError(`proxy '${context.proxy.name}' has no backend capability`);
      }
      const delay = delayAt(words, at + 2, ruleset, context, `set-timeout ${kind}`);
      const run = action('set-timeout', true, (target) => {
        const ms = delay(target);
        if (ms > 0) target.setTimeout(kind, ms);
      });
      return { next: at + 3, action: run };
    },
  }),
  defineAction({
    name: 'wait-for-handshake',
    rulesets: [HTTP_REQUEST],
    usage: 'wait-for-handshake',
    doc: 'Waits for the TLS handshake: there is none to wait for, as `bind ... ssl` is refused.',
    parse: (_words, at) => ({ next: at + 1, action: action('wait-for-handshake', true, () => {}) }),
  }),
  defineAction({
    name: 'wait-for-body',
    rulesets: [HTTP_REQUEST, HTTP_RESPONSE],
    usage: 'wait-for-body time <time> [ at-least <bytes> ]',
    doc: 'Waits until the body, or a part of it, is there.',
    parse(words, at) {
      let timeMs = -1;
      let atLeast = 0;
      let next = at + 1;
      for (; next < words.length && words[next] !== 'if' && words[next] !== 'unless'; next += 2) {
        const [word, value] = [words[next]!, words[next + 1]];
        if (word !== 'time' && word !== 'at-least') break;
        if (value === undefined) throw new ConfigError(`missing argument for '${word}'`);
        if (word === 'time') timeMs = parseMs(value);
        else atLeast = parseSize(value);
      }
      if (timeMs < 0) throw new ConfigError('expects time <time> [ at-least <bytes> ]');
      return {
        next,
        action: {
          name: 'wait-for-body',
          needsHttp: true,
          run: (target) => (target.waitForBody(timeMs, atLeast) ? Verdict.CONTINUE : Verdict.WAIT),
        },
      };
    },
  }),
];

/** A constant time or an expression giving ms; below 1 means none. */
function delayAt(
  words: readonly string[],
  at: number,
  ruleset: RuleSet,
  context: ParseContext,
  rule = '',
): (target: RuleTarget) => number {
  const text = words[at] ?? '';
  if (/^[0-9]/.test(text)) {
    const ms = rule === '' ? parseMs(text) : timeoutOf(text, rule);
    return () => ms;
  }
  const expression = expressionAt(words, at, ruleset, context);
  return (target) => (expression.evaluate(target, sample) && toSint(sample) ? sample.num : 0);
}

/** A timeout that is not 0; `rule` is named in messages. */
function timeoutOf(text: string, rule: string): number {
  const result = parseTime(text);
  const { problem, found, value } = result;
  if (problem === 'overflow') {
    const most = '(maximum value is 2147483647 ms or ~24.8 days)';
    throw new ConfigError(`timer overflow in argument '${text}' to rule '${rule}' ${most}`);
  }
  if (problem === 'underflow') {
    const least = '(minimum value is 1 ms)';
    throw new ConfigError(`timer underflow in argument '${text}' to rule '${rule}' ${least}`);
  }
  if (problem !== 'none') throw new ConfigError(`unexpected character '${found}' in rule '${rule}'`);
  if (value === 0) throw new ConfigError(`null value is not valid for a '${rule}' rule`);
  return value;
}

/** The slot that a capture writes to: a new one of `len`, or a declared one. */
function captureSlot(kind: string, amount: string, request: boolean, context: ParseContext): number {
  const { proxy } = context;
  const list = (request ? proxy?.requestCaptures : proxy?.responseCaptures) ?? [];
  if (kind === 'len') {
    if (!request) throw new ConfigError("expects 'id', found 'len'");
    if (proxy?.kind === 'backend') throw new ConfigError(`proxy '${proxy.name}' has no frontend capability`);
    const length = /^\d+$/.test(amount) ? Number(amount) : 0;
    if (length <= 0) throw new ConfigError('length must be > 0');
    return list.push({ name: '', length }) - 1;
  }
  if (kind !== 'id') throw new ConfigError(`expects ${request ? "'len' or " : ''}'id', found '${kind}'`);
  if (!/^\d+$/.test(amount)) throw new ConfigError(`cannot parse id '${amount}'`);
  const slot = Number(amount);
  if (proxy?.kind !== 'backend') {
    context.later(() => {
      if (slot >= list.length) {
        const set = request ? 'http-request' : 'http-response';
        context.alertPlain(
          `Proxy '${proxy?.name ?? ''}': unable to find capture id '${slot}' referenced by ${set} capture rule.`,
        );
      }
    });
  }
  return slot;
}

function parseSize(text: string): number {
  const size = /^(\d+)([kmg]?)$/i.exec(text);
  if (size === null) throw new ConfigError(`unexpected character '${/\D/.exec(text)?.[0] ?? ''}'`);
  return Number(size[1]) * 1024 ** ['', 'k', 'm', 'g'].indexOf(size[2]!.toLowerCase());
}
