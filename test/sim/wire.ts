// What clients and servers of the simulation share: an outbox, bodies that follow from a seed, and a reader of HTTP/1
// of their own, so that what they judge is not judged by itself.

import { Prng } from '../../src/core/prng.ts';
import type { SimNetwork, SimSocket } from '../../src/reactor/sim-network.ts';

export interface Clock {
  readonly now: number;
}

export interface Actor {
  /** Whether `act` would do something now. */
  readonly ready: boolean;
  /** When it wants to act although nothing arrives; Infinity for never. */
  readonly wakeAt: number;
  /** What it saw that must not be: the run has failed. */
  readonly fault: string | null;
  act(): void;
}

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** Texts of the latest seeds: clients and servers ask for the same ones. */
const texts = new Map<number, string>();
const TEXTS_MAX = 64;

/** The bytes of a body that a seed and a length stand for. */
export function bodyOf(seed: number, length: number): string {
  const known = texts.get(seed);
  if (known !== undefined && known.length >= length) return known.slice(0, length);
  const prng = new Prng(seed);
  let text = '';
  while (text.length < length) text += prng.next().toString(36);
  if (texts.size >= TEXTS_MAX) texts.clear();
  texts.set(seed, text);
  return text.slice(0, length);
}

/** Bytes written little by little. */
export class Outbox {
  private readonly network: SimNetwork;
  private pending = '';
  constructor(network: SimNetwork) {
    this.network = network;
  }
  get length(): number {
    return this.pending.length;
  }
  push(text: string): void {
    this.pending += text;
  }
  clear(): void {
    this.pending = '';
  }
  /** Writes some; false where the connection takes no more. */
  flush(socket: SimSocket, most: number): boolean {
    const part = this.pending.slice(0, most);
    const count = this.network.write(socket, latin1(part));
    if (count < 0) {
      this.pending = '';
      return false;
    }
    this.pending = this.pending.slice(count);
    return true;
  }
}

/** One HTTP/1 message out of the bytes so far, or null while it is not whole. */
export interface Message {
  readonly start: string;
  readonly headers: Map<string, string>;
  readonly body: string;
  readonly length: number;
  /** The body ends with the connection. */
  readonly untilClose: boolean;
  readonly trailers: readonly string[];
}

export function readMessage(text: string, bodyless: boolean, over: boolean): Message | null {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const [start, ...lines] = text.slice(0, headEnd).split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const at = headEnd + 4;
  const made = (body: string, length: number, untilClose = false): Message => ({
    start: start!,
    headers,
    body,
    length,
    untilClose,
    trailers: [],
  });
  if (bodyless) return made('', at);
  if (headers.get('transfer-encoding') === 'chunked') {
    let body = '';
    let place = at;
    for (;;) {
      const line = text.indexOf('\r\n', place);
      if (line < 0) return null;
      const size = Number.parseInt(text.slice(place, line), 16);
      place = line + 2;
      if (size === 0) {
        const trailers: string[] = [];
        for (;;) {
          const end = text.indexOf('\r\n', place);
          if (end < 0) return null;
          if (end === place) return { ...made(body, end + 2), trailers };
          trailers.push(text.slice(place, end));
          place = end + 2;
        }
      }
      if (text.length < place + size + 2) return null;
      body += text.slice(place, place + size);
      place += size + 2;
    }
  }
  const length = headers.get('content-length');
  if (length !== undefined) {
    const end = at + Number(length);
    return text.length < end ? null : made(text.slice(at, end), end);
  }
  if (start!.startsWith('HTTP')) return over ? made(text.slice(at), text.length, true) : null;
  return made('', at);
}

/** A seed that an id stands for. */
export const seedOf = (id: string): number =>
  [...id].reduce((sum, one) => sum * 31 + one.charCodeAt(0), 7) >>> 0;

export const sumOf = (body: string): number => {
  let sum = 0;
  for (let i = 0; i < body.length; i++) sum = (sum * 31 + body.charCodeAt(i)) >>> 0;
  return sum;
};

/** With `trailers`, lines that end with CRLF. */
export function inChunks(body: string, prng: Prng, trailers = ''): string {
  let text = '';
  for (let at = 0; at < body.length;) {
    const size = Math.min(body.length - at, prng.between(1, 9000));
    text += `${size.toString(16)}\r\n${body.slice(at, at + size)}\r\n`;
    at += size;
  }
  return `${text}0\r\n${trailers}\r\n`;
}
