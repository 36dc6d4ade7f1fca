// The connection request that opens RDP ([MS-RDPBCGR] 2.2.1.1): TPKT and X.224 headers, then a line
// `Cookie: name=value` CR LF. As in HAProxy the headers are skipped, not judged.

const HEADERS = 11;
const WORD = 'cookie:';
const SPACE = 0x20;

/** What `rdpCookie` found last: limits of the value. */
export const rdpValue = { start: 0, end: 0 };

export const Rdp = { NO_COOKIE: 0, FOUND: 1, NOT_YET: 2, OTHER_NAME: 3 } as const;
export type Rdp = (typeof Rdp)[keyof typeof Rdp];

/**
 * Looks for the cookie of a connection request.
 *
 * @param text latin1 bytes from the start of the connection
 * @param name in lower case; '' for any
 */
export function rdpCookie(text: string, name: string): Rdp {
  const { length } = text;
  const shown = Math.min(length, HEADERS + WORD.length);
  if (shown > HEADERS && !WORD.startsWith(text.slice(HEADERS, shown).toLowerCase())) return Rdp.NO_COOKIE;
  if (length < HEADERS + WORD.length) return Rdp.NOT_YET;
  let at = HEADERS + WORD.length;
  while (text.charCodeAt(at) === SPACE) at++;
  const end = text.indexOf('\r', at);
  if (end < 0 || end + 1 >= length) return Rdp.NOT_YET;
  if (text.charCodeAt(end + 1) !== 0x0a) return Rdp.NO_COOKIE;
  const equals = text.indexOf('=', at);
  if (equals < 0 || equals > end) return Rdp.NO_COOKIE;
  if (name !== '' && text.slice(at, equals).toLowerCase() !== name) return Rdp.OTHER_NAME;
  rdpValue.start = equals + 1;
  rdpValue.end = end;
  return Rdp.FOUND;
}
