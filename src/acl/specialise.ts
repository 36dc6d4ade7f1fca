// The tests that most rules are made of, without the general machinery: path, method and host compared with text.
// Each returns null where the general way is needed.

import type { StreamContext } from '../sample/context.ts';
import type { PatternSources } from './read-patterns.ts';
import type { Subject } from './spell.ts';
import { isText, type TextMatcher } from './patterns.ts';
import { methodOf } from '../sample/fetches/request-line.ts';
import { splitTarget } from '../http/message.ts';

/** A test that is decided at once. */
export type Probe = (stream: StreamContext) => boolean;

export interface Special {
  readonly subject: Subject;
  readonly probe: Probe;
}

/** `source` is the expression without spaces. */
export function specialise(source: string, sources: PatternSources): Special | null {
  const { method } = sources;
  if (!isText(method)) return null;
  if (source === 'path') return { subject: { kind: 'path', name: '' }, probe: specialPath(sources) };
  if (source === 'method') {
    if (method !== 'str') return null;
    return { subject: { kind: 'method', name: '' }, probe: specialMethod(textMatcher(sources)) };
  }
  const header = /^(?:req\.)?hdr\(([A-Za-z0-9_-]+)\)$/.exec(source);
  if (header === null) return null;
  const name = header[1]!.toLowerCase();
  return { subject: { kind: 'header', name }, probe: specialHeader(name, textMatcher(sources)) };
}

function textMatcher({ lookups }: PatternSources): TextMatcher {
  const only = lookups[0]!;
  if (lookups.length === 1) return (text) => only.matchesText(text);
  return (text) => {
    for (let at = 0; at < lookups.length; at++) if (lookups[at]!.matchesText(text)) return true;
    return false;
  };
}

function specialMethod(matches: TextMatcher): Probe {
  return (stream) => {
    const received = methodOf(stream);
    return received !== '' && matches(received);
  };
}

function specialPath(sources: PatternSources): Probe {
  const { method, inline, lookups, patterns } = sources;
  const matches = textMatcher(sources);
  // A prefix that cannot reach the query can be looked for in the whole target, while the patterns are these.
  const within =
    method === 'beg' &&
    lookups.length === 1 &&
    patterns.every(({ text }) => text.startsWith('/') && !/[?#]/.test(text));
  const general: Probe = (stream) => {
    const path = pathOf(stream);
    return path !== '' && matches(path);
  };
  if (!within) return general;
  return (stream) => {
    const { request } = stream;
    if (request === null) return false;
    const { target } = request;
    return target.charCodeAt(0) === 0x2f && inline.untouched ? matches(target) : general(stream);
  };
}

/** The path of the request, without its query; empty where there is none. */
export function pathOf({ request }: StreamContext): string {
  if (request === null) return '';
  const { target } = request;
  if (target.charCodeAt(0) === 0x2f && !target.includes('?') && !target.includes('#')) return target;
  return splitTarget(target).path;
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
