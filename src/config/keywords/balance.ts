// balance, hash-type, hash-balance-factor: how a backend chooses a server.

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { Phase } from '../../sample/expression.ts';
import { BACK, atMost, numberOf, proxyOf, rewording } from './common.ts';
import { parseInteger } from '../values.ts';
import { newBalance } from '../defaults.ts';
import type { BalanceSettings } from '../../balance/balance.ts';

/** What the converters of log-hash begin with: the log line. */
export const LINE_VARIABLE = 'txn.log_line';

const EXPECTED =
  "balance only supports 'roundrobin', 'static-rr', 'leastconn', 'source', 'uri', 'url_param', 'hash', 'hdr(name)', 'rdp-cookie(name)', 'log-hash' and 'sticky' options.";
const NO_COOKIE = 'balance rdp-cookie : missing cookie name.';

function uriNumber(word: string, text = ''): number {
  const { problem, value } = parseInteger(text, 1);
  if (problem === 'none') return value;
  throw new ConfigError(`balance uri : '${word}' expects a positive integer (got '${text}').`);
}

function draws(text: string): number {
  const { problem, value, found } = parseInteger(text);
  if (problem === 'character') {
    throw new ConfigError(`balance random : unexpected character '${found}' after argument.`);
  }
  if (problem !== 'none' || value < 1) {
    throw new ConfigError('balance random : number of draws must be at least 1.');
  }
  return value;
}

function parseUri(words: readonly string[], settings: BalanceSettings): void {
  for (let at = 2; at < words.length; at++) {
    const word = words[at]!;
    if (word === 'len') settings.uriLength = uriNumber('len', words[++at]);
    else if (word === 'depth') settings.uriDepth = uriNumber('depth', words[++at]);
    else if (word === 'whole') settings.uriWhole = true;
    else if (word === 'path-only') settings.uriPathOnly = true;
    else {
      throw new ConfigError(
        `balance uri only accepts parameters 'len', 'depth', 'path-only', and 'whole' (got '${word}').`,
      );
    }
  }
}

