// An HTTP/1 head in thread memory behind the `HttpMessage` face, with its edits, and the way it goes out again.
//
// `head.fields` holds five integers a line: name and value as [at, end) ranges of thread memory and the well-known
// id. A line that a rule made has negative positions: -1 - k means string k of `texts`. Lines stay dense and in
// order, so a run of lines that nobody touched is copied as one block, and a head without edits is sent from where
// it was received.

import { dechunk, payloadLength } from './dechunk.ts';
import { Head, STRIDE as FIELD_STRIDE } from '../proto/http1/head.ts';
import { HeaderId, idOfName } from '../proto/http1/names.ts';
import { copyBytes, moveUp, writeDecimal, writeLatin1 } from '../proto/http1/writer.ts';
import type { SlabMemory } from '../core/slab.ts';
import type { HttpMessage } from './message.ts';

const METHODS = ['', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];
/** Lines that rules may add to one message. */
const ADDED_MAX = 128;
const CR = 13;
const LF = 10;
const COLON = 58;
const SPACE = 32;

const SLASH = 47;
const ASTERISK = 42;

export class Http1Message implements HttpMessage {
  readonly isResponse: boolean;
  readonly head: Head;
  revision = 0;
  proxied = false;
  private readonly memory: SlabMemory;
  private texts: string[] = [];
  private startEdited = false;
  private linesAdded = false;
  private linesRemoved = false;
  private methodText = '';
  private targetText = '';
  private reasonText = '';
  private haveTarget = false;
  /** The target before any rule changed it, once somebody asked or it would be lost. */
  private receivedText: string | null = null;
  private statusCode = 0;
  private startEnd = 0;
  private regular = true;
  /** How much longer edits made the head, in bytes. */
  private grown = 0;
  /** What a buffer holds of head and body at most before rules run: tune.bufsize without tune.maxrewrite. */
  private readonly receivedMax: number;
  /** Body bytes now in memory, [bodyAt, bodyEnd), and whether that is all; kept by the stream. */
  bodyAt = 0;
  bodyEnd = 0;
  bodyComplete = false;

  /** `headersMax`: tune.http.maxhdr; rules may add as many lines again. `reserve`: tune.maxrewrite, in bytes. */
  constructor(memory: SlabMemory, isResponse: boolean, headersMax: number, reserve = 0) {
    this.receivedMax = memory.slabSize - reserve;
    this.head = new Head(headersMax + ADDED_MAX);
    this.memory = memory;
    this.isResponse = isResponse;
  }

  /** Forgets the last message's edits; the parser has filled `head`. */
  begin(): void {
    const { head } = this;
    this.revision = 0;
    this.grown = 0;
    this.startEnd = head.count > 0 ? head.fields[0]! : head.end - 2;
    this.regular = head.canonical;
    if (this.texts.length > 0) this.texts = [];
    this.startEdited = false;
    this.linesAdded = false;
    this.linesRemoved = false;
    this.methodText = '';
    this.haveTarget = false;
    this.receivedText = null;
    this.statusCode = this.head.status;
    this.reasonText = '';
    this.bodyAt = this.bodyEnd = this.head.end;
    this.bodyComplete = false;
    if (head.dropped) this.removeDropped();
    if (!head.canonical) this.settle();
  }

  private removeDropped(): void {
    const { head } = this;
    for (let i = head.count - 1; i >= 0; i--) {
      if (head.fields[i * FIELD_STRIDE + 4] === HeaderId.DROPPED) this.removeAt(i);
    }
    this.revision = 0;
  }

  /** A head with irregular lines cannot go out as it came: each line is written anew. */
  private settle(): void {
    const { head } = this;
    if (this.isResponse) {
      this.reasonText = this.slice(head.reasonAt, head.reasonEnd);
    } else if (head.emptyPath) {
      this.targetText = this.target + '/';
      this.haveTarget = true;
    }
    this.startEdited = true;
  }

  private slice(at: number, end: number): string {
    return at < 0 ? this.texts[-1 - at]! : this.memory.buffer.latin1Slice(at, end);
  }

  /** The memory behind the head is used for something else from now on: what logs need is kept as text. */
  forget(): void {
    if (!this.isResponse) this.receivedTarget();
    if (this.head.count === 0) return;
    if (this.isResponse) this.reasonText = this.reason;
    else if (this.method !== '' && this.target !== '') this.haveTarget = true;
    this.startEdited = true;
    this.head.count = 0;
  }

