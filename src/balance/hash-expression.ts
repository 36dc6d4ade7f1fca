import type { StreamContext } from '../sample/context.ts';
import type { Expression } from '../sample/expression.ts';
import { Sample, Type } from '../sample/sample.ts';
import { numeric, type Hasher } from './hash.ts';
import type { HashKey } from './hashed.ts';

/** The bytes of a sample as they are hashed: numbers in eight bytes and addresses in four, most significant first. */
export function keyBytes(sample: Sample): string {
  switch (sample.type) {
    case Type.BOOL:
    case Type.SINT: {
      const value = BigInt.asUintN(64, sample.big ?? BigInt(sample.num));
      return word(Number(value >> 32n)) + word(Number(value & 0xffffffffn));
    }
    case Type.IPV4:
      return word(sample.num);
    default:
      return sample.text;
  }
}

function word(value: number): string {
  return String.fromCharCode((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

/** `balance hash <expr>`. */
export class ExpressionKey implements HashKey {
  private readonly expression: Expression;
  private readonly hasher: Hasher;
  private readonly sample = new Sample();

  constructor(expression: Expression, hasher: Hasher) {
    this.expression = expression;
    this.hasher = hasher;
  }

  hash(stream: StreamContext): number {
    if (this.hasher === numeric) {
      // `hash-type ... none`: the key as text is the hash.
      const text = this.expression.text(stream);
      return text === null ? -1 : numeric(text);
    }
    if (!this.expression.evaluate(stream, this.sample)) return -1;
    return this.hasher(keyBytes(this.sample));
  }
}
