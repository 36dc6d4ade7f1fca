// Variables, captures and addresses: converters that touch the stream, and ipmask and regsub (manual 7.3.1).

import { compileRegex, expandGroups } from '../../acl/regex.ts';
import { int, mask4, mask6, optional, str, variable } from '../../registry/args.ts';
import { type ArgSpec, ConfigError, defineConverter } from '../../registry/define.ts';
import { maskIpv6, unmapIpv6 } from '../address.ts';
import { fitting, room } from '../room.ts';
import { Sample, Type } from '../sample.ts';
import { getVariable, storeOf } from '../variable-name.ts';

const CONDITIONS = ['ifexists', 'ifnotexists', 'ifempty', 'ifnotempty', 'ifset', 'ifnotset', 'ifgt', 'iflt'];
const current = new Sample();

/**
 * Whether a condition of set-var lets the value pass; `isSet` tells of the variable, held in `current`. One of the
 * process exists from the start: the configuration that names it makes it (manual 4.3, set-var).
 */
export function conditionHolds(
  condition: string,
  sample: Sample,
  isSet: boolean,
  ofProcess: boolean,
): boolean {
  const empty = sample.type >= Type.STR && sample.text === '';
  const comparable = isSet && sample.type === Type.SINT && current.type === Type.SINT;
  switch (condition) {
    case 'ifexists':
      return isSet || ofProcess;
    case 'ifset':
      return isSet;
    case 'ifnotexists':
      return !isSet && !ofProcess;
    case 'ifnotset':
      return !isSet;
    case 'ifempty':
      return empty;
    case 'ifnotempty':
      return !empty;
    case 'ifgt':
      return !comparable || current.num > sample.num;
    case 'iflt':
      return !comparable || current.num < sample.num;
    default:
      return true;
  }
}

/** Stores the sample where all conditions hold. */
export function storeVariable(
  stream: import('../context.ts').StreamContext,
  name: import('../variable-name.ts').VariableName,
  conditions: readonly string[],
  sample: Sample,
): void {
  const store = storeOf(stream, name.scope);
  if (store === null) return;
  if (conditions.length > 0) {
    const isSet = getVariable(stream, name, current);
    for (const condition of conditions) {
      if (!conditionHolds(condition, sample, isSet, name.scope === 'proc')) return;
    }
  }
  store.set(name.name, sample);
}

/** Returns what is wrong with a condition, or undefined. */
export function checkCondition(text: string): string | undefined {
  return CONDITIONS.includes(text) ? undefined : `unknown condition "${text}"`;
}

const condition = optional(str('cond'), '');
/** An expression waits for its flags, which are a later argument. */
interface PendingRegex {
  readonly source: string;
  expression: RegExp;
}

const regex: ArgSpec<PendingRegex> = {
  usage: 'regex',
  kind: 'regex',
  optional: false,
  fallback: { source: '', expression: /(?:)/ },
  parse: (source) => ({ source, expression: /(?:)/ }),
};

export default [
  defineConverter({
    name: 'capture-req',
    from: Type.STR,
    to: Type.STR,
    args: [int('id')],
    volatile: true,
    doc: 'Stores the string in request capture slot <id>.',
    convert(sample, [slot], stream) {
      if (slot >= stream.requestCaptured.length) return false;
      stream.requestCaptured[slot] = sample.text;
      return true;
    },
  }),
  defineConverter({
    name: 'capture-res',
    from: Type.STR,
    to: Type.STR,
    args: [int('id')],
    volatile: true,
    doc: 'Stores the string in response capture slot <id>.',
    convert(sample, [slot], stream) {
      if (slot >= stream.responseCaptured.length) return false;
      stream.responseCaptured[slot] = sample.text;
      return true;
    },
  }),
  defineConverter({
    name: 'ipmask',
    from: Type.ADDR,
    to: Type.ADDR,
    args: [mask4('mask4'), optional(mask6('mask6'), '')],
    doc: 'Masks an address. IPv6 addresses that hold an IPv4 one count as that; others have no value without <mask6>.',
    examples: [
      ['ipv4(1.2.3.4),ipmask(8)', '1.0.0.0'],
      ['ipv4(1.2.3.4),ipmask(255.0.255.0)', '1.0.3.0'],
      ['ipv6(2001:db8::1:2),ipmask(32,64)', '2001:db8::'],
      ['ipv6(::1),ipmask(8)', null],
      ['ipv6(::ffff:1.2.3.4),ipmask(24,64)', '1.2.3.0'],
    ],
    convert(sample, [four, six]) {
      if (sample.type === Type.IPV4) return sample.setIpv4((sample.num & four) >>> 0);
      const mapped = unmapIpv6(sample.text);
      if (mapped >= 0) return sample.setIpv4((mapped & four) >>> 0);
      return six !== '' && sample.setIpv6(maskIpv6(sample.text, six));
    },
  }),
  defineConverter({
    name: 'regsub',
    from: Type.STR,
    to: Type.STR,
    args: [regex, str('subst'), optional(str('flags'), '')],
    doc: 'Replaces the first match of <regex>, or all with flag g; flag i ignores case. \\0 to \\9 are groups.',
    examples: [
      ['str(aabbcc),regsub(b,X)', 'aaXbcc'],
      ['str(aabbcc),regsub(b,X,g)', 'aaXXcc'],
      ['str(aabbcc),regsub("(b)","<\\1\\0>",g)', 'aa<bb><bb>cc'],
      ['str(aabbcc),regsub(B,x,gi)', 'aaxxcc'],
      ['str(aabbcc),regsub(x*,-,g)', '-a-a-b-b-c-c-'],
    ],
    check([pending, , flags]) {
      const bad = /[^ig]/.exec(flags);
      if (bad !== null) return `invalid regex flag '${bad[0]}', only 'i' and 'g' are supported`;
      try {
        pending.expression = compileRegex(pending.source, flags.includes('i'), flags.includes('g'));
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        return error.message;
      }
      return undefined;
    },
    convert(sample, [{ expression }, subst]) {
      expression.lastIndex = 0;
      let made = 0;
      const result = sample.text.replace(expression, (...match: readonly unknown[]) => {
        // All that comes now is cut off anyway.
        if (made > room) return '';
        const text = expandGroups(subst, match as readonly string[]);
        made += text.length;
        return text;
      });
      return sample.setStr(fitting(result));
    },
  }),
  defineConverter({
    name: 'set-var',
    from: Type.ANY,
    to: Type.ANY,
    args: [variable('var'), condition, condition, condition, condition],
    volatile: true,
    doc: 'Stores the value in a variable where all conditions hold, and passes it on.',
    check([, ...conditions]) {
      for (const text of conditions) {
        const problem = text === '' ? undefined : checkCondition(text);
        if (problem !== undefined) return problem;
      }
      return undefined;
    },
    convert(sample, [name, ...conditions], stream) {
      storeVariable(stream, name, conditions, sample);
      return true;
    },
  }),
  defineConverter({
    name: 'unset-var',
    from: Type.ANY,
    to: Type.ANY,
    args: [variable('var')],
    volatile: true,
    doc: 'Forgets a variable and passes the value on.',
    convert(_sample, [name], stream) {
      storeOf(stream, name.scope)?.unset(name.name);
      return true;
    },
  }),
];
