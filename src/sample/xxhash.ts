// XXH32, XXH64 and XXH3 (64 bits) over latin1 text, after the published specification of xxHash (doc/xxhash_spec.md of
// its repository). The names of constants and steps are the specification's.

import { read32, swap32, U64 } from './u64.ts';

const PRIME32_1 = 0x9e3779b1;
const PRIME32_2 = 0x85ebca77;
const PRIME32_3 = 0xc2b2ae3d;
const PRIME32_4 = 0x27d4eb2f;
const PRIME32_5 = 0x165667b1;
const PRIME64_1 = new U64(0x9e3779b1, 0x85ebca87);
const PRIME64_2 = new U64(0xc2b2ae3d, 0x27d4eb4f);
const PRIME64_3 = new U64(0x165667b1, 0x9e3779f9);
const PRIME64_4 = new U64(0x85ebca77, 0xc2b2ae63);
const PRIME64_5 = new U64(0x27d4eb2f, 0x165667c5);
const PRIME_MX1 = new U64(0x16566791, 0x9e3779f9);
const PRIME_MX2 = new U64(0x9fb21c65, 0x1e98df25);
const PRIME32_1_WIDE = new U64(0, PRIME32_1);

const rotl32 = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

const round32 = (acc: number, lane: number): number =>
  Math.imul(rotl32((acc + Math.imul(lane, PRIME32_2)) | 0, 13), PRIME32_1);

/** Unsigned 32 bits. Of `seed` the low 32 bits count. */
export function xxh32(text: string, seed: number): number {
  const { length } = text;
  let at = 0;
  let acc = (seed + PRIME32_5) | 0;
  if (length >= 16) {
    let acc1 = (seed + PRIME32_1 + PRIME32_2) | 0;
    let acc2 = (seed + PRIME32_2) | 0;
    let acc3 = seed | 0;
    let acc4 = (seed - PRIME32_1) | 0;
    for (; at <= length - 16; at += 16) {
      acc1 = round32(acc1, read32(text, at));
      acc2 = round32(acc2, read32(text, at + 4));
      acc3 = round32(acc3, read32(text, at + 8));
      acc4 = round32(acc4, read32(text, at + 12));
    }
    acc = (rotl32(acc1, 1) + rotl32(acc2, 7) + rotl32(acc3, 12) + rotl32(acc4, 18)) | 0;
  }
  acc = (acc + length) | 0;
  for (; at <= length - 4; at += 4)
    acc = Math.imul(rotl32((acc + Math.imul(read32(text, at), PRIME32_3)) | 0, 17), PRIME32_4);
  for (; at < length; at++)
    acc = Math.imul(rotl32((acc + Math.imul(text.charCodeAt(at), PRIME32_5)) | 0, 11), PRIME32_1);
  acc = Math.imul(acc ^ (acc >>> 15), PRIME32_2);
  acc = Math.imul(acc ^ (acc >>> 13), PRIME32_3);
  return (acc ^ (acc >>> 16)) >>> 0;
}

// Registers of the functions below, which run to their end before the next one starts.
const ACC: readonly U64[] = Array.from({ length: 8 }, () => new U64());
const result = new U64();
const left = new U64();
const right = new U64();
const spare = new U64();

const round64 = (acc: U64, lane: U64): U64 => acc.add(lane.mul(PRIME64_2)).rotl(31).mul(PRIME64_1);

const avalanche64 = (value: U64): U64 => value.xorShr(33).mul(PRIME64_2).xorShr(29).mul(PRIME64_3).xorShr(32);

/** The result is overwritten by the next call. */
export function xxh64(text: string, seed: U64): U64 {
  const { length } = text;
  let at = 0;
  result.copy(seed).add(PRIME64_5);
  if (length >= 32) {
    ACC[0]!.copy(seed).add(PRIME64_1).add(PRIME64_2);
    ACC[1]!.copy(seed).add(PRIME64_2);
    ACC[2]!.copy(seed);
    ACC[3]!.copy(seed).sub(PRIME64_1);
    for (; at <= length - 32; at += 32) {
      for (let lane = 0; lane < 4; lane++) round64(ACC[lane]!, left.read(text, at + lane * 8));
    }
    result.copy(ACC[0]!).rotl(1).add(left.copy(ACC[1]!).rotl(7));
    result.add(left.copy(ACC[2]!).rotl(12)).add(left.copy(ACC[3]!).rotl(18));
    for (let lane = 0; lane < 4; lane++) {
      result
        .xor(round64(right.set(0, 0), left.copy(ACC[lane]!)))
        .mul(PRIME64_1)
        .add(PRIME64_4);
    }
  }
  result.add(left.set(0, length));
  for (; at <= length - 8; at += 8) {
    result
      .xor(round64(right.set(0, 0), left.read(text, at)))
      .rotl(27)
      .mul(PRIME64_1)
      .add(PRIME64_4);
  }
  if (at <= length - 4) {
    result
      .xor(left.set(0, read32(text, at)).mul(PRIME64_1))
      .rotl(23)
      .mul(PRIME64_2)
      .add(PRIME64_3);
    at += 4;
  }
  for (; at < length; at++) {
    result
      .xor(left.set(0, text.charCodeAt(at)).mul(PRIME64_5))
      .rotl(11)
      .mul(PRIME64_1);
  }
  return avalanche64(result);
}

/** The specification's default secret, 192 bytes. */
const SECRET = Buffer.from(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f' +
    'cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c' +
    '3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8' +
    'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364' +
    'eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e' +
    '2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
  'hex',
).toString('latin1');

const STRIPES_PER_BLOCK = (SECRET.length - 64) / 8;

