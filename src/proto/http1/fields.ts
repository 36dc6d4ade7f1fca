import { isWord, sameText } from './grammar.ts';
import { Fault } from './faults.ts';
import { Form, Method, STRIDE, type Head } from './head.ts';
import { HeaderId } from './names.ts';
import { checkAuthority } from './target.ts';

const COMMA = 44;
const SPACE = 32;
const TAB = 9;

export function dropField(head: Head, index: number): void {
  head.fields[index * STRIDE + 4] = HeaderId.DROPPED;
  head.dropped = true;
}

/** Takes note of a header line that framing or routing depends on. Returns a `Fault`. */
export function readField(memory: Uint8Array, head: Head, index: number, relaxed: boolean): number {
  const fields = head.fields;
  const slot = index * STRIDE;
  const at = fields[slot + 2]!;
  const end = fields[slot + 3]!;
  switch (fields[slot + 4]) {
    case HeaderId.HOST:
      return readHost(memory, head, index);
    case HeaderId.CONNECTION:
      readConnection(memory, head, index);
      return Fault.NONE;
    case HeaderId.CONTENT_LENGTH:
      return readLength(memory, head, index);
    case HeaderId.TRANSFER_ENCODING:
      return readEncoding(memory, head, at, end, relaxed);
    case HeaderId.EXPECT:
      head.expectIndex = index;
      if (isWord(memory, at, end, '100-continue')) head.expect100 = true;
      return Fault.NONE;
    case HeaderId.UPGRADE:
      readUpgrade(memory, head, index);
      return Fault.NONE;
    case HeaderId.TE:
      readTe(memory, head, index);
      return Fault.NONE;
    case HeaderId.SEC_WEBSOCKET_KEY:
      head.websocketKey = index;
      return Fault.NONE;
    case HeaderId.SEC_WEBSOCKET_ACCEPT:
      head.websocketAccept = index;
      return Fault.NONE;
    case HeaderId.PROXY_CONNECTION:
      head.proxyConnection = index;
      return Fault.NONE;
    default:
      head.trailerIndex = index;
      return Fault.NONE;
  }
}

/** A second Host must repeat the first, and is dropped. */
function readHost(memory: Uint8Array, head: Head, index: number): number {
  if (head.hostIndex < 0) {
    head.hostIndex = index;
    return Fault.NONE;
  }
  const fields = head.fields;
  const known = head.hostIndex * STRIDE;
  const slot = index * STRIDE;
  const same = sameText(memory, fields[known + 2]!, fields[known + 3]!, fields[slot + 2]!, fields[slot + 3]!);
  if (!same) return Fault.HOST;
  dropField(head, index);
  return Fault.NONE;
}

/** Digits only, each element of a list and each line alike (RFC 9112 section 6.3); one of them is kept. */
function readLength(memory: Uint8Array, head: Head, index: number): number {
  const fields = head.fields;
  const slot = index * STRIDE;
  const end = fields[slot + 3]!;
  let at = fields[slot + 2]!;
  let elements = 0;
  for (;;) {
    while (at < end && (memory[at] === SPACE || memory[at] === TAB)) at++;
    const start = at;
    let value = 0;
    for (; at < end; at++) {
      const digit = memory[at]! - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      if (value > Number.MAX_SAFE_INTEGER) return Fault.LENGTH;
    }
    if (at === start) return Fault.LENGTH;
    if (head.contentLength >= 0 && head.contentLength !== value) return Fault.LENGTH;
    head.contentLength = value;
    if (elements++ === 0) fields[slot + 3] = at;
    while (at < end && (memory[at] === SPACE || memory[at] === TAB)) at++;
    if (at === end) break;
    if (memory[at++] !== COMMA) return Fault.LENGTH;
  }
  if (elements > 1) head.canonical = false;
  if (head.lengthIndex >= 0) dropField(head, index);
  else head.lengthIndex = index;
  return Fault.NONE;
}

