/** Methods as small integers; any other token is `OTHER`. */
export const Method = {
  OTHER: 0,
  GET: 1,
  HEAD: 2,
  POST: 3,
  PUT: 4,
  DELETE: 5,
  CONNECT: 6,
  OPTIONS: 7,
  TRACE: 8,
  PATCH: 9,
} as const;
export type Method = (typeof Method)[keyof typeof Method];

/** The form of a request target (RFC 9112 section 3.2). */
export const Form = { ORIGIN: 0, ABSOLUTE: 1, AUTHORITY: 2, ASTERISK: 3 } as const;
export type Form = (typeof Form)[keyof typeof Form];

/** Integers per header line in `Head.fields`: nameAt, nameEnd, valueAt, valueEnd, id. */
export const STRIDE = 5;

/** Lines that a head has room for at first: more than most messages have, and a fifth of what they may have. */
const LINES_FIRST = 32;

/**
 * A parsed message head: absolute offsets into the memory it was parsed from, and the facts of framing. Reused
 * for one message after another. The offsets stand until the owner of the memory recycles those bytes.
 */
export class Head {
  /** Header lines, `STRIDE` integers each; see `HeaderId` for the fifth. Another array after `grow`. */
  fields: Int32Array;
  /** Header lines that it may grow to hold. */
  readonly linesMax: number;
  /** Header lines in `fields`, dropped ones included. */
  count = 0;
  /** First byte of the start line, after any empty lines before it. */
  from = 0;
  /** Just after the empty line that ends the head. */
  end = 0;
  /** Regular line ends and spacing: what is not dropped can be sent as it was received. */
  canonical = true;
  /** Some line is marked as dropped. */
  dropped = false;

  method: number = Method.OTHER;
  methodAt = 0;
  methodEnd = 0;
  targetAt = 0;
  targetEnd = 0;
  form: number = Form.ORIGIN;
  /** Absolute and authority forms: host and port, without user information and without a default port. */
  authorityAt = 0;
  authorityEnd = 0;
  /** Where the path begins in the target; `targetEnd` when there is none. */
  pathAt = 0;
  /** Absolute form with neither path nor query: whoever writes the target adds a '/'. */
  emptyPath = false;

  /** 11, 10 or 9 (no version, or one below 1.0). Versions above 1.1 count as 11. */
  version = 0;
  versionAt = 0;
  versionEnd = 0;

  status = 0;
  statusAt = 0;
  reasonAt = 0;
  reasonEnd = 0;

  /** -1 without Content-Length. Kept when Transfer-Encoding overrides it: see `unsafeLength`. */
  contentLength = -1;
  /** The last transfer coding is "chunked". */
  chunked = false;
  /** Some other transfer coding comes before it. */
  otherCoding = false;
  hasTransferEncoding = false;
  /** Content-Length beside Transfer-Encoding: the former is dropped, the connection must close. RFC 9112 6.3. */
  unsafeLength = false;
  connectionClose = false;
  connectionKeepAlive = false;
  connectionUpgrade = false;
  expect100 = false;
  /** The peer accepts trailers ("TE: trailers"). */
  teTrailers = false;
  websocket = false;
  /** The Upgrade header offered HTTP/2, which was taken out. */
  http2Refused = false;
  /** Indexes of header lines, -1 when absent. */
  hostIndex = -1;
  lengthIndex = -1;
  upgradeAt = -1;
  expectIndex = -1;
  proxyConnection = -1;
  websocketKey = -1;
  websocketAccept = -1;
  trailerIndex = -1;

  /** @param headersMax tune.http.maxhdr, which counts the start line: at most headersMax - 1 header lines. */
  constructor(headersMax = 101) {
    this.linesMax = Math.max(1, headersMax);
    this.fields = new Int32Array(Math.min(this.linesMax, LINES_FIRST) * STRIDE);
  }

  /** Makes room for at least one more line and returns the new `fields`, or null beyond `linesMax`. */
  grow(): Int32Array | null {
    const lines = this.fields.length / STRIDE;
    if (lines >= this.linesMax) return null;
    const wider = new Int32Array(Math.min(this.linesMax, lines * 2) * STRIDE);
    wider.set(this.fields);
    this.fields = wider;
    return wider;
  }

  reset(): void {
    this.count = this.from = this.end = 0;
    this.canonical = true;
    this.dropped = false;
    this.method = Method.OTHER;
    this.methodAt = this.methodEnd = this.targetAt = this.targetEnd = 0;
    this.form = Form.ORIGIN;
    this.authorityAt = this.authorityEnd = this.pathAt = 0;
    this.emptyPath = false;
    this.version = this.versionAt = this.versionEnd = 0;
    this.status = this.statusAt = this.reasonAt = this.reasonEnd = 0;
    this.contentLength = -1;
    this.chunked = this.otherCoding = this.hasTransferEncoding = this.unsafeLength = false;
    this.connectionClose = this.connectionKeepAlive = this.connectionUpgrade = false;
    this.expect100 = this.teTrailers = this.websocket = this.http2Refused = false;
    this.hostIndex = this.lengthIndex = this.upgradeAt = this.expectIndex = this.proxyConnection = -1;
    this.websocketKey = this.websocketAccept = this.trailerIndex = -1;
  }

  /** Follows bytes that their owner has moved by `delta`. */
  relocate(delta: number): void {
    this.from += delta;
    this.end += delta;
    this.methodAt += delta;
    this.methodEnd += delta;
    this.targetAt += delta;
    this.targetEnd += delta;
    this.authorityAt += delta;
    this.authorityEnd += delta;
    this.pathAt += delta;
    this.versionAt += delta;
    this.versionEnd += delta;
    this.statusAt += delta;
    this.reasonAt += delta;
    this.reasonEnd += delta;
    for (let at = 0; at < this.count * STRIDE; at += STRIDE) {
      for (let i = 0; i < 4; i++) this.fields[at + i] = this.fields[at + i]! + delta;
    }
  }

  /** Index of the first line from `start` on whose id is `id`, or -1. */
  indexOf(id: number, start = 0): number {
    for (let i = start; i < this.count; i++) if (this.fields[i * STRIDE + 4] === id) return i;
    return -1;
  }
}
