// Heads as nearly everybody writes them, read four bytes at a time: canonical start lines of HTTP/1.0 and 1.1, and
// lines of `name: value` CR LF that are complete and not folded. Whatever differs is left to the states of parser.ts,
// which begin where this ends.

import { TOKEN_LOWER } from './grammar.ts';
import { Form, Method, STRIDE, type Head } from './head.ts';
import { HeaderId, LAST_FRAMING, idOfBytes, knownLength, knownName } from './names.ts';
import { Fault } from './faults.ts';
import { readField } from './fields.ts';
import { skipTarget, skipText, wordOf } from './words.ts';

const CR = 13;
const COLON = 58;
const SPACE = 32;
const TAB = 9;
const SLASH = 47;
const CRLF = 0x0a0d;
const HTTP = wordOf('HTTP');
const ONE_ONE = wordOf('/1.1');
const ONE_ZERO = wordOf('/1.0');
const GET = wordOf('GET ');
const PUT = wordOf('PUT ');
const POST = wordOf('POST');
const HEAD = wordOf('HEAD');

/** "HTTP/1.1" or "HTTP/1.0" at `at`: 11 or 10, else 0. */
function version(view: DataView, at: number): number {
  if (view.getInt32(at, true) !== HTTP) return 0;
  const word = view.getInt32(at + 4, true);
  if (word === ONE_ONE) return 11;
  return word === ONE_ZERO ? 10 : 0;
}

/**
 * `GET|HEAD|POST|PUT /path HTTP/1.x` CR LF. Returns where the first header line begins, or `at` where this is not such
 * a line or not all of it is here.
 */
export function regularRequestLine(
  view: DataView,
  memory: Uint8Array,
  at: number,
  to: number,
  head: Head,
): number {
  if (to - at < 16) return at;
  const word = view.getInt32(at, true);
  let methodEnd = at + 4;
  if (word === GET || word === PUT) methodEnd = at + 3;
  else if ((word !== POST && word !== HEAD) || memory[at + 4] !== SPACE) return at;
  const targetAt = methodEnd + 1;
  if (memory[targetAt] !== SLASH) return at;
  // The version takes ten bytes behind the space, so no word is read beyond the end.
  const targetEnd = skipTarget(view, targetAt + 1, to - 11);
  if (targetEnd > to - 11 || memory[targetEnd] !== SPACE) return at;
  const versionAt = targetEnd + 1;
  const found = version(view, versionAt);
  if (found === 0 || view.getUint16(versionAt + 8, true) !== CRLF) return at;
  head.from = head.methodAt = at;
  head.methodEnd = methodEnd;
  head.method =
    word === GET ? Method.GET : word === POST ? Method.POST : word === HEAD ? Method.HEAD : Method.PUT;
  head.targetAt = head.pathAt = targetAt;
  head.targetEnd = targetEnd;
  head.form = Form.ORIGIN;
  head.version = found;
  head.versionAt = versionAt;
  head.versionEnd = versionAt + 8;
  return versionAt + 10;
}

/** `HTTP/1.x NNN reason` CR LF; otherwise as for requests. */
export function regularStatusLine(
  view: DataView,
  memory: Uint8Array,
  at: number,
  to: number,
  head: Head,
): number {
  if (to - at < 15) return at;
  const found = version(view, at);
  if (found === 0 || memory[at + 8] !== SPACE || memory[at + 12] !== SPACE) return at;
  const hundreds = memory[at + 9]! - 48;
  const tens = memory[at + 10]! - 48;
  const ones = memory[at + 11]! - 48;
  if (hundreds < 1 || hundreds > 9 || tens < 0 || tens > 9 || ones < 0 || ones > 9) return at;
  const end = skipText(view, at + 13, Math.min(to, view.byteLength) - 4);
  if (end + 2 > to || view.getUint16(end, true) !== CRLF) return at;
  head.from = head.versionAt = at;
  head.version = found;
  head.versionEnd = at + 8;
  head.statusAt = at + 9;
  head.status = hundreds * 100 + tens * 10 + ones;
  head.reasonAt = at + 13;
  head.reasonEnd = end;
  return end + 2;
}

/**
 * Regular header lines with the byte after each of them: reads all until another kind of line begins, whose place is
 * returned, or a negated `Fault` of the line `head.count - 1`. At most `most` lines are in the head.
 */
export function regularLines(
  view: DataView,
  memory: Uint8Array,
  at: number,
  to: number,
  head: Head,
  most: number,
  relaxed: boolean,
): number {
  let { fields } = head;
  let { count } = head;
  // The bytes after the last line are read as words too; what they are makes no difference.
  const last = Math.min(to - 1, view.byteLength - 4);
  // Behind a name there are at least ": ", one byte, CR, LF and the byte after: words may be read up to there.
  while (count < most && at + 8 <= to) {
    let id = knownName(view, memory, at, to);
    let nameEnd = at;
    if (id !== 0) nameEnd += knownLength(id);
    else {
      nameEnd = smallName(memory, at, to);
      if (nameEnd === at || nameEnd >= to || memory[nameEnd] !== COLON) return at;
      if (nameEnd - at < 4) id = idOfBytes(memory, at, nameEnd);
    }
    const valueAt = nameEnd + 2;
    if (valueAt + 3 > to || memory[nameEnd + 1] !== SPACE) return at;
    const first = memory[valueAt]!;
    if (first === SPACE || first === TAB) return at;
    const end = skipText(view, valueAt, last);
    if (end + 3 > to || view.getUint16(end, true) !== CRLF) return at;
    const before = memory[end - 1]!;
    const next = memory[end + 2]!;
    if (before === SPACE || before === TAB || next === SPACE || next === TAB) return at;
    const slot = count * STRIDE;
    if (slot === fields.length) fields = head.grow()!;
    fields[slot] = at;
    fields[slot + 1] = nameEnd;
    fields[slot + 2] = valueAt;
    fields[slot + 3] = end;
    fields[slot + 4] = id;
    head.count = ++count;
    if (id !== HeaderId.OTHER && id <= LAST_FRAMING) {
      const fault = readField(memory, head, count - 1, relaxed);
      if (fault !== Fault.NONE) return -fault;
    }
    at = end + 2;
    if (next === CR) return at;
  }
  return at;
}

/** Makes a name lower case in place; returns the first place that is not part of a token. */
function smallName(memory: Uint8Array, at: number, to: number): number {
  while (at < to) {
    const byte = memory[at]!;
    const small = TOKEN_LOWER[byte]!;
    if (small === 0) return at;
    if (small !== byte) memory[at] = small;
    at++;
  }
  return at;
}
