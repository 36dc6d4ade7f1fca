// A parsed HTTP head as rules, samples and logs see it, whatever the protocol version. Strings are latin1 so that
// every byte survives; they are made only when asked for.

/** Lower-case header names and byte-exact values, in the order received, edits applied. */
export interface HttpMessage {
  readonly isResponse: boolean;
  /** Request line. `target` is the URI as received or as last set. */
  readonly method: string;
  readonly target: string;
  /** '1.0' or '1.1'. */
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  /** option http-use-proxy-header: the request was meant for a proxy, which has authentication headers of its own. */
  readonly proxied: boolean;
  /** Bumped by every edit, for caches of derived strings. */
  readonly revision: number;

  /** Number of header lines. */
  headerCount(): number;
  nameAt(index: number): string;
  valueAt(index: number): string;
  /** First line at or after `from` named `name` (lower case), or -1. */
  find(name: string, from: number): number;

  /** Whether a rule may make the head longer by `more` bytes (manual: tune.maxrewrite). */
  hasRoom(more: number): boolean;
  /** Appends a line; false where the message has no room for more. */
  add(name: string, value: string): boolean;
  /** Removes every line named `name` (lower case); returns how many. */
  remove(name: string): number;
  removeAt(index: number): void;
  replaceValueAt(index: number, value: string): void;
  setMethod(method: string): void;
  setTarget(target: string): void;
  setStatus(status: number, reason: string): void;

  /** Body bytes that are buffered now, latin1 (chunked coding removed), for req.body and friends. */
  body(): string;
  /** Whether the whole body is buffered. */
  readonly bodyComplete: boolean;
  /** Announced length; -1 when unknown. */
  readonly contentLength: number;
}

/** The URI parts of a request target (manual 7.3.6: path, query, base, url). All latin1. */
export interface TargetParts {
  /** Path without query, beginning with '/', or '*'; '' for authority form. */
  readonly path: string;
  /** Query without '?', or null where there is none. */
  readonly query: string | null;
}

/** Splits a request target; absolute-form loses scheme and authority. */
export function splitTarget(target: string): TargetParts {
  let start = 0;
  if (target.charCodeAt(0) !== 0x2f && target !== '*') {
    const scheme = target.indexOf('://');
    if (scheme < 0) return { path: '', query: null };
    start = target.indexOf('/', scheme + 3);
    if (start < 0) {
      const mark = target.indexOf('?', scheme + 3);
      return { path: '', query: mark < 0 ? null : target.slice(mark + 1) };
    }
  }
  const mark = target.indexOf('?', start);
  const end = mark < 0 ? target.length : mark;
  const fragment = target.indexOf('#', start);
  const pathEnd = fragment >= 0 && fragment < end ? fragment : end;
  return { path: target.slice(start, pathEnd), query: mark < 0 ? null : target.slice(mark + 1) };
}
