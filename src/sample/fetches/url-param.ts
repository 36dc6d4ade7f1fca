// Parameters of the query string and of posted forms (manual 7.3.6).

import { optional, str } from '../../registry/args.ts';
import { defineFetch, type FetchKeyword } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import { toSint } from '../cast.ts';
import { lowered } from '../fold.ts';
import { type Sample, Type } from '../sample.ts';

/**
 * Fills in parameter number `index` of those named `name` (any where it is ''), looking from `from` on. `ends` are
 * the characters between parameters.
 */
export function fetchParameter(
  text: string,
  from: number,
  name: string,
  ends: string,
  ignoreCase: boolean,
  index: number,
  sample: Sample,
): boolean {
  const wanted = ignoreCase ? lowered(name) : name;
  let left = Math.max(0, index);
  sample.more = false;
  for (let at = from; at <= text.length;) {
    let end = at;
    while (end < text.length && !ends.includes(text[end]!)) end++;
    const equals = text.indexOf('=', at);
    const hasValue = equals >= 0 && equals < end;
    const key = text.slice(at, hasValue ? equals : end);
    if (hasValue && (name === '' || (ignoreCase ? lowered(key) : key) === wanted)) {
      if (left-- === 0) {
        sample.more = index >= 0;
        return sample.setStr(text.slice(equals + 1, end));
      }
    }
    at = end + 1;
  }
  return false;
}

const caseFlag = (flag: string): string | undefined =>
  flag === '' || flag === 'i' ? undefined : "expects 'i'";

const parameter = (name: string, aliases: readonly string[], type: Type): FetchKeyword =>
  defineFetch({
    name,
    aliases,
    args: [optional(str('name'), ''), optional(str('delim'), ''), optional(str('i'), '')],
    type,
    ...Source.REQUEST_HEADERS,
    doc: `The first parameter <name> of the query string, which begins after '?' or <delim>; with 'i' in any case.`,
    check([, delimiter, flag]) {
      if (delimiter.length > 1) return 'Delimiter must be exactly 1 character.';
      return caseFlag(flag);
    },
    fetch({ request }, sample, [wanted, delimiter, flag], index) {
      if (request === null) return false;
      const { target } = request;
      let start = target.indexOf('?');
      if (delimiter !== '') {
        const other = target.indexOf(delimiter);
        if (other >= 0 && (start < 0 || other < start)) start = other;
      }
      if (start < 0) return false;
      const found = fetchParameter(target, start + 1, wanted, '&;?' + delimiter, flag === 'i', index, sample);
      return found && (type === Type.STR || toSint(sample));
    },
  });

export default [
  parameter('url_param', ['urlp'], Type.STR),
  parameter('urlp_val', [], Type.SINT),
  defineFetch({
    name: 'req.body_param',
    args: [optional(str('name'), ''), optional(str('i'), '')],
    type: Type.STR,
    ...Source.REQUEST_BODY,
    doc: 'A parameter of a form in the body.',
    check: ([, flag]) => caseFlag(flag),
    fetch({ request }, sample, [wanted, flag], index) {
      return request !== null && fetchParameter(request.body(), 0, wanted, '&', flag === 'i', index, sample);
    },
  }),
];