/** A seed of XXH3 and what is derived from it once. */
export class Xxh3Seed {
  readonly seed: U64;
  /** For inputs of more than 240 bytes. */
  readonly secret: string;
  /** For inputs of 4 to 8 bytes. */
  readonly modified: U64;

  constructor(seed: U64) {
    this.seed = seed;
    this.modified = new U64(seed.high ^ swap32(seed.low), seed.low);
    let secret = '';
    for (let at = 0; at < SECRET.length; at += 16) {
      secret +=
        left.read(SECRET, at).add(seed).toText() +
        left
          .read(SECRET, at + 8)
          .sub(seed)
          .toText();
    }
    this.secret = secret;
  }
}

const avalanche = (value: U64): U64 => value.xorShr(37).mul(PRIME_MX1).xorShr(32);

/** The result is overwritten by the next call. */
export function xxh3(text: string, seed: Xxh3Seed): U64 {
  const { length } = text;
  if (length > 240) return large(text, seed.secret);
  if (length > 16) return medium(text, seed.seed);
  if (length > 8) return upTo16(text, seed.seed);
  if (length > 3) return upTo8(text, seed.modified);
  if (length > 0) return upTo3(text, seed.seed);
  return avalanche64(result.copy(seed.seed).xor(left.read(SECRET, 56)).xor(left.read(SECRET, 64)));
}

function upTo3(text: string, seed: U64): U64 {
  const { length } = text;
  const combined =
    text.charCodeAt(length - 1) |
    (length << 8) |
    (text.charCodeAt(0) << 16) |
    (text.charCodeAt(length >> 1) << 24);
  result.set(0, read32(SECRET, 0) ^ read32(SECRET, 4)).add(seed);
  return avalanche64(result.xor(left.set(0, combined)));
}

function upTo8(text: string, modifiedSeed: U64): U64 {
  const { length } = text;
  result.read(SECRET, 8).xor(left.read(SECRET, 16)).sub(modifiedSeed);
  result.xor(left.set(read32(text, 0), read32(text, length - 4)));
  left.copy(result).rotl(49);
  right.copy(result).rotl(24);
  result.xor(left).xor(right).mul(PRIME_MX2);
  left.copy(result).shr(35).add(right.set(0, length));
  return result.xor(left).mul(PRIME_MX2).xorShr(28);
}

function upTo16(text: string, seed: U64): U64 {
  const { length } = text;
  const low = ACC[0]!.read(SECRET, 24).xor(left.read(SECRET, 32)).add(seed).xor(left.read(text, 0));
  const high = ACC[1]!
    .read(SECRET, 40)
    .xor(left.read(SECRET, 48))
    .sub(seed)
    .xor(left.read(text, length - 8));
  result.set(0, length).add(left.copy(low).swapBytes()).add(high);
  return avalanche(result.add(low.mulFold(high)));
}

function mixStep(text: string, at: number, secretOffset: number, seed: U64): U64 {
  left.read(SECRET, secretOffset).add(seed).xor(spare.read(text, at));
  right
    .read(SECRET, secretOffset + 8)
    .sub(seed)
    .xor(spare.read(text, at + 8));
  return left.mulFold(right);
}

function medium(text: string, seed: U64): U64 {
  const { length } = text;
  result.set(0, length).mul(PRIME64_1);
  if (length <= 128) {
    for (let i = (length - 1) >> 5; i >= 0; i--) {
      result.add(mixStep(text, i * 16, i * 32, seed));
      result.add(mixStep(text, length - i * 16 - 16, i * 32 + 16, seed));
    }
    return avalanche(result);
  }
  for (let i = 0; i < 8; i++) result.add(mixStep(text, i * 16, i * 16, seed));
  avalanche(result);
  for (let i = 8; i < length >> 4; i++) result.add(mixStep(text, i * 16, (i - 8) * 16 + 3, seed));
  return avalanche(result.add(mixStep(text, length - 16, 119, seed)));
}

function accumulate(text: string, at: number, secret: string, secretOffset: number): void {
  for (let i = 0; i < 8; i++) {
    left.read(text, at + i * 8);
    ACC[i ^ 1]!.add(left);
    ACC[i]!.add(left.xor(right.read(secret, secretOffset + i * 8)).mulHalves());
  }
}

function scramble(secret: string): void {
  for (let i = 0; i < 8; i++) {
    ACC[i]!.xorShr(47)
      .xor(right.read(secret, secret.length - 64 + i * 8))
      .mul(PRIME32_1_WIDE);
  }
}

function large(text: string, secret: string): U64 {
  ACC[0]!.set(0, PRIME32_3);
  ACC[1]!.copy(PRIME64_1);
  ACC[2]!.copy(PRIME64_2);
  ACC[3]!.copy(PRIME64_3);
  ACC[4]!.copy(PRIME64_4);
  ACC[5]!.set(0, PRIME32_2);
  ACC[6]!.copy(PRIME64_5);
  ACC[7]!.set(0, PRIME32_1);
  const { length } = text;
  let stripe = 0;
  // The last stripe, whole or not, is read from the text's end.
  for (let at = 0; at < length - 64; at += 64) {
    if (stripe === STRIPES_PER_BLOCK) {
      scramble(secret);
      stripe = 0;
    }
    accumulate(text, at, secret, stripe++ * 8);
  }
  // More text followed the sixteenth stripe, so that its block was not the last one.
  if (stripe === STRIPES_PER_BLOCK) scramble(secret);
  accumulate(text, length - 64, secret, secret.length - 71);
  result.set(0, length).mul(PRIME64_1);
  for (let i = 0; i < 4; i++) {
    left.read(secret, 11 + i * 16).xor(ACC[i * 2]!);
    right.read(secret, 19 + i * 16).xor(ACC[i * 2 + 1]!);
    result.add(left.mulFold(right));
  }
  return avalanche(result);
}
