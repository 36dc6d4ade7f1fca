// `$` holds at the end of the subject and before a line feed that ends it. V8 has no such thing without looking ahead,
// which costs it its engine without backtracking; but few subjects end with a line feed.

import type { Node } from './ast.ts';
import type { MachineRegExp } from './machine.ts';

const LINE_FEED = 10;

/** V8 for subjects without a line feed at their end, our machine for the others. */
export class EndRegExp extends RegExp {
  private readonly plain: RegExp;
  private readonly machine: MachineRegExp;

  constructor(text: string, global: boolean, machine: MachineRegExp) {
    super(text, global ? 'g' : '');
    this.plain = new RegExp(text, global ? 'g' : '');
    this.machine = machine;
  }

  override test(text: string): boolean {
    if (text.charCodeAt(text.length - 1) === LINE_FEED) return this.machine.test(text);
    this.plain.lastIndex = 0;
    return this.plain.test(text);
  }

  override exec(text: string): RegExpExecArray | null {
    const runner = text.charCodeAt(text.length - 1) === LINE_FEED ? this.machine : this.plain;
    runner.lastIndex = this.lastIndex;
    const match = runner.exec(text);
    this.lastIndex = runner.lastIndex;
    return match;
  }
}

/** Whether `node` has a `$` or `\\Z` that a line feed may follow. */
export function endsBeforeNewline(node: Node): boolean {
  switch (node.kind) {
    case 'assertion':
      return node.what === 'endOrNewline';
    case 'sequence':
      return node.items.some(endsBeforeNewline);
    case 'choice':
      return node.options.some(endsBeforeNewline);
    case 'capture':
    case 'atomic':
    case 'look':
    case 'repeat':
      return endsBeforeNewline(node.body);
    default:
      return false;
  }
}
