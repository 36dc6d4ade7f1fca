// ACLs as a sample (manual 7.3.2).

import type { Condition } from '../../acl/condition.ts';
import { optional } from '../../registry/args.ts';
import { defineFetch, type ArgSpec } from '../../registry/define.ts';
import { ALL_PHASES, Source } from '../../registry/sources.ts';
import { Type } from '../sample.ts';

const ACLS_MAX = 12;

/** One name, with a `!` before it where the result is to be inverted. Where the ACL fits is not checked. */
const named: ArgSpec<Condition | null> = {
  usage: 'name',
  kind: 'string',
  optional: false,
  fallback: null,
  parse: (text, context) => context.condition(['if', text], ALL_PHASES),
};

export default [
  defineFetch({
    name: 'acl',
    args: [named, ...Array.from({ length: ACLS_MAX - 1 }, () => optional(named, null))],
    type: Type.BOOL,
    ...Source.INTERNAL,
    doc: 'Whether all of the named ACLs hold.',
    fetch(stream, sample, conditions) {
      for (const condition of conditions) {
        if (condition === null) break;
        if (!condition.test(stream)) return sample.setBool(false);
      }
      return sample.setBool(true);
    },
  }),
];
