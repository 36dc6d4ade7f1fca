// Variables (manual 2.8 and 7.3.2).

import { optional, str, variable } from '../../registry/args.ts';
import { defineFetch } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import { Type } from '../sample.ts';
import { getVariable } from '../variable-name.ts';

export default [
  defineFetch({
    name: 'var',
    args: [variable('var-name'), optional(str('default'), null)],
    type: Type.ANY,
    ...Source.INTERNAL,
    doc: 'The variable with its type; where it is not set <default> as a string, or no value.',
    fetch(stream, sample, [name, fallback]) {
      return getVariable(stream, name, sample) || (fallback !== null && sample.setStr(fallback));
    },
  }),
];
