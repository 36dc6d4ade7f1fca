import { Fault, faultState, faultStatus, type FaultReport } from './faults.ts';
import { HEX } from './grammar.ts';
import { Head } from './head.ts';
import { HeadParser, Parse } from './parser.ts';

/** What `ChunkScanner.next()` says. */
export const Chunk = { NEED_DATA: 0, DATA: 1, END: 2, ERROR: 3 } as const;
export type Chunk = (typeof Chunk)[keyof typeof Chunk];

export interface ChunkLimits {
  /** Bytes of one size line, extensions and leading zeros included. */
  lineBytesMax: number;
  /** Bytes of the trailer section. */
  trailerBytesMax: number;
  /** As tune.http.maxhdr. */
  headersMax: number;
}

const S = {
  SIZE: 0,
  SIZE_WS: 1,
  EXTENSION: 2,
  SIZE_LF: 3,
  DATA: 4,
  DATA_CR: 5,
  DATA_LF: 6,
  TRAILERS: 7,
} as const;
const OVER = 8;

const CR = 13;
const LF = 10;

/**
 * Reads the chunked transfer coding (RFC 9112 section 7.1), so that its bytes can be sent on as they are.
 *
 *     CRLF of the chunk before | size line | payload ...
 *     frameAt                              | dataAt ... dataEnd      one DATA event
 *                                                       | frameAt    the next
 *
 * A frame is consumed whole or not at all: until it is complete it stays between `consumed` and the end of the
 * bytes, and the caller keeps it there. Where `irregular` is false, [frameAt, dataEnd) may be forwarded
 * unchanged; otherwise the caller writes a frame of its own: CRLF unless `first`, `chunkSize`, CRLF.
 * Where the bytes end within a frame, `closeChunk` lets the CRLF of the chunk before go ahead of it.
 */
export class ChunkScanner {
  readonly fault: FaultReport = { status: 200, offset: 0, state: 'none' };
  /** The trailer section after END: header lines as in a message head. */
  readonly trailers: Head;
  consumed = 0;
  frameAt = 0;
  dataAt = 0;
  dataEnd = 0;
  /** The size of the chunk that this event's payload belongs to, as its size line says. */
  chunkSize = 0;
  /** No CRLF of a chunk before opens this event's frame: it is the body's first, or that CRLF went ahead. */
  first = true;
  /** This event's frame has an extension, space, a bare LF or a trailer line that must be left out. */
  irregular = false;
  /** Some chunk of this body had an extension. */
  extensions = false;
  private readonly limits: ChunkLimits;
  private readonly parser: HeadParser;
  private readonly response: boolean;
  private state: number = S.SIZE;
  private size = 0;
  private digits = 0;
  private left = 0;
  private seen = 0;
  private lineAt = 0;
  private trailerAt = 0;
  private opened = false;
  private closed = false;

  constructor(side: 'request' | 'response', limits: ChunkLimits) {
    this.response = side === 'response';
    this.limits = limits;
    this.trailers = new Head(limits.headersMax);
    this.parser = new HeadParser('trailers', { headersMax: limits.headersMax, relaxed: false });
  }

  /** Makes ready for another body. */
  reset(): void {
    this.state = S.SIZE;
    this.size = this.digits = this.left = this.seen = this.lineAt = this.trailerAt = 0;
    this.first = true;
    this.opened = this.closed = this.irregular = this.extensions = false;
    this.trailers.reset();
    this.parser.reset();
  }

