// capture, declare capture: slots of the frontend that headers, cookies and rules fill.

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { numberOf, proxyOf } from './common.ts';

export default [
  defineKeyword({
    name: 'capture',
    sections: ['frontend', 'listen'],
    usage: 'capture { cookie | request header | response header } <name> len <length>',
    doc: 'Keeps a header or cookie for the log.',
    parse(words, context) {
      const proxy = proxyOf(context);
      if (words[1] === 'cookie') {
        if (words[2] === undefined || words[3] !== 'len') {
          throw new ConfigError("'capture cookie' expects 'cookie' <cookie_name> 'len' <len>.");
        }
        const prefix = !words[2].endsWith('=');
        proxy.captureCookie = {
          name: prefix ? words[2] : words[2].slice(0, -1),
          length: numberOf(words[4], 'capture cookie len', 1, 65535),
          prefix,
        };
        return;
      }
      if ((words[1] !== 'request' && words[1] !== 'response') || words[2] !== 'header') {
        throw new ConfigError("'capture' expects 'cookie' or 'request header' or 'response header'.");
      }
      if (words[3] === undefined || words[4] !== 'len') {
        throw new ConfigError(`'capture ${words[1]} header' expects 'header' <header_name> 'len' <len>.`);
      }
      const slot = {
        name: words[3].toLowerCase(),
        length: numberOf(words[5], `capture ${words[1]} header len`, 1, 65535),
      };
      (words[1] === 'request' ? proxy.requestCaptures : proxy.responseCaptures).push(slot);
    },
  }),
  defineKeyword({
    name: 'declare',
    sections: ['frontend', 'listen'],
    usage: 'declare capture { request | response } len <length>',
    doc: 'A capture slot without a header of its own, for `capture ... id` rules.',
    parse(words, context) {
      const proxy = proxyOf(context);
      if (words[1] !== 'capture') {
        throw new ConfigError("'declare' supports only 'capture' (missing or unknown argument).");
      }
      if ((words[2] !== 'request' && words[2] !== 'response') || words[3] !== 'len') {
        throw new ConfigError("'declare capture' expects 'request' or 'response', then 'len' <length>.");
      }
      const slot = { name: '', length: numberOf(words[4], `declare capture ${words[2]} len`, 1, 65535) };
      (words[2] === 'request' ? proxy.requestCaptures : proxy.responseCaptures).push(slot);
    },
  }),
];
