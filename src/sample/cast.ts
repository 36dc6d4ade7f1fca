// Conversions between sample types that happen by themselves where a converter or a rule wants another type than it
// gets (manual 7.3.1). Which ones exist is known at load; how to do one depends on the value's type when it runs.

import { formatIpv4, formatIpv6, ipv4Bytes, mapIpv4, parseIpv4, parseIpv6, unmapIpv6 } from './address.ts';
import { type Sample, Type } from './sample.ts';

/** Changes the sample's type; false where the value has no such form. */
export type Cast = (sample: Sample) => boolean;

const { ANY, BOOL, SINT, ADDR, IPV4, IPV6, STR, BIN, METH } = Type;

/** Target types by source type. ANY may hold anything, so it can always be tried. */
const ALLOWED: readonly (readonly Type[])[] = [];
{
  const rows = ALLOWED as Type[][];
  rows[ANY] = [ANY, BOOL, SINT, ADDR, IPV4, IPV6, STR, BIN, METH];
  rows[BOOL] = [ANY, BOOL, SINT, STR, BIN];
  rows[SINT] = [ANY, BOOL, SINT, ADDR, IPV4, IPV6, STR, BIN];
  rows[ADDR] = [ANY, SINT, ADDR, IPV4, IPV6, STR, BIN];
  rows[IPV4] = [ANY, SINT, ADDR, IPV4, IPV6, STR, BIN];
  rows[IPV6] = [ANY, ADDR, IPV4, IPV6, STR, BIN];
  rows[STR] = [ANY, BOOL, SINT, ADDR, IPV4, IPV6, STR, BIN, METH];
  rows[BIN] = [ANY, STR, BIN, METH];
  rows[METH] = [ANY, STR, BIN, METH];
}

export function canCast(from: Type, to: Type): boolean {
  return ALLOWED[from]!.includes(to);
}

/** The cast to apply, or null where the value already has the type. */
export function castBetween(from: Type, to: Type): Cast | null {
  if (to === ANY || from === to || (to === ADDR && (from === IPV4 || from === IPV6))) return null;
  return CASTS[to]!;
}

const INT64_MAX = 0x7fffffffffffffffn;
const INT64_MIN = -0x8000000000000000n;

/** Brings a value into 64 bits: what exceeds them stays at the limit. */
export function saturate(value: bigint): bigint {
  return value > INT64_MAX ? INT64_MAX : value < INT64_MIN ? INT64_MIN : value;
}

/** Reads leading digits with an optional sign; false for an empty text. Without digits the value is 0. */
export function setIntegerFromText(sample: Sample, text: string): boolean {
  if (text === '') return false;
  let at = 0;
  const sign = text.charCodeAt(0);
  if (sign === 0x2d || sign === 0x2b) at = 1;
  const start = at;
  let value = 0;
  for (; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  if (value <= Number.MAX_SAFE_INTEGER) return sample.setInt(sign === 0x2d && value !== 0 ? -value : value);
  const exact = BigInt(text.slice(start, at));
  return sample.setBig(saturate(sign === 0x2d ? -exact : exact));
}

export function toBool(sample: Sample): boolean {
  switch (sample.type) {
    case BOOL:
      return true;
    case STR:
      return setIntegerFromText(sample, sample.text) && sample.setBool(sample.num !== 0);
    case SINT:
      return sample.setBool(sample.num !== 0);
    default:
      return false;
  }
}

export function toSint(sample: Sample): boolean {
  switch (sample.type) {
    case SINT:
      return true;
    case BOOL:
    case IPV4:
      return sample.setInt(sample.num);
    case STR:
      return setIntegerFromText(sample, sample.text);
    default:
      return false;
  }
}

/** The low 32 bits, unsigned. */
function low32(sample: Sample): number {
  return sample.big === null ? sample.num >>> 0 : Number(BigInt.asUintN(32, sample.big));
}

export function toAddr(sample: Sample): boolean {
  switch (sample.type) {
    case IPV4:
    case IPV6:
      return true;
    case SINT:
      return sample.setIpv4(low32(sample));
    case STR: {
      const ipv4 = parseIpv4(sample.text);
      if (ipv4 >= 0) return sample.setIpv4(ipv4);
      const ipv6 = parseIpv6(sample.text);
      return ipv6 !== '' && sample.setIpv6(ipv6);
    }
    default:
      return false;
  }
}

export function toIpv4(sample: Sample): boolean {
  if (!toAddr(sample)) return false;
  if (sample.type === IPV4) return true;
  const mapped = unmapIpv6(sample.text);
  return mapped >= 0 && sample.setIpv4(mapped);
}

export function toIpv6(sample: Sample): boolean {
  if (!toAddr(sample)) return false;
  return sample.type === IPV6 || sample.setIpv6(mapIpv4(sample.num));
}

export function toStr(sample: Sample): boolean {
  switch (sample.type) {
    case STR:
      return true;
    case BOOL:
    case SINT:
      return sample.setStr(sample.big === null ? String(sample.num) : String(sample.big));
    case IPV4:
      return sample.setStr(formatIpv4(sample.num));
    case IPV6:
      return sample.setStr(formatIpv6(sample.text));
    case BIN: {
      // A string ends at the first NUL for whoever reads it as such.
      const end = sample.text.indexOf('\0');
      return sample.setStr(end < 0 ? sample.text : sample.text.slice(0, end));
    }
    case METH:
      return sample.setStr(sample.text);
    default:
      return false;
  }
}

export function toBin(sample: Sample): boolean {
  switch (sample.type) {
    case BIN:
      return true;
    case BOOL:
    case SINT:
      return sample.setBin(integerBytes(sample));
    case IPV4:
      return sample.setBin(ipv4Bytes(sample.num));
    case IPV6:
    case STR:
    case METH:
      return sample.setBin(sample.text);
    default:
      return false;
  }
}

function toMeth(sample: Sample): boolean {
  return sample.type === METH || (toStr(sample) && sample.setMeth(sample.text));
}

/** Eight bytes, most significant first. */
function integerBytes(sample: Sample): string {
  const value = BigInt.asUintN(64, sample.big ?? BigInt(sample.num));
  let text = '';
  for (let shift = 56n; shift >= 0n; shift -= 8n)
    text += String.fromCharCode(Number((value >> shift) & 255n));
  return text;
}

const CASTS: readonly (Cast | undefined)[] = [
  undefined,
  toBool,
  toSint,
  toAddr,
  toIpv4,
  toIpv6,
  toStr,
  toBin,
  toMeth,
];
