import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ALL_PHASES } from '../registry/sources.ts';
import { fakeParse } from '../testing/fake-parse.ts';
import { FakeStream } from '../testing/fake-stream.ts';
import { Field, findField, findGrpcField, integer, readVarint } from './protobuf.ts';

function varint(value: bigint): string {
  let text = '';
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    text += String.fromCharCode(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    if (rest <= 127n) return text;
  }
}

type Value = bigint | Tree | string;
type Tree = readonly (readonly [number: number, value: Value])[];

/** bigint: a varint; string: bytes; array: a message inside. */
function encode(tree: Tree): string {
  return tree
    .map(([number, value]) => {
      if (typeof value === 'bigint') return varint(BigInt(number * 8)) + varint(value);
      const inner = typeof value === 'string' ? value : encode(value);
      return varint(BigInt(number * 8 + 2)) + varint(BigInt(inner.length)) + inner;
    })
    .join('');
}

/** The first value at `path` by looking at the tree; undefined where a number on the way is no message. */
function lookUp(tree: Tree, [number, ...path]: readonly number[]): Value | null | undefined {
  for (const [name, value] of tree) {
    if (name !== number) continue;
    if (path.length === 0) return value;
    if (typeof value !== 'object') return undefined;
    const found = lookUp(value, path);
    if (found !== null) return found;
  }
  return null;
}

const big = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n });
const number = fc.integer({ min: 1, max: 4 });
const { tree } = fc.letrec<{ tree: Tree; value: Value }>((tie) => ({
  tree: fc.array(fc.tuple(number, tie('value')), { maxLength: 4 }),
  value: fc.oneof({ depthSize: 'small' }, big, tie('tree')),
}));

test('readVarint reads what an encoder wrote, and nothing that is cut', () => {
  fc.assert(
    fc.property(big, (value) => {
      const text = varint(value);
      strictEqual(readVarint(`x${text}`, 1, text.length + 1), text.length + 1);
      strictEqual(integer.toBig(), BigInt.asIntN(64, value));
      strictEqual(readVarint(text, 0, text.length - 1), -1);
    }),
  );
  strictEqual(readVarint('\xff'.repeat(10) + '\x01', 0, 11), -1);
});

test('findField finds the first field at a path, as a walk over the tree does', () => {
  const field = new Field();
  fc.assert(
    fc.property(tree, fc.array(number, { minLength: 1, maxLength: 3 }), (message, path) => {
      const text = encode(message);
      const wanted = lookUp(message, path) ?? null;
      const isFound = findField(text, 0, text.length, path, field);
      strictEqual(isFound, wanted !== null);
      if (wanted === null) return;
      const bytes = typeof wanted === 'bigint' ? varint(wanted) : encode(wanted as Tree);
      strictEqual(text.slice(field.from, field.to), bytes);
    }),
    { numRuns: 500 },
  );
});

test('findField and findGrpcField end on any bytes, within them', () => {
  const field = new Field();
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 40 }),
      fc.array(number, { minLength: 1, maxLength: 3 }),
      (bytes, path) => {
        const text = Buffer.from(bytes).toString('latin1');
        if (findField(text, 0, text.length, path, field)) strictEqual(field.to <= text.length, true);
        if (findGrpcField(text, path, field)) strictEqual(field.to <= text.length, true);
      },
    ),
    { numRuns: 2000 },
  );
});

test('protobuf and ungrpc: cut numbers and keys of more than 32 bits have no value; wrong arguments are refused', () => {
  const context = fakeParse();
  const ask = (source: string): string | null => {
    try {
      return context.expression(source, ALL_PHASES).text(new FakeStream());
    } catch (error) {
      return (error as Error).message;
    }
  };
  deepStrictEqual(
    [
      'bin(08),protobuf(1,int32)',
      'bin(88808080800101),protobuf(1,int32)',
      'bin(08),protobuf(1.,int32)',
      'bin(08),protobuf(1,string)',
      'bin(08),ungrpc',
    ].map(ask),
    [
      null,
      null,
      "invalid arg 1 in converter 'protobuf' : failed to parse '1.' as type 'Protocol buffers field number' at position 1",
      "invalid args in converter 'protobuf' : Wrong protocol buffer type 'string'",
      "invalid arg 1 in converter 'ungrpc' : expected type 'Protocol buffers field number' at position 1, but got nothing",
    ],
  );
});
