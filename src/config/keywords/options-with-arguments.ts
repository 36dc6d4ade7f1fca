// Options that take words: redispatch, forwardfor, originalto, forwarded, httpchk.

import { ConfigError, type ParseContext } from '../../registry/define.ts';
import { Phase } from '../../sample/expression.ts';
import { parseAddress } from '../address.ts';
import { parseInteger } from '../values.ts';
import { proxyOf } from './common.ts';
import type { ForwardHeader, ForwardedPart } from '../model.ts';

type Form = 'set' | 'no' | 'default';
type OptionParser = (words: readonly string[], context: ParseContext, form: Form) => void;

function forwardHeader(words: readonly string[], context: ParseContext, header: string): ForwardHeader {
  let name = header;
  let except: ForwardHeader['except'] = null;
  let exceptMask = -1;
  let ifNone = false;
  for (let at = 2; at < words.length; at++) {
    const word = words[at]!;
    if (word === 'except' && words[at + 1] !== undefined) {
      const [text, bits] = words[++at]!.split('/');
      const { address, error } = parseAddress(text!, { port: 'none', names: false }, context.environment);
      if (error !== null || (address.family !== 'ipv4' && address.family !== 'ipv6')) {
        throw new ConfigError(`'option ${words[1]!}' : invalid network '${words[at]!}'.`);
      }
      except = address;
      const most = address.family === 'ipv4' ? 32 : 128;
      exceptMask = bits === undefined ? most : (parseInteger(bits) ?? -1);
      if (exceptMask < 0 || exceptMask > most) throw new ConfigError(`invalid mask in '${words[at]!}'.`);
    } else if (word === 'header' && words[at + 1] !== undefined) {
      name = words[++at]!.toLowerCase();
    } else if (word === 'if-none') {
      ifNone = true;
    } else {
      throw new ConfigError(
        `'option ${words[1]!}' only supports optional values: 'except', 'header' and 'if-none'.`,
      );
    }
  }
  return { header: name, except, exceptMask, ifNone };
}

function forwarded(words: readonly string[], context: ParseContext, form: Form): void {
  if (form !== 'set') {
    proxyOf(context).forwarded = null;
    return;
  }
  const parts: ForwardedPart[] = [];
  const phases = Phase.REQUEST_HTTP;
  for (let at = 2; at < words.length; at++) {
    const word = words[at]!;
    if (word === 'proto') {
      parts.push({ name: 'proto', expression: null });
      continue;
    }
    const match = /^(host|by_port|by|for_port|for)(-expr)?$/.exec(word);
    if (match === null) {
      throw new ConfigError(`'option forwarded' : unknown parameter '${word}'.`);
    }
    let expression = null;
    if (match[2] !== undefined) {
      const source = words[++at];
      if (source === undefined)
        throw new ConfigError(`'option forwarded' : '${word}' expects an expression.`);
      expression = context.expression(source, phases);
    }
    parts.push({ name: match[1] as ForwardedPart['name'], expression });
  }
  if (parts.length === 0) {
    parts.push({ name: 'proto', expression: null }, { name: 'for', expression: null });
  }
  proxyOf(context).forwarded = { parts };
}

/** option httpchk [<method>] [<uri>] [<version> [<host>]] */
function httpchk(words: readonly string[], context: ParseContext): void {
  const { check } = proxyOf(context);
  check.kind = 'http';
  const [, , one, two, three, four, five] = words;
  if (five !== undefined) throw new ConfigError("'option httpchk' : too many arguments.");
  const { http } = check;
  http.method = 'OPTIONS';
  http.uri = '/';
  http.version = 'HTTP/1.0';
  http.host = null;
  if (one !== undefined && two === undefined) {
    http.uri = one;
  } else if (two !== undefined) {
    http.method = one!;
    http.uri = two;
  }
  if (three !== undefined) {
    if (!/^HTTP\/\d\.\d$/.test(three)) {
      throw new ConfigError(
        "hiding headers or body at the end of the version string is unsupported. Use 'http-check send' directive instead.",
      );
    }
    http.version = three;
  }
  if (four !== undefined) http.host = four;
}

export const optionParsers: Record<string, OptionParser> = {
  redispatch(words, context, form) {
    const proxy = proxyOf(context);
    if (form !== 'set') {
      proxy.redispatch = 0;
      return;
    }
    const text = words[2];
    if (text === undefined) {
      proxy.redispatch = -1;
      return;
    }
    const value = parseInteger(text);
    if (value === null || value === 0) {
      throw new ConfigError("'option redispatch' expects an integer argument different from 0.");
    }
    proxy.redispatch = value;
  },
  forwardfor(words, context, form) {
    proxyOf(context).forwardFor = form === 'set' ? forwardHeader(words, context, 'x-forwarded-for') : null;
  },
  originalto(words, context) {
    proxyOf(context).originalTo = forwardHeader(words, context, 'x-original-to');
  },
  forwarded,
  httpchk,
  'tcp-check'(words, context) {
    if (words[2] !== undefined) throw new ConfigError("'option tcp-check' takes no argument.");
    // Without tcp-check rules this is the plain connect that `check` does anyway; rules are refused by their keyword.
    proxyOf(context).check.kind = 'tcp';
  },
};
