// Unsigned 64-bit arithmetic on two 32-bit halves, for hashes: V8 keeps the halves as small integers, so that nothing
// is allocated, which BigInt would do for each step.

/** One number, changed in place; each operation returns it. All wrap around at 2^64. */
export class U64 {
  /** Both halves as signed 32-bit integers. */
  high: number;
  low: number;

  constructor(high = 0, low = 0) {
    this.high = high | 0;
    this.low = low | 0;
  }

  /** From a signed or unsigned integer, cut to 64 bits. Allocates: for load time. */
  static from(value: number | bigint): U64 {
    const whole = BigInt.asUintN(64, BigInt(value));
    return new U64(Number(whole >> 32n), Number(whole & 0xffffffffn));
  }

  set(high: number, low: number): this {
    this.high = high | 0;
    this.low = low | 0;
    return this;
  }

  copy(other: U64): this {
    this.high = other.high;
    this.low = other.low;
    return this;
  }

  /** Eight bytes of latin1 text at `at`, the lowest first. */
  read(text: string, at: number): this {
    this.low = read32(text, at);
    this.high = read32(text, at + 4);
    return this;
  }

  add(other: U64): this {
    const low = (this.low >>> 0) + (other.low >>> 0);
    this.low = low | 0;
    this.high = (this.high + other.high + (low > 0xffffffff ? 1 : 0)) | 0;
    return this;
  }

  sub(other: U64): this {
    const borrow = this.low >>> 0 < other.low >>> 0 ? 1 : 0;
    this.low = (this.low - other.low) | 0;
    this.high = (this.high - other.high - borrow) | 0;
    return this;
  }

  xor(other: U64): this {
    this.high ^= other.high;
    this.low ^= other.low;
    return this;
  }

  mul(other: U64): this {
    const { high, low } = this;
    this.high = (mulHigh(low, other.low) + Math.imul(high, other.low) + Math.imul(low, other.high)) | 0;
    this.low = Math.imul(low, other.low);
    return this;
  }

  /** The product of both halves. */
  mulHalves(): this {
    return this.set(mulHigh(this.high, this.low), Math.imul(this.high, this.low));
  }

  /** The 128-bit product, its upper 64 bits xored with the lower ones. */
  mulFold(other: U64): this {
    const { high, low } = this;
    const second =
      mulHigh(low, other.low) + (Math.imul(low, other.high) >>> 0) + (Math.imul(high, other.low) >>> 0);
    const third =
      mulHigh(low, other.high) +
      mulHigh(high, other.low) +
      (Math.imul(high, other.high) >>> 0) +
      Math.floor(second / 0x100000000);
    const fourth = mulHigh(high, other.high) + Math.floor(third / 0x100000000);
    this.low = Math.imul(low, other.low) ^ third;
    this.high = second ^ fourth;
    return this;
  }

  /** Rotates left by 1 to 63 bits, 32 excepted. */
  rotl(bits: number): this {
    const { high, low } = this;
    const by = bits & 31;
    const up = (high << by) | (low >>> (32 - by));
    const down = (low << by) | (high >>> (32 - by));
    return bits < 32 ? this.set(up, down) : this.set(down, up);
  }

  /** Shifts right by 1 to 63 bits, zeros coming in. */
  shr(bits: number): this {
    if (bits >= 32) return this.set(0, this.high >>> (bits - 32));
    return this.set(this.high >>> bits, (this.low >>> bits) | (this.high << (32 - bits)));
  }

  /** `x ^= x >>> bits`, for 1 to 63 bits. */
  xorShr(bits: number): this {
    if (bits >= 32) this.low ^= this.high >>> (bits - 32);
    else {
      this.low ^= (this.low >>> bits) | (this.high << (32 - bits));
      this.high ^= this.high >>> bits;
    }
    return this;
  }

  swapBytes(): this {
    return this.set(swap32(this.low), swap32(this.high));
  }

  /** As a signed number where that is exact, else NaN. */
  toNumber(): number {
    const value = this.high * 0x100000000 + (this.low >>> 0);
    return Number.isSafeInteger(value) ? value : NaN;
  }

  toBig(): bigint {
    return (BigInt(this.high) << 32n) | BigInt(this.low >>> 0);
  }

  /** Its eight bytes as latin1 text, the lowest first. */
  toText(): string {
    return bytesOf(this.low) + bytesOf(this.high);
  }
}

function bytesOf(word: number): string {
  return String.fromCharCode(word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24);
}

/** Four bytes of latin1 text as a signed integer, the lowest first. */
export function read32(text: string, at: number): number {
  return (
    text.charCodeAt(at) |
    (text.charCodeAt(at + 1) << 8) |
    (text.charCodeAt(at + 2) << 16) |
    (text.charCodeAt(at + 3) << 24)
  );
}

export function swap32(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

/** The upper 32 bits of the product of two unsigned 32-bit integers, unsigned. */
function mulHigh(left: number, right: number): number {
  const a = left & 0xffff;
  const b = left >>> 16;
  const c = right & 0xffff;
  const d = right >>> 16;
  const middle = b * c + ((a * c) >>> 16);
  return b * d + (middle >>> 16) + ((a * d + (middle & 0xffff)) >>> 16);
}
