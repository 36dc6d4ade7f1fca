// http-check: what HTTP health checks send and expect.

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { BACK, atMost, notYet, proxyOf, rewording } from './common.ts';
import { compileRegex } from '../../acl/regex.ts';
import { beginExpects, beginRequest } from '../own-checks.ts';
import type { CheckExpect, CheckSettings, HttpCheckSettings } from '../model.ts';

const WORDS =
  "'disable-on-404', 'send-state', 'comment', 'connect', 'send', 'expect', 'set-var-fmt(*)', 'set-var(*)', " +
  "'unset-var(*)'";
const SEND_WORDS = "'comment', 'meth', 'uri', 'uri-lf', 'ver', 'hdr', 'body' or 'body-lf'";
const LATER_EXPECTS = new Set([
  'min-recv',
  'comment',
  'hdr',
  'fhdr',
  'string-lf',
  'ok-status',
  'error-status',
  'tout-status',
  'on-success',
  'on-error',
  'status-code',
]);

/** One request for each connection, before what is expected of its answer, and there is one connection. */
function beginSend(check: CheckSettings): void {
  const step = Number(check.sends) + check.expects.length + 1;
  if (step > 1) {
    throw new ConfigError(
      `'http-check send' : unable to add http-check send rule at step ${step} (missing connect rule)..`,
    );
  }
  check.sends = true;
}

function parseSend(words: readonly string[], http: HttpCheckSettings): void {
  for (let at = 2; at < words.length; at++) {
    const word = words[at]!;
    const value = words[at + 1];
    if (word === 'hdr') {
      const text = words[at + 2];
      if (value === undefined || text === undefined) {
        throw new ConfigError("'http-check send' : 'hdr' expects <name> and <value> as arguments.");
      }
      if (value.toLowerCase() === 'host') {
        const before = http.headers.find(({ name }) => name.toLowerCase() === 'host');
        if (before !== undefined) {
          throw new ConfigError(
            `'http-check send' : '${value}' header already defined (previous value is '${before.value}').`,
          );
        }
      }
      http.headers.push({ name: value, value: text });
      at += 2;
      continue;
    }
    if (!['comment', 'meth', 'uri', 'uri-lf', 'ver', 'body', 'body-lf'].includes(word)) {
      throw new ConfigError(`'http-check send' : expects ${SEND_WORDS} but got '${word}' as argument..`);
    }
    if (value === undefined)
      throw new ConfigError(`'http-check send' : '${word}' expects a string as argument..`);
    if (word === 'uri-lf' || word === 'body-lf' || word === 'comment') {
      throw notYet(`'http-check send ${word}'`);
    }
    if (word === 'meth') http.method = value;
    else if (word === 'uri') http.uri = value;
    else if (word === 'ver') http.version = version(value);
    else http.body = value;
    at++;
  }
}

function version(text: string): string {
  if (!/^HTTP\/\d\.\d$/.test(text)) {
    throw new ConfigError(`'http-check send' : invalid HTTP version '${text}'.`);
  }
  return text;
}

/** `200`, `200-299`, lists of them. */
function statusRanges(pattern: string): [number, number][] {
  const bad = /[^\d,-]/.exec(pattern);
  if (bad !== null) {
    throw new ConfigError(`'http-check expect' : invalid character '${bad[0]}' in the list of status codes.`);
  }
  return pattern.split(',').map((part) => {
    const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    const low = Number(range?.[1]);
    const high = Number(range?.[2] ?? range?.[1]);
    if (range === null || low < 100 || high > 999 || high < low) {
      throw new ConfigError(`'http-check expect' : invalid range of status codes '${pattern}'.`);
    }
    return [low, high];
  });
}

function parseExpect(words: readonly string[]): CheckExpect {
  if (words[2] === undefined) {
    throw new ConfigError("'http-check expect' : expects at least a matching pattern as arguments.");
  }
  let at = 2;
  let negate = false;
  let kind = words[at]!;
  if (kind === '!') {
    negate = true;
    kind = words[++at] ?? '';
  } else if (kind.startsWith('!')) {
    negate = true;
    kind = kind.slice(1);
  }
  if (LATER_EXPECTS.has(kind)) throw notYet(`'http-check expect ${kind}'`);
  if (kind !== 'status' && kind !== 'rstatus' && kind !== 'string' && kind !== 'rstring') {
    throw new ConfigError(unknownExpect(kind));
  }
  const pattern = words[at + 1];
  if (pattern === undefined || pattern === '') {
    throw new ConfigError(`'http-check expect' : '${kind}' expects a <pattern> as argument.`);
  }
  const extra = words[at + 2];
  if (extra !== undefined) {
    if (LATER_EXPECTS.has(extra)) throw notYet(`'http-check expect ${kind} ... ${extra}'`);
    throw new ConfigError(unknownExpect(extra));
  }
  const regex = kind.startsWith('r')
    ? rewording(
        () => compileRegex(pattern, false),
        (text) => `'http-check expect' : ${text}.`,
      )
    : null;
  return { negate, kind, pattern, regex, ranges: kind === 'status' ? statusRanges(pattern) : [] };
}

const unknownExpect = (word: string): string =>
  "'http-check expect' : 'only supports min-recv, [!]string', '[!]rstring', '[!]string-lf', '[!]status', " +
  `'[!]rstatus', [!]hdr, [!]fhdr or comment but got '${word}' as argument..`;

export default defineKeyword({
  name: 'http-check',
  sections: BACK,
  usage: 'http-check { send | expect | disable-on-404 | send-state } ...',
  doc: 'What HTTP health checks send and expect.',
  parse(words, context) {
    const { check } = proxyOf(context);
    const word = words[1] ?? '';
    switch (word) {
      case 'disable-on-404':
        atMost(words, 1);
        check.disableOn404 = true;
        return;
      case 'send-state':
        atMost(words, 1);
        check.sendState = true;
        return;
      case 'send':
        beginRequest(check);
        beginSend(check);
        parseSend(words, check.http);
        return;
      case 'expect':
        beginExpects(check);
        check.expects.push(parseExpect(words));
        return;
      default:
        if (/^(comment|connect|(un)?set-var(-fmt)?)(\(|$)/.test(word)) throw notYet(`'http-check ${word}'`);
        throw new ConfigError(`'http-check' only supports ${WORDS}. but got '${word}'`);
    }
  },
});