/** "chunked" once and last (RFC 9112 section 6.1). Empty elements are refused unless violations are accepted. */
function readEncoding(memory: Uint8Array, head: Head, at: number, end: number, relaxed: boolean): number {
  head.hasTransferEncoding = true;
  if (at === end) return relaxed ? Fault.NONE : Fault.ENCODING;
  while (at <= end) {
    let stop = at;
    while (stop < end && memory[stop] !== COMMA) stop++;
    const next = stop + 1;
    while (at < stop && (memory[at] === SPACE || memory[at] === TAB)) at++;
    while (stop > at && (memory[stop - 1] === SPACE || memory[stop - 1] === TAB)) stop--;
    if (at === stop) {
      if (!relaxed) return Fault.ENCODING;
    } else if (isWord(memory, at, stop, 'chunked')) {
      if (head.chunked && !relaxed) return Fault.ENCODING;
      head.chunked = true;
    } else {
      if (head.chunked) return Fault.ENCODING;
      head.otherCoding = true;
    }
    at = next;
  }
  return Fault.NONE;
}

/**
 * Reads the options and takes "close" and "keep-alive" out of the line: they speak of one hop, and each side
 * writes its own. A line that becomes empty is dropped.
 */
function readConnection(memory: Uint8Array, head: Head, index: number): void {
  const fields = head.fields;
  const slot = index * STRIDE;
  const from = fields[slot + 2]!;
  const end = fields[slot + 3]!;
  let at = from;
  let write = from;
  let removed = from === end;
  while (at <= end) {
    let stop = at;
    while (stop < end && memory[stop] !== COMMA) stop++;
    const next = stop + 1;
    while (at < stop && (memory[at] === SPACE || memory[at] === TAB)) at++;
    while (stop > at && (memory[stop - 1] === SPACE || memory[stop - 1] === TAB)) stop--;
    let keep = at < stop;
    if (isWord(memory, at, stop, 'close')) {
      head.connectionClose = true;
      keep = false;
    } else if (isWord(memory, at, stop, 'keep-alive')) {
      head.connectionKeepAlive = true;
      keep = false;
    } else if (isWord(memory, at, stop, 'upgrade')) head.connectionUpgrade = true;
    if (!keep) removed = true;
    else write = keepElement(memory, from, write, at, stop, removed);
    at = next;
  }
  if (!removed) return;
  if (write === from) {
    dropField(head, index);
    return;
  }
  fields[slot + 3] = write;
  head.canonical = false;
}

/** Moves one element of a list down behind those kept so far; until one was removed all stays in its place. */
function keepElement(
  memory: Uint8Array,
  from: number,
  write: number,
  at: number,
  stop: number,
  removed: boolean,
): number {
  if (!removed) return stop;
  if (write > from) {
    memory[write++] = COMMA;
    if (write < at) memory[write++] = SPACE;
  }
  memory.copyWithin(write, at, stop);
  return write + stop - at;
}

/** Notes a websocket, and takes "h2c" out: an HTTP/2 upgrade offered to one hop must not reach the next. */
function readUpgrade(memory: Uint8Array, head: Head, index: number): void {
  const fields = head.fields;
  const slot = index * STRIDE;
  const from = fields[slot + 2]!;
  const end = fields[slot + 3]!;
  let at = from;
  let write = from;
  let removed = false;
  while (at <= end) {
    let stop = at;
    while (stop < end && memory[stop] !== COMMA) stop++;
    const next = stop + 1;
    while (at < stop && (memory[at] === SPACE || memory[at] === TAB)) at++;
    while (stop > at && (memory[stop - 1] === SPACE || memory[stop - 1] === TAB)) stop--;
    if (isWord(memory, at, stop, 'websocket')) head.websocket = true;
    if (isWord(memory, at, stop, 'h2c') || isWord(memory, at, stop, 'h2')) removed = head.http2Refused = true;
    else if (at === stop) removed = true;
    else write = keepElement(memory, from, write, at, stop, removed);
    at = next;
  }
  if (removed) {
    fields[slot + 3] = write;
    head.canonical = false;
    if (write === from) {
      dropField(head, index);
      return;
    }
  }
  if (head.upgradeAt < 0) head.upgradeAt = index;
}

