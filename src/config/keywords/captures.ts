// capture, declare capture, unique-id-format, unique-id-header: what is kept of a request for its log line.

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { FRONT, atMost, formatOf, numberOf, proxyOf } from './common.ts';
import { Phase } from '../../sample/expression.ts';

const UNIQUE_ID = Phase.REQUEST_HTTP | Phase.REQUEST_CONTENT | Phase.SESSION | Phase.LOG;
const LONGEST = 65535;

export default [
  defineKeyword({
    name: 'capture',
    sections: FRONT,
    usage: 'capture { cookie | request header | response header } <name> len <length>',
    doc: 'Keeps a header or cookie for the log.',
    parse(words, context) {
      const proxy = proxyOf(context);
      const kind = words[1];
      if (kind !== 'cookie' && ((kind !== 'request' && kind !== 'response') || words[2] !== 'header')) {
        throw new ConfigError("'capture' expects 'cookie' or 'request header' or 'response header'.");
      }
      if (proxy.kind === 'defaults') {
        throw new ConfigError(`'capture ${kind}' not allowed in 'defaults' section.`);
      }
      if (kind === 'cookie') {
        const [, , name, len, length] = words;
        if (name === undefined || len !== 'len' || length === undefined) {
          throw new ConfigError("'capture' expects 'cookie' <cookie_name> 'len' <len>.");
        }
        atMost(words, 4, 'capture cookie');
        const prefix = !name.endsWith('=');
        proxy.captureCookie = {
          name: prefix ? name : name.slice(0, -1),
          length: Math.min(numberOf(length, 'capture cookie', 0, LONGEST), context.config.global.cookielen),
          prefix,
        };
        return;
      }
      const [, , , name, len, length] = words;
      if (name === undefined || len !== 'len' || length === undefined) {
        throw new ConfigError(`'capture ${kind}' expects 'header' <header_name> 'len' <len>.`);
      }
      atMost(words, 5, `capture ${kind}`);
      const slot = {
        name: name.toLowerCase(),
        length: numberOf(length, `capture ${kind}`, 0, LONGEST),
      };
      (kind === 'request' ? proxy.requestCaptures : proxy.responseCaptures).push(slot);
    },
  }),
  defineKeyword({
    name: 'declare',
    sections: FRONT,
    usage: 'declare capture { request | response } len <length>',
    doc: 'A capture slot without a header of its own, for `capture ... id` rules.',
    parse(words, context) {
      const proxy = proxyOf(context);
      const [, what = '', side, len, length] = words;
      if (what === '') {
        throw new ConfigError(
          "'declare' needs a second keyword that specify the type of declaration ('capture')",
        );
      }
      if (what !== 'capture') {
        throw new ConfigError(`unknown declaration type '${what}' (supports 'capture')`);
      }
      if (proxy.kind === 'defaults') {
        throw new ConfigError("'declare capture' not allowed in 'defaults' section.");
      }
      if (side !== 'request' && side !== 'response') {
        throw new ConfigError("'declare capture' requires a direction ('request' or 'response')");
      }
      if (len !== 'len') throw new ConfigError("'declare capture' requires a capture length ('len')");
      if (length === undefined) {
        throw new ConfigError(
          "'declare capture': 'len' requires a numeric value that represents the capture length",
        );
      }
      if (!/^-?\d+$/.test(length)) throw new ConfigError("'declare capture': cannot parse the length 'len'.");
      if (Number(length) <= 0) throw new ConfigError('length must be > 0');
      const slot = { name: '', length: numberOf(length, `declare capture ${side} len`, 1, LONGEST) };
      (side === 'request' ? proxy.requestCaptures : proxy.responseCaptures).push(slot);
    },
  }),
  defineKeyword({
    name: 'unique-id-format',
    sections: FRONT,
    usage: 'unique-id-format <fmt>',
    doc: 'How the unique id of a request is made.',
    parse(words, context) {
      if (words[1] === undefined) throw new ConfigError('unique-id-format expects an argument.');
      if (words[2] !== undefined) {
        throw new ConfigError("unique-id-format expects only one argument, don't forget to escape spaces!");
      }
      proxyOf(context).uniqueIdFormat = formatOf('unique-id', words[1], context, UNIQUE_ID);
    },
  }),
  defineKeyword({
    name: 'unique-id-header',
    sections: FRONT,
    usage: 'unique-id-header <name>',
    doc: 'The request header that carries the unique id to the server.',
    parse(words, context) {
      if (words[1] === undefined) throw new ConfigError('unique-id-header expects an argument.');
      proxyOf(context).uniqueIdHeader = words[1].toLowerCase();
    },
  }),
];