export default [
  defineKeyword({
    name: 'balance',
    sections: BACK,
    usage: 'balance <algorithm> [ <arguments> ]',
    doc: 'Chooses the load balancing algorithm.',
    parse(words, context) {
      const proxy = proxyOf(context);
      const old = proxy.balance;
      const settings: BalanceSettings = {
        ...newBalance(),
        consistent: old.consistent,
        hashFunction: old.hashFunction,
        avalanche: old.avalanche,
        hashBalanceFactor: old.hashBalanceFactor,
        preserveAffinity: old.preserveAffinity,
      };
      const word = words[1] ?? 'roundrobin';
      const call = /^(random|hdr|rdp-cookie)(?:\((.*)\))?$/.exec(word);
      settings.algorithm = call?.[1] ?? word;
      switch (settings.algorithm) {
        case 'roundrobin':
        case 'static-rr':
        case 'leastconn':
        case 'first':
        case 'source':
          break;
        case 'random':
          if (call?.[2] !== undefined) {
            settings.draws = draws(call[2]);
          }
          break;
        case 'uri':
          parseUri(words, settings);
          break;
        case 'url_param':
          if (words[2] === undefined)
            throw new ConfigError('balance url_param requires an URL parameter name.');
          settings.name = words[2];
          if (words[3] === 'check_post') settings.checkPost = true;
          else if (words[3] !== undefined) {
            throw new ConfigError(
              `balance url_param only accepts 'check_post' modifier (got '${words[3]}').`,
            );
          }
          break;
        case 'hash':
          if (words[2] === undefined) throw new ConfigError('balance hash requires a sample expression.');
          settings.expression = rewording(
            () => context.expression(words[2]!, Phase.REQUEST_HTTP | Phase.REQUEST_CONTENT),
            (text) => `failed to parse 'balance hash' expression '${words[2]!}' in : ${text}.`,
          );
          break;
        case 'hdr':
          if (call?.[2] === undefined) throw new ConfigError(EXPECTED);
          if (call[2] === '') throw new ConfigError('balance hdr requires an http header field name.');
          settings.name = call[2].toLowerCase();
          if (words[2] === 'use_domain_only') settings.useDomainOnly = true;
          else if (words[2] !== undefined)
            throw new ConfigError(
              `balance ${word} only accepts 'use_domain_only' modifier (got '${words[2]}').`,
            );
          break;
        case 'rdp-cookie':
          if (call?.[2] === '') throw new ConfigError(NO_COOKIE);
          settings.name = (call?.[2] ?? 'mstshash').toLowerCase();
          break;
        case 'sticky':
          break;
        case 'log-hash':
          if (words[2] === undefined) {
            throw new ConfigError('balance log-hash requires a converter list.');
          }
          settings.expression = rewording(
            () => context.expression(`var(${LINE_VARIABLE}),${words[2]!}`, Phase.LOG),
            (text) => `failed to parse 'balance log-hash' converters '${words[2]!}' : ${text}.`,
          );
          break;
        default:
          throw new ConfigError(word.startsWith('rdp-cookie') ? NO_COOKIE : EXPECTED);
      }
      proxy.balance = settings;
    },
  }),
  defineKeyword({
    name: 'hash-type',
    sections: BACK,
    usage: 'hash-type <method> [ <function> [ <modifier> ] ]',
    doc: 'How hashes choose servers: map-based or consistent, with which function, avalanche or not.',
    parse(words, context) {
      const { balance } = proxyOf(context);
      const [, method, hash, modifier] = words;
      if (method === 'avalanche') {
        throw new ConfigError(
          "experimental feature 'hash-type avalanche' is not supported anymore, please use 'hash-type map-based sdbm avalanche' instead.",
        );
      }
      if (method !== 'consistent' && method !== 'map-based') {
        throw new ConfigError("'hash-type' only supports 'consistent' and 'map-based'.");
      }
      balance.consistent = method === 'consistent';
      if (hash === undefined) {
        balance.hashFunction = 'sdbm';
        balance.avalanche = balance.consistent;
        return;
      }
      if (hash === 'sdbm' || hash === 'djb2' || hash === 'wt6' || hash === 'crc32' || hash === 'none') {
        balance.hashFunction = hash;
      } else {
        throw new ConfigError(
          "'hash-type' only supports 'sdbm', 'djb2', 'crc32', 'wt6' or 'none' hash functions.",
        );
      }
      balance.avalanche = modifier === 'avalanche';
      if (modifier !== undefined && modifier !== 'avalanche') {
        throw new ConfigError("'hash-type' only supports 'avalanche' as a modifier for hash functions.");
      }
      atMost(words, 3);
    },
  }),
  defineKeyword({
    name: 'hash-balance-factor',
    sections: BACK,
    usage: 'hash-balance-factor <factor>',
    doc: 'Bounds how far above the average load a server chosen by a consistent hash may be, in percent.',
    parse(words, context) {
      const factor = numberOf(words[1], 'hash-balance-factor', 0, 65535);
      if (factor !== 0 && factor <= 100) {
        throw new ConfigError("'hash-balance-factor' must be 0 or greater than 100.");
      }
      proxyOf(context).balance.hashBalanceFactor = factor;
    },
  }),
  defineKeyword({
    name: 'hash-preserve-affinity',
    sections: BACK,
    usage: 'hash-preserve-affinity { always | maxconn | maxqueue }',
    doc: 'When a hashed session may leave a server that is full.',
    parse(words, context) {
      const word = words[1];
      if (word !== 'always' && word !== 'maxconn' && word !== 'maxqueue') {
        throw new ConfigError("'hash-preserve-affinity' expects 'always', 'maxconn' or 'maxqueue'.");
      }
      proxyOf(context).balance.preserveAffinity = word;
    },
  }),
];
