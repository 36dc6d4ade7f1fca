// cookie, dynamic-cookie-key, http-check, source.

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { parseAddress } from '../address.ts';
import { proxyOf, timeOf } from './common.ts';
import type { CheckExpect, CookieSettings } from '../model.ts';

const BACK = ['defaults', 'listen', 'backend'] as const;

export default [
  defineKeyword({
    name: 'cookie',
    sections: BACK,
    usage: 'cookie <name> [ rewrite | insert | prefix ] [ indirect ] [ nocache ] [ postonly ] ...',
    doc: 'Keeps a client on one server by a cookie.',
    parse(words, context) {
      const name = words[1];
      if (name === undefined) throw new ConfigError("'cookie' expects <cookie_name> as argument.");
      const cookie: CookieSettings = {
        name,
        mode: 'passive',
        indirect: false,
        nocache: false,
        postonly: false,
        preserve: false,
        httponly: false,
        secure: false,
        dynamic: false,
        domains: [],
        attrs: [],
        maxidle: 0,
        maxlife: 0,
      };
      for (let at = 2; at < words.length; at++) {
        const word = words[at]!;
        const value = words[at + 1];
        switch (word) {
          case 'rewrite':
          case 'insert':
          case 'prefix':
            if (cookie.mode !== 'passive') {
              throw new ConfigError(
                "'cookie' keyword must be followed by only one of 'rewrite', 'insert', 'prefix'.",
              );
            }
            cookie.mode = word;
            break;
          case 'indirect':
          case 'nocache':
          case 'postonly':
          case 'preserve':
          case 'httponly':
          case 'secure':
          case 'dynamic':
            cookie[word] = true;
            break;
          case 'domain':
            if (value === undefined)
              throw new ConfigError(`'cookie' : '${word}' expects <domain> as argument.`);
            cookie.domains.push(value);
            at++;
            break;
          case 'attr':
            if (value === undefined)
              throw new ConfigError(`'cookie' : '${word}' expects <value> as argument.`);
            cookie.attrs.push(value);
            at++;
            break;
          case 'maxidle':
          case 'maxlife':
            if (value === undefined)
              throw new ConfigError(`'cookie' : '${word}' expects <idletime> in seconds as argument.`);
            cookie[word] = Math.floor(timeOf(value, word, 's') / 1000);
            at++;
            break;
          default:
            throw new ConfigError(
              "'cookie' supports 'rewrite', 'insert', 'prefix', 'indirect', 'nocache', 'postonly', 'domain', 'maxidle', 'dynamic', 'maxlife' and 'attr' options.",
            );
        }
      }
      if (cookie.mode === 'prefix' && cookie.indirect) {
        throw new ConfigError("'cookie' : 'prefix' and 'indirect' cannot be used together.");
      }
      proxyOf(context).cookie = cookie;
    },
  }),
  defineKeyword({
    name: 'dynamic-cookie-key',
    sections: BACK,
    usage: 'dynamic-cookie-key <string>',
    doc: 'The secret from which dynamic cookie values are made.',
    parse(words, context) {
      if (words[1] === undefined) throw new ConfigError("'dynamic-cookie-key' expects a string argument.");
      proxyOf(context).dynamicCookieKey = words[1];
    },
  }),
  defineKeyword({
    name: 'http-check',
    sections: BACK,
    usage: 'http-check { send | expect | disable-on-404 | send-state } ...',
    doc: 'What HTTP health checks send and expect.',
    parse(words, context) {
      const { check } = proxyOf(context);
      switch (words[1]) {
        case 'disable-on-404':
          check.disableOn404 = true;
          return;
        case 'send-state':
          check.sendState = true;
          return;
        case 'send':
          parseSend(words, check.http);
          return;
        case 'expect':
          check.expects.push(parseExpect(words));
          return;
        case 'connect':
        case 'set-var':
        case 'set-var-fmt':
        case 'unset-var':
        case 'comment':
          throw new ConfigError(`'http-check ${words[1]}' is known but not yet supported.`);
        default:
          throw new ConfigError(
            `'http-check' : only supports 'comment', 'connect', 'disable-on-404', 'expect', 'send', 'send-state' or 'set-var' (got '${words[1] ?? ''}').`,
          );
      }
    },
  }),
  defineKeyword({
    name: 'source',
    sections: BACK,
    usage: 'source <addr>[:<port>] [ interface <name> ]',
    doc: 'The address that connections to servers come from.',
    parse(words, context) {
      const text = words[1];
      if (text === undefined)
        throw new ConfigError(
          "'source' expects <addr>[:<port>], and optionally 'usesrc' <addr>, and 'interface' <name>.",
        );
      const { address, error } = parseAddress(text, { port: 'optional', names: false }, context.environment);
      if (error !== null) throw new ConfigError(`'source' : ${error}`);
      let interfaceName: string | null = null;
      if (words[2] === 'interface' && words[3] !== undefined) interfaceName = words[3];
      else if (words[2] === 'usesrc')
        throw new ConfigError("'source' : 'usesrc' is known but not yet supported.");
      else if (words[2] !== undefined)
        throw new ConfigError("'source' only supports optional keywords 'interface' and 'usesrc'.");
      proxyOf(context).source = { address, interfaceName };
    },
  }),
];

function parseSend(words: readonly string[], http: ReturnType<typeof proxyOf>['check']['http']): void {
  for (let at = 2; at < words.length; at++) {
    const word = words[at]!;
    const value = words[at + 1];
    if (value === undefined) throw new ConfigError(`'http-check send' : '${word}' expects an argument.`);
    if (word === 'meth') http.method = value;
    else if (word === 'uri') http.uri = value;
    else if (word === 'ver') http.version = value;
    else if (word === 'body') http.body = value;
    else if (word === 'hdr') {
      if (words[at + 2] === undefined)
        throw new ConfigError("'http-check send' : 'hdr' expects <name> and <value> as arguments.");
      http.headers.push({ name: value, value: words[at + 2]! });
      at++;
    } else if (word === 'uri-lf' || word === 'body-lf') {
      throw new ConfigError(`'http-check send' : '${word}' is known but not yet supported.`);
    } else throw new ConfigError(`'http-check send' : unsupported option '${word}'.`);
    at++;
  }
}

function parseExpect(words: readonly string[]): CheckExpect {
  let at = 2;
  let negate = false;
  if (words[at] === '!') {
    negate = true;
    at++;
  }
  const kind = words[at];
  const pattern = words[at + 1];
  if (kind !== 'status' && kind !== 'rstatus' && kind !== 'string' && kind !== 'rstring') {
    throw new ConfigError(
      `'http-check expect' : '${kind ?? ''}' is known but not yet supported here: 'status', 'rstatus', 'string' and 'rstring' are.`,
    );
  }
  if (pattern === undefined)
    throw new ConfigError(`'http-check expect' : '${kind}' expects a pattern as argument.`);
  if (words[at + 2] !== undefined) {
    throw new ConfigError(`'http-check expect' : '${words[at + 2]!}' is known but not yet supported.`);
  }
  const ranges: [number, number][] = [];
  if (kind === 'status') {
    for (const part of pattern.split(',')) {
      const range = /^(\d{3})(?:-(\d{3}))?$/.exec(part);
      if (range === null)
        throw new ConfigError(`'http-check expect' : invalid status code or range '${part}'.`);
      ranges.push([Number(range[1]), Number(range[2] ?? range[1])]);
    }
  }
  return { negate, kind, pattern, ranges };
}
