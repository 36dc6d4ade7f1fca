import { Fault, faultState, faultStatus, type FaultReport } from './faults.ts';
import { dropField, finishRequest, finishResponse, readField } from './fields.ts';
import { TARGET, TARGET_RELAXED, TOKEN, TOKEN_LOWER, VALUE, VALUE_RELAXED, VERSION } from './grammar.ts';
import { Method, STRIDE, type Head } from './head.ts';
import { HeaderId, LAST_FRAMING, idOfBytes } from './names.ts';
import { readTarget } from './target.ts';
import { regularLines, regularRequestLine, regularStatusLine } from './regular.ts';
import { methodOf, readStatus, readVersion } from './startline.ts';
import { viewOf } from './words.ts';

/** What `HeadParser.parse()` says. NEED_DATA: call again with a larger `to`. */
export const Parse = { NEED_DATA: 0, HEAD: 1, ERROR: 2 } as const;
export type Parse = (typeof Parse)[keyof typeof Parse];

export interface HeadLimits {
  /** tune.http.maxhdr: start line and header lines together. */
  headersMax: number;
  /** option accept-unsafe-violations-in-http-request or -response. */
  relaxed: boolean;
  /** h1-accept-payload-with-any-method. */
  payloadAnyMethod?: boolean;
}

const S = {
  START: 0,
  START_LF: 1,
  METHOD: 2,
  TARGET_WS: 3,
  TARGET: 4,
  VERSION_WS: 5,
  VERSION: 6,
  STATUS_WS: 7,
  STATUS: 8,
  REASON: 10,
  LINE_LF: 11,
  NEXT_LINE: 12,
  NAME: 13,
  VALUE_WS: 14,
  VALUE: 15,
  VALUE_LF: 16,
  END_LF: 17,
  DONE: 18,
  FAILED: 19,
} as const;

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;

/**
 * Reads the head of an HTTP/1 message (RFC 9112), or the trailer section of a chunked body. Works on the bytes
 * where they lie: header names become lower case in place, folded lines are joined by spaces in place. Each
 * byte is read once however the bytes arrive. The caller bounds the size of the head.
 */
export class HeadParser {
  /** After ERROR: the status to answer, the absolute position and the parser's state in a word. */
  readonly fault: FaultReport = { status: 200, offset: 0, state: 'none' };
  readonly side: 'request' | 'response' | 'trailers';
  /** These may change between two messages. */
  relaxed: boolean;
  payloadAnyMethod: boolean;
  private readonly headersMax: number;
  private state: number = S.START;
  private base = -1;
  private at = 0;
  private nameAt = 0;
  private nameEnd = 0;
  private valueAt = -1;
  private valueEnd = 0;
  private badName = false;

  constructor(side: 'request' | 'response' | 'trailers', limits: HeadLimits) {
    this.side = side;
    this.headersMax = limits.headersMax;
    this.relaxed = limits.relaxed;
    this.payloadAnyMethod = limits.payloadAnyMethod ?? false;
  }

  /** Forgets a message half read; `parse()` does so by itself after HEAD and ERROR. */
  reset(): void {
    this.state = S.START;
    this.base = -1;
  }

