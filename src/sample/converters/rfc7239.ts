// Values of Forwarded headers (RFC 7239, manual 7.3.1 rfc7239_*): check, take apart, put together.

import { str } from '../../registry/args.ts';
import { defineConverter } from '../../registry/define.ts';
import { formatIpv6, parseIpv4, parseIpv6, formatIpv4 } from '../address.ts';
import { Type } from '../sample.ts';

const FIELDS = ['proto', 'host', 'for', 'by'];
const OBFUSCATED = /^_[A-Za-z0-9._-]+$/;
const IDENTIFIER = /^[A-Za-z0-9._-]+$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/;
const HOST = /^(?:[A-Za-z0-9\-._~%!$&'()*+,;=]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?$/;

/** The parameters of one value by their lower-case names, quotes removed; null where it is malformed. */
function parametersOf(text: string): ReadonlyMap<string, string> | null {
  const found = new Map<string, string>();
  for (let at = 0; ; at++) {
    const equals = text.indexOf('=', at);
    if (equals < 0) return null;
    const name = text.slice(at, equals).toLowerCase();
    if (!FIELDS.includes(name) || found.has(name)) return null;
    let value = '';
    at = equals + 1;
    const isQuoted = text[at] === '"';
    if (isQuoted) {
      for (at++; at < text.length && text[at] !== '"'; at++) {
        if (text[at] === '\\') at++;
        value += text[at] ?? '';
      }
      if (at >= text.length) return null;
      at++;
    } else {
      const end = text.indexOf(';', at);
      value = text.slice(at, end < 0 ? text.length : end);
      if (!TOKEN.test(value)) return null;
      at += value.length;
    }
    if (!fits(name, value)) return null;
    found.set(name, value);
    if (at === text.length) return found;
    if (text[at] !== ';') return null;
  }
}

function fits(name: string, value: string): boolean {
  if (name === 'proto') return value === 'http' || value === 'https';
  if (name === 'host') {
    const match = HOST.exec(value);
    return match !== null && (match[1] === undefined || Number(match[1]) <= 65535);
  }
  return splitNode(value) !== null;
}

/** Name and port of a node; an IPv6 name keeps its brackets, the port is '' where there is none. */
function splitNode(text: string): readonly [name: string, port: string] | null {
  const colon = text.startsWith('[') ? text.indexOf(':', text.indexOf(']')) : text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  if (colon >= 0) {
    const port = text.slice(colon + 1);
    if (!OBFUSCATED.test(port) && !(/^\d{1,5}$/.test(port) && Number(port) <= 65535)) return null;
  }
  const known =
    name === 'unknown' ||
    OBFUSCATED.test(name) ||
    parseIpv4(name) >= 0 ||
    (name.startsWith('[') && name.endsWith(']') && parseIpv6(name.slice(1, -1)) !== '');
  return known ? [name, colon < 0 ? '' : text.slice(colon + 1)] : null;
}

export default [
  defineConverter({
    name: 'rfc7239_is_valid',
    from: Type.STR,
    to: Type.BOOL,
    args: [],
    doc: 'Whether it is the value of a Forwarded header.',
    examples: [
      ['str(for=127.0.0.1;proto=http),rfc7239_is_valid', '1'],
      ['str(proto=custom),rfc7239_is_valid', '0'],
    ],
    convert: (sample) => sample.setBool(parametersOf(sample.text) !== null),
  }),
  defineConverter({
    name: 'rfc7239_field',
    from: Type.STR,
    to: Type.STR,
    args: [str('field')],
    doc: 'One parameter of a Forwarded header: proto, host, for or by.',
    examples: [['str(proto=https;for=127.0.0.1),rfc7239_field(for)', '127.0.0.1']],
    check: ([field]) =>
      FIELDS.includes(field)
        ? undefined
        : "unsupported field. Allowed values are 'proto', 'host', 'for', 'by'",
    convert(sample, [field]) {
      const value = parametersOf(sample.text)?.get(field);
      return value !== undefined && sample.setStr(value);
    },
  }),
  defineConverter({
    name: 'rfc7239_n2nn',
    from: Type.STR,
    to: Type.ANY,
    args: [],
    doc: 'The name of a node: an address, `unknown` or an obfuscated identifier.',
    examples: [
      ['str(127.0.0.1:9999),rfc7239_n2nn', '127.0.0.1'],
      ['str(_name:_port),rfc7239_n2nn', '_name'],
    ],
    convert(sample) {
      const name = splitNode(sample.text)?.[0];
      if (name === undefined) return false;
      if (name.startsWith('[')) return sample.setIpv6(parseIpv6(name.slice(1, -1)));
      const address = parseIpv4(name);
      return address >= 0 ? sample.setIpv4(address) : sample.setStr(name);
    },
  }),
  defineConverter({
    name: 'rfc7239_n2np',
    from: Type.STR,
    to: Type.ANY,
    args: [],
    doc: 'The port of a node: a number or an obfuscated identifier; no value where there is none.',
    examples: [
      ['str(127.0.0.1:9999),rfc7239_n2np', '9999'],
      ['str(_name:_port),rfc7239_n2np', '_port'],
      ['str(_name),rfc7239_n2np', null],
    ],
    convert(sample) {
      const port = splitNode(sample.text)?.[1] ?? '';
      if (port === '') return false;
      return port.startsWith('_') ? sample.setStr(port) : sample.setInt(Number(port));
    },
  }),
  defineConverter({
    name: 'rfc7239_nn',
    from: Type.ANY,
    to: Type.STR,
    args: [],
    doc: 'An address or an identifier as the name of a node.',
    examples: [
      ['ipv6(ab::1),rfc7239_nn', '[ab::1]'],
      ['str(test),rfc7239_nn', '_test'],
    ],
    convert(sample) {
      if (sample.type === Type.IPV4) return sample.setStr(formatIpv4(sample.num));
      if (sample.type === Type.IPV6) return sample.setStr(`[${formatIpv6(sample.text)}]`);
      if (sample.type !== Type.STR) return false;
      if (sample.text === '') return sample.setStr('unknown');
      return IDENTIFIER.test(sample.text) && sample.setStr('_' + sample.text);
    },
  }),
  defineConverter({
    name: 'rfc7239_np',
    from: Type.ANY,
    to: Type.STR,
    args: [],
    doc: 'A number or an identifier as the port of a node.',
    examples: [
      ['int(12),rfc7239_np', '12'],
      ['str(test),rfc7239_np', '_test'],
    ],
    convert(sample) {
      if (sample.type === Type.SINT) {
        return (
          sample.big === null && sample.num >= 0 && sample.num <= 65535 && sample.setStr(String(sample.num))
        );
      }
      return sample.type === Type.STR && IDENTIFIER.test(sample.text) && sample.setStr('_' + sample.text);
    },
  }),
];
