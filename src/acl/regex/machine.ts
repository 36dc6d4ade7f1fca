// Runs what V8 cannot run, or could run for ever: a backtracking machine that counts its steps. An expression that
// needs more of them than STEPS does not match, as with PCRE2's match limit.

import { isWord } from './charset.ts';
import { ASSERTIONS, Op, type Program } from './program.ts';

/** About 10 ms. */
const STEPS = 300_000;
/** Frames of the stack; each is a way not taken yet. */
const FRAMES_MAX = STEPS;
const FRAME = 4;

/** Kinds of frames, and what their words are. */
const RESUME = 0; // place in the code, position
const RESTORE = 1; // slot, value
const GREEDY = 2; // place, least position, position
const LAZY = 3; // place of RUN_LAZY, position, most position

const NO = -1;
const GIVEN_UP = -2;

const LINE_FEED = 10;

let stack = new Int32Array(FRAME * 256);

/** A RegExp to its callers: flags `g` and `lastIndex` are honoured. */
export class MachineRegExp extends RegExp {
  private readonly program: Program;
  private readonly slots: Int32Array;
  private text = '';
  private left = 0;
  private top = 0;

  constructor(program: Program, global: boolean) {
    super('', global ? 'g' : '');
    this.program = program;
    this.slots = new Int32Array((program.captures + 1) * 2 + program.registers);
  }

  override test(text: string): boolean {
    return this.search(text, 0);
  }

  override exec(text: string): RegExpExecArray | null {
    const from = this.global ? this.lastIndex : 0;
    if (from > text.length || !this.search(text, from)) {
      this.lastIndex = 0;
      return null;
    }
    const { slots, program } = this;
    const groups: (string | undefined)[] = [];
    for (let i = 0; i <= program.captures; i++) {
      const [start, end] = [slots[i * 2]!, slots[i * 2 + 1]!];
      groups.push(start < 0 || end < 0 ? undefined : text.slice(start, end));
    }
    if (this.global) this.lastIndex = slots[1]!;
    const named = program.names.length === 0 ? undefined : Object.create(null);
    for (const [name, index] of program.names) named[name] = groups[index];
    return Object.assign(groups, { index: slots[0]!, input: text, groups: named }) as RegExpExecArray;
  }

  private search(text: string, from: number): boolean {
    const { first, anchored, captures } = this.program;
    this.text = text;
    this.left = STEPS;
    for (let start = from; start <= text.length; start++) {
      if (anchored && start > 0) return false;
      if (first !== null && first[text.charCodeAt(start)] !== 1) {
        if (start === text.length) return false;
        continue;
      }
      this.slots.fill(-1);
      this.slots[0] = start;
      this.top = 0;
      const end = this.run(0, start);
      if (end === GIVEN_UP) return false;
      if (end >= 0) {
        this.slots[1] = end;
        if (captures >= 0 && this.slots[0] > end) this.slots[0] = end;
        return true;
      }
    }
    return false;
  }

  private push(kind: number, a: number, b: number, c: number): void {
    const at = this.top * FRAME;
    if (at === stack.length) {
      if (this.top >= FRAMES_MAX) {
        this.left = 0;
        return;
      }
      const wider = new Int32Array(stack.length * 2);
      wider.set(stack);
      stack = wider;
    }
    stack[at] = kind;
    stack[at + 1] = a;
    stack[at + 2] = b;
    stack[at + 3] = c;
    this.top++;
  }

  private save(slot: number, value: number): void {
    this.push(RESTORE, slot, this.slots[slot]!, 0);
    this.slots[slot] = value;
  }

