// Where messages of a syslog connection begin and end: octet counting and non-transparent framing (RFC 6587 section 3.4).

/** A count beyond this is no count. */
const COUNT_DIGITS = 6;
const NEWLINE = 10;
const SPACE = 32;
const DIGIT_0 = 48;
const DIGIT_9 = 57;

/** A message of `text`, latin1, framed for a server. */
export function frame(line: Buffer, proto: 'legacy' | 'octet-count'): Buffer {
  if (proto === 'octet-count') return Buffer.concat([Buffer.from(`${line.length} `), line]);
  return Buffer.concat([line, Buffer.from('\n')]);
}

/** Takes bytes as they come and gives whole messages. */
export class SyslogFramer {
  private rest = Buffer.alloc(0);
  private readonly longest: number;
  private readonly onlyLines: boolean;
  /** What came cannot be taken apart: the connection is to be closed. */
  broken = false;

  /** `longest` message, bytes; longer ones break the connection. `onlyLines`: option assume-rfc6587-ntf. */
  constructor(longest: number, onlyLines: boolean) {
    this.longest = longest;
    this.onlyLines = onlyLines;
  }

  feed(bytes: Buffer): Buffer[] {
    const messages: Buffer[] = [];
    let data = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    while (data.length > 0 && !this.broken) {
      const used = this.take(data, messages);
      if (used === 0) break;
      data = data.subarray(used);
    }
    this.rest = Buffer.from(data);
    return messages;
  }

  /** The end of the connection ends the last line too. */
  end(): Buffer[] {
    const { rest } = this;
    this.rest = Buffer.alloc(0);
    return rest.length > 0 && !this.broken && !this.counts(rest) ? [trimmed(rest)] : [];
  }

  private counts(data: Buffer): boolean {
    return !this.onlyLines && data[0]! > DIGIT_0 && data[0]! <= DIGIT_9;
  }

  /** Bytes of one message at the start of `data`; 0 where more are needed. */
  private take(data: Buffer, messages: Buffer[]): number {
    if (this.counts(data)) {
      let length = 0;
      let at = 0;
      for (; at < data.length && at <= COUNT_DIGITS; at++) {
        const code = data[at]!;
        if (code === SPACE) break;
        if (code < DIGIT_0 || code > DIGIT_9 || at === COUNT_DIGITS) return this.fail();
        length = length * 10 + code - DIGIT_0;
      }
      if (length > this.longest) return this.fail();
      if (data.length < at + 1 + length) return 0;
      messages.push(trimmed(data.subarray(at + 1, at + 1 + length)));
      return at + 1 + length;
    }
    const end = data.indexOf(NEWLINE);
    if (end < 0) return data.length > this.longest ? this.fail() : 0;
    if (end > 0) messages.push(trimmed(data.subarray(0, end)));
    return end + 1;
  }

  private fail(): number {
    this.broken = true;
    return 0;
  }
}

/** A copy without line ends behind it. */
export function trimmed(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === NEWLINE || bytes[end - 1] === 13 || bytes[end - 1] === 0)) end--;
  return Buffer.from(bytes.subarray(0, end));
}
