// CONNECT and CONNACK packets of MQTT 3.1, 3.1.1 and 5.0 (OASIS mqtt-v3.1.1 and mqtt-v5.0, sections 3.1 and 3.2). A packet
// is checked as a whole in one pass, which takes down the one field that was asked for. Bytes are latin1 text.

export const CONNECT = 1;
export const CONNACK = 2;

export const Result = { VALID: 1, INVALID: 0, PARTIAL: -1 } as const;
export type Result = (typeof Result)[keyof typeof Result];

/** Fields that are not properties, whose numbers are positive. */
export const Field = {
  NONE: 0,
  FLAGS: -1,
  PROTOCOL_NAME: -2,
  PROTOCOL_VERSION: -3,
  CLIENT_IDENTIFIER: -4,
  WILL_TOPIC: -5,
  WILL_PAYLOAD: -6,
  USERNAME: -7,
  PASSWORD: -8,
  KEEPALIVE: -9,
  REASON_CODE: -10,
} as const;

/** Where a property may stand, and how its value looks. Integers have a size in bytes and limits. */
interface Property {
  readonly where: number;
  /** Bytes of an integer; 0 for a string, -1 for a pair of strings. */
  readonly size: number;
  readonly least: number;
  readonly most: number;
}

const IN_CONNECT = 1;
const IN_WILL = 2;
const IN_CONNACK = 4;
const TEXT = 0;
const PAIR = -1;
/** No field that can be asked for. */
const UNWANTED = -100;
const USER_PROPERTY = 38;
const AUTHENTICATION_METHOD = 21;
const AUTHENTICATION_DATA = 22;

const property = (where: number, size: number, least = 0, most = Infinity): Property => ({
  where,
  size,
  least,
  most,
});

/** By number (mqtt-v5.0 section 2.2.2.2). */
const PROPERTIES: readonly (Property | undefined)[] = ((): (Property | undefined)[] => {
  const table: (Property | undefined)[] = Array.from({ length: 43 }, () => undefined);
  table[1] = property(IN_WILL, 1, 0, 1);
  table[2] = property(IN_WILL, 4);
  for (const number of [3, 8, 9]) table[number] = property(IN_WILL, TEXT);
  table[17] = property(IN_CONNECT | IN_CONNACK, 4);
  table[18] = property(IN_CONNACK, TEXT, 1);
  table[19] = property(IN_CONNACK, 2);
  table[AUTHENTICATION_METHOD] = table[AUTHENTICATION_DATA] = property(IN_CONNECT | IN_CONNACK, TEXT);
  table[23] = table[25] = property(IN_CONNECT, 1, 0, 1);
  table[24] = property(IN_WILL, 4);
  for (const number of [26, 28, 31]) table[number] = property(IN_CONNACK, TEXT);
  table[33] = property(IN_CONNECT | IN_CONNACK, 2, 1);
  table[34] = property(IN_CONNECT | IN_CONNACK, 2);
  for (const number of [36, 37, 40, 41, 42]) table[number] = property(IN_CONNACK, 1, 0, 1);
  table[USER_PROPERTY] = property(IN_CONNECT | IN_WILL | IN_CONNACK, PAIR);
  table[39] = property(IN_CONNECT | IN_CONNACK, 4, 1);
  return table;
})();

/** Whether a packet of `type` may hold the property. */
export function mayHold(type: number, number: number): boolean {
  const where = PROPERTIES[number]?.where ?? 0;
  return (where & (type === CONNECT ? IN_CONNECT | IN_WILL : type === CONNACK ? IN_CONNACK : 0)) !== 0;
}

/**
 * A packet's parser. After VALID, `value` is the wanted field's integer, or -1 where it is text[from..to), or -2 without
 * one. Integer properties that a packet of MQTT 5.0 leaves out are 0, as haproxy has them.
 */
export class Packet {
  value = -2;
  from = 0;
  to = 0;
  private text = '';
  private at = 0;
  private end = 0;
  private failed = false;
  private wanted = 0;

  /** `wanted`: a Field, or a property's number; looked for in packets of `type` only, 0 for either. */
  parse(text: string, type: number, wanted: number): Result {
    this.text = text;
    this.at = 0;
    this.end = text.length;
    this.failed = false;
    this.value = -2;
    this.wanted = wanted;
    if (text.length < 2) return Result.PARTIAL;
    const first = text.charCodeAt(0);
    if (first !== CONNECT << 4 && first !== CONNACK << 4) return Result.INVALID;
    this.at = 1;
    const length = this.varint();
    if (this.failed) return text.length > 4 ? Result.INVALID : Result.PARTIAL;
    if (length > text.length - this.at) return Result.PARTIAL;
    if (length < 2) return Result.INVALID;
    this.end = this.at + length;
    if (type !== 0 && type !== first >> 4) this.wanted = Field.NONE;
    if (first >> 4 === CONNECT) this.connect();
    else this.connack(length);
    return this.failed || this.at !== this.end ? Result.INVALID : Result.VALID;
  }

