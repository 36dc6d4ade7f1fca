// Spells an expression for V8.

import type { CharSet, Node } from './ast.ts';

/**
 * Null where V8 has no spelling that means the same. Case is in the sets, so the flag `i` is never needed. `$` is spelled
 * as the end of the subject alone, see EndRegExp.
 */
export function print(node: Node): string | null {
  switch (node.kind) {
    case 'set':
      return printSet(node.set);
    case 'sequence':
      return join(node.items, '');
    case 'choice': {
      const options = join(node.options, '|');
      return options === null ? null : `(?:${options})`;
    }
    case 'capture': {
      const body = print(node.body);
      if (body === null) return null;
      return node.name === null ? `(${body})` : `(?<${node.name}>${body})`;
    }
    case 'look': {
      const body = print(node.body);
      if (body === null) return null;
      return `(?${node.behind ? '<' : ''}${node.negative ? '!' : '='}${body})`;
    }
    case 'repeat':
      return printRepeat(node);
    case 'assertion':
      return ASSERTIONS[node.what];
    // V8 lets a reference to a group that took no part match.
    case 'reference':
    case 'atomic':
    case 'keep':
      return null;
  }
}

const ASSERTIONS = {
  start: '^',
  end: '$',
  endOrNewline: '$',
  // Not behind a last line feed, and V8 knows more ends of lines.
  lineStart: null,
  lineEnd: null,
  word: '\\b',
  notWord: '\\B',
} as const;

function join(nodes: readonly Node[], between: string): string | null {
  const texts: string[] = [];
  for (const node of nodes) {
    const text = print(node);
    if (text === null) return null;
    texts.push(text);
  }
  return texts.join(between);
}

function printRepeat({ min, max, greedy, body }: Extract<Node, { kind: 'repeat' }>): string | null {
  const text = print(body);
  // V8 forgets at each turn of a loop what a group held that has no part in this turn, and takes no empty turn.
  if (text === null || (max > 1 && mayLackCapture(body)) || (min < max && mayBeEmpty(body))) return null;
  const item =
    body.kind === 'set' || body.kind === 'capture' || body.kind === 'choice' ? text : `(?:${text})`;
  const lazy = greedy ? '' : '?';
  if (max === Infinity && min < 2) return item + (min === 0 ? '*' : '+') + lazy;
  if (min === 0 && max === 1) return `${item}?${lazy}`;
  const limits = max === Infinity ? `${min},` : min === max ? `${min}` : `${min},${max}`;
  return `${item}{${limits}}${lazy}`;
}

function mayBeEmpty(node: Node): boolean {
  switch (node.kind) {
    case 'set':
      return false;
    case 'sequence':
      return node.items.every(mayBeEmpty);
    case 'choice':
      return node.options.some(mayBeEmpty);
    case 'capture':
    case 'atomic':
      return mayBeEmpty(node.body);
    case 'repeat':
      return node.min === 0 || mayBeEmpty(node.body);
    default:
      return true;
  }
}

function hasCapture(node: Node): boolean {
  switch (node.kind) {
    case 'capture':
      return true;
    case 'sequence':
      return node.items.some(hasCapture);
    case 'choice':
      return node.options.some(hasCapture);
    case 'atomic':
    case 'look':
    case 'repeat':
      return hasCapture(node.body);
    default:
      return false;
  }
}

/** Whether `node` can match without one of its groups. */
function mayLackCapture(node: Node): boolean {
  switch (node.kind) {
    case 'sequence':
      return node.items.some(mayLackCapture);
    case 'capture':
      return mayLackCapture(node.body);
    case 'repeat':
      return node.min === 0 ? hasCapture(node.body) : mayLackCapture(node.body);
    default:
      return hasCapture(node);
  }
}

function printSet(set: CharSet): string {
  let count = 0;
  for (const flag of set) count += flag;
  if (count === 256) return '[^]';
  if (count === 0) return '[]';
  if (count === 1) return printByte(set.indexOf(1));
  const inverted = count > 128;
  let text = '';
  for (let from = 0; from < 256; from++) {
    if ((set[from] === 1) === inverted) continue;
    let to = from;
    while (to < 255 && (set[to + 1] === 1) !== inverted) to++;
    text += printByte(from) + (to > from ? (to > from + 1 ? '-' : '') + printByte(to) : '');
    from = to;
  }
  return `[${inverted ? '^' : ''}${text}]`;
}

function printByte(code: number): string {
  const char = String.fromCharCode(code);
  return /[A-Za-z0-9_/ ]/.test(char) ? char : `\\x${code.toString(16).padStart(2, '0')}`;
}
