// Follows the body of one message through memory: how many of the bytes at hand belong to it, and when it is over.

import { Body } from '../proto/http1/framing.ts';
import { Chunk, ChunkScanner } from '../proto/http1/chunks.ts';
import { writeHex } from '../proto/http1/writer.ts';

export const BodyState = { MORE: 0, END: 1, ERROR: 2 } as const;
export type BodyState = (typeof BodyState)[keyof typeof BodyState];

/** Bounds of a chunk's size line and of trailers, bytes. */
const CHUNK_LIMITS = { lineBytesMax: 4096, trailerBytesMax: 8192, headersMax: 101 };
const CR = 13;
const LF = 10;

export class BodyReader {
  kind: Body = Body.NONE;
  /** LENGTH: bytes still to come. */
  left = 0;
  /** Result of `scan`: [at, end) may be sent on as it stands, and the next scan begins at `consumed`. */
  at = 0;
  end = 0;
  consumed = 0;
  private scanner: ChunkScanner | null = null;
  private readonly side: 'request' | 'response';

  constructor(side: 'request' | 'response') {
    this.side = side;
  }

  begin(kind: Body, length: number): void {
    this.kind = kind;
    this.left = kind === Body.LENGTH ? length : 0;
    if (kind === Body.CHUNKED) {
      if (this.scanner === null) this.scanner = new ChunkScanner(this.side, CHUNK_LIMITS);
      else this.scanner.reset();
    }
  }

  /** Bytes from here on that are payload and need not be seen; 0 where framing comes next. */
  get spliceable(): number {
    if (this.kind === Body.LENGTH) return this.left;
    if (this.kind === Body.CHUNKED) return this.scanner!.payloadLeft;
    return this.kind === Body.UNTIL_CLOSE ? Infinity : 0;
  }

  /** `count` of the `spliceable` bytes went by. */
  skip(count: number): void {
    if (this.kind === Body.LENGTH) this.left -= count;
    else if (this.kind === Body.CHUNKED) this.scanner!.skip(count);
  }

  get isOver(): boolean {
    return this.kind === Body.NONE || (this.kind === Body.LENGTH && this.left === 0);
  }

  /** Looks at the bytes [from, to). */
  scan(memory: Uint8Array, from: number, to: number): BodyState {
    this.at = from;
    switch (this.kind) {
      case Body.NONE:
        this.end = this.consumed = from;
        return BodyState.END;
      case Body.LENGTH: {
        const length = Math.min(this.left, to - from);
        this.left -= length;
        this.end = this.consumed = from + length;
        return this.left === 0 ? BodyState.END : BodyState.MORE;
      }
      case Body.CHUNKED:
        return this.scanChunks(memory, from, to);
      default:
        this.end = this.consumed = to;
        return BodyState.MORE;
    }
  }

  private scanChunks(memory: Uint8Array, from: number, to: number): BodyState {
    const scanner = this.scanner!;
    this.end = this.consumed = from;
    for (;;) {
      const event = scanner.next(memory, this.consumed, to);
      if (event === Chunk.NEED_DATA) {
        if (scanner.closeChunk(memory, this.consumed)) this.end = this.consumed = scanner.consumed;
        return BodyState.MORE;
      }
      if (event === Chunk.ERROR) return BodyState.ERROR;
      if (scanner.irregular && !this.reframe(memory, event === Chunk.END)) return BodyState.ERROR;
      this.end = event === Chunk.END && scanner.irregular ? this.end : scanner.consumed;
      this.consumed = scanner.consumed;
      if (event === Chunk.END) return BodyState.END;
    }
  }

  /**
   * Gives an odd frame (extensions, spaces, leading zeros) the plain form: written so that it ends where the payload
   * begins, with what was already accepted before it moved up to meet it. False where there is no room.
   */
  private reframe(memory: Uint8Array, last: boolean): boolean {
    const scanner = this.scanner!;
    const size = last ? 0 : scanner.chunkSize;
    const length = (scanner.first ? 0 : 2) + size.toString(16).length + 2 + (last ? 2 : 0);
    const frameEnd = last ? scanner.consumed : scanner.dataAt;
    const start = frameEnd - length;
    const shift = start - this.end;
    if (shift < 0) return false;
    if (shift > 0 && this.end > this.at) memory.copyWithin(this.at + shift, this.at, this.end);
    this.at += shift;
    let to = start;
    if (!scanner.first) {
      memory[to++] = CR;
      memory[to++] = LF;
    }
    to = writeHex(memory, to, size);
    memory[to++] = CR;
    memory[to++] = LF;
    if (last) {
      memory[to++] = CR;
      memory[to++] = LF;
      this.end = to;
    }
    return true;
  }
}
