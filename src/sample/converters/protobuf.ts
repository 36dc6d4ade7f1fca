// Fields of Protocol Buffers and gRPC messages (manual 7.3.1, protobuf and ungrpc).

import { optional, str } from '../../registry/args.ts';
import { type ArgSpec, ConfigError, type ConverterKeyword, defineConverter } from '../../registry/define.ts';
import { Field, findField, findGrpcField, integer, readVarint, Wire } from '../protobuf.ts';
import { type Sample, Type } from '../sample.ts';
import { read32 } from '../u64.ts';

const KIND = 'Protocol buffers field number';
const TWO_TO_63 = 0x8000000000000000;

const fieldPath: ArgSpec<readonly number[]> = {
  usage: 'field_number',
  kind: KIND,
  optional: false,
  fallback: [],
  parse(text) {
    if (!/^[0-9.]*[0-9]$/.test(text)) throw new ConfigError(`failed to parse '${text}' as type '${KIND}'`);
    return text.split('.').map(Number);
  },
};

interface FieldType {
  readonly wire: number;
  /** Sets the value at `at`; the field is whole. */
  read(sample: Sample, text: string, at: number, end: number): boolean;
}

function setInteger(sample: Sample): true {
  const value = integer.toNumber();
  return Number.isNaN(value) ? sample.setBig(integer.toBig()) : sample.setInt(value);
}

const varint: FieldType = {
  wire: Wire.VARINT,
  read(sample, text, at, end) {
    readVarint(text, at, end);
    return setInteger(sample);
  },
};

/** ZigZag: the lowest bit is the sign. */
const signed: FieldType = {
  wire: Wire.VARINT,
  read(sample, text, at, end) {
    readVarint(text, at, end);
    const flip = -(integer.low & 1);
    integer.shr(1);
    integer.set(integer.high ^ flip, integer.low ^ flip);
    return setInteger(sample);
  },
};

const fixed64: FieldType = {
  wire: Wire.FIXED64,
  read(sample, text, at) {
    integer.read(text, at);
    return setInteger(sample);
  },
};

const bytes = new DataView(new ArrayBuffer(8));

/** What is out of range is as x86 converts it to 64 unsigned bits, seen at haproxy 2.6. */
const double: FieldType = {
  wire: Wire.FIXED64,
  read(sample, text, at) {
    bytes.setInt32(0, read32(text, at), true);
    bytes.setInt32(4, read32(text, at + 4), true);
    const value = Math.trunc(bytes.getFloat64(0, true));
    if (Number.isSafeInteger(value)) return sample.setInt(value === 0 ? 0 : value);
    if (value >= 2 * TWO_TO_63) return sample.setInt(0);
    if (Number.isNaN(value) || value < -TWO_TO_63) return sample.setBig(BigInt(-TWO_TO_63));
    return sample.setBig(BigInt.asIntN(64, BigInt(value)));
  },
};

/** The whole part as 32 unsigned bits: negative values come out large, as haproxy's do. */
const float: FieldType = {
  wire: Wire.FIXED32,
  read(sample, text, at) {
    bytes.setInt32(0, read32(text, at), true);
    return sample.setInt(bytes.getFloat32(0, true) >>> 0);
  },
};

const TYPES: Readonly<Record<string, FieldType>> = {
  int32: varint,
  int64: varint,
  uint32: varint,
  uint64: varint,
  bool: varint,
  enum: varint,
  sint32: signed,
  sint64: signed,
  fixed64,
  sfixed64: fixed64,
  double,
  fixed32: { wire: Wire.FIXED32, read: (sample, text, at) => sample.setInt(read32(text, at) >>> 0) },
  sfixed32: { wire: Wire.FIXED32, read: (sample, text, at) => sample.setInt(read32(text, at)) },
  float,
};

const fieldType: ArgSpec<FieldType | null> = {
  ...optional(str('field_type'), ''),
  fallback: null,
  parse(text) {
    if (!Object.hasOwn(TYPES, text)) throw new ConfigError(`Wrong protocol buffer type '${text}'`);
    return TYPES[text]!;
  },
};

const field = new Field();

const converter = (
  name: string,
  doc: string,
  examples: ConverterKeyword['examples'],
  find: (text: string, path: readonly number[]) => boolean,
): ConverterKeyword =>
  defineConverter({
    name,
    from: Type.BIN,
    to: Type.BIN,
    args: [fieldPath, fieldType],
    doc: `${doc} at <field_number>, such as 48.59.1: its bytes, or an integer where its type is given.`,
    examples: examples!,
    convert(sample, [path, type]) {
      const { text } = sample;
      if (!find(text, path)) return false;
      if (type === null) return sample.setBin(text.slice(field.from, field.to));
      return type.wire === field.wire && type.read(sample, text, field.from, field.to);
    },
  });

export default [
  converter(
    'protobuf',
    'The field of a Protocol Buffers message',
    [
      ['bin(089601),protobuf(1,int32)', '150'],
      ['bin(089601),protobuf(1),hex', '9601'],
      ['bin(0a0408071009),protobuf(1.2,int32)', '9'],
      ['bin(0a0408071009),protobuf(2,int32)', null],
      ['bin(08071009),protobuf(1.2,int32)', null],
      ['bin(0d0000c0bf),protobuf(1,float)', '4294967295'],
    ],
    (text, path) => findField(text, 0, text.length, path, field),
  ),
  converter(
    'ungrpc',
    'The field of a gRPC message',
    [
      ['bin(00000000040a026162),ungrpc(1)', 'ab'],
      ['bin(0000000002100500000000020807),ungrpc(1,int32)', '7'],
      ['bin(00000000050a026162),ungrpc(1)', null],
    ],
    (text, path) => findGrpcField(text, path, field),
  ),
];
