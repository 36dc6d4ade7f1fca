// cookie, dynamic-cookie-key: persistence by cookies.

import { ConfigError, defineKeyword, type ParseContext } from '../../registry/define.ts';
import { BACK, proxyOf } from './common.ts';
import { parseTime, timeTrailing } from '../values.ts';
import type { CookieSettings } from '../model.ts';

const OPTIONS =
  "'cookie' supports 'rewrite', 'insert', 'prefix', 'indirect', 'nocache', 'postonly', 'domain', 'maxidle', " +
  "'dynamic', 'maxlife' and 'attr' options.";

const tight = (text: string): ConfigError => new ConfigError(text, 'tight');

/** A life time in seconds. */
function seconds(word: 'maxidle' | 'maxlife', text: string | undefined, context: ParseContext): number {
  if (text === undefined) throw tight(`'${word}' expects <idletime> in seconds as argument.`);
  const result = parseTime(text, 's');
  if (result.problem === 'overflow') {
    throw tight(
      `timer overflow in argument <${text}> to <${word}>, maximum value is 2147483647 s (~68 years).`,
    );
  }
  if (result.problem === 'character' || result.problem === 'empty') {
    throw tight(`unexpected character '${result.found}' in argument to <${word}>.`);
  }
  const trailing = timeTrailing(result, text);
  if (trailing !== undefined) context.warnPlain(trailing);
  return result.value;
}

/** Attribute values end at the next semicolon in a header: they cannot hold one, nor control characters. */
function attribute(text: string | undefined): string {
  if (text === undefined) throw tight("'attr' expects <value> as argument.");
  for (const character of text) {
    const code = character.charCodeAt(0);
    if (code < 0x20 || code === 0x7f || character === ';') {
      const hex = code.toString(16).toUpperCase().padStart(2, '0');
      throw tight(`character '%x${hex}' is not permitted in attribute value.`);
    }
  }
  return text;
}

function domain(text: string | undefined, context: ParseContext): string {
  if (text === undefined) throw tight("'domain' expects <domain> as argument.");
  if (!text.startsWith('.') && !text.slice(1).includes('.')) {
    context.warnHere(
      `domain '${text}' contains no embedded dot, this configuration may not work properly (see RFC6265#5.2.3).`,
    );
  }
  return text;
}

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
      let modes = 0;
      for (let at = 2; at < words.length; at++) {
        const word = words[at]!;
        switch (word) {
          case 'rewrite':
          case 'insert':
          case 'prefix':
            cookie.mode = word;
            modes++;
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
            cookie.domains.push(domain(words[++at], context));
            break;
          case 'attr':
            cookie.attrs.push(attribute(words[++at]));
            break;
          case 'maxidle':
          case 'maxlife':
            cookie[word] = seconds(word, words[++at], context);
            break;
          default:
            throw new ConfigError(OPTIONS);
        }
      }
      if (modes > 1) {
        throw new ConfigError("cookie 'rewrite', 'insert' and 'prefix' modes are incompatible.");
      }
      if (cookie.preserve && cookie.mode !== 'insert' && !cookie.indirect) {
        throw new ConfigError("cookie 'preserve' requires at least 'insert' or 'indirect'.");
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
      if (words[1] === undefined) {
        throw new ConfigError("'dynamic-cookie-key' expects <secret_key> as argument.");
      }
      proxyOf(context).dynamicCookieKey = words[1];
    },
  }),
];
