/**
 * Well-known header names as small integers. The first twelve take part in framing or routing decisions, so
 * that the parser asks `id <= LAST_FRAMING` and skips all others.
 */
export const HeaderId = {
  /** The line must not be sent on; the caller skips it. */
  DROPPED: -1,
  OTHER: 0,
  HOST: 1,
  CONNECTION: 2,
  CONTENT_LENGTH: 3,
  TRANSFER_ENCODING: 4,
  EXPECT: 5,
  UPGRADE: 6,
  TE: 7,
  SEC_WEBSOCKET_KEY: 8,
  SEC_WEBSOCKET_ACCEPT: 9,
  PROXY_CONNECTION: 10,
  TRAILER: 11,
  KEEP_ALIVE: 12,
  COOKIE: 13,
  SET_COOKIE: 14,
  X_FORWARDED_FOR: 15,
  X_ORIGINAL_TO: 16,
  FORWARDED: 17,
  USER_AGENT: 18,
  REFERER: 19,
  ACCEPT: 20,
  ACCEPT_ENCODING: 21,
  ACCEPT_LANGUAGE: 22,
  AUTHORIZATION: 23,
  PROXY_AUTHORIZATION: 24,
  CACHE_CONTROL: 25,
  CONTENT_TYPE: 26,
  CONTENT_ENCODING: 27,
  DATE: 28,
  SERVER: 29,
  LOCATION: 30,
  ETAG: 31,
  LAST_MODIFIED: 32,
  ORIGIN: 33,
  RANGE: 34,
  VARY: 35,
  VIA: 36,
  X_FORWARDED_PROTO: 37,
  X_FORWARDED_HOST: 38,
  X_FORWARDED_PORT: 39,
  STRICT_TRANSPORT_SECURITY: 40,
  SEC_WEBSOCKET_VERSION: 41,
  WWW_AUTHENTICATE: 42,
  IF_NONE_MATCH: 43,
  IF_MODIFIED_SINCE: 44,
  X_REQUEST_ID: 45,
} as const;
export type HeaderId = (typeof HeaderId)[keyof typeof HeaderId];

/** Up to here a name has a meaning to the parser itself. */
export const LAST_FRAMING: number = HeaderId.TRAILER;

/** Names by id, in lower case. Index 0 is the empty name of what has no id. */
export const headerNames: readonly string[] = Object.entries(HeaderId)
  .filter(([, id]) => id >= 0)
  .map(([key, id]) => (id === 0 ? '' : key.toLowerCase().replaceAll('_', '-')));

const ids = new Map(headerNames.map((name, id) => [name, id]));

/** The id of a name in lower case, or 0 when it has none. For load time, not for each message. */
export function idOfName(lowercaseName: string): number {
  return ids.get(lowercaseName) ?? HeaderId.OTHER;
}

// A hash of the length and three bytes leads to a chain of at most a few candidates, then bytes decide.
const SLOTS = 256;
const first = new Uint8Array(SLOTS);
const next = new Uint8Array(headerNames.length);
const starts = new Int32Array(headerNames.length + 1);
const bytes = new Uint8Array(headerNames.join('').length);

function slot(length: number, head: number, middle: number, tail: number): number {
  return (length * 7 + head * 3 + middle * 31 + tail * 13) & (SLOTS - 1);
}

let cursor = 0;
headerNames.forEach((name, id) => {
  starts[id] = cursor;
  for (let i = 0; i < name.length; i++) bytes[cursor++] = name.charCodeAt(i);
  if (id === 0) return;
  const key = slot(
    name.length,
    name.charCodeAt(0),
    name.charCodeAt(name.length >> 1),
    name.charCodeAt(name.length - 1),
  );
  next[id] = first[key]!;
  first[key] = id;
});
starts[headerNames.length] = cursor;

const nameWords = new DataView(bytes.buffer);
const LOWER = 0x20202020;
const firstByWord = new Uint8Array(SLOTS);
const nextByWord = new Uint8Array(headerNames.length);

function wordSlot(word: number): number {
  return Math.imul(word, 0x9e3779b1) >>> 24;
}

// The longest name comes first in a chain, so that a prefix of it is not asked before.
headerNames
  .map((name, id) => ({ name, id }))
  .filter(({ name }) => name.length >= 4)
  .sort((one, other) => one.name.length - other.name.length)
  .forEach(({ id }) => {
    const key = wordSlot(nameWords.getInt32(starts[id]!, true));
    nextByWord[id] = firstByWord[key]!;
    firstByWord[key] = id;
  });

/**
 * The id of the well-known name that stands at `at` in any case and ends with a colon, else 0. Made lower case in
 * place where it is not. `view` is a view of the whole of `memory`; reads at most 4 bytes behind `at`, and as many
 * behind the colon that it finds before `to`.
 */
export function knownName(view: DataView, memory: Uint8Array, at: number, to: number): number {
  const head = view.getInt32(at, true);
  for (let id = firstByWord[wordSlot(head | LOWER)]!; id !== 0; id = nextByWord[id]!) {
    const from = starts[id]!;
    const length = starts[id + 1]! - from;
    if (at + length >= to || memory[at + length] !== 58) continue;
    if (sameName(view, at, from, length)) return id;
  }
  return 0;
}

/** Length of a well-known name. */
export function knownLength(id: number): number {
  return starts[id + 1]! - starts[id]!;
}

function sameName(view: DataView, at: number, from: number, length: number): boolean {
  // The last word overlaps the one before it where the length is no multiple of four.
  const tail = length - 4;
  let differs = 0;
  let upper = 0;
  for (let offset = 0; ; offset += 4) {
    if (offset > tail) offset = tail;
    const word = view.getInt32(at + offset, true);
    // Setting bit 5 makes letters small and leaves digits and '-' alone; bytes below 32 must not become such.
    differs |=
      ((word | LOWER) ^ nameWords.getInt32(from + offset, true)) | (~(word | (word << 1)) & 0x40404040);
    upper |= ~word & LOWER;
    if (offset === tail) break;
  }
  if (differs !== 0) return false;
  if (upper !== 0) makeLower(view, at, tail);
  return true;
}

function makeLower(view: DataView, at: number, tail: number): void {
  for (let offset = 0; ; offset += 4) {
    if (offset > tail) offset = tail;
    view.setInt32(at + offset, view.getInt32(at + offset, true) | LOWER, true);
    if (offset === tail) return;
  }
}

/** The id of the lower-case name in `memory[at..end)`, or 0. Allocates nothing. */
export function idOfBytes(memory: Uint8Array, at: number, end: number): number {
  const length = end - at;
  let id = first[slot(length, memory[at]!, memory[at + (length >> 1)]!, memory[end - 1]!)]!;
  for (; id !== 0; id = next[id]!) {
    let from = starts[id]!;
    if (starts[id + 1]! - from !== length) continue;
    let i = at;
    while (i < end && memory[i] === bytes[from]) {
      i++;
      from++;
    }
    if (i === end) return id;
  }
  return 0;
}