  get method(): string {
    if (this.methodText === '') {
      const { head } = this;
      this.methodText = METHODS[head.method]! || this.slice(head.methodAt, head.methodEnd);
    }
    return this.methodText;
  }

  /** The target names more than a path of this host: it begins with neither a slash nor an asterisk. */
  get namesAnotherHost(): boolean {
    const first = this.memory.bytes[this.head.targetAt];
    return first !== SLASH && first !== ASTERISK;
  }

  get target(): string {
    if (!this.haveTarget) {
      this.targetText = this.slice(this.head.targetAt, this.head.targetEnd);
      this.haveTarget = true;
    }
    return this.targetText;
  }

  /** The target as received, whatever rules made of it. */
  receivedTarget(): string {
    return (this.receivedText ??= this.target);
  }

  get version(): string {
    return this.head.version >= 11 ? '1.1' : '1.0';
  }

  /** No head has come yet: that of the message before it is over. */
  none(): void {
    this.statusCode = 0;
    this.head.count = 0;
    this.bodyAt = this.bodyEnd = 0;
  }

  /** 0 while there is none. */
  get status(): number {
    return this.statusCode;
  }

  get reason(): string {
    return this.startEdited ? this.reasonText : this.slice(this.head.reasonAt, this.head.reasonEnd);
  }

  get contentLength(): number {
    return this.head.contentLength;
  }

  body(): string {
    const { memory, bodyAt, bodyEnd } = this;
    return this.head.chunked
      ? dechunk(memory.buffer, bodyAt, bodyEnd)
      : memory.buffer.latin1Slice(bodyAt, bodyEnd);
  }

  /** How many bytes of the body are buffered, without the framing of chunks. */
  get bodyLength(): number {
    const { memory, bodyAt, bodyEnd } = this;
    return this.head.chunked ? payloadLength(memory.bytes, bodyAt, bodyEnd) : bodyEnd - bodyAt;
  }

  headerCount(): number {
    return this.head.count;
  }

  nameAt(index: number): string {
    const { fields } = this.head;
    const at = index * FIELD_STRIDE;
    return this.slice(fields[at]!, fields[at + 1]!);
  }

  valueAt(index: number): string {
    const { fields } = this.head;
    const at = index * FIELD_STRIDE;
    return this.slice(fields[at + 2]!, fields[at + 3]!);
  }

  /** Whether a name has other characters than letters, digits and '-'. Names are in lower case. */
  hasOddName(index: number): boolean {
    const { fields } = this.head;
    const place = index * FIELD_STRIDE;
    if (fields[place + 4] !== HeaderId.OTHER) return false;
    const at = fields[place]!;
    if (at < 0) return /[^a-z0-9-]/.test(this.texts[-1 - at]!);
    const { bytes } = this.memory;
    for (let i = at; i < fields[place + 1]!; i++) {
      const byte = bytes[i]!;
      if (!((byte >= 97 && byte <= 122) || (byte >= 48 && byte <= 57) || byte === 45)) return true;
    }
    return false;
  }

  find(name: string, from: number): number {
    const id = idOfName(name);
    const { fields, count } = this.head;
    if (id !== 0) {
      for (let i = from, at = from * FIELD_STRIDE + 4; i < count; i++, at += FIELD_STRIDE) {
        if (fields[at] === id) return i;
      }
      return -1;
    }
    for (let i = from, at = from * FIELD_STRIDE; i < count; i++, at += FIELD_STRIDE) {
      if (fields[at + 4] === 0 && this.isNamed(fields[at]!, fields[at + 1]!, name)) return i;
    }
    return -1;
  }

  private isNamed(at: number, end: number, name: string): boolean {
    if (at < 0) return this.texts[-1 - at] === name;
    const { length } = name;
    if (end - at !== length) return false;
    const { bytes } = this.memory;
    for (let i = 0; i < length; i++) if (bytes[at + i] !== name.charCodeAt(i)) return false;
    return true;
  }

  /** First line with a well-known id, or -1: the cheap form of `find`. */
  findId(id: number): number {
    const { fields, count } = this.head;
    for (let i = 0, at = 4; i < count; i++, at += FIELD_STRIDE) if (fields[at] === id) return i;
    return -1;
  }

