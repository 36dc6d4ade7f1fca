import { Method, type Head } from './head.ts';

/** How the body of a message ends (RFC 9112 section 6.3). */
export const Body = { NONE: 0, LENGTH: 1, CHUNKED: 2, UNTIL_CLOSE: 3, TUNNEL: 4 } as const;
export type Body = (typeof Body)[keyof typeof Body];

/** The body of a request: none unless it says otherwise. What follows CONNECT waits for the answer. */
export function requestBody(head: Head): Body {
  if (head.method === Method.CONNECT) return Body.TUNNEL;
  if (head.chunked) return Body.CHUNKED;
  return head.contentLength > 0 ? Body.LENGTH : Body.NONE;
}

/** The body of the response `head` to a request with `method`. An interim response (1xx) has none. */
export function responseBody(head: Head, method: number): Body {
  const status = head.status;
  if (status === 101) return Body.TUNNEL;
  if (status < 200 || status === 204 || status === 304 || method === Method.HEAD) return Body.NONE;
  if (method === Method.CONNECT && status < 300) return Body.TUNNEL;
  if (head.chunked) return Body.CHUNKED;
  if (head.hasTransferEncoding || head.contentLength < 0) return Body.UNTIL_CLOSE;
  return head.contentLength === 0 ? Body.NONE : Body.LENGTH;
}

/**
 * Whether the connection may carry another message after this one (RFC 9112 section 9.3). HTTP/1.1 stays open
 * unless told to close, HTTP/1.0 closes unless told to stay. A message with both length and coding, and one
 * with a coding below HTTP/1.1, must close; `keepInsecure` (h1-do-not-close-on-insecure-transfer-encoding)
 * lifts the former.
 */
export function persists(head: Head, body: Body, keepInsecure = false): boolean {
  if (body === Body.UNTIL_CLOSE || body === Body.TUNNEL || head.connectionClose) return false;
  if (head.unsafeLength && !keepInsecure) return false;
  if (head.version >= 11) return true;
  return head.version === 10 && head.connectionKeepAlive && !head.hasTransferEncoding;
}
