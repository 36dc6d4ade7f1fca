// Reads the first TLS hello of bytes that pass in clear (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1, and for the
// version the hello of SSLv2, RFC 5246 appendix E.2). Texts are latin1. Nothing is copied; positions are returned.

/** There is no such thing in these bytes, whatever follows them. */
export const NOT_THERE = -1;
/** More bytes could still bring it. */
export const NOT_YET = -2;

export const CLIENT_HELLO = 1;
export const SERVER_HELLO = 2;

/** Numbers of extensions (IANA, TLS ExtensionType Values). */
export const Extension = {
  SERVER_NAME: 0,
  SUPPORTED_GROUPS: 10,
  SIGNATURE_ALGORITHMS: 13,
  ALPN: 16,
  SESSION_TICKET: 35,
  KEY_SHARE: 51,
} as const;

const HANDSHAKE = 0x16;
const RECORD_HEADER = 5;
/** Type and length of the handshake message. */
const MESSAGE_HEADER = 4;
const OLD_HEADER = 11;
const RANDOM = 32;
/** Where the version of the hello stands, after both headers. */
const VERSION_AT = RECORD_HEADER + MESSAGE_HEADER;
const SESSION_ID_AT = VERSION_AT + 2 + RANDOM;

const short = (text: string, at: number): number => (text.charCodeAt(at) << 8) | text.charCodeAt(at + 1);

/** How far the record reaches, or NOT_THERE where the bytes are no handshake of SSLv3 or later. */
function recordEnd(text: string): number {
  const { length } = text;
  if (length > 0 && text.charCodeAt(0) !== HANDSHAKE) return NOT_THERE;
  if (length > 1 && text.charCodeAt(1) < 3) return NOT_THERE;
  if (length < RECORD_HEADER) return NOT_YET;
  const size = short(text, 3);
  return size < MESSAGE_HEADER ? NOT_THERE : RECORD_HEADER + size;
}

/** The type of the handshake message once its whole record is there. */
export function helloType(text: string): number {
  const end = recordEnd(text);
  if (end < 0) return end;
  return text.length < end ? NOT_YET : text.charCodeAt(RECORD_HEADER);
}

/** Major version times 65536 plus minor, of a whole client hello. */
export function helloVersion(text: string): number {
  if (text.charCodeAt(0) >= 0x80) return oldVersion(text);
  const type = helloType(text);
  if (type < 0) return type;
  if (type !== CLIENT_HELLO || short(text, 3) < MESSAGE_HEADER + 2) return NOT_THERE;
  return (text.charCodeAt(VERSION_AT) << 16) | text.charCodeAt(VERSION_AT + 1);
}

/**
 * SSLv2: two bytes of length with the highest bit set, the type, the version, and the lengths of cipher suites of three
 * bytes each, of a session id and of a challenge, which follow.
 */
function oldVersion(text: string): number {
  if (text.length > 2 && text.charCodeAt(2) !== CLIENT_HELLO) return NOT_THERE;
  if (text.length < OLD_HEADER) return NOT_YET;
  const size = short(text, 0) & 0x7fff;
  const ciphers = short(text, 5);
  const session = short(text, 7);
  const challenge = short(text, 9);
  if (ciphers === 0 || ciphers % 3 !== 0 || challenge < 16 || challenge > 32) return NOT_THERE;
  if (size !== OLD_HEADER - 2 + ciphers + session + challenge) return NOT_THERE;
  return text.length < 2 + size ? NOT_YET : (text.charCodeAt(3) << 16) | text.charCodeAt(4);
}

/** Both limits of what was found last: the program reads one hello at a time. */
export const found = { start: 0, end: 0 };

function keep(start: number, end: number): number {
  found.start = start;
  found.end = end;
  return start;
}

/** Where the list of cipher suites begins; `found` tells its limits. */
export function cipherSuites(text: string): number {
  const limit = helloLimit(text);
  if (limit < 0) return limit;
  const missing = text.length < limit ? NOT_YET : NOT_THERE;
  const have = Math.min(limit, text.length);
  if (have <= SESSION_ID_AT) return missing;
  const at = SESSION_ID_AT + 1 + text.charCodeAt(SESSION_ID_AT);
  if (at + 2 > have) return missing;
  const end = at + 2 + short(text, at);
  return end > have ? missing : keep(at + 2, end);
}

/**
 * The contents of an extension of a client hello; `found` tells their limits. It is found as soon as it is there, even
 * where the end of the hello is still missing.
 *
 * @returns where they begin, NOT_THERE or NOT_YET.
 */
export function extension(text: string, wanted: number): number {
  const list = extensionList(text);
  if (list < 0) return list;
  const limit = found.end;
  const have = Math.min(limit, text.length);
  const missing = text.length < limit ? NOT_YET : NOT_THERE;
  let at = list;
  while (at + 4 <= have) {
    const start = at + 4;
    const end = start + short(text, at + 2);
    if (end > limit) return NOT_THERE;
    if (short(text, at) === wanted) return end > have ? missing : keep(start, end);
    at = end;
  }
  return at < limit ? missing : NOT_THERE;
}

/** Where the extensions begin; NOT_THERE for a hello without any. `found.end` may lie beyond the text. */
export function extensionList(text: string): number {
  const suites = cipherSuites(text);
  if (suites < 0) return suites;
  const limit = helloLimit(text);
  const missing = text.length < limit ? NOT_YET : NOT_THERE;
  const methods = found.end;
  if (methods >= Math.min(limit, text.length)) return missing;
  const at = methods + 1 + text.charCodeAt(methods);
  if (at >= limit) return NOT_THERE;
  if (at + 2 > Math.min(limit, text.length)) return missing;
  const end = at + 2 + short(text, at);
  // A message in several records: what its first one holds is read.
  return keep(at + 2, Math.min(end, limit));
}

/** The end of a client hello, which may lie beyond the text: that of its record or message, whichever is first. */
function helloLimit(text: string): number {
  const end = recordEnd(text);
  if (end < 0) return end;
  if (text.length > RECORD_HEADER && text.charCodeAt(RECORD_HEADER) !== CLIENT_HELLO) return NOT_THERE;
  if (text.length < VERSION_AT) return NOT_YET;
  const size = (text.charCodeAt(RECORD_HEADER + 1) << 16) | short(text, RECORD_HEADER + 2);
  const limit = Math.min(end, VERSION_AT + size);
  return limit <= SESSION_ID_AT ? NOT_THERE : limit;
}