  private text(value: string): number {
    return -this.texts.push(value);
  }

  hasRoom(more: number): boolean {
    const { head, memory, receivedMax } = this;
    const received = head.end - head.from + this.bodyEnd - this.bodyAt;
    return (received < receivedMax ? received : receivedMax) + this.grown + more <= memory.slabSize;
  }

  add(name: string, value: string): boolean {
    const { head } = this;
    const at = head.count * FIELD_STRIDE;
    const fields = at === head.fields.length ? head.grow() : head.fields;
    if (fields === null) return false;
    fields[at] = this.text(name);
    fields[at + 1] = 0;
    fields[at + 2] = this.text(value);
    fields[at + 3] = 0;
    fields[at + 4] = idOfName(name);
    head.count++;
    this.grown += name.length + value.length + 4;
    this.linesAdded = true;
    this.revision++;
    return true;
  }

  remove(name: string): number {
    let removed = 0;
    for (let i = this.find(name, 0); i >= 0; i = this.find(name, i)) {
      this.removeAt(i);
      removed++;
    }
    return removed;
  }

  /** Removes every line with a well-known id. */
  removeId(id: number): void {
    const { fields } = this.head;
    for (let i = this.head.count - 1, at = i * FIELD_STRIDE + 4; i >= 0; i--, at -= FIELD_STRIDE) {
      if (fields[at] === id) this.removeAt(i);
    }
  }

  removeAt(index: number): void {
    const { head } = this;
    const at = index * FIELD_STRIDE;
    this.grown -= this.lengthAt(at);
    const last = --head.count * FIELD_STRIDE;
    if (at < last) head.fields.copyWithin(at, at + FIELD_STRIDE, last + FIELD_STRIDE);
    this.linesRemoved = true;
    this.revision++;
  }

  /** Bytes of the line at a place in `fields`, with its end. */
  private lengthAt(at: number): number {
    const { fields } = this.head;
    const nameAt = fields[at]!;
    if (nameAt >= 0) return fields[at + 3]! + 2 - nameAt;
    return this.texts[-1 - nameAt]!.length + this.texts[-1 - fields[at + 2]!]!.length + 4;
  }

  replaceValueAt(index: number, value: string): void {
    const { fields } = this.head;
    const at = index * FIELD_STRIDE;
    const before = this.lengthAt(at);
    // A line is either wholly received or wholly made: the name becomes text too.
    if (fields[at]! >= 0) fields[at] = this.text(this.slice(fields[at]!, fields[at + 1]!));
    fields[at + 2] = this.text(value);
    this.grown += this.lengthAt(at) - before;
    this.linesAdded = true;
    this.revision++;
  }

  setMethod(method: string): void {
    this.grown += method.length - this.method.length;
    this.methodText = method;
    const known = METHODS.indexOf(method);
    this.head.method = known > 0 ? known : 0;
    this.startEdited = true;
    this.revision++;
  }

  setTarget(target: string): void {
    this.receivedTarget();
    this.grown += target.length - this.target.length;
    this.targetText = target;
    this.haveTarget = true;
    this.startEdited = true;
    this.revision++;
  }

  setStatus(status: number, reason: string): void {
    this.grown += reason.length - this.reason.length;
    this.statusCode = status;
    this.reasonText = reason;
    this.startEdited = true;
    this.revision++;
  }

  /** Where the outgoing head stands after `write`. */
  outAt = 0;
  outEnd = 0;

  /** Whether `writeInPlace` can do: nothing was added or changed, only removed. */
  get inPlace(): boolean {
    return !this.startEdited && !this.linesAdded;
  }

