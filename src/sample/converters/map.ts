// map and its relatives (manual 7.3.1): a value looked up in a map file by one of the matching methods.

import { expandGroups } from '../../acl/regex.ts';
import type { PatternLookup } from '../../acl/lookup.ts';
import type { Method } from '../../acl/methods.ts';
import { type Output, setOutput } from '../../acl/output.ts';
import { int, optional, str } from '../../registry/args.ts';
import {
  type ArgSpec,
  ConfigError,
  type ConverterKeyword,
  defineConverter,
  type ParseContext,
} from '../../registry/define.ts';
import { parseIpv6 } from '../address.ts';
import { parseShortIpv4 } from '../../acl/network.ts';
import { type Sample, Type } from '../sample.ts';

const METHODS = ['str', 'beg', 'end', 'sub', 'dir', 'dom', 'reg', 'int', 'ip'] as const;
const OUTPUTS: readonly Output[] = ['str', 'int', 'ip', 'key'];
const INPUT: Readonly<Partial<Record<Method, Type>>> = { int: Type.SINT, ip: Type.ADDR };
const RESULT: Readonly<Record<Output, Type>> = {
  str: Type.STR,
  key: Type.STR,
  int: Type.SINT,
  ip: Type.ADDR,
};

/** A map file, found and read where the configuration names it. */
function mapFile(method: Method, output: Output, withGroups: boolean): ArgSpec<PatternLookup> {
  return {
    usage: 'map_name',
    kind: 'string',
    optional: false,
    fallback: null as unknown as PatternLookup,
    parse(text, context) {
      const set = context.patterns.open(text, 2);
      set.uses.push(`by map at file '${context.position.file}' line ${context.position.line}`);
      return set.lookup(method, false, output, withGroups ? 'regm' : method);
    },
  };
}

const address: ArgSpec<string> = {
  ...str('default_value'),
  kind: 'IP address',
  parse(text: string, _context: ParseContext) {
    if (parseShortIpv4(text) >= 0 || parseIpv6(text) !== '') return text;
    throw new ConfigError(`failed to parse '${text}' as type 'address'`);
  },
};
const wholeNumber: ArgSpec<string> = {
  ...str('default_value'),
  kind: 'integer',
  parse: (text, context) => String(int('').parse(text, context)),
};

/** What stands in for a value that is not found. */
function fallbackFor(output: Output): readonly ArgSpec<string | null>[] {
  if (output === 'key') return [];
  const kind = output === 'int' ? wholeNumber : output === 'ip' ? address : str('default_value');
  return [optional(kind, null)];
}

function converter(name: string, method: Method, output: Output, withGroups = false): ConverterKeyword {
  return defineConverter({
    name,
    from: INPUT[method] ?? Type.STR,
    to: RESULT[output],
    args: [mapFile(method, output, withGroups), ...fallbackFor(output)] as never,
    volatile: true,
    doc: withGroups
      ? 'The value of the first expression in the map that matches, groups put in for \\0 to \\9.'
      : `The ${output === 'key' ? 'key' : 'value'} of the entry that matches (${method}), or the default.`,
    convert(sample: Sample, args: unknown) {
      const [lookup, fallback = null] = args as readonly [PatternLookup, (string | null)?];
      const found = lookup.value(sample, output === 'key');
      if (found === null) return fallback !== null && setOutput(sample, output, fallback);
      if (withGroups) return sample.setStr(expandGroups(found, lookup.groups!));
      return setOutput(sample, output, found);
    },
  });
}

export default [
  converter('map', 'str', 'str'),
  ...METHODS.flatMap((method) => [
    converter(`map_${method}`, method, 'str'),
    ...OUTPUTS.map((output) => converter(`map_${method}_${output}`, method, output)),
  ]),
  converter('map_regm', 'reg', 'str', true),
];