  /**
   * The next event in `memory[from..to)`, where `from` is what `consumed` was after the event before (or where
   * the same bytes are now). NEED_DATA: call again with more bytes behind the unconsumed ones. Each byte is
   * read once.
   */
  next(memory: Uint8Array, from: number, to: number): Chunk {
    this.consumed = this.frameAt = this.dataAt = this.dataEnd = from;
    if (this.state === S.DATA && this.left > 0) {
      this.irregular = false;
      return this.payload(from, to);
    }
    let at = from + this.seen;
    if (this.seen === 0) {
      this.irregular = false;
      this.first = !this.opened || this.closed;
    }
    while (at < to) {
      const byte = memory[at]!;
      switch (this.state) {
        case S.DATA:
          this.state = S.DATA_CR;
          break;
        case S.DATA_CR:
          if (byte === CR) at++;
          else this.irregular = true;
          this.state = S.DATA_LF;
          break;
        case S.DATA_LF:
          if (byte !== LF) return this.fail(Fault.CHUNK_END, at);
          at++;
          this.state = S.SIZE;
          this.size = this.digits = 0;
          this.lineAt = at - from;
          break;
        case S.SIZE: {
          const digit = HEX[byte]!;
          if (digit === 255) {
            if (this.digits === 0) return this.fail(Fault.CHUNK_SIZE, at);
            this.state = S.SIZE_WS;
            break;
          }
          if (this.digits++ > 0 && this.size === 0) this.irregular = true;
          this.size = this.size * 16 + digit;
          if (this.size > Number.MAX_SAFE_INTEGER) return this.fail(Fault.CHUNK_SIZE, at);
          at++;
          break;
        }
        case S.SIZE_WS:
          if (byte === 32 || byte === 9) {
            this.irregular = true;
            at++;
          } else if (byte === 59) {
            this.irregular = this.extensions = true;
            this.state = S.EXTENSION;
            at++;
          } else if (byte === CR) {
            this.state = S.SIZE_LF;
            at++;
          } else if (byte === LF) {
            this.irregular = true;
            this.state = S.SIZE_LF;
          } else return this.fail(Fault.CHUNK_SIZE, at);
          break;
        case S.EXTENSION:
          // A bare LF may end a plain size line, not one with an extension: agents differ on where it ends.
          if (byte === CR) this.state = S.SIZE_LF;
          else if ((byte < 32 && byte !== 9) || byte === 127) return this.fail(Fault.CHUNK_EXTENSION, at);
          at++;
          break;
        case S.SIZE_LF:
          if (byte !== LF) return this.fail(Fault.CHUNK_SIZE, at);
          at++;
          this.chunkSize = this.size;
          if (this.size === 0) {
            this.state = S.TRAILERS;
            this.trailerAt = at - from;
            break;
          }
          this.state = S.DATA;
          this.left = this.size;
          this.seen = 0;
          this.opened = true;
          this.closed = false;
          return this.payload(at, to);
        default:
          return this.readTrailers(memory, from, to);
      }
      if (this.state < S.DATA && at - from - this.lineAt > this.limits.lineBytesMax)
        return this.fail(Fault.CHUNK_EXTENSION, at);
    }
    this.seen = at - from;
    return Chunk.NEED_DATA;
  }

  /**
   * After NEED_DATA with the same `from`: true where the bytes begin with the CRLF that ends a chunk. It belongs to what
   * was sent before, so that nobody waits for it: `consumed` is behind it then, and `next` goes on there.
   */
  closeChunk(memory: Uint8Array, from: number): boolean {
    // A bare LF stays part of the frame: the frame that replaces it needs its room.
    if (this.first || this.seen < 2 || memory[from] !== CR) return false;
    this.seen -= 2;
    this.lineAt -= 2;
    this.trailerAt -= 2;
    this.first = this.closed = true;
    this.consumed = from + 2;
    return true;
  }

  /** Payload of the present chunk that `next` has not seen; 0 where framing comes next. */
  get payloadLeft(): number {
    return this.state === S.DATA ? this.left : 0;
  }

  /** `count` bytes of that payload went by unseen: `next` goes on behind them. */
  skip(count: number): void {
    this.left -= count;
    if (this.left === 0) this.lineAt = 0;
  }

  private payload(at: number, to: number): Chunk {
    const length = Math.min(this.left, to - at);
    if (length === 0 && at === this.frameAt) return Chunk.NEED_DATA;
    this.dataAt = at;
    this.dataEnd = this.consumed = at + length;
    this.left -= length;
    if (this.left === 0) this.lineAt = 0;
    return Chunk.DATA;
  }

  private readTrailers(memory: Uint8Array, from: number, to: number): Chunk {
    const at = from + this.trailerAt;
    const verdict = this.parser.parse(memory, at, to, this.trailers);
    if (verdict === Parse.ERROR) return this.fault_(this.parser.fault);
    const end = verdict === Parse.HEAD ? this.trailers.end : to;
    if (end - at > this.limits.trailerBytesMax) return this.fail(Fault.TRAILER_SIZE, at);
    if (verdict === Parse.NEED_DATA) {
      this.seen = to - from;
      return Chunk.NEED_DATA;
    }
    if (!this.trailers.canonical) this.irregular = true;
    this.consumed = end;
    this.dataAt = this.dataEnd = from + this.trailerAt;
    this.seen = 0;
    this.state = OVER;
    return Chunk.END;
  }

  private fault_(fault: FaultReport): Chunk {
    this.fault.status = this.response ? 502 : fault.status;
    this.fault.offset = fault.offset;
    this.fault.state = fault.state;
    return Chunk.ERROR;
  }

  private fail(fault: number, at: number): Chunk {
    this.fault.status = this.response ? 502 : faultStatus[fault]!;
    this.fault.offset = at;
    this.fault.state = faultState[fault]!;
    return Chunk.ERROR;
  }
}