  /** From `pc` at position `at` to a MATCH; the position there, NO or GIVEN_UP. Ways not taken stay on the stack. */
  private run(pc: number, at: number): number {
    const { code, sets, captures } = this.program;
    const { text, slots } = this;
    const base = this.top;
    const registers = (captures + 1) * 2;
    for (;;) {
      if (--this.left < 0) return GIVEN_UP;
      let ok = true;
      switch (code[pc]) {
        case Op.MATCH:
          return at;
        case Op.SET:
          ok = at < text.length && sets[code[pc + 1]!]![text.charCodeAt(at) & 255] === 1;
          at++;
          pc += 2;
          break;
        case Op.SPLIT:
          this.push(RESUME, code[pc + 2]!, at, 0);
          pc = code[pc + 1]!;
          break;
        case Op.JUMP:
          pc = code[pc + 1]!;
          break;
        case Op.KEEP:
          this.save(0, at);
          pc += 1;
          break;
        case Op.CLOSE: {
          const slot = code[pc + 1]! * 2;
          this.save(slot, slots[registers + code[pc + 2]!]!);
          this.save(slot + 1, at);
          pc += 3;
          break;
        }
        case Op.ASSERT:
          ok = this.holds(code[pc + 1]!, at);
          pc += 2;
          break;
        case Op.RUN: {
          const min = code[pc + 2]!;
          const end = this.reach(code[pc + 1]!, at, code[pc + 3]!);
          ok = end - at >= min;
          pc += 4;
          if (ok && end > at + min) this.push(GREEDY, pc, at + min, end);
          at = end;
          break;
        }
        case Op.RUN_LAZY: {
          const min = code[pc + 2]!;
          const end = this.reach(code[pc + 1]!, at, code[pc + 3]!);
          ok = end - at >= min;
          pc += 4;
          at += min;
          if (ok && end > at) this.push(LAZY, pc, at, end);
          break;
        }
        case Op.REFERENCE: {
          const end = this.repeats(code[pc + 1]!, at, code[pc + 2] === 1);
          ok = end >= 0;
          at = end;
          pc += 3;
          break;
        }
        case Op.LOOK: {
          const behind = code[pc + 1]!;
          const negative = code[pc + 2] === 1;
          const found = this.inside(pc + 4, behind < 0 ? at : at - behind, negative);
          if (found === GIVEN_UP) return GIVEN_UP;
          ok = found >= 0 !== negative;
          pc = code[pc + 3]!;
          break;
        }
        case Op.ATOMIC: {
          const found = this.inside(pc + 2, at, false);
          if (found === GIVEN_UP) return GIVEN_UP;
          ok = found >= 0;
          at = found;
          pc = code[pc + 1]!;
          break;
        }
        case Op.MARK:
          this.save(registers + code[pc + 1]!, at);
          pc += 2;
          break;
        case Op.MOVED:
          pc = slots[registers + code[pc + 1]!] === at ? code[pc + 2]! : pc + 3;
          break;
      }
      if (ok) continue;
      // The latest way that was not taken.
      for (;;) {
        if (this.top === base) return NO;
        const frame = --this.top * FRAME;
        const a = stack[frame + 1]!;
        const b = stack[frame + 2]!;
        const kind = stack[frame]!;
        if (kind === RESTORE) {
          slots[a] = b;
          continue;
        }
        pc = a;
        if (kind === RESUME) at = b;
        else if (kind === GREEDY) {
          at = stack[frame + 3]! - 1;
          if (at > b) {
            stack[frame + 3] = at;
            this.top++;
          }
        } else {
          at = b + 1;
          if (at < stack[frame + 3]!) {
            stack[frame + 2] = at;
            this.top++;
          }
        }
        break;
      }
    }
  }

  /** A group of its own: its ways not taken are forgotten, what it captured is not, unless it `undoes` all. */
  private inside(pc: number, at: number, undoes: boolean): number {
    if (at < 0) return NO;
    const base = this.top;
    const end = this.run(pc, at);
    if (end < 0) return end;
    let kept = base;
    for (let frame = base; frame < this.top; frame++) {
      if (stack[frame * FRAME] !== RESTORE) continue;
      stack.copyWithin(kept * FRAME, frame * FRAME, (frame + 1) * FRAME);
      kept++;
    }
    this.top = kept;
    if (undoes) {
      while (this.top > base) {
        const frame = --this.top * FRAME;
        this.slots[stack[frame + 1]!] = stack[frame + 2]!;
      }
    }
    return end;
  }

  /** The end of a run of bytes of one set. */
  private reach(index: number, at: number, max: number): number {
    const set = this.program.sets[index]!;
    const { text } = this;
    const end = max < 0 ? text.length : Math.min(text.length, at + max);
    let to = at;
    while (to < end && set[text.charCodeAt(to) & 255] === 1) to++;
    this.left -= (to - at) >> 3;
    return to;
  }

  private holds(index: number, at: number): boolean {
    const { text } = this;
    const { length } = text;
    switch (ASSERTIONS[index]!) {
      case 'start':
        return at === 0;
      case 'end':
        return at === length;
      case 'endOrNewline':
        return at === length || (at === length - 1 && text.charCodeAt(at) === LINE_FEED);
      case 'lineStart':
        return at === 0 || (text.charCodeAt(at - 1) === LINE_FEED && at < length);
      case 'lineEnd':
        return at === length || text.charCodeAt(at) === LINE_FEED;
      default: {
        const before = at > 0 && isWord(text.charCodeAt(at - 1));
        const after = at < length && isWord(text.charCodeAt(at));
        return (before !== after) === (ASSERTIONS[index] === 'word');
      }
    }
  }

  /** The end of the same bytes as a group took; NO where they differ, or the group took part in nothing. */
  private repeats(group: number, at: number, ignoreCase: boolean): number {
    const from = this.slots[group * 2]!;
    const to = this.slots[group * 2 + 1]!;
    if (from < 0 || to < 0) return NO;
    const length = to - from;
    const mine = this.text.slice(at, at + length);
    const theirs = this.text.slice(from, to);
    if (mine === theirs) return at + length;
    if (!ignoreCase) return NO;
    const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    return mine.length === length && lower(mine) === lower(theirs) ? at + length : NO;
  }
}
