// Hashes and digests (manual 7.3.1).

import { createHash, createHmac, getHashes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { int, optional, str } from '../../registry/args.ts';
import { defineConverter, type ConverterKeyword } from '../../registry/define.ts';
import { Type } from '../sample.ts';
import { base64OrVariable, bytesOf } from '../text-argument.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Bob Jenkins' public integer mix: each input bit changes about half of the output. */
export function avalanche(hash: number): number {
  let value = hash | 0;
  value = (value + 0x7ed55d16 + (value << 12)) | 0;
  value = value ^ 0xc761c23c ^ (value >>> 19);
  value = (value + 0x165667b1 + (value << 5)) | 0;
  value = ((value + 0xd3a2646c) ^ (value << 9)) | 0;
  value = (value + 0xfd7046c5 + (value << 3)) | 0;
  value = value ^ 0xb55a4f09 ^ (value >>> 16);
  return value >>> 0;
}

/** The same, multiplied: so HAProxy was seen to mix sdbm and djb2, but not the CRCs. */
export function fullAvalanche(hash: number): number {
  return Math.imul(avalanche(hash), 0xc0000001) >>> 0;
}

/** 32 bits of h * 33 + c, from 5381. */
export function djb2(text: string): number {
  let hash = 5381;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 33) + text.charCodeAt(at)) | 0;
  return hash >>> 0;
}

/** 32 bits of h * 65599 + c. */
export function sdbm(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 65599) + text.charCodeAt(at)) | 0;
  return hash >>> 0;
}

const CRC32C = new Int32Array(256);
for (let index = 0; index < 256; index++) {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  CRC32C[index] = value;
}

/** Castagnoli's polynomial (RFC 4960 appendix B). */
export function crc32c(text: string): number {
  let value = -1;
  for (let at = 0; at < text.length; at++)
    value = (value >>> 8) ^ CRC32C[(value ^ text.charCodeAt(at)) & 255]!;
  return ~value >>> 0;
}

const hash = (
  name: string,
  example: string,
  compute: (text: string) => number,
  mix: (hash: number) => number,
): ConverterKeyword =>
  defineConverter({
    name,
    from: Type.BIN,
    to: Type.SINT,
    args: [optional(int('avalanche'), 0)],
    doc: 'A 32-bit hash; with <avalanche> 1 its bits are mixed once more. Not for security.',
    examples: [[`str(abc),${name}`, example]],
    convert(sample, [mixed]) {
      const value = compute(sample.text);
      return sample.setInt(mixed === 0 ? value : mix(value));
    },
  });

const known = (algorithm: string): string | undefined =>
  getHashes().some((name) => name.toLowerCase() === algorithm.toLowerCase())
    ? undefined
    : `algorithm must be a valid OpenSSL message digest name.`;

export default [
  hash('crc32', '891568578', (text) => crc32(bytes(text)), avalanche),
  hash('crc32c', '910901175', crc32c, avalanche),
  hash('djb2', '193485963', djb2, fullAvalanche),
  hash('sdbm', '807794786', sdbm, fullAvalanche),
  defineConverter({
    name: 'digest',
    from: Type.BIN,
    to: Type.BIN,
    args: [str('algorithm')],
    doc: 'A message digest by its OpenSSL name.',
    examples: [['str(abc),digest(md5),hex', '900150983CD24FB0D6963F7D28E17F72']],
    check: ([algorithm]) => known(algorithm),
    convert: (sample, [algorithm]) =>
      sample.setBin(createHash(algorithm).update(bytes(sample.text)).digest('latin1')),
  }),
  defineConverter({
    name: 'hmac',
    from: Type.BIN,
    to: Type.BIN,
    args: [str('algorithm'), base64OrVariable('key', 'failed to parse key : invalid base64')],
    volatile: true,
    doc: 'A message authentication code; <key> is base64 or a variable that holds base64.',
    examples: [
      ['str(abc),hmac(sha256,a2V5),hex', '9C196E32DC0175F86F4B1CB89289D6619DE6BEE699E4C378E68309ED97A1A6AB'],
      ['str(abc),hmac(sha256,txn.none),hex', null],
    ],
    check: ([algorithm]) => known(algorithm),
    convert(sample, [algorithm, argument], stream) {
      const key = bytesOf(stream, argument);
      if (key === null) return false;
      return sample.setBin(createHmac(algorithm, bytes(key)).update(bytes(sample.text)).digest('latin1'));
    },
  }),
  defineConverter({
    name: 'sha1',
    from: Type.BIN,
    to: Type.BIN,
    args: [],
    doc: 'The SHA-1 digest, 20 bytes.',
    examples: [['str(abc),sha1,hex', 'A9993E364706816ABA3E25717850C26C9CD0D89D']],
    convert: (sample) => sample.setBin(createHash('sha1').update(bytes(sample.text)).digest('latin1')),
  }),
  defineConverter({
    name: 'sha2',
    from: Type.BIN,
    to: Type.BIN,
    args: [optional(int('bits'), 256)],
    doc: 'SHA-2 of 224, 256, 384 or 512 bits.',
    examples: [['str(abc),sha2(224),hex', '23097D223405D8228642A477BDA255B32AADBCE4BDA0B3F7E36C9DA7']],
    check: ([bits]) =>
      [224, 256, 384, 512].includes(bits) ? undefined : `Unsupported number of bits: '${bits}'`,
    convert: (sample, [bits]) =>
      sample.setBin(createHash(`sha${bits}`).update(bytes(sample.text)).digest('latin1')),
  }),
];
