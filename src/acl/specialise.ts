// The tests that most rules are made of, without the general machinery: path, method and host compared with text.
// Each returns null where the general way is needed.

import type { StreamContext } from '../sample/context.ts';
import { compileText, type Method, type Pattern, type TextMatcher } from './patterns.ts';
import { splitTarget } from '../http/message.ts';

/** A test that is decided at once. */
export type Probe = (stream: StreamContext) => boolean;

/** `source` is the expression without spaces, `method` the matching method chosen for it. */
export function specialise(source: string, method: Method, patterns: readonly Pattern[]): Probe | null {
  if (patterns.length === 0) return null;
  if (source === 'path') return specialPath(method, patterns);
  if (source === 'method') return method === 'str' ? specialMethod(compileText('str', patterns)) : null;
  const header = /^(?:req\.)?hdr\(([A-Za-z0-9_-]+)\)$/.exec(source);
  if (header !== null && isText(method)) {
    return specialHeader(header[1]!.toLowerCase(), compileText(method, patterns));
  }
  return null;
}

function isText(method: Method): boolean {
  return ['str', 'beg', 'end', 'sub', 'dir', 'dom', 'reg'].includes(method);
}

function specialMethod(matches: TextMatcher): Probe {
  return ({ request }) => request !== null && matches(request.method);
}

function specialPath(method: Method, patterns: readonly Pattern[]): Probe | null {
  if (!isText(method)) return null;
  const matches = compileText(method, patterns);
  // A prefix that cannot reach the query can be looked for in the whole target.
  const within = method === 'beg' && patterns.every(({ text }) => text.startsWith('/') && !/[?#]/.test(text));
  if (within) {
    return ({ request }) => {
      if (request === null) return false;
      const { target } = request;
      return matches(target.charCodeAt(0) === 0x2f ? target : splitTarget(target).path);
    };
  }
  return ({ request }) => {
    if (request === null) return false;
    const { target } = request;
    if (target.charCodeAt(0) === 0x2f && !target.includes('?') && !target.includes('#'))
      return matches(target);
    const { path } = splitTarget(target);
    return path !== '' && matches(path);
  };
}

function specialHeader(name: string, matches: TextMatcher): Probe {
  return ({ request }) => {
    if (request === null) return false;
    for (let at = request.find(name, 0); at >= 0; at = request.find(name, at + 1)) {
      const value = request.valueAt(at);
      if (!value.includes(',')) {
        if (matches(value.trim())) return true;
      } else if (anyListValue(value, matches)) {
        return true;
      }
    }
    return false;
  };
}

/** Asks each value of a comma list; commas between quotes do not count. */
export function anyListValue(line: string, matches: TextMatcher): boolean {
  let from = 0;
  while (from <= line.length) {
    const end = listValueEnd(line, from);
    if (matches(line.slice(from, end).trim())) return true;
    from = end + 1;
  }
  return false;
}

/** Index of the comma that ends the value beginning at `from`, or the length. */
export function listValueEnd(line: string, from: number): number {
  let quoted = false;
  for (let at = from; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (quoted) {
      if (code === 0x5c) at++;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x2c) return at;
  }
  return line.length;
}