  /**
   * Reads on in `memory[from..to)`. `from` is where the message begins, the same for each call until the head
   * is complete; if the owner has moved the bytes meanwhile, the new place. Fills `head`, which it resets
   * first. Never reads outside of the range.
   */
  parse(memory: Uint8Array, from: number, to: number, head: Head): Parse {
    if (this.base < 0 || this.state >= S.DONE) {
      head.reset();
      this.begin(from, head);
    }
    if (from !== this.base) this.relocate(from - this.base, head);
    let at = this.at;
    let state = this.state;
    const value = this.relaxed ? VALUE_RELAXED : VALUE;
    const target = this.relaxed ? TARGET_RELAXED : TARGET;
    while (at < to) {
      switch (state) {
        case S.START: {
          const after = this.startLine(memory, at, to, head);
          if (after !== at) {
            at = after;
            state = S.NEXT_LINE;
            break;
          }
          const byte = memory[at]!;
          if (this.side === 'response') {
            head.from = head.versionAt = at;
            state = S.VERSION;
          } else if (byte === CR) {
            at++;
            state = S.START_LF;
          } else if (byte === LF) {
            at++;
          } else {
            head.from = head.methodAt = at;
            state = S.METHOD;
          }
          break;
        }
        case S.START_LF:
          if (memory[at] !== LF) return this.fail(Fault.EMPTY_LINE, at);
          at++;
          state = S.START;
          break;
        case S.METHOD:
          while (at < to && TOKEN[memory[at]!] !== 0) at++;
          if (at === to) break;
          if ((memory[at] !== SPACE && memory[at] !== TAB) || at === head.methodAt)
            return this.fail(Fault.METHOD, at);
          if (memory[at] === TAB) head.canonical = false;
          head.methodEnd = at++;
          head.method = methodOf(memory, head.methodAt, head.methodEnd);
          state = S.TARGET_WS;
          break;
        case S.TARGET_WS:
          if (memory[at] === SPACE || memory[at] === TAB) {
            at++;
            head.canonical = false;
          } else {
            head.targetAt = at;
            state = S.TARGET;
          }
          break;
        case S.TARGET: {
          while (at < to && target[memory[at]!] !== 0) at++;
          if (at === to) break;
          const byte = memory[at]!;
          const simple = (byte === CR || byte === LF) && this.relaxed && head.method === Method.GET;
          if ((byte !== SPACE && byte !== TAB && !simple) || at === head.targetAt)
            return this.fail(byte === CR || byte === LF ? Fault.VERSION : Fault.TARGET, at);
          head.targetEnd = at;
          const fault = readTarget(memory, head, this.relaxed);
          if (fault !== Fault.NONE) return this.fail(fault, head.targetAt);
          if (simple) {
            // HTTP/0.9: the line is the whole request.
            head.version = 9;
            head.versionAt = head.versionEnd = at;
            head.canonical = false;
            state = S.END_LF;
            if (byte === CR) at++;
            break;
          }
          if (byte === TAB) head.canonical = false;
          at++;
          state = S.VERSION_WS;
          break;
        }
        case S.VERSION_WS:
          if (memory[at] === SPACE || memory[at] === TAB) {
            at++;
            head.canonical = false;
          } else {
            head.versionAt = at;
            state = S.VERSION;
          }
          break;
        case S.VERSION: {
          while (at < to && VERSION[memory[at]!] !== 0) at++;
          if (at === to) break;
          const byte = memory[at]!;
          head.versionEnd = at;
          const request = this.side === 'request';
          if (request ? byte !== CR && byte !== LF : byte !== SPACE) return this.fail(Fault.VERSION, at);
          head.version = readVersion(memory, head.versionAt, at, this.relaxed);
          if (head.version < 0) return this.fail(Fault.VERSION, head.versionAt);
          if (!request) {
            at++;
            state = S.STATUS_WS;
          } else if (byte === CR) {
            at++;
            state = S.LINE_LF;
          } else state = S.LINE_LF;
          if (byte === LF) head.canonical = false;
          break;
        }
        case S.STATUS_WS:
          if (memory[at] === SPACE) {
            at++;
            head.canonical = false;
          } else {
            head.statusAt = at;
            state = S.STATUS;
          }
          break;
        case S.STATUS: {
          while (at < to && memory[at]! >= 48 && memory[at]! <= 57 && at - head.statusAt < 6) at++;
          if (at === to) break;
          const byte = memory[at]!;
          head.status = readStatus(memory, head.statusAt, at, this.relaxed);
          if (head.status < 0 || (byte !== SPACE && byte !== CR && byte !== LF))
            return this.fail(Fault.STATUS, at);
          head.reasonAt = head.reasonEnd = at;
          if (byte === SPACE) {
            head.reasonAt = head.reasonEnd = ++at;
            state = S.REASON;
          } else {
            head.canonical = false;
            if (byte === CR) at++;
            state = S.LINE_LF;
          }
          break;
        }
        case S.REASON: {
          while (at < to && value[memory[at]!] !== 0) at++;
          if (at === to) break;
          const byte = memory[at]!;
          if (byte !== CR && byte !== LF) return this.fail(Fault.REASON, at);
          head.reasonEnd = at;
          if (byte === CR) at++;
          else head.canonical = false;
          state = S.LINE_LF;
          break;
        }
        case S.LINE_LF:
          if (memory[at] !== LF) return this.fail(Fault.LINE_END, at);
          at++;
          state = S.NEXT_LINE;
          break;
        case S.NEXT_LINE: {
          if (this.valueAt < 0 && this.side !== 'trailers') {
            at = regularLines(viewOf(memory), memory, at, to, head, this.headersMax - 1, this.relaxed);
            if (at < 0) return this.fail(-at, head.fields[(head.count - 1) * STRIDE]!);
            if (at === to) break;
            if (memory[at] === CR && at + 1 < to && memory[at + 1] === LF) {
              at++;
              state = S.END_LF;
              break;
            }
          }
          // Only the first byte of a line tells whether the line before it has ended.
          const byte = memory[at]!;
          if (byte === SPACE || byte === TAB) {
            if (this.valueAt < 0) return this.fail(Fault.NAME, at);
            head.canonical = false;
            let fill = at - 1;
            while (fill >= this.valueEnd && (memory[fill] === LF || memory[fill] === CR))
              memory[fill--] = SPACE;
            state = this.valueEnd === this.valueAt ? S.VALUE_WS : S.VALUE;
            break;
          }
          if (this.valueAt >= 0) {
            const fault = this.addField(memory, head);
            if (fault !== Fault.NONE) return this.fail(fault, this.nameAt);
          }
          if (byte === CR || byte === LF) {
            if (byte === CR) at++;
            else head.canonical = false;
            state = S.END_LF;
            break;
          }
          if (head.count + 1 >= this.headersMax) return this.fail(Fault.TOO_MANY, at);
          this.nameAt = at;
          this.badName = false;
          state = S.NAME;
          break;
        }
        case S.NAME: {
          let byte = 0;
          while (at < to) {
            byte = memory[at]!;
            const small = TOKEN_LOWER[byte]!;
            if (small === 0) break;
            if (small !== byte) memory[at] = small;
            at++;
          }
          if (at === to) break;
          if (byte !== 58) {
            if (!this.relaxed || byte === CR || byte === LF) return this.fail(Fault.NAME, at);
            this.badName = true;
            at++;
            break;
          }
          if (at === this.nameAt) return this.fail(Fault.NAME, at);
          this.nameEnd = at++;
          this.valueAt = this.valueEnd = at;
          state = S.VALUE_WS;
          break;
        }
        case S.VALUE_WS: {
          while (at < to && (memory[at] === SPACE || memory[at] === TAB)) at++;
          this.valueAt = this.valueEnd = at;
          if (at === to) break;
          state = S.VALUE;
          break;
        }
        case S.VALUE: {
          while (at < to && value[memory[at]!] !== 0) at++;
          if (at === to) break;
          const byte = memory[at]!;
          if (byte !== CR && byte !== LF) return this.fail(Fault.VALUE, at);
          let end = at;
          const start = this.valueAt;
          while (end > start && (memory[end - 1] === SPACE || memory[end - 1] === TAB)) end--;
          this.valueEnd = end;
          if (byte === CR) at++;
          else head.canonical = false;
          if (end !== at - 1) head.canonical = false;
          state = S.VALUE_LF;
          break;
        }
        case S.VALUE_LF:
          if (memory[at] !== LF) return this.fail(Fault.LINE_END, at);
          at++;
          state = S.NEXT_LINE;
          break;
        default: {
          if (memory[at] !== LF) return this.fail(Fault.LINE_END, at);
          head.end = at + 1;
          const fault = this.finish(memory, head);
          if (fault !== Fault.NONE) return this.fail(fault, head.from);
          this.state = S.DONE;
          return Parse.HEAD;
        }
      }
    }
    this.at = at;
    this.state = state;
    return Parse.NEED_DATA;
  }