  private connect(): void {
    const start = this.at + 2;
    this.string(Field.PROTOCOL_NAME);
    const name = this.text.slice(start, this.at).toUpperCase();
    if (name !== 'MQTT' && name !== 'MQISDP') this.failed = true;
    const version = this.integer(1, Field.PROTOCOL_VERSION);
    if (version < 3 || version > 5) this.failed = true;
    const flags = this.integer(1, Field.FLAGS);
    if ((flags & 1) !== 0) this.failed = true;
    this.integer(2, Field.KEEPALIVE);
    if (version === 5) this.properties(IN_CONNECT);
    this.string(Field.CLIENT_IDENTIFIER);
    if ((flags & 4) !== 0) {
      if (version === 5) this.properties(IN_WILL);
      this.string(Field.WILL_TOPIC);
      this.string(Field.WILL_PAYLOAD);
    }
    if ((flags & 128) !== 0) this.string(Field.USERNAME);
    if ((flags & 64) !== 0) this.string(Field.PASSWORD);
    if (version === 5) this.defaultProperty();
  }

  private connack(length: number): void {
    if (this.integer(1, Field.FLAGS) > 1) this.failed = true;
    this.integer(1, Field.REASON_CODE);
    // Only the properties tell a 5.0 packet from an older one.
    const version = length === 2 ? 4 : 5;
    if (this.wanted === Field.PROTOCOL_VERSION) this.value = version;
    if (version === 4) {
      // HAProxy minds bytes behind this packet, and behind no other.
      if (this.text.length > this.end) this.failed = true;
      return;
    }
    this.properties(IN_CONNACK);
    this.defaultProperty();
  }

  private defaultProperty(): void {
    if (this.value === -2 && this.wanted > 0 && PROPERTIES[this.wanted]!.size > 0) this.value = 0;
  }

  private properties(where: number): void {
    const length = this.varint();
    const end = this.at + length;
    if (this.failed || end > this.end) {
      this.failed = true;
      return;
    }
    const outer = this.end;
    this.end = end;
    // One bit for each number below 32, and for those above.
    let low = 0;
    let high = 0;
    while (this.at < end && !this.failed) {
      // All numbers fit into one byte, and a longer form is not allowed.
      const number = this.integer(1, UNWANTED);
      const kind = number < PROPERTIES.length ? PROPERTIES[number] : undefined;
      const bit = 1 << (number & 31);
      if (kind === undefined || (kind.where & where) === 0) this.failed = true;
      else if (kind.size === PAIR) {
        this.string(Field.NONE);
        this.string(Field.NONE);
      } else if (((number < 32 ? low : high) & bit) !== 0) this.failed = true;
      else {
        if (number < 32) low |= bit;
        else high |= bit;
        const value = kind.size === TEXT ? this.string(number) : this.integer(kind.size, number);
        if (value < kind.least || value > kind.most) this.failed = true;
      }
    }
    if (this.at !== end) this.failed = true;
    if (where === IN_CONNECT && (low & (1 << AUTHENTICATION_DATA)) !== 0) {
      if ((low & (1 << AUTHENTICATION_METHOD)) === 0) this.failed = true;
    }
    this.end = outer;
  }

  /** At most four bytes, the lowest first. */
  private varint(): number {
    let value = 0;
    for (let unit = 1; unit <= 128 ** 3 && this.at < this.end; unit *= 128) {
      const byte = this.text.charCodeAt(this.at++);
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
    this.failed = true;
    return 0;
  }

  private integer(size: number, field: number): number {
    if (this.at + size > this.end) {
      this.failed = true;
      return 0;
    }
    let value = 0;
    for (let index = 0; index < size; index++) value = value * 256 + this.text.charCodeAt(this.at++);
    if (field === this.wanted) this.value = value;
    return value;
  }

  /** Returns its length. */
  private string(field: number): number {
    const length = this.integer(2, UNWANTED);
    if (this.failed || length > this.end - this.at) {
      this.failed = true;
      return 0;
    }
    if (field === this.wanted && field !== Field.NONE) {
      this.value = -1;
      this.from = this.at;
      this.to = this.at + length;
    }
    this.at += length;
    return length;
  }
}
