// Regular expressions of configurations are written for PCRE2. V8 runs those that it can run in bounded time, and
// means the same by; a machine of our own runs the others, and gives up where PCRE2 would.

import { setFlagsFromString } from 'node:v8';
import { EndRegExp, endsBeforeNewline } from './regex/end.ts';
import { MachineRegExp } from './regex/machine.ts';
import { parse } from './regex/parser.ts';
import { print } from './regex/print.ts';
import { compileProgram } from './regex/program.ts';
import { isTame } from './regex/tame.ts';

// V8 goes over to its engine without backtracking where an expression tries so many ways. Each of them may run through
// the subject once: with 16 kB, that is 30 ms at most.
setFlagsFromString('--enable-experimental-regexp-engine');
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
setFlagsFromString('--regexp-backtracks-before-fallback=1000');

/**
 * Compiles an expression of PCRE2 (bytes, no UTF mode). With `global` it has the flag `g`. Throws ConfigError as HAProxy
 * words it, or saying what is not supported. No subject of a buffer's size takes longer than
 * some 30 ms.
 */
export function compileRegex(source: string, ignoreCase: boolean, global = false): RegExp {
  const expression = parse(source, ignoreCase);
  const text = print(expression.root);
  const runsAlone = text !== null && (isLinear(text) || isTame(expression.root));
  if (runsAlone && !endsBeforeNewline(expression.root)) return new RegExp(text, global ? 'g' : '');
  const machine = new MachineRegExp(compileProgram(source, expression), global);
  return runsAlone ? new EndRegExp(text, global, machine) : machine;
}

/** V8's own flag: without backtracking, or not at all. */
const LINEAR = 'l';

/** Whether V8 has a way without backtracking. */
function isLinear(text: string): boolean {
  try {
    void new RegExp(text, LINEAR);
    return true;
  } catch {
    return false;
  }
}

const DIGITS = /^[0-9a-fA-F]{2}$/;

/**
 * Puts groups in for `\0` to `\9` of a replacement text, and bytes for `\xHH`; a backslash makes any other character
 * itself.
 */
export function expandGroups(template: string, match: readonly (string | undefined)[]): string {
  let at = template.indexOf('\\');
  if (at < 0) return template;
  let text = '';
  let from = 0;
  while (at >= 0 && at + 1 < template.length) {
    text += template.slice(from, at);
    const code = template.charCodeAt(at + 1) - 0x30;
    from = at + 2;
    if (code >= 0 && code <= 9) text += match[code] ?? '';
    else if (template[at + 1] === 'x' && DIGITS.test(template.slice(from, from + 2))) {
      text += String.fromCharCode(Number.parseInt(template.slice(from, from + 2), 16));
      from += 2;
    } else text += template[at + 1]!;
    at = template.indexOf('\\', from);
  }
  return text + template.slice(from);
}
