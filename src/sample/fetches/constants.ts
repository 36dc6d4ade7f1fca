// Values written in the configuration itself (manual 7.3.2).

import { hexBytes } from '../../acl/ranges.ts';
import { int64, ipv4, ipv6, optional, str } from '../../registry/args.ts';
import { defineFetch } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import { Type } from '../sample.ts';

const BOOLEANS = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

export default [
  defineFetch({
    name: 'always_false',
    args: [],
    type: Type.BOOL,
    ...Source.CONSTANT,
    constant: true,
    doc: 'Never matches.',
    fetch: (_stream, sample) => sample.setBool(false),
  }),
  defineFetch({
    name: 'always_true',
    args: [],
    type: Type.BOOL,
    ...Source.CONSTANT,
    constant: true,
    doc: 'Always matches.',
    fetch: (_stream, sample) => sample.setBool(true),
  }),
  defineFetch({
    name: 'bin',
    args: [str('hex')],
    type: Type.BIN,
    ...Source.CONSTANT,
    constant: true,
    doc: 'Constant bytes, written as an even number of hex digits.',
    check([hex]) {
      if (hex === '') return 'expects hex digits';
      try {
        hexBytes(hex);
      } catch (error) {
        return (error as Error).message;
      }
      return undefined;
    },
    fetch: (_stream, sample, [hex]) => sample.setBin(hexBytes(hex)),
  }),
  defineFetch({
    name: 'bool',
    args: [str('bool')],
    type: Type.BOOL,
    ...Source.CONSTANT,
    constant: true,
    doc: 'A constant boolean: true, false, 1 or 0.',
    check: ([text]) => (BOOLEANS.has(text.toLowerCase()) ? undefined : "Expects 'true', 'false', '0' or '1'"),
    fetch: (_stream, sample, [text]) => sample.setBool(BOOLEANS.get(text.toLowerCase())!),
  }),
  defineFetch({
    name: 'int',
    args: [int64('integer')],
    type: Type.SINT,
    ...Source.CONSTANT,
    constant: true,
    doc: 'A constant integer of 64 bits with sign.',
    fetch: (_stream, sample, [value]) =>
      typeof value === 'number' ? sample.setInt(value) : sample.setBig(value),
  }),
  defineFetch({
    name: 'ipv4',
    args: [ipv4('ipv4')],
    type: Type.IPV4,
    ...Source.CONSTANT,
    constant: true,
    doc: 'A constant IPv4 address.',
    fetch: (_stream, sample, [address]) => sample.setIpv4(address),
  }),
  defineFetch({
    name: 'ipv6',
    args: [ipv6('ipv6')],
    type: Type.IPV6,
    ...Source.CONSTANT,
    constant: true,
    doc: 'A constant IPv6 address.',
    fetch: (_stream, sample, [address]) => sample.setIpv6(address),
  }),
  defineFetch({
    name: 'meth',
    args: [str('method')],
    type: Type.METH,
    ...Source.CONSTANT,
    constant: true,
    doc: 'A constant method, such as GET; ACLs compare it by number.',
    fetch: (_stream, sample, [method]) => sample.setMeth(method),
  }),
  defineFetch({
    name: 'str',
    args: [optional(str('string'), '')],
    type: Type.STR,
    ...Source.CONSTANT,
    constant: true,
    doc: 'A constant string; without an argument the empty one.',
    fetch: (_stream, sample, [text]) => sample.setStr(text),
  }),
];
