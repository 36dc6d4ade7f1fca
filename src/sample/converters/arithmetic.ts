// Arithmetic and bitwise operators on 64-bit integers (manual 7.3.1). Sums and products stay at the limits instead of
// wrapping around. Values that a JavaScript number holds exactly take the short way.

import { number } from '../../registry/args.ts';
import { defineConverter, type ConverterKeyword } from '../../registry/define.ts';
import { saturate } from '../cast.ts';
import { Sample, Type } from '../sample.ts';
import { resolveNumber } from '../variable-name.ts';

const MAX = 0x7fffffffffffffffn;
const operand = new Sample();

const wide = (sample: Sample): bigint => sample.big ?? BigInt(sample.num);

/** `short` gives NaN where the exact way is needed. */
function binary(
  name: string,
  doc: string,
  examples: readonly (readonly [string, string])[],
  short: (left: number, right: number) => number,
  exact: (left: bigint, right: bigint) => bigint,
): ConverterKeyword {
  return defineConverter({
    name,
    from: Type.SINT,
    to: Type.SINT,
    args: [number('value')],
    volatile: true,
    doc,
    examples,
    convert(sample, [value], stream) {
      if (!resolveNumber(stream, value, operand)) return false;
      if (sample.big === null && operand.big === null) {
        const result = short(sample.num, operand.num);
        if (Number.isSafeInteger(result)) return sample.setInt(result === 0 ? 0 : result);
      }
      return sample.setBig(saturate(exact(wide(sample), wide(operand))));
    },
  });
}

const small = (value: number): boolean => value === (value | 0);

function unary(
  name: string,
  to: Type,
  doc: string,
  examples: readonly (readonly [string, string])[],
  convert: (sample: Sample) => boolean,
): ConverterKeyword {
  return defineConverter({ name, from: Type.SINT, to, args: [], doc, examples, convert });
}

const isOdd = (sample: Sample): boolean =>
  sample.big === null ? sample.num % 2 !== 0 : (sample.big & 1n) === 1n;

export default [
  binary(
    'add',
    'Adds <value>, a number or a variable.',
    [
      ['int(1),add(2)', '3'],
      ['int(9223372036854775807),add(1)', '9223372036854775807'],
    ],
    (left, right) => left + right,
    (left, right) => left + right,
  ),
  binary(
    'and',
    'Bitwise AND with <value>, a number or a variable, on 64 bits.',
    [['int(-7),and(255)', '249']],
    (left, right) => (small(left) && small(right) ? left & right : NaN),
    (left, right) => left & right,
  ),
  binary(
    'div',
    'Divides; the largest integer for a <value> of 0.',
    [
      ['int(-7),div(2)', '-3'],
      ['int(7),div(0)', '9223372036854775807'],
    ],
    (left, right) => (right === 0 ? NaN : Math.trunc(left / right)),
    (left, right) => (right === 0n ? MAX : left / right),
  ),
  binary(
    'mod',
    'The remainder of a division; 0 for a <value> of 0.',
    [
      ['int(-7),mod(2)', '-1'],
      ['int(7),mod(0)', '0'],
    ],
    (left, right) => (right === 0 ? 0 : left % right),
    (left, right) => (right === 0n ? 0n : left % right),
  ),
  binary(
    'mul',
    'Multiplies with <value>, a number or a variable; stays at the limits of 64 bits.',
    [
      ['int(3),mul(-4)', '-12'],
      ['int(9223372036854775807),mul(2)', '9223372036854775807'],
    ],
    (left, right) => left * right,
    (left, right) => left * right,
  ),
  binary(
    'or',
    'Bitwise OR with <value>, a number or a variable, on 64 bits.',
    [['int(7),or(256)', '263']],
    (left, right) => (small(left) && small(right) ? left | right : NaN),
    (left, right) => left | right,
  ),
  binary(
    'sub',
    'Subtracts <value>, a number or a variable; stays at the limits of 64 bits.',
    [['int(-9223372036854775808),sub(1)', '-9223372036854775808']],
    (left, right) => left - right,
    (left, right) => left - right,
  ),
  binary(
    'xor',
    'Bitwise exclusive OR with <value>, a number or a variable, on 64 bits.',
    [['int(7),xor(1)', '6']],
    (left, right) => (small(left) && small(right) ? left ^ right : NaN),
    (left, right) => left ^ right,
  ),
  unary('bool', Type.BOOL, 'True for any integer but 0.', [['int(3),bool', '1']], (sample) =>
    sample.setBool(sample.num !== 0),
  ),
  unary('cpl', Type.SINT, 'Turns all 64 bits.', [['int(7),cpl', '-8']], (sample) =>
    sample.setBig(~wide(sample)),
  ),
  unary('even', Type.BOOL, 'True for even integers.', [['int(3),even', '0']], (sample) =>
    sample.setBool(!isOdd(sample)),
  ),
  unary(
    'neg',
    Type.SINT,
    'The integer with the opposite sign; stays at the limits of 64 bits.',
    [
      ['int(3),neg', '-3'],
      ['int(-9223372036854775808),neg', '9223372036854775807'],
    ],
    (sample) => (sample.num === 0 ? sample.setInt(0) : sample.setBig(saturate(-wide(sample)))),
  ),
  unary('not', Type.BOOL, 'True for 0, false for any other integer.', [['int(3),not', '0']], (sample) =>
    sample.setBool(sample.num === 0),
  ),
  unary('odd', Type.BOOL, 'True for odd integers.', [['int(3),odd', '1']], (sample) =>
    sample.setBool(isOdd(sample)),
  ),
];
