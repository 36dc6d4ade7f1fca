// A sample is one typed value on its way from a fetch through converters to whoever asked (manual 7.2).

/** Types of a sample, as the manual names them. ADDR and ANY exist only in declarations, never in a value. */
export const Type = {
  ANY: 0,
  BOOL: 1,
  SINT: 2,
  ADDR: 3,
  IPV4: 4,
  IPV6: 5,
  STR: 6,
  BIN: 7,
  METH: 8,
} as const;
export type Type = (typeof Type)[keyof typeof Type];

/** As messages and the stats socket write them. */
export const TYPE_NAMES: readonly string[] = [
  ...['any', 'bool', 'sint', 'addr', 'ipv4', 'ipv6', 'str', 'bin', 'meth'],
];

/**
 * One value, reused by whoever evaluates. Which field counts depends on `type`:
 * BOOL and SINT `num` (a SINT outside ±2^53 sits in `big`, else `big` is null), IPV4 `num` (unsigned 32 bit),
 * IPV6 `text` (16 bytes as latin1), STR, BIN and METH `text` (bytes as latin1).
 */
export class Sample {
  type: Type = Type.STR;
  num = 0;
  big: bigint | null = null;
  text = '';
  /** The fetch may give another value for the same keyword (next occurrence): ACLs then ask again. */
  more = false;
  /** Evaluation could not be decided yet because bytes are missing (manual: "may change"). */
  partial = false;

  setBool(value: boolean): true {
    this.type = Type.BOOL;
    this.num = value ? 1 : 0;
    this.big = null;
    return true;
  }
  setInt(value: number): true {
    this.type = Type.SINT;
    this.num = value;
    this.big = null;
    return true;
  }
  /** Takes a 64-bit integer; kept as a number where that is exact. */
  setBig(value: bigint): true {
    this.type = Type.SINT;
    this.num = Number(value);
    this.big = Number.isSafeInteger(this.num) ? null : value;
    return true;
  }
  /** Takes the value of another sample, without its flags. */
  copy(other: Readonly<Pick<Sample, 'type' | 'num' | 'big' | 'text'>>): true {
    this.type = other.type;
    this.num = other.num;
    this.big = other.big;
    this.text = other.text;
    return true;
  }
  setStr(value: string): true {
    this.type = Type.STR;
    this.text = value;
    return true;
  }
  setBin(value: string): true {
    this.type = Type.BIN;
    this.text = value;
    return true;
  }
  setMeth(value: string): true {
    this.type = Type.METH;
    this.text = value;
    return true;
  }
  setIpv4(value: number): true {
    this.type = Type.IPV4;
    this.num = value;
    return true;
  }
  setIpv6(value: string): true {
    this.type = Type.IPV6;
    this.text = value;
    return true;
  }
}
