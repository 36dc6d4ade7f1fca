// Options that take words: forwardfor, originalto, forwarded, httpchk, http-restrict-req-hdr-names, tcp-check.

import { isIP } from 'node:net';
import { ConfigError, type ParseContext } from '../../registry/define.ts';
import { Phase } from '../../sample/expression.ts';
import { addressOf, proxyOf } from './common.ts';
import { beginRequest } from '../own-checks.ts';
import { parseInteger } from '../values.ts';
import type { Address } from '../address.ts';
import type { ForwardHeader, ForwardedPart } from '../model.ts';

interface OptionParser {
  readonly side: 'front' | 'back' | 'both';
  readonly parse: (words: readonly string[], context: ParseContext) => void;
}

/** `address[/bits]`, or null where it is none. */
function network(text: string, context: ParseContext): { address: Address; bits: number } | null {
  const [host = '', bits] = text.split('/', 2);
  const version = isIP(host);
  if (version === 0) return null;
  const most = version === 4 ? 32 : 128;
  const length = bits === undefined ? { problem: 'none', value: most } : parseInteger(bits, 0, most);
  if (length.problem !== 'none') return null;
  return { address: addressOf(`ipv${version}@${host}:`, 'network', context, {}), bits: length.value };
}

function forwardHeader(
  words: readonly string[],
  context: ParseContext,
  header: string,
  ifNoneAllowed: boolean,
): ForwardHeader {
  const option = `'option ${words[1]!}`;
  let name = header;
  let except: ForwardHeader['except'] = null;
  let exceptMask = -1;
  let ifNone = false;
  for (let at = 2; at < words.length; at++) {
    const word = words[at]!;
    if (word === 'except') {
      const found = network(words[++at] ?? '', context);
      if (found === null) throw new ConfigError(`${option} except' expects <address>[/mask] as argument.`);
      except = found.address;
      exceptMask = found.bits;
    } else if (word === 'header') {
      const value = words[++at];
      if (value === undefined) throw new ConfigError(`${option} header' expects <header_name> as argument.`);
      name = value.toLowerCase();
    } else if (word === 'if-none' && ifNoneAllowed) {
      ifNone = true;
    } else {
      const values = ifNoneAllowed ? "'except', 'header' and 'if-none'" : "'except' and 'header'";
      throw new ConfigError(`${option}' only supports optional values: ${values}.`);
    }
  }
  return { header: name, except, exceptMask, ifNone };
}

function forwarded(words: readonly string[], context: ParseContext): void {
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
  const [, , one, two, three, four, extra] = words;
  if (extra !== undefined) {
    throw new ConfigError(`'option httpchk' cannot handle unexpected argument '${extra}'.`);
  }
  check.kind = 'http';
  beginRequest(check);
  const { http } = check;
  http.method = two === undefined ? 'OPTIONS' : one!;
  http.uri = two ?? one ?? '/';
  http.version = three ?? 'HTTP/1.0';
  http.host = four ?? null;
  if (three !== undefined && !/^HTTP\/\d\.\d$/.test(three)) {
    throw new ConfigError(
      "'option httpchk' : hiding headers or body at the end of the version string is unsupported. Use 'http-check send' directive instead.",
    );
  }
}

export const optionParsers: Readonly<Record<string, OptionParser>> = {
  forwardfor: {
    side: 'both',
    parse(words, context) {
      proxyOf(context).forwardFor = forwardHeader(words, context, 'x-forwarded-for', true);
    },
  },
  originalto: {
    side: 'both',
    parse(words, context) {
      proxyOf(context).originalTo = forwardHeader(words, context, 'x-original-to', false);
    },
  },
  forwarded: { side: 'back', parse: forwarded },
  httpchk: { side: 'back', parse: httpchk },
  'http-restrict-req-hdr-names': {
    side: 'both',
    parse(words, context) {
      const policy = words[2];
      const expected =
        "option 'http-restrict-req-hdr-names' expects 'preserve', 'reject' or 'delete' option.";
      if (policy === undefined) throw new ConfigError(`missing parameter. ${expected}`);
      if (policy !== 'preserve' && policy !== 'delete' && policy !== 'reject') {
        throw new ConfigError(`invalid parameter '${policy}'. ${expected}`);
      }
      proxyOf(context).headerNames = policy;
    },
  },
  'tcp-check': {
    side: 'back',
    parse(words, context) {
      if (words[2] !== undefined) {
        throw new ConfigError(`'option tcp-check' cannot handle unexpected argument '${words[2]}'.`);
      }
      // Without tcp-check rules this is the plain connect that `check` does anyway; rules are refused by their keyword.
      proxyOf(context).check.kind = 'tcp';
    },
  },
};
