import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { read32, swap32, U64 } from './u64.ts';
import { xxh3, xxh32, xxh64, Xxh3Seed } from './xxhash.ts';

const word = fc.oneof(
  fc.bigInt({ min: 0n, max: 0xffffffffffffffffn }),
  fc.constantFrom(0n, 1n, 0xffffffffn, 0x100000000n, 0x7fffffffffffffffn, 0xffffffffffffffffn),
);
const cut = (value: bigint): bigint => BigInt.asUintN(64, value);
const read = (value: U64): bigint => cut(value.toBig());

test('U64 computes as BigInt does', () => {
  fc.assert(
    fc.property(word, word, fc.integer({ min: 1, max: 63 }), (a, b, bits) => {
      const left = (): U64 => U64.from(a);
      const right = U64.from(b);
      const shift = BigInt(bits);
      strictEqual(read(left().add(right)), cut(a + b));
      strictEqual(read(left().sub(right)), cut(a - b));
      strictEqual(read(left().mul(right)), cut(a * b));
      strictEqual(read(left().mulFold(right)), cut(a * b) ^ ((a * b) >> 64n));
      strictEqual(read(left().mulHalves()), (a >> 32n) * (a & 0xffffffffn));
      strictEqual(read(left().xor(right)), a ^ b);
      strictEqual(read(left().shr(bits)), a >> shift);
      strictEqual(read(left().xorShr(bits)), a ^ (a >> shift));
      if (bits !== 32) strictEqual(read(left().rotl(bits)), cut((a << shift) | (a >> (64n - shift))));
      strictEqual(left().toBig(), BigInt.asIntN(64, a));
      const text = left().toText();
      strictEqual(read(new U64().read(text, 0)), a);
      strictEqual(read32(text, 0), Number(BigInt.asIntN(32, a)));
      strictEqual(read(left().swapBytes()), Buffer.from(text, 'latin1').readBigUInt64BE());
      strictEqual(swap32(swap32(read32(text, 4))), read32(text, 4));
      const number = left().toNumber();
      strictEqual(Number.isNaN(number) ? -1n : cut(BigInt(number)), Number.isNaN(number) ? -1n : a);
      strictEqual(Number.isNaN(number), !Number.isSafeInteger(Number(BigInt.asIntN(64, a))));
    }),
  );
});

// Answers of haproxy 2.6 to: xxh32 xxh64 xxh3 xxh32(7) xxh64(-3) xxh3(81985529216486895), by length.
const SEEN: Readonly<Record<number, string>> = {
  0: '46947589 -1205034819632174695 3244421341483603138 3618484216 -5647501092230870958 -3738933983228421028',
  1: '1840383289 -5782159601379782304 -1160504230424452080 1701554194 5215619776915194437 3695314968886947891',
  3: '3843699578 879660728008678969 -2245406758340984090 4149504049 6790260461258084531 6059196868585410642',
  4: '4004689031 -1156523652055467293 8240696902266258466 3552152550 -6756793390585159602 4582860702952399153',
  8: '455872736 1950953867008419446 4523854505413580288 104790422 -3158189407279527041 -4735267009951651904',
  9: '775536707 6378711860210449407 -5227399253427853165 228273137 -8841908346196113542 -2157359958341040810',
  16: '4205690933 -566073624291164411 -8899130243273103955 3116885373 4332405793071223334 2106725507580663773',
  17: '2908798961 -5821205354380137747 7190540548682505437 3425719382 922342477987747427 7925103411697737171',
  31: '3452132124 1580177895119589615 2385168693136969600 3800351145 -5077777744905879468 60897795449627594',
  32: '1342909874 -6796461951588899219 3715497788926842110 3463979086 -7911304697378769715 -3675117447097816756',
  100: '3245227426 4260994305695467469 4251484403082776161 493546525 1396359121554950643 8154547638071747304',
  128: '2301726403 3967021480238284049 2730652618395726970 1014905759 2244768209298626910 3021358646281870558',
  129: '2310179279 3445792285825559376 4714797521578233220 1462669879 -2849198428825091350 4229403776575259077',
  240: '291483913 1695974926323338754 -4600568199183457103 1684076564 -8259449816253028139 4231240588512591888',
  241: '136771872 -1035160957397513274 -7119717374433265415 2894252422 -6676468871585294809 -5731317070392928927',
  512: '871883063 -6133905536698720914 -4062634192582470232 1974218848 -5221658907130853108 -7764457883840022907',
  1024: '3719724421 -2975588308538461749 -597670907524089218 567226361 1470640362304935357 -3309732822613532758',
  1025: '2478138319 -407098899263527107 -7821768391236725362 867109246 -8434926060066911483 6400721736501464904',
  1088: '1607589708 -8744239368401027187 -5308337723888398205 1396948563 -2331118365990845597 146808722501496727',
  1089: '683473854 -7172237153768520836 -7503447200218734388 1759253016 9153036094452701463 -751025386304209473',
  2113: '4031359203 -3733979121094262157 -3672880136226704544 1473046882 -1430975597019347242 -8736949599197334395',
};

/** The text that was asked about. */
function pattern(length: number): string {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * i * 31 + i * 7 + length + 13) & 255;
  return bytes.toString('latin1');
}

test('xxh32, xxh64 and xxh3 give what haproxy gives on both sides of each limit of length', () => {
  const none = new U64();
  const seed = new Xxh3Seed(U64.from(0x123456789abcdefn));
  const got = Object.keys(SEEN).map((length) => {
    const text = pattern(Number(length));
    return [
      xxh32(text, 0),
      xxh64(text, none).toBig(),
      xxh3(text, new Xxh3Seed(none)).toBig(),
      xxh32(text, 7),
      xxh64(text, U64.from(-3)).toBig(),
      xxh3(text, seed).toBig(),
    ].join(' ');
  });
  deepStrictEqual(got, Object.values(SEEN));
});
