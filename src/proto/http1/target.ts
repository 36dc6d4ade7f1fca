import { sameText } from './grammar.ts';
import { Fault } from './faults.ts';
import { Form, Method, STRIDE, type Head } from './head.ts';

const COLON = 58;
const SLASH = 47;

/**
 * Finds the form of the request target and its parts (RFC 9112 section 3.2). "*" is for OPTIONS only, a bare
 * host:port for CONNECT only; when violations are accepted, CONNECT takes anything.
 */
export function readTarget(memory: Uint8Array, head: Head, relaxed: boolean): number {
  const at = head.targetAt;
  const end = head.targetEnd;
  head.pathAt = at;
  if (head.method === Method.CONNECT) {
    head.form = Form.AUTHORITY;
    head.authorityAt = at;
    head.authorityEnd = head.pathAt = end;
    return relaxed || portOfConnect(memory, at, end) > 0 ? Fault.NONE : Fault.AUTHORITY;
  }
  if (memory[at] === SLASH) {
    head.form = Form.ORIGIN;
    return Fault.NONE;
  }
  if (memory[at] === 42) {
    head.form = Form.ASTERISK;
    return end - at === 1 && head.method === Method.OPTIONS ? Fault.NONE : Fault.TARGET;
  }
  head.form = Form.ABSOLUTE;
  let cursor = at;
  while (cursor < end && isSchemeByte(memory[cursor]!, cursor === at)) cursor++;
  if (cursor === at || cursor + 2 >= end) return Fault.TARGET;
  if (memory[cursor] !== COLON || memory[cursor + 1] !== SLASH || memory[cursor + 2] !== SLASH)
    return Fault.TARGET;
  cursor += 3;
  head.authorityAt = cursor;
  for (; cursor < end; cursor++) {
    const byte = memory[cursor]!;
    if (byte === SLASH || byte === 63 || byte === 35) break;
    if (byte === 64) head.authorityAt = cursor + 1;
  }
  head.authorityEnd = head.pathAt = cursor;
  head.emptyPath = cursor === end;
  if (head.emptyPath) head.canonical = false;
  return Fault.NONE;
}

function isSchemeByte(byte: number, first: boolean): boolean {
  const letter = byte | 32;
  if (letter >= 97 && letter <= 122) return true;
  return !first && ((byte >= 48 && byte <= 57) || byte === 43 || byte === 45 || byte === 46);
}

/** The port that CONNECT must name, or -1 when the target isn't host:port. */
function portOfConnect(memory: Uint8Array, at: number, end: number): number {
  const colon = colonOf(memory, at, end);
  if (colon <= at || end - colon > 6 || memory[colon + 1] === 48) return -1;
  for (let i = at; i < colon; i++) {
    const byte = memory[i]!;
    if (byte === SLASH || byte === 64 || byte === 63 || byte === 42) return -1;
    // Colons belong to an address in brackets.
    if (byte === COLON && memory[at] !== 91) return -1;
  }
  const port = readPort(memory, colon + 1, end);
  return port <= 65535 ? port : -1;
}

/** The colon before the port, or `end`. Colons inside brackets are part of an IPv6 address. */
function colonOf(memory: Uint8Array, at: number, end: number): number {
  for (let i = end - 1; i >= at; i--) {
    if (memory[i] === COLON) return i;
    if (memory[i] === 93) break;
  }
  return end;
}

/** Digits as a number; 0 when there are none, -1 for anything else. */
function readPort(memory: Uint8Array, at: number, end: number): number {
  if (end - at > 9) return -1;
  let port = 0;
  for (; at < end; at++) {
    const digit = memory[at]! - 48;
    if (digit < 0 || digit > 9) return -1;
    port = port * 10 + digit;
  }
  return port;
}

/**
 * Holds the authority of the target against Host: they must name the same host and port, where no port means
 * the default of the scheme. A default port then leaves the target and Host (RFC 3986 section 6.2.3); for
 * CONNECT it leaves Host only, and 80 and 443 are both taken for defaults. Works in place.
 */
export function checkAuthority(memory: Uint8Array, head: Head, relaxed: boolean): number {
  const fields = head.fields;
  const slot = head.hostIndex * STRIDE;
  const at = head.authorityAt;
  const end = head.authorityEnd;
  const colon = colonOf(memory, at, end);
  const port = colon < end ? readPort(memory, colon + 1, end) : 0;
  const connect = head.form === Form.AUTHORITY;
  const fallback = connect ? connectDefault(port) : schemePort(memory, head);
  const plain = colon < end && (port === fallback || (colon + 1 === end && fallback > 0)) && port >= 0;

  if (head.hostIndex >= 0) {
    const hostAt = fields[slot + 2]!;
    const hostEnd = fields[slot + 3]!;
    const same = sameText(memory, at, end, hostAt, hostEnd);
    if (!same) {
      const hostColon = colonOf(memory, hostAt, hostEnd);
      const hostPort = hostColon < hostEnd ? readPort(memory, hostColon + 1, hostEnd) : 0;
      const matches =
        sameText(memory, at, colon, hostAt, hostColon) &&
        port >= 0 &&
        hostPort >= 0 &&
        (port === 0 ? fallback : port) === (hostPort === 0 ? fallback : hostPort);
      if (!matches) return relaxed ? Fault.NONE : Fault.HOST;
    }
    if (plain && (same || !connect)) {
      // Same host, same length: the authority's spelling takes the place of Host's.
      memory.copyWithin(hostAt, at, colon);
      fields[slot + 3] = hostAt + (colon - at);
      head.canonical = false;
    }
  }
  if (plain && !connect) dropPort(memory, head, colon);
  return Fault.NONE;
}

function connectDefault(port: number): number {
  return port === 80 || port === 443 ? port : 0;
}

function schemePort(memory: Uint8Array, head: Head): number {
  const at = head.targetAt;
  if ((memory[at]! | 32) !== 104 || (memory[at + 1]! | 32) !== 116) return 0;
  if ((memory[at + 2]! | 32) !== 116 || (memory[at + 3]! | 32) !== 112) return 0;
  if (memory[at + 4] === COLON) return 80;
  return (memory[at + 4]! | 32) === 115 && memory[at + 5] === COLON ? 443 : 0;
}

/** Moves all that comes before the port over it: the line stays in one piece and begins later. */
function dropPort(memory: Uint8Array, head: Head, colon: number): void {
  const delta = head.authorityEnd - colon;
  memory.copyWithin(head.from + delta, head.from, colon);
  head.from += delta;
  head.methodAt += delta;
  head.methodEnd += delta;
  head.targetAt += delta;
  head.authorityAt += delta;
}
