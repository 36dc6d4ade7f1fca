// The payload in buffered bytes of a chunked body, as BodyReader leaves them: whole frames in their plain form, the last
// one perhaps without all of its payload.

const CR = 13;

/** Reads the size line at `at`; the size, and where its payload begins through `dataAt`. */
let dataAt = 0;

function sizeAt(bytes: Uint8Array, at: number, to: number): number {
  let size = 0;
  let next = at;
  for (; next < to && bytes[next] !== CR; next++) {
    const byte = bytes[next]!;
    size = size * 16 + (byte <= 57 ? byte - 48 : (byte | 0x20) - 87);
  }
  dataAt = next + 2;
  return size;
}

/** A Buffer: its typings leave this method out. */
interface Latin1Bytes extends Uint8Array {
  latin1Slice(from: number, to: number): string;
}

/** The payload in [from, to), latin1. */
export function dechunk(bytes: Latin1Bytes, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to;) {
    const size = sizeAt(bytes, at, to);
    if (size <= 0) break;
    text += bytes.latin1Slice(dataAt, Math.min(to, dataAt + size));
    at = dataAt + size + 2;
  }
  return text;
}

/** How many bytes of payload there are in [from, to). */
export function payloadLength(bytes: Uint8Array, from: number, to: number): number {
  let length = 0;
  for (let at = from; at < to;) {
    const size = sizeAt(bytes, at, to);
    if (size <= 0) break;
    length += Math.max(0, Math.min(to, dataAt + size) - dataAt);
    at = dataAt + size + 2;
  }
  return length;
}