/** Of TE only a plain "trailers" goes on: transfer codings are a matter of one hop. */
function readTe(memory: Uint8Array, head: Head, index: number): void {
  const fields = head.fields;
  const slot = index * STRIDE;
  const from = fields[slot + 2]!;
  const end = fields[slot + 3]!;
  let at = from;
  let found = -1;
  while (at <= end) {
    let stop = at;
    while (stop < end && memory[stop] !== COMMA) stop++;
    const next = stop + 1;
    while (at < stop && (memory[at] === SPACE || memory[at] === TAB)) at++;
    while (stop > at && (memory[stop - 1] === SPACE || memory[stop - 1] === TAB)) stop--;
    if (isWord(memory, at, stop, 'trailers')) found = at;
    at = next;
  }
  if (found < 0 || head.teTrailers) {
    dropField(head, index);
    return;
  }
  head.teTrailers = true;
  if (end - from === 8) return;
  fields[slot + 2] = found;
  fields[slot + 3] = found + 8;
  head.canonical = false;
}

/** What can only be judged with the whole head at hand. Returns a `Fault`. */
export function finishRequest(
  memory: Uint8Array,
  head: Head,
  relaxed: boolean,
  payloadAnyMethod: boolean,
): number {
  const method = head.method;
  if (method === Method.CONNECT) {
    // What follows belongs to the tunnel: a length has no meaning, a coding can't be honoured.
    if (head.hasTransferEncoding) return Fault.ENCODING;
    if (head.lengthIndex >= 0) dropField(head, head.lengthIndex);
    head.contentLength = -1;
  } else if (head.hasTransferEncoding) {
    if (!head.chunked) return Fault.ENCODING;
    if (head.otherCoding) return Fault.ENCODING_UNKNOWN;
    dropLength(head);
  }
  if (head.version < 11 && !payloadAnyMethod && (head.chunked || head.contentLength > 0)) {
    if (method === Method.GET || method === Method.HEAD || method === Method.DELETE) return Fault.PAYLOAD;
  }
  if (head.websocket && head.connectionUpgrade && !relaxed && !validKey(memory, head)) return Fault.WEBSOCKET;
  if (head.form === Form.ABSOLUTE || head.form === Form.AUTHORITY)
    return checkAuthority(memory, head, relaxed);
  return Fault.NONE;
}

/** The same for a response. */
export function finishResponse(_memory: Uint8Array, head: Head, relaxed: boolean): number {
  if (head.hasTransferEncoding) {
    if (!head.chunked && !relaxed) return Fault.ENCODING;
    dropLength(head);
  }
  if (head.status === 101 && head.websocket && head.connectionUpgrade && head.websocketAccept < 0 && !relaxed)
    return Fault.WEBSOCKET;
  return Fault.NONE;
}

function dropLength(head: Head): void {
  if (head.lengthIndex < 0) return;
  dropField(head, head.lengthIndex);
  head.unsafeLength = true;
}

/** Sixteen bytes in base64 (RFC 6455 section 4.1): 22 digits and "==". */
function validKey(memory: Uint8Array, head: Head): boolean {
  if (head.websocketKey < 0) return false;
  const slot = head.websocketKey * STRIDE;
  const at = head.fields[slot + 2]!;
  if (head.fields[slot + 3]! - at !== 24) return false;
  for (let i = 0; i < 22; i++) {
    const byte = memory[at + i]!;
    const letter = byte | 32;
    const digit = (letter >= 97 && letter <= 122) || (byte >= 47 && byte <= 57) || byte === 43;
    if (!digit) return false;
  }
  return memory[at + 22] === 61 && memory[at + 23] === 61;
}
