// All variables in one text (manual 7.3.2).

import { optional, str } from '../../registry/args.ts';
import { defineFetch } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import { formatIpv4, formatIpv6 } from '../address.ts';
import { Sample, Type } from '../sample.ts';
import { type Scope, storeOf } from '../variable-name.ts';

const SCOPES: readonly Scope[] = ['sess', 'txn', 'req', 'res', 'proc'];
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\r': '\\r',
  '\n': '\\n',
  '\b': '\\b',
  '\0': '\\0',
};

const quoted = (text: string): string => `"${text.replace(/["\\\r\n\b\0]/g, (one) => ESCAPES[one]!)}"`;

/** A value by its type: text in quotes, bytes as x and hexadecimal digits, the rest as it is. */
function valueText(value: Readonly<Pick<Sample, 'type' | 'num' | 'big' | 'text'>>): string {
  switch (value.type) {
    case Type.BOOL:
      return value.num === 0 ? 'false' : 'true';
    case Type.SINT:
      return String(value.big ?? value.num);
    case Type.IPV4:
      return formatIpv4(value.num);
    case Type.IPV6:
      return formatIpv6(value.text);
    case Type.BIN:
      return `x${Buffer.from(value.text, 'latin1').toString('hex')}`;
    default:
      return quoted(value.text);
  }
}

export default [
  defineFetch({
    name: 'dump_all_vars',
    args: [optional(str('scope'), ''), optional(str('prefix'), ''), optional(str('delimiter'), ', ')],
    type: Type.STR,
    ...Source.INTERNAL,
    doc: 'The variables of <scope>, or of all, whose names begin with <prefix>, and their values.',
    check: ([scope]) =>
      scope === '' || SCOPES.includes(scope as Scope)
        ? undefined
        : `invalid scope '${scope}', expects 'sess', 'txn', 'req', 'res' or 'proc'`,
    fetch(stream, sample, [scope, prefix, delimiter]) {
      let text = '';
      for (const one of scope === '' ? SCOPES : [scope as Scope]) {
        const store = storeOf(stream, one);
        if (store === null) continue;
        for (const [name, value] of store.entries()) {
          if (!name.startsWith(prefix)) continue;
          text += `${text === '' ? '' : delimiter}${one}.${name}=${valueText(value)}`;
        }
      }
      return sample.setStr(text);
    },
  }),
];