  /** A start line as nearly everybody writes it; returns `at` where it is not such, or not all of it is here. */
  private startLine(memory: Uint8Array, at: number, to: number, head: Head): number {
    const view = viewOf(memory);
    return this.side === 'request'
      ? regularRequestLine(view, memory, at, to, head)
      : regularStatusLine(view, memory, at, to, head);
  }

  private begin(from: number, head: Head): void {
    this.base = this.at = head.from = from;
    this.valueAt = -1;
    this.state = this.side === 'trailers' ? S.NEXT_LINE : S.START;
  }

  private relocate(delta: number, head: Head): void {
    head.relocate(delta);
    this.base += delta;
    this.at += delta;
    this.nameAt += delta;
    this.nameEnd += delta;
    if (this.valueAt >= 0) this.valueAt += delta;
    this.valueEnd += delta;
  }

  private addField(memory: Uint8Array, head: Head): number {
    const index = head.count++;
    const slot = index * STRIDE;
    const fields = slot === head.fields.length ? head.grow()! : head.fields;
    const id = this.badName ? HeaderId.DROPPED : idOfBytes(memory, this.nameAt, this.nameEnd);
    fields[slot] = this.nameAt;
    fields[slot + 1] = this.nameEnd;
    fields[slot + 2] = this.valueAt;
    fields[slot + 3] = this.valueEnd;
    fields[slot + 4] = id;
    // One space after the colon is how the line will be written again.
    if (this.valueAt !== this.nameEnd + 2 || memory[this.nameEnd + 1] !== SPACE) head.canonical = false;
    this.valueAt = -1;
    if (id > LAST_FRAMING || id === HeaderId.OTHER) return Fault.NONE;
    if (id === HeaderId.DROPPED) {
      head.dropped = true;
      return Fault.NONE;
    }
    if (this.side !== 'trailers') return readField(memory, head, index, this.relaxed);
    // Fields of framing and routing have no business in a trailer (RFC 9110 section 6.5.1).
    dropField(head, index);
    return Fault.NONE;
  }

  private finish(memory: Uint8Array, head: Head): number {
    if (this.side === 'request') return finishRequest(memory, head, this.relaxed, this.payloadAnyMethod);
    return this.side === 'response' ? finishResponse(memory, head, this.relaxed) : Fault.NONE;
  }

  private fail(fault: number, at: number): Parse {
    this.fault.status = this.side === 'response' ? 502 : faultStatus[fault]!;
    this.fault.offset = at;
    this.fault.state = faultState[fault]!;
    this.state = S.FAILED;
    return Parse.ERROR;
  }
}