  /**
   * Closes the gaps of removed lines by moving what stands before them, so that head and body stay one piece:
   * the result is [outAt, head.end), with the body right behind it.
   */
  writeInPlace(): void {
    const { head, memory } = this;
    this.outEnd = head.end;
    if (!this.linesRemoved) {
      this.outAt = head.from;
      return;
    }
    const { fields } = head;
    // The blank line and the run before it stay; each run in front of a gap moves up to its follower.
    let edge = head.end - 2;
    let index = head.count - 1;
    while (index >= 0) {
      const runEnd = fields[index * FIELD_STRIDE + 3]! + 2;
      let first = index;
      while (first > 0 && fields[(first - 1) * FIELD_STRIDE + 3]! + 2 === fields[first * FIELD_STRIDE]!)
        first--;
      const runAt = fields[first * FIELD_STRIDE]!;
      const to = edge - (runEnd - runAt);
      if (to !== runAt) moveUp(memory.bytes, to, runAt, runEnd);
      edge = to;
      index = first - 1;
    }
    const { startEnd } = this;
    const to = edge - (startEnd - head.from);
    const delta = to - head.from;
    this.outAt = to;
    if (delta === 0) return;
    moveUp(memory.bytes, to, head.from, startEnd);
    // Logs may still ask for what stands in the start line.
    head.methodAt += delta;
    head.methodEnd += delta;
    head.targetAt += delta;
    head.targetEnd += delta;
    head.reasonAt += delta;
    head.reasonEnd += delta;
  }

  /**
   * Writes the head with its edits to [at, limit) of thread memory; the result is [outAt, outEnd).
   * Returns false where it does not fit.
   */
  writeTo(at: number, limit: number): boolean {
    const { head, memory } = this;
    const { bytes } = memory;
    this.outAt = at;
    let to = at;
    if (this.startEdited) {
      if (
        limit - at <
        this.method.length + (this.isResponse ? this.reasonText.length : this.target.length) + 64
      )
        return false;
      to = this.isResponse ? this.writeStatusLine(to) : this.writeRequestLine(to);
    } else {
      if (limit - at < this.startEnd - head.from) return false;
      to = copyBytes(bytes, to, bytes, head.from, this.startEnd);
    }
    const { fields, count } = head;
    for (let i = 0; i < count;) {
      const place = i * FIELD_STRIDE;
      const nameAt = fields[place]!;
      if (nameAt < 0) {
        const name = this.texts[-1 - nameAt]!;
        const value = this.slice(fields[place + 2]!, fields[place + 3]!);
        if (limit - to < name.length + value.length + 6) return false;
        to = writeLatin1(bytes, to, name);
        bytes[to] = COLON;
        bytes[to + 1] = SPACE;
        to = writeLatin1(bytes, to + 2, value);
        bytes[to] = CR;
        bytes[to + 1] = LF;
        to += 2;
        i++;
        continue;
      }
      let last = place;
      if (this.regular) {
        // The longest run of received lines that follow one another.
        while (i + 1 < count && fields[last + FIELD_STRIDE]! === fields[last + 3]! + 2) {
          last += FIELD_STRIDE;
          i++;
        }
        const runEnd = fields[last + 3]! + 2;
        if (limit - to < runEnd - nameAt + 2) return false;
        to = copyBytes(bytes, to, bytes, nameAt, runEnd);
      } else {
        const nameEnd = fields[place + 1]!;
        const valueAt = fields[place + 2]!;
        const valueEnd = fields[place + 3]!;
        if (limit - to < nameEnd - nameAt + valueEnd - valueAt + 6) return false;
        bytes.copyWithin(to, nameAt, nameEnd);
        to += nameEnd - nameAt;
        bytes[to] = COLON;
        bytes[to + 1] = SPACE;
        bytes.copyWithin(to + 2, valueAt, valueEnd);
        to += 2 + valueEnd - valueAt;
        bytes[to] = CR;
        bytes[to + 1] = LF;
        to += 2;
      }
      i++;
    }
    bytes[to] = CR;
    bytes[to + 1] = LF;
    this.outEnd = to + 2;
    return true;
  }

  private writeRequestLine(at: number): number {
    const { bytes } = this.memory;
    let to = writeLatin1(bytes, at, this.method);
    bytes[to] = SPACE;
    to = writeLatin1(bytes, to + 1, this.target);
    return writeLatin1(bytes, to, this.version === '1.1' ? ' HTTP/1.1\r\n' : ' HTTP/1.0\r\n');
  }

  private writeStatusLine(at: number): number {
    const { bytes } = this.memory;
    let to = writeLatin1(bytes, at, this.version === '1.1' ? 'HTTP/1.1 ' : 'HTTP/1.0 ');
    to = writeDecimal(bytes, to, this.statusCode);
    bytes[to] = SPACE;
    to = writeLatin1(bytes, to + 1, this.reasonText);
    return writeLatin1(bytes, to, '\r\n');
  }
}

export { HeaderId };
