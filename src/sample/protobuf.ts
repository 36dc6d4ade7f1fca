// Fields of Protocol Buffers messages, found without decoding the rest
// (https://protobuf.dev/programming-guides/encoding). Bytes are latin1 text.

import { U64 } from './u64.ts';

export const Wire = { VARINT: 0, FIXED64: 1, LENGTH: 2, FIXED32: 5 } as const;

const MALFORMED = -1;
const NOT_FOUND = 0;
const FOUND = 1;
const VARINT_BYTES_MAX = 10;

/** The integer that was read last: a varint, or eight bytes as they are. */
export const integer = new U64();

/** Reads a varint of at most `end - at` bytes into `integer`; returns the place behind it, or -1. */
export function readVarint(text: string, at: number, end: number): number {
  let low = 0;
  let high = 0;
  for (let index = 0; index < VARINT_BYTES_MAX && at + index < end; index++) {
    const byte = text.charCodeAt(at + index);
    const bits = byte & 127;
    const shift = index * 7;
    if (shift < 32) low |= bits << shift;
    if (shift > 28) high |= bits << (shift - 32);
    else if (shift === 28) high |= bits >> 4;
    if (byte < 128) {
      integer.set(high, low);
      return at + index + 1;
    }
  }
  return MALFORMED;
}

/** A field that `findField` found: its kind, and where its value (without its length) lies. */
export class Field {
  wire = 0;
  from = 0;
  to = 0;
}

/** Reads the field at `at` into `field`; returns its number, or -1 where it is cut or of a group. */
function readField(text: string, at: number, end: number, field: Field): number {
  const after = readVarint(text, at, end);
  // A key has 32 bits.
  if (after < 0 || integer.high !== 0) return MALFORMED;
  const number = integer.low >>> 3;
  field.wire = integer.low & 7;
  field.from = after;
  switch (field.wire) {
    case Wire.VARINT:
      field.to = readVarint(text, after, end);
      break;
    case Wire.FIXED64:
      field.to = after + 8;
      break;
    case Wire.FIXED32:
      field.to = after + 4;
      break;
    case Wire.LENGTH:
      field.from = readVarint(text, after, end);
      field.to = integer.high === 0 ? field.from + (integer.low >>> 0) : MALFORMED;
      break;
    default:
      return MALFORMED;
  }
  return field.from < 0 || field.to < 0 || field.to > end ? MALFORMED : number;
}

function search(
  text: string,
  from: number,
  end: number,
  path: readonly number[],
  depth: number,
  field: Field,
): number {
  for (let at = from; at < end; at = field.to) {
    const number = readField(text, at, end, field);
    if (number < 0) return MALFORMED;
    if (number !== path[depth]) continue;
    if (depth === path.length - 1) return FOUND;
    if (field.wire !== Wire.LENGTH) return MALFORMED;
    const { to } = field;
    const result = search(text, field.from, to, path, depth + 1, field);
    if (result !== NOT_FOUND) return result;
    field.to = to;
  }
  return NOT_FOUND;
}

/**
 * Finds the first field at `path`, the numbers from the outermost message inwards, in `text[from..to)`. False where
 * there is none, or what stands before it is malformed.
 */
export function findField(
  text: string,
  from: number,
  to: number,
  path: readonly number[],
  field: Field,
): boolean {
  return search(text, from, to, path, 0, field) === FOUND;
}

const GRPC_HEADER_LENGTH = 5;

/**
 * The same in messages of gRPC, each behind a byte of flags and its length in four bytes: the first that has the field.
 * Compressed ones are not opened.
 */
export function findGrpcField(text: string, path: readonly number[], field: Field): boolean {
  for (let at = 0; at + GRPC_HEADER_LENGTH <= text.length;) {
    const from = at + GRPC_HEADER_LENGTH;
    let length = 0;
    for (let index = 1; index < GRPC_HEADER_LENGTH; index++)
      length = length * 256 + text.charCodeAt(at + index);
    if (length > text.length - from) return false;
    const result = search(text, from, from + length, path, 0, field);
    if (result !== NOT_FOUND) return result === FOUND;
    at = from + length;
  }
  return false;
}
