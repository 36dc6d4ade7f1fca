// The hashes of the xxHash family (manual 7.3.1, xxh*).

import { int64, optional } from '../../registry/args.ts';
import { type ArgSpec, defineConverter } from '../../registry/define.ts';
import { type Sample, Type } from '../sample.ts';
import { U64 } from '../u64.ts';
import { xxh3, xxh32, xxh64, Xxh3Seed } from '../xxhash.ts';

/** An optional integer, turned at load into what its hash wants of it. */
function seed<T>(make: (value: number | bigint) => T): ArgSpec<T> {
  const whole = optional(int64('seed'), 0);
  return { ...whole, fallback: make(0), parse: (text, context) => make(whole.parse(text, context)) };
}

function setHash(sample: Sample, hash: U64): true {
  const value = hash.toNumber();
  return Number.isNaN(value) ? sample.setBig(hash.toBig()) : sample.setInt(value);
}

export default [
  defineConverter({
    name: 'xxh3',
    from: Type.BIN,
    to: Type.SINT,
    args: [seed((value) => new Xxh3Seed(U64.from(value)))],
    doc: 'The 64-bit XXH3 hash, as a signed integer. Not for security.',
    examples: [
      ['str(),xxh3', '3244421341483603138'],
      ['str(abc),xxh3', '8696274497037089104'],
      ['str(abc),xxh3(7)', '5260018501835528466'],
    ],
    convert: (sample, [start]) => setHash(sample, xxh3(sample.text, start)),
  }),
  defineConverter({
    name: 'xxh32',
    from: Type.BIN,
    to: Type.SINT,
    args: [seed((value) => Number(BigInt.asIntN(32, BigInt(value))))],
    doc: 'The 32-bit hash of xxHash, unsigned; of <seed> the low 32 bits count. Not for security.',
    examples: [['str(abc),xxh32', '852579327']],
    convert: (sample, [start]) => sample.setInt(xxh32(sample.text, start)),
  }),
  defineConverter({
    name: 'xxh64',
    from: Type.BIN,
    to: Type.SINT,
    args: [seed((value) => U64.from(value))],
    doc: 'The 64-bit hash of xxHash, as a signed integer. Not for security.',
    examples: [['str(abc),xxh64', '4952883123889572249']],
    convert: (sample, [start]) => setHash(sample, xxh64(sample.text, start)),
  }),
];
