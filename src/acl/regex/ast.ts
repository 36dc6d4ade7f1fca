// What the parser makes of an expression: a tree of nodes, options already spelled out in the sets of characters.

/** 256 flags: the bytes that a position may hold. */
export type CharSet = Uint8Array;

export type Assertion =
  | 'start' // \A, ^
  | 'end' // \z
  | 'endOrNewline' // \Z, $
  | 'lineStart' // ^ with (?m)
  | 'lineEnd' // $ with (?m)
  | 'word' // \b
  | 'notWord'; // \B

export type Node =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'choice'; readonly options: readonly Node[] }
  | { readonly kind: 'capture'; readonly index: number; readonly name: string | null; readonly body: Node }
  | { readonly kind: 'atomic'; readonly body: Node }
  | {
      readonly kind: 'look';
      readonly behind: boolean;
      readonly negative: boolean;
      readonly body: Node;
    }
  | {
      readonly kind: 'repeat';
      readonly min: number;
      /** Infinity for no limit. */
      readonly max: number;
      readonly greedy: boolean;
      readonly body: Node;
    }
  | { readonly kind: 'reference'; readonly index: number; readonly ignoreCase: boolean }
  | { readonly kind: 'assertion'; readonly what: Assertion }
  /** \K: what matched before is not part of the match. */
  | { readonly kind: 'keep' };

export interface Expression {
  readonly root: Node;
  /** Groups that capture; the whole match is none of them. */
  readonly captures: number;
}

/** Bytes that every match of `node` has: the same for all of them, or -1. */
export function fixedLength(node: Node): number {
  switch (node.kind) {
    case 'set':
      return 1;
    case 'sequence': {
      let length = 0;
      for (const item of node.items) {
        const one = fixedLength(item);
        if (one < 0) return -1;
        length += one;
      }
      return length;
    }
    case 'choice': {
      const length = fixedLength(node.options[0]!);
      return node.options.every((option) => fixedLength(option) === length) ? length : -1;
    }
    case 'capture':
    case 'atomic':
      return fixedLength(node.body);
    case 'repeat': {
      const length = fixedLength(node.body);
      return length >= 0 && node.min === node.max ? length * node.min : -1;
    }
    case 'reference':
      return -1;
    default:
      return 0;
  }
}
