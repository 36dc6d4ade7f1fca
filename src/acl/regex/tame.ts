// Which expressions V8 may run by backtracking: those whose time cannot explode.

import type { Node } from './ast.ts';
import { isAnchored } from './program.ts';

/** A loop of at most so many turns is no loop. */
const SHORT = 64;

/**
 * Whether backtracking goes through the subject a few times at most: no loop stands around what can be had in more than
 * one way, and no two divide the subject among them. The search for a beginning counts as one.
 */
export function isTame(root: Node): boolean {
  const loops = countLoops(root);
  return loops >= 0 && loops <= (isAnchored(root) ? 1 : 0);
}

/** Long loops in `node`; -1: one of them stands around a choice. */
function countLoops(node: Node): number {
  switch (node.kind) {
    case 'sequence':
      return sum(node.items);
    case 'choice':
      return sum(node.options);
    case 'capture':
    case 'atomic':
    case 'look':
      return countLoops(node.body);
    case 'repeat': {
      if (node.max > 1 && isAmbiguous(node.body)) return -1;
      const inside = countLoops(node.body);
      return inside < 0 ? -1 : inside + (node.max > SHORT && node.max !== node.min ? 1 : 0);
    }
    default:
      return 0;
  }
}

function sum(nodes: readonly Node[]): number {
  let loops = 0;
  for (const node of nodes) {
    const inside = countLoops(node);
    if (inside < 0) return -1;
    loops += inside;
  }
  return loops;
}

function isAmbiguous(node: Node): boolean {
  switch (node.kind) {
    case 'choice':
      return true;
    case 'sequence':
      return node.items.some(isAmbiguous);
    case 'capture':
    case 'look':
    case 'atomic':
      return isAmbiguous(node.body);
    case 'repeat':
      return node.min !== node.max || isAmbiguous(node.body);
    case 'reference':
      return true;
    default:
      return false;
  }
}
