// Values out of JSON texts (manual 7.3.1, json_query).

import { optional, str } from '../../registry/args.ts';
import { defineConverter, ConfigError, type ArgSpec } from '../../registry/define.ts';
import { type Sample, Type } from '../sample.ts';

/** Numbers keep the form they were written in. */
const raw = JSON as unknown as {
  rawJSON(text: string): object;
  isRawJSON(value: unknown): value is { readonly rawJSON: string };
};

/** `$.name[index]...`; a backslash keeps the next character from having a meaning. */
export const jsonPath: ArgSpec<readonly (string | number)[]> = {
  usage: 'json_path',
  kind: 'string',
  optional: false,
  fallback: [],
  parse(text) {
    const steps: (string | number)[] = [];
    const wrong = new ConfigError("Json path must start with '$' and hold names and indexes only");
    if (!text.startsWith('$')) throw wrong;
    for (let at = 1; at < text.length;) {
      const rest = text.slice(at);
      const match = /^\.((?:\\.|[^.[\\])+)/s.exec(rest) ?? /^\[(\d+)\]/.exec(rest);
      if (match === null) throw wrong;
      steps.push(rest.startsWith('[') ? Number(match[1]) : match[1]!.replace(/\\(.)/gs, '$1'));
      at += match[0].length;
    }
    return steps;
  },
};

function keepNumber(_key: string, value: unknown, { source }: { source?: string }): unknown {
  return typeof value === 'number' ? raw.rawJSON(source ?? String(value)) : value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(
      Buffer.from(text, 'latin1').toString('utf8'),
      keepNumber as (key: string, value: unknown) => unknown,
    );
  } catch {
    return undefined;
  }
}

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** What is wrong with an output type, or undefined. */
export const checkOutputType = (type: string): string | undefined =>
  type === '' || type === 'int' ? undefined : 'output_type only supports "int" as argument';

/** Sets the value at `steps` of a JSON text; false where there is none of a type that a sample can hold. */
export function queryJson(
  sample: Sample,
  text: string,
  steps: readonly (string | number)[],
  outputType: string,
): boolean {
  let value = parse(text);
  for (const step of steps) {
    if (typeof value !== 'object' || value === null) return false;
    if (typeof step === 'number' ? !Array.isArray(value) : !Object.hasOwn(value, step)) return false;
    value = (value as Record<string | number, unknown>)[step];
  }
  if (typeof value === 'string') return sample.setStr(latin1(value));
  if (typeof value === 'boolean') return sample.setBool(value);
  if (raw.isRawJSON(value)) {
    const number = value.rawJSON;
    if (outputType !== 'int') return sample.setStr(number);
    if (!Number.isFinite(Number(number))) return false;
    const whole = /^-?\d+$/.test(number) ? BigInt(number) : BigInt(Math.trunc(Number(number)));
    return whole === BigInt.asIntN(64, whole) && sample.setBig(whole);
  }
  return Array.isArray(value) && sample.setStr(latin1(JSON.stringify(value)));
}

export default [
  defineConverter({
    name: 'json_query',
    from: Type.STR,
    to: Type.ANY,
    args: [jsonPath, optional(str('output_type'), '')],
    doc: 'The string, boolean, number or array at <json_path>; `int` makes an integer of a number.',
    examples: [
      ['bin(7b2261223a347d),json_query($.a,int),add(1)', '5'],
      ['bin(7b2261223a5b312c322e355d7d),json_query($.a)', '[1,2.5]'],
      ['bin(7b2261223a347d),json_query($.b)', null],
    ],
    check: ([, type]) => checkOutputType(type),
    convert: (sample, [steps, type]) => queryJson(sample, sample.text, steps, type),
  }),
];
